// Reads a login from a file or a bare token: whose it is, whether it can be refreshed and when that is due. Pure.
import { nonEmptyString } from '../base/object.ts';
import { Failure } from '../failure.ts';
import { type Claims, claimsOf } from './jwt.ts';
import type { AuthFile } from './store.ts';
import { isPersonalToken } from './whoami.ts';

export interface Login {
  /** `external`: issued to another application. `personal`: a personal access token, which contains no claims. */
  kind: 'chatgpt' | 'external' | 'personal';
  accessToken: string;
  /** Only if codexd may refresh the login. */
  refreshToken?: string;
  claims: Claims;
  lastRefreshMs?: number;
}

/** A token is refreshed this long before it expires. */
const refreshMarginMs = 5 * 60_000;
/** Refresh after this time if the token does not state its expiry, as the Codex CLI does. */
const maxAgeMs = 8 * 24 * 3600_000;

/** A bare token as passed with `--bearer`, with or without the word "Bearer" before it. */
export function loginFromToken(text: string): Login {
  const token = text.replace(/^\s*bearer\s+/i, '').trim();
  const kind = isPersonalToken(token) ? 'personal' : 'external';
  return { kind, accessToken: token, claims: claimsOf({ access_token: token }) };
}

/** `name` names the login in messages. Throws `login_required`, with the reason, if the login cannot be used. */
export function readLogin(auth: AuthFile, name: string): Login {
  const mode = auth.auth_mode ?? nonEmptyString(auth.authMode) ?? guessMode(auth);
  if (mode === 'personalAccessToken' && auth.personal_access_token) {
    return loginFromToken(auth.personal_access_token);
  }
  if (mode !== 'chatgpt' && !externalModes.has(mode)) throw unusableLogin(name, unusableReason(mode));
  const tokens = auth.tokens ?? {};
  const accessToken = tokens.access_token || nonEmptyString(tokens.accessToken);
  if (accessToken === undefined) throw unusableLogin(name, 'contains no access token');
  const claims = claimsOf({ ...tokens, access_token: accessToken });
  const isRefreshable = mode === 'chatgpt' && Boolean(tokens.access_token);
  return {
    // Tokens issued to another application, or stored in its own spelling, are left to that application to refresh.
    kind: isRefreshable ? 'chatgpt' : 'external',
    accessToken,
    refreshToken: isRefreshable ? tokens.refresh_token || undefined : undefined,
    claims: {
      ...claims,
      accountId: claims.accountId ?? (tokens.account_id || nonEmptyString(tokens.accountId)),
    },
    lastRefreshMs: parseTime(auth.last_refresh),
  };
}

/** The Codex CLI's spelling, and the one of tools that also write `accessToken`. */
const externalModes = new Set(['chatgptAuthTokens', 'chatgpt_auth_tokens']);

/** Files of older versions have no `auth_mode`. Tokens take precedence over an OpenAI API key, which is of no use here. */
function guessMode(auth: AuthFile): string {
  if (auth.personal_access_token) return 'personalAccessToken';
  if (auth.tokens?.access_token || auth.tokens?.accessToken) return 'chatgpt';
  return auth.OPENAI_API_KEY ? 'apikey' : 'empty';
}

function unusableReason(mode: string): string {
  if (mode === 'apikey') return 'contains an OpenAI API key but no ChatGPT login';
  if (mode === 'empty') return 'contains no login';
  return `has the unsupported auth_mode "${mode}"`;
}

function unusableLogin(name: string, clause: string): Failure {
  return new Failure('login_required', `${name} ${clause}.`, {
    code: 'login_unusable',
    advice: 'Run `codexd login` to log in with ChatGPT.',
  });
}

function parseTime(text: string | null | undefined): number | undefined {
  const ms = text ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

/** Whether to refresh it before use. The time of the last refresh counts only if the token does not state its expiry. */
export function isRefreshDue(login: Login, nowMs: number): boolean {
  const { expiresAtMs } = login.claims;
  if (expiresAtMs !== undefined) return expiresAtMs <= nowMs + refreshMarginMs;
  return login.lastRefreshMs !== undefined && login.lastRefreshMs <= nowMs - maxAgeMs;
}

export function isExpired(login: Login, nowMs: number): boolean {
  return login.claims.expiresAtMs !== undefined && login.claims.expiresAtMs <= nowMs;
}
