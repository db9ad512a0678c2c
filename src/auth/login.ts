// What a file or a token amounts to: whose login it is, whether it can be refreshed and when that is due. Pure.
import { Failure } from '../failure.ts';
import { type Claims, claimsOf } from './jwt.ts';
import type { AuthFile } from './store.ts';
import { isPersonalToken } from './whoami.ts';

export interface Login {
  /** `personal` tokens carry no claims: the server is asked who they belong to. */
  kind: 'chatgpt' | 'external' | 'personal';
  accessToken: string;
  /** Only where the login is ours to renew. */
  refreshToken?: string;
  claims: Claims;
  lastRefreshMs?: number;
}

const marginMs = 5 * 60_000;
const unreadableAgeMs = 8 * 24 * 3600_000;

/** A bare token, as given with `--bearer`; people copy it with the word in front. */
export function loginOfToken(given: string): Login {
  const token = given.replace(/^\s*bearer\s+/i, '').trim();
  const kind = isPersonalToken(token) ? 'personal' : 'external';
  return { kind, accessToken: token, claims: claimsOf({ access_token: token }) };
}

/** `name` is what the login is called in messages. Throws `login_required` for what cannot be used, and says why. */
export function readLogin(auth: AuthFile, name: string): Login {
  const mode = auth.auth_mode ?? text(auth.authMode) ?? guessMode(auth);
  if (mode === 'personalAccessToken' && auth.personal_access_token) {
    return loginOfToken(auth.personal_access_token);
  }
  if (mode !== 'chatgpt' && !externalModes.has(mode)) throw unusable(name, why(mode));
  const tokens = auth.tokens ?? {};
  const accessToken = tokens.access_token || text(tokens.accessToken);
  if (accessToken === undefined) throw unusable(name, 'holds no access token');
  const claims = claimsOf({ ...tokens, access_token: accessToken });
  const isOurs = mode === 'chatgpt' && Boolean(tokens.access_token);
  return {
    // Tokens issued to a host application, or written by one in its own way, are that application's to refresh.
    kind: isOurs ? 'chatgpt' : 'external',
    accessToken,
    refreshToken: isOurs ? tokens.refresh_token || undefined : undefined,
    claims: {
      ...claims,
      accountId: claims.accountId ?? (tokens.account_id || text(tokens.accountId)),
    },
    lastRefreshMs: instant(auth.last_refresh),
  };
}

/** The second is how other tools spell it, as they do `accessToken`. */
const externalModes = new Set(['chatgptAuthTokens', 'chatgpt_auth_tokens']);

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Files of older versions have no `auth_mode`. Tokens win over a platform key beside them: the key is no use here. */
function guessMode(auth: AuthFile): string {
  if (auth.personal_access_token) return 'personalAccessToken';
  if (auth.tokens?.access_token || auth.tokens?.accessToken) return 'chatgpt';
  return auth.OPENAI_API_KEY ? 'apikey' : 'empty';
}

function why(mode: string): string {
  if (mode === 'apikey') return 'holds an OpenAI API key and no ChatGPT login';
  if (mode === 'empty') return 'holds no login';
  return `is of the kind "${mode}", which codexd cannot use`;
}

function unusable(name: string, clause: string): Failure {
  return new Failure('login_required', `${name} ${clause}.`, {
    code: 'login_unusable',
    advice: 'Run `codexd login` to log in with ChatGPT.',
  });
}

function instant(text: string | null | undefined): number | undefined {
  const ms = text ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

/** Whether it should be renewed before it is used. The age counts only where the token does not tell its expiry. */
export function isDue(login: Login, nowMs: number): boolean {
  const { expiresAtMs } = login.claims;
  if (expiresAtMs !== undefined) return expiresAtMs <= nowMs + marginMs;
  return login.lastRefreshMs !== undefined && login.lastRefreshMs <= nowMs - unreadableAgeMs;
}

export function isExpired(login: Login, nowMs: number): boolean {
  return login.claims.expiresAtMs !== undefined && login.claims.expiresAtMs <= nowMs;
}
