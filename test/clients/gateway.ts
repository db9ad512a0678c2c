// A program and a browser that log in to the daemon as Claude Code and its user do.
const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

export interface StartedLogin {
  device_code: string;
  user_code: string;
  verification_uri: string;
  verification_uri_complete: string;
  interval: number;
}

export interface TokenResponse {
  access_token: string;
  refresh_token: string;
  token_type: string;
  expires_in: number;
}

export function postForm(
  url: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Response> {
  const type = 'application/x-www-form-urlencoded'; // Bun sends none with an empty form
  const body = new URLSearchParams(fields).toString();
  return fetch(url, { method: 'POST', body, headers: { 'content-type': type, ...headers } });
}

export async function startLogin(url: string): Promise<StartedLogin> {
  const response = await postForm(`${url}/oauth/device_authorization`, { surface: 'claude_code' });
  return (await response.json()) as StartedLogin;
}

export function pollLogin(url: string, deviceCode: string): Promise<Response> {
  return postForm(`${url}/oauth/token`, { grant_type: deviceGrant, device_code: deviceCode });
}

export function refreshLogin(url: string, refreshToken: string): Promise<Response> {
  return postForm(`${url}/oauth/token`, { grant_type: 'refresh_token', refresh_token: refreshToken });
}

/** The consent page's hidden fields. */
export async function consentFields(url: string, userCode: string): Promise<Record<string, string>> {
  const page = await (await fetch(`${url}/device?user_code=${userCode}`)).text();
  const hidden = page.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]+)">/g);
  return Object.fromEntries([...hidden].map(([, name = '', value = '']) => [name, value]));
}

/** Submits the consent page as a browser does. */
export async function decideLogin(
  url: string,
  userCode: string,
  fields: Record<string, string> = {},
  headers: Record<string, string> = { origin: url, 'sec-fetch-site': 'same-origin' },
): Promise<Response> {
  const hidden = await consentFields(url, userCode);
  return postForm(`${url}/device`, { ...hidden, decision: 'approved', ...fields }, headers);
}

/** A whole login. */
export async function logIn(url: string, key?: string): Promise<TokenResponse> {
  const { device_code, user_code } = await startLogin(url);
  await decideLogin(url, user_code, key === undefined ? {} : { key });
  return (await (await pollLogin(url, device_code)).json()) as TokenResponse;
}

export function withToken(token: string): { headers: Record<string, string> } {
  return { headers: { authorization: `Bearer ${token}`, 'anthropic-version': '2023-06-01' } };
}
