// The OAuth requests to the login server, each with a function that interprets its response. Field names, their order and
// content types are the Codex CLI's.
import { Failure } from '../failure.ts';
import {
  errorCode,
  errorText,
  formType,
  jsonType,
  type LoginServer,
  type LoginServerRequest,
  type LoginServerResponse,
  parseObject,
  postRequest,
  responseFailure,
  send,
  stringAt,
} from './login-server.ts';

const scope = 'openid profile email offline_access api.connectors.read api.connectors.invoke';

/** The tokens of a new login. */
export interface Tokens {
  id_token: string;
  access_token: string;
  refresh_token: string;
}

export interface AuthorizeOptions {
  redirectUri: string;
  challenge: string;
  state: string;
}

export function authorizeUrl(server: LoginServer, options: AuthorizeOptions): string {
  return `${server.issuer}/oauth/authorize?${encode({
    response_type: 'code',
    client_id: server.clientId,
    redirect_uri: options.redirectUri,
    code_challenge: options.challenge,
    code_challenge_method: 'S256',
    state: options.state,
    scope,
    id_token_add_organizations: 'true',
    codex_cli_simplified_flow: 'true',
    originator: server.originator,
  })}`;
}

export interface Grant {
  code: string;
  /** Must equal the one in the authorize URL. */
  redirectUri: string;
  verifier: string;
}

export function exchangeRequest(server: LoginServer, grant: Grant): LoginServerRequest {
  const form = encode({
    grant_type: 'authorization_code',
    client_id: server.clientId,
    code: grant.code,
    redirect_uri: grant.redirectUri,
    code_verifier: grant.verifier,
  });
  return postRequest(server, {
    url: `${server.issuer}/oauth/token`,
    type: formType,
    body: form,
    secrets: [grant.code, grant.verifier],
  });
}

/** Exchanges the authorization code for tokens. */
export async function exchange(server: LoginServer, grant: Grant): Promise<Tokens> {
  const request = exchangeRequest(server, grant);
  return readExchange(await send(server.fetch, request, 'finish the login'), request.secrets);
}

export function readExchange(response: LoginServerResponse, secrets: string[]): Tokens {
  const retryAdvice = 'Run `codexd login` again.';
  if (response.status < 200 || response.status > 299)
    throw responseFailure(response, 'finish the login', secrets, retryAdvice);
  const object = parseObject(response.body);
  const id_token = stringAt(object, 'id_token');
  const access_token = stringAt(object, 'access_token');
  const refresh_token = stringAt(object, 'refresh_token');
  if (!id_token || !access_token || !refresh_token) {
    throw new Failure('upstream_broke', "The login server's response contained no tokens.", {
      advice: retryAdvice,
    });
  }
  return { id_token, access_token, refresh_token };
}

/** Sent to the server as the reason for a refresh. */
export type RefreshReason = 'proactive_expiry' | 'unauthorized_recovery' | 'forced';

export function refreshRequest(
  server: LoginServer,
  refreshToken: string,
  reason: RefreshReason,
): LoginServerRequest {
  const body = JSON.stringify({
    client_id: server.clientId,
    grant_type: 'refresh_token',
    refresh_reason: reason,
    refresh_token: refreshToken,
  });
  return postRequest(server, {
    url: server.refreshUrl ?? `${server.issuer}/oauth/token`,
    type: jsonType,
    body,
    secrets: [refreshToken],
    headers: { originator: server.originator },
  });
}

export type RefreshOutcome =
  /** The new tokens; one that is missing stays valid. */
  | { kind: 'refreshed'; tokens: Partial<Tokens> }
  /** This refresh token will never work again. `why` is a clause without a full stop. */
  | { kind: 'final'; code: string; why: string }
  /** Keep the tokens and try again later. */
  | { kind: 'transient'; failure: Failure };

const finalCodes: Record<string, string> = {
  refresh_token_expired: 'the login has expired',
  refresh_token_reused: 'another program has already used its refresh token',
  refresh_token_invalidated: 'its session was ended on the server',
};

/** Only these responses mean that a refresh token will never work again; anything else may be an outage. */
export function interpretRefresh(response: LoginServerResponse, secrets: string[]): RefreshOutcome {
  if (response.status >= 200 && response.status < 300) return readRefreshedTokens(response);
  const code = errorCode(response.body) ?? `http_${response.status}`;
  const known = Object.hasOwn(finalCodes, code) ? finalCodes[code] : undefined;
  if (known && response.status < 500) return { kind: 'final', code, why: known };
  if (response.status === 401 || (response.status === 400 && code === 'invalid_grant')) {
    return {
      kind: 'final',
      code,
      why: `the login server rejected it (${response.status}, ${errorText(response, secrets)})`,
    };
  }
  const advice = 'Try again in a moment; the login is unchanged.';
  return { kind: 'transient', failure: responseFailure(response, 'refresh the login', secrets, advice) };
}

function readRefreshedTokens(response: LoginServerResponse): RefreshOutcome {
  const object = parseObject(response.body);
  const tokens: Partial<Tokens> = {};
  for (const key of ['id_token', 'access_token', 'refresh_token'] as const) {
    const value = stringAt(object, key);
    if (value) tokens[key] = value;
  }
  if (Object.keys(tokens).length > 0) return { kind: 'refreshed', tokens };
  const failure = new Failure(
    'upstream_broke',
    "The login server's response to a refresh contained no tokens.",
  );
  return { kind: 'transient', failure };
}

/** Revoking the refresh token ends the session; without one, only the access token can be revoked. Undefined without either. */
export function revokeRequest(
  server: LoginServer,
  tokens: { access_token?: string | null; refresh_token?: string | null },
): LoginServerRequest | undefined {
  const url = server.refreshUrl
    ? new URL('/oauth/revoke', server.refreshUrl).href
    : `${server.issuer}/oauth/revoke`;
  const { access_token, refresh_token } = tokens;
  const token = refresh_token || access_token;
  if (!token) return undefined;
  const body = refresh_token
    ? { token, token_type_hint: 'refresh_token', client_id: server.clientId }
    : { token, token_type_hint: 'access_token' };
  return postRequest(server, { url, type: jsonType, body: JSON.stringify(body), secrets: [token] });
}

function encode(fields: Record<string, string>): string {
  return Object.entries(fields)
    .map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
    .join('&');
}
