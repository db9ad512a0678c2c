// The logins of programs such as Claude Code. Each is an issued key of the daemon, so `config key list` shows it and
// `config key remove` ends it. The access token is derived from the refresh token: whoever has the latter can prove which key
// it belongs to, and only the hash of the key is stored.
import { sha256 } from '../base/sha256.ts';
import type { FormerKey, IssuedKey, IssuedKeys } from '../keys/issued-keys.ts';
import { accessTokenOf, newRefreshToken } from '../keys/login-tokens.ts';

export interface LoginTokens {
  accessToken: string;
  refreshToken: string;
}

export interface LoginOptions {
  keys: Pick<IssuedKeys, 'list' | 'issueKey' | 'revokeKey'>;
  /** Such as `claude-code`; also the prefix of the keys' names. */
  program: string;
  nowMs: () => number;
}

/**
 * How long a replaced refresh token works. Several sessions share a login, and each keeps the tokens it started with, so a
 * second use is no sign of a theft (docs/wire/anthropic.md#gateway-login).
 */
const replacedMs = 7 * 24 * 3_600_000;
/** Replaced tokens that one login keeps; with the default lifetime, those of ten days of one session. */
const maxFormer = 32;

export class Logins {
  constructor(private readonly options: LoginOptions) {}

  /** `id` becomes part of the key's name. */
  start(id: string, lifetimeMs: number): LoginTokens {
    return this.#issue(`${this.options.program}-${id.toLowerCase()}`, lifetimeMs, []);
  }

  /** New tokens. The old access token works until it expires. Undefined for a token that is not valid. */
  refresh(refreshToken: string, lifetimeMs: number): LoginTokens | undefined {
    const login = this.#loginOf(refreshToken);
    if (login === undefined) return undefined;
    const { name, sha256, expiresAtMs, former = [] } = login;
    const replaced = { sha256, expiresAtMs, replacedAtMs: this.options.nowMs() };
    return this.#issue(name, lifetimeMs, [replaced, ...former]);
  }

  /** Ends the login of an access token or a refresh token, if there is one. */
  revoke(token: string): void {
    const login = this.#loginOf(token) ?? this.#loginWith(sha256(token));
    if (login !== undefined) this.options.keys.revokeKey(login.name);
  }

  #issue(name: string, lifetimeMs: number, former: FormerKey[]): LoginTokens {
    const { keys, program, nowMs } = this.options;
    const refreshToken = newRefreshToken();
    const accessToken = accessTokenOf(refreshToken);
    keys.issueKey({
      name,
      issuedTo: program,
      key: accessToken,
      expiresAtMs: nowMs() + lifetimeMs,
      former: former.filter((key) => this.#isUsable(key)).slice(0, maxFormer),
    });
    return { accessToken, refreshToken };
  }

  #loginOf(refreshToken: string): IssuedKey | undefined {
    return this.#loginWith(sha256(accessTokenOf(refreshToken)));
  }

  #loginWith(hash: string): IssuedKey | undefined {
    const { keys, program } = this.options;
    return keys
      .list()
      .filter(({ issuedTo }) => issuedTo === program)
      .find(({ sha256, former = [] }) =>
        [sha256, ...former.filter((key) => this.#isUsable(key)).map((key) => key.sha256)].includes(hash),
      );
  }

  #isUsable({ replacedAtMs }: FormerKey): boolean {
    return this.options.nowMs() < replacedAtMs + replacedMs;
  }
}
