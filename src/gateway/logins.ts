// The logins of programs such as Claude Code. Each is an issued key of the daemon, so `config key list` shows it and
// `config key remove` ends it. The access token is derived from the refresh token: whoever has the latter can prove which key
// it belongs to, and only the hash of the key is stored.
import { sha256 } from '../base/sha256.ts';
import type { IssuedKeys } from '../keys/issued-keys.ts';
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

/** A program whose response was lost may use a replaced refresh token again for so long. */
const graceMs = 60_000;
const maxReplaced = 1000;

export class Logins {
  /** By the hash of its access token, the login that a replaced refresh token belonged to. The oldest first. */
  readonly #replaced = new Map<string, { name: string; atMs: number }>();

  constructor(private readonly options: LoginOptions) {}

  /** `id` becomes part of the key's name. */
  start(id: string, lifetimeMs: number): LoginTokens {
    return this.#issue(`${this.options.program}-${id.toLowerCase()}`, lifetimeMs);
  }

  /**
   * New tokens in place of these, which stop working. Undefined for a token that is unknown, revoked or replaced. A replaced
   * one was probably stolen, from the program or by it, so its login ends (RFC 9700 4.14.2).
   */
  refresh(refreshToken: string, lifetimeMs: number): LoginTokens | undefined {
    const { keys, nowMs } = this.options;
    const hash = sha256(accessTokenOf(refreshToken));
    const current = this.#nameOf(hash);
    if (current !== undefined) return this.#issue(current, lifetimeMs);
    const replaced = this.#replaced.get(hash);
    if (replaced === undefined) return undefined;
    const isCurrent = keys.list().some(({ name }) => name === replaced.name);
    if (isCurrent && nowMs() - replaced.atMs < graceMs) return this.#issue(replaced.name, lifetimeMs);
    keys.revokeKey(replaced.name);
    return undefined;
  }

  /** Ends the login of an access token or a refresh token, if there is one. */
  revoke(token: string): void {
    const name = this.#nameOf(sha256(token)) ?? this.#nameOf(sha256(accessTokenOf(token)));
    if (name !== undefined) this.options.keys.revokeKey(name);
  }

  #issue(name: string, lifetimeMs: number): LoginTokens {
    const { keys, program, nowMs } = this.options;
    const old = keys.list().find((key) => key.name === name);
    if (old !== undefined) this.#remember(old.sha256, name);
    const refreshToken = newRefreshToken();
    const accessToken = accessTokenOf(refreshToken);
    keys.issueKey({ name, issuedTo: program, key: accessToken, expiresAtMs: nowMs() + lifetimeMs });
    return { accessToken, refreshToken };
  }

  #nameOf(hash: string): string | undefined {
    const { keys, program } = this.options;
    return keys.list().find((key) => key.sha256 === hash && key.issuedTo === program)?.name;
  }

  #remember(hash: string, name: string): void {
    const [oldest] = this.#replaced.keys();
    if (oldest !== undefined && this.#replaced.size >= maxReplaced) this.#replaced.delete(oldest);
    this.#replaced.set(hash, { name, atMs: this.options.nowMs() });
  }
}
