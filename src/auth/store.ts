// The login file `auth.json`, in the schema of the Codex CLI (https://github.com/openai/codex, codex-rs/login). Writing it
// preserves unknown keys, and a reader never sees a partial file.
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isObject } from '../base/object.ts';
import { Failure } from '../failure.ts';
import { errnoOf, reasonOf } from '../system/errno.ts';
import { type Disk, openReplacement, removeIfExists, resolveLinks } from '../system/whole-file.ts';
import { claimsOf } from './jwt.ts';
import type { Tokens } from './token.ts';

export interface StoredTokens {
  id_token?: string | null;
  access_token?: string | null;
  refresh_token?: string | null;
  account_id?: string | null;
  [key: string]: unknown;
}

export interface AuthFile {
  auth_mode?: string;
  OPENAI_API_KEY?: string | null;
  tokens?: StoredTokens | null;
  /** RFC 3339, UTC. */
  last_refresh?: string | null;
  personal_access_token?: string | null;
  [key: string]: unknown;
}

/** The file after a browser or device login. */
export function newLogin(
  tokens: Tokens,
  server: { issuer: string; clientId: string },
  nowMs: number,
): AuthFile {
  return {
    auth_mode: 'chatgpt',
    OPENAI_API_KEY: null,
    tokens: {
      ...tokens,
      oauth_provenance: { issuer: server.issuer, client_id: server.clientId },
      account_id: claimsOf(tokens).accountId ?? null,
    },
    last_refresh: new Date(nowMs).toISOString(),
  };
}

/** The file for a bare access token, which only its issuer can refresh. `id_token` repeats it, because readers look there for claims. */
export function externalLogin(accessToken: string, accountId: string, nowMs: number): AuthFile {
  return {
    auth_mode: 'chatgptAuthTokens',
    OPENAI_API_KEY: null,
    tokens: { id_token: accessToken, access_token: accessToken, refresh_token: '', account_id: accountId },
    last_refresh: new Date(nowMs).toISOString(),
  };
}

/** The file that `codex login --with-access-token` writes. */
export function personalLogin(token: string): AuthFile {
  return { OPENAI_API_KEY: null, personal_access_token: token };
}

/** `auth` after a refresh: new tokens replace old ones, and everything else is preserved. */
export function withTokens(auth: AuthFile, tokens: Partial<Tokens>, nowMs: number): AuthFile {
  return { ...auth, tokens: { ...auth.tokens, ...tokens }, last_refresh: new Date(nowMs).toISOString() };
}

/** Throws `login_unreadable`. `name` says where the text came from; messages never quote the text, which contains secrets. */
export function parseAuthFile(text: string, name: string): AuthFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text.
  }
  if (isObject(value)) return value;
  throw new Failure('login_required', `${name} is not a login file: it is not a JSON object.`, {
    code: 'login_unreadable',
  });
}

/** Changes whenever the file does; undefined if there is no file. */
export function fileStamp(path: string): string | undefined {
  try {
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
    return stat?.isFile() ? `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}` : undefined;
  } catch (thrown) {
    // A path through something that is not a directory: there is no such file.
    if (errnoOf(thrown) === 'ENOTDIR') return undefined;
    throw unreadable(path, thrown);
  }
}

/** The login in `path`; undefined if there is no such file. */
export function loadAuthFile(path: string): AuthFile | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (thrown) {
    const code = errnoOf(thrown);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw unreadable(path, thrown);
  }
  return parseAuthFile(text, path);
}

function unreadable(path: string, cause: unknown): Failure {
  return new Failure('login_required', `Cannot read the login in ${path}: ${reasonOf(cause)}.`, {
    code: 'login_unreadable',
    advice:
      errnoOf(cause) === 'EACCES'
        ? 'Give the user running codexd read permission, or run `codexd login`.'
        : 'Remove it, then run `codexd login`.',
    cause,
  });
}

/** Creates the directory of codexd's own logins, accessible to its owner only. */
export function makePrivateDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  chmodSync(path, 0o700);
}

/** A new login file with its disk space reserved, not yet in place. */
export interface AuthFileWriter {
  /** Replaces the file in one step. */
  commit(auth: AuthFile): void;
  /** Discards the new file. Does nothing after `commit`. */
  abandon(): void;
}

const leftover = /^\.auth-codexd-[0-9a-f]+$/;

/** A login has about 6 KiB; the tokens after a refresh may be longer. */
const spareBytes = 16 * 1024;

/**
 * Opens the new file and reserves its disk space before a code or refresh token is used up for it, so that a full disk is
 * noticed while the old login still works. Call it under the lock: leftovers then come from a process that died.
 */
export function openAuthFileWriter(path: string, disk: Partial<Disk> = {}): AuthFileWriter {
  const target = resolveLinks(path);
  removeLeftovers(dirname(target));
  const replacement = openReplacement(path, { temporary: temporaryName(), disk });
  try {
    replacement.reserve(2 * (statSync(target, { throwIfNoEntry: false })?.size ?? 0) + spareBytes);
  } catch (thrown) {
    replacement.abandon();
    throw thrown;
  }
  return {
    abandon: replacement.abandon,
    commit: (auth) => replacement.commit(`${JSON.stringify(auth, null, 2)}\n`),
  };
}

function temporaryName(): string {
  return `.auth-codexd-${crypto.randomUUID().replaceAll('-', '')}`;
}

/**
 * Renames a login before its session is ended on the server, so that a file that cannot be deleted is noticed first. Returns
 * a function that deletes it for good, or undefined if there is no such file. If the process dies in between, the next one
 * that writes a login removes the file.
 */
export function moveLoginAside(path: string): (() => void) | undefined {
  const target = resolveLinks(path);
  try {
    renameSync(target, join(dirname(target), temporaryName()));
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENOENT') return undefined;
    throw thrown;
  }
  return () => removeLeftovers(dirname(target));
}

function removeLeftovers(directory: string): void {
  for (const name of readdirSync(directory)) if (leftover.test(name)) removeIfExists(join(directory, name));
}
