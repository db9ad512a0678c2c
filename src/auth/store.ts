// A login at rest: `auth.json` in the schema of the Codex CLI (https://github.com/openai/codex, codex-rs/login).
// Whoever rewrites it keeps the keys it does not know, and a reader never sees half a file.
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure } from '../failure.ts';
import { errnoOf, reasonOf } from '../system/errno.ts';
import { type Disk, openReplacement, removeIfThere, targetOf } from '../system/whole-file.ts';
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

/** What a browser or device login leaves behind. */
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

/** A bare access token: whoever made it renews it. `id_token` repeats it because readers want to find claims there. */
export function externalLogin(accessToken: string, accountId: string, nowMs: number): AuthFile {
  return {
    auth_mode: 'chatgptAuthTokens',
    OPENAI_API_KEY: null,
    tokens: { id_token: accessToken, access_token: accessToken, refresh_token: '', account_id: accountId },
    last_refresh: new Date(nowMs).toISOString(),
  };
}

/** As `codex login --with-access-token` writes it. */
export function personalLogin(token: string): AuthFile {
  return { OPENAI_API_KEY: null, personal_access_token: token };
}

/** `auth` after a refresh: what came replaces what was, everything else stays. */
export function withTokens(auth: AuthFile, tokens: Partial<Tokens>, nowMs: number): AuthFile {
  return { ...auth, tokens: { ...auth.tokens, ...tokens }, last_refresh: new Date(nowMs).toISOString() };
}

/** `name` says where the text came from; the text itself is full of secrets and is never quoted. */
export function parseAuthFile(text: string, name: string): AuthFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text.
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as AuthFile;
  throw new Failure('login_required', `${name} is not a login: it holds no JSON object.`, {
    code: 'login_unreadable',
  });
}

/** Changes whenever the file does; undefined while there is no file. */
export function stampOf(path: string): string | undefined {
  try {
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
    return stat?.isFile() ? `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}` : undefined;
  } catch (thrown) {
    // A path that leads through a file is as absent as one that leads nowhere.
    if (errnoOf(thrown) === 'ENOTDIR') return undefined;
    throw unreadable(path, thrown);
  }
}

/** The login in `path`, or undefined when there is no such file. */
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
        ? 'Let the user that runs codexd read it, or run `codexd login`.'
        : 'Remove it, then run `codexd login`.',
    cause,
  });
}

/** The directory of codexd's own logins: nobody else looks in. */
export function makePrivateDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  chmodSync(path, 0o700);
}

/** A new login on its way to the disk. */
export interface Writing {
  /** Replaces the file in one step. */
  commit(auth: AuthFile): void;
  /** Leaves everything as it was. */
  abandon(): void;
}

const leftover = /^\.auth-codexd-[0-9a-f]+$/;

/** A login has about 6 KiB; what an issuer sends instead may be longer. */
const spareBytes = 16 * 1024;

/**
 * Opens the new file and takes the disk space for it before a code or a refresh token is spent on its content: a full disk
 * is noticed while the old login still works. Called under the lock, so leftovers are from a process that died.
 */
export function openWriting(path: string, disk: Partial<Disk> = {}): Writing {
  const target = targetOf(path);
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
 * Takes a login away before its session is ended on the server: where it cannot be deleted, nothing has been ended yet.
 * Returns what deletes it for good, or undefined when there is no such file. What a process leaves that dies in between
 * is swept up by the next one that writes a login.
 */
export function setLoginAside(path: string): (() => void) | undefined {
  const target = targetOf(path);
  try {
    renameSync(target, join(dirname(target), temporaryName()));
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENOENT') return undefined;
    throw thrown;
  }
  return () => removeLeftovers(dirname(target));
}

function removeLeftovers(directory: string): void {
  for (const name of readdirSync(directory)) if (leftover.test(name)) removeIfThere(join(directory, name));
}
