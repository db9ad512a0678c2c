// The grants of the login server: what is sent
// and what an answer means, each as a pair. Field names, order and content types are the Codex CLI's.
import { Failure } from '../failure.ts';
import {
  type Answer,
  errorCode,
  errorText,
  formType,
  jsonObject,
  jsonType,
  type LoginServer,
  type Outgoing,
  post,
  refusal,
  send,
  textAt,
} from './wire.ts';

const scope = 'openid profile email offline_access api.connectors.read api.connectors.invoke';

/** What a finished login yields. */
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
  /** Exactly as in the authorize URL. */
  redirectUri: string;
  verifier: string;
}

export function exchangeRequest(server: LoginServer, grant: Grant): Outgoing {
  const form = encode({
    grant_type: 'authorization_code',
    client_id: server.clientId,
    code: grant.code,
    redirect_uri: grant.redirectUri,
    code_verifier: grant.verifier,
  });
  return post(server, {
    url: `${server.issuer}/oauth/token`,
    type: formType,
    body: form,
    secrets: [grant.code, grant.verifier],
  });
}

/** Turns the code of a finished login into its tokens. */
export async function exchange(server: LoginServer, grant: Grant): Promise<Tokens> {
  const request = exchangeRequest(server, grant);
  return readExchange(await send(server.fetch, request, 'finish the login'), request.secrets);
}

export function readExchange(answer: Answer, secrets: string[]): Tokens {
  const again = 'Run `codexd login` again.';
  if (answer.status < 200 || answer.status > 299) throw refusal(answer, 'finish the login', secrets, again);
  const object = jsonObject(answer.body);
  const id_token = textAt(object, 'id_token');
  const access_token = textAt(object, 'access_token');
  const refresh_token = textAt(object, 'refresh_token');
  if (!id_token || !access_token || !refresh_token) {
    throw new Failure('upstream_broke', 'The login server answered without the tokens of a login.', {
      advice: again,
    });
  }
  return { id_token, access_token, refresh_token };
}

/** Why a refresh is asked for; the server is told. */
export type RefreshReason = 'proactive_expiry' | 'unauthorized_recovery' | 'forced';

export function refreshRequest(server: LoginServer, refreshToken: string, reason: RefreshReason): Outgoing {
  const body = JSON.stringify({
    client_id: server.clientId,
    grant_type: 'refresh_token',
    refresh_reason: reason,
    refresh_token: refreshToken,
  });
  return post(server, {
    url: server.refreshUrl ?? `${server.issuer}/oauth/token`,
    type: jsonType,
    body,
    secrets: [refreshToken],
    headers: { originator: server.originator },
  });
}

export type RefreshVerdict =
  /** What came; everything else stays as it is. */
  | { kind: 'renewed'; tokens: Partial<Tokens> }
  /** This refresh token will never work again. `why` is a clause without a full stop. */
  | { kind: 'final'; code: string; why: string }
  /** Nothing is decided: keep the tokens and try later. */
  | { kind: 'transient'; failure: Failure };

const finalCodes: Record<string, string> = {
  refresh_token_expired: 'the login has expired',
  refresh_token_reused: 'another program has already used its refresh token',
  refresh_token_invalidated: 'the session was ended on the server',
};

/** Only these answers say that a refresh token is finished: anything else may be an outage. */
export function judgeRefresh(answer: Answer, secrets: string[]): RefreshVerdict {
  if (answer.status >= 200 && answer.status < 300) return judgeRenewal(answer);
  const code = errorCode(answer.body) ?? `http_${answer.status}`;
  const known = Object.hasOwn(finalCodes, code) ? finalCodes[code] : undefined;
  if (known && answer.status < 500) return { kind: 'final', code, why: known };
  if (answer.status === 401 || (answer.status === 400 && code === 'invalid_grant')) {
    return {
      kind: 'final',
      code,
      why: `the login server refused it (${answer.status}, ${errorText(answer, secrets)})`,
    };
  }
  const later = 'Try again in a moment; the login itself is untouched.';
  return { kind: 'transient', failure: refusal(answer, 'refresh the login', secrets, later) };
}

function judgeRenewal(answer: Answer): RefreshVerdict {
  const object = jsonObject(answer.body);
  const tokens: Partial<Tokens> = {};
  for (const key of ['id_token', 'access_token', 'refresh_token'] as const) {
    const value = textAt(object, key);
    if (value) tokens[key] = value;
  }
  if (Object.keys(tokens).length > 0) return { kind: 'renewed', tokens };
  const failure = new Failure('upstream_broke', 'The login server answered a refresh without a token.');
  return { kind: 'transient', failure };
}

/** The refresh token is what ends the session; a login without one can only give up its access token. */
export function revokeRequest(
  server: LoginServer,
  tokens: { access_token?: string | null; refresh_token?: string | null },
): Outgoing | undefined {
  const url = server.refreshUrl
    ? new URL('/oauth/revoke', server.refreshUrl).href
    : `${server.issuer}/oauth/revoke`;
  const { access_token, refresh_token } = tokens;
  const token = refresh_token || access_token;
  if (!token) return undefined;
  const body = refresh_token
    ? { token, token_type_hint: 'refresh_token', client_id: server.clientId }
    : { token, token_type_hint: 'access_token' };
  return post(server, { url, type: jsonType, body: JSON.stringify(body), secrets: [token] });
}

function encode(fields: Record<string, string>): string {
  return Object.entries(fields)
    .map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
    .join('&');
}
