// A login at rest: `auth.json` in the schema of the Codex CLI (reference/upstream-codex.md 3, upstream-observed.md 1).
// Whoever rewrites it keeps the keys it does not know, and a reader never sees half a file.
import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Failure } from '../failure.ts';
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
export function lentLogin(accessToken: string, accountId: string, nowMs: number): AuthFile {
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
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat?.isFile() ? `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}` : undefined;
}

/** The login in `path`, or undefined when there is no such file. */
export function loadAuthFile(path: string): AuthFile | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (thrown) {
    const code = (thrown as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new Failure('login_required', `Cannot read the login in ${path} (${code}).`, {
      code: 'login_unreadable',
      next: 'Let the user that runs codexd read it, or run `codexd login`.',
      cause: thrown,
    });
  }
  return parseAuthFile(text, path);
}

/** The directory of codexd's own logins: nobody else looks in. */
export function makePrivateDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  chmodSync(path, 0o700);
}

/** A place beside the file, opened before there is anything to write. */
export interface Writing {
  /** Replaces the file in one step. */
  commit(auth: AuthFile): void;
  /** Leaves everything as it was. */
  abandon(): void;
}

export interface Disk {
  rename: (from: string, to: string) => void;
}

const leftover = /^\.auth-codexd-[0-9a-f]+$/;

/**
 * Opens the new file before a refresh token is spent on its content: a directory that cannot be written is noticed while
 * the old login still works. Called under the lock, so whatever lies there by our name is from a process that died.
 */
export function openWriting(path: string, disk: Disk = { rename: renameSync }): Writing {
  const target = realPath(path);
  const directory = dirname(target);
  removeLeftovers(directory);
  const temporary = join(directory, `.auth-codexd-${crypto.randomUUID().replaceAll('-', '')}`);
  const fd = openSync(temporary, 'wx', 0o600);
  let open = true;
  const close = () => {
    if (open) closeSync(fd);
    open = false;
  };
  const abandon = () => {
    close();
    removeIfThere(temporary);
  };
  return {
    abandon,
    commit(auth) {
      const text = `${JSON.stringify(auth, null, 2)}\n`;
      try {
        writeSync(fd, text);
        fsyncSync(fd);
        close();
        replace(disk, temporary, target, text);
        syncDirectory(directory);
      } finally {
        abandon();
      }
    },
  };
}

/** A login that is kept under a symbolic link stays there. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return join(realpathSync(dirname(path)), basename(path));
  }
}

/** A file that is itself a mount point (a container's bind mount) cannot be renamed over, only written. */
function replace(disk: Disk, temporary: string, target: string, text: string): void {
  try {
    disk.rename(temporary, target);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EBUSY') throw thrown;
    writeFileSync(target, text, { mode: 0o600, flush: true });
  }
}

/** Makes the rename last through a power cut, where directories can be synced at all. */
function syncDirectory(directory: string): void {
  try {
    const fd = openSync(directory, 'r');
    fsyncSync(fd);
    closeSync(fd);
  } catch {
    // Windows opens no directories.
  }
}

/** Deletes a login and what a crashed write may have left of it; says whether there was one. */
export function removeAuthFile(path: string): boolean {
  removeLeftovers(dirname(path));
  return removeIfThere(path);
}

function removeLeftovers(directory: string): void {
  for (const name of readdirSync(directory)) if (leftover.test(name)) removeIfThere(join(directory, name));
}

function removeIfThere(path: string): boolean {
  try {
    unlinkSync(path);
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw thrown;
  }
}
