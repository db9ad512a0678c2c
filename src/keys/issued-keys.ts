// Keys that the daemon itself issues to a program that logged in to it. They are in a file of the state directory, since
// config.toml belongs to the user and may be read-only for a service. Only their SHA-256 is stored.
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { isObject } from '../base/object.ts';
import { sha256 } from '../base/sha256.ts';
import { Failure } from '../failure.ts';
import { adviceOf, errnoOf, reasonOf } from '../system/errno.ts';
import { replaceFile } from '../system/whole-file.ts';
import { type ApiKey, newKey } from './api-key.ts';

export interface IssuedKey extends ApiKey {
  /** The program that the key was issued to, such as `claude-code`. */
  readonly issuedTo: string;
  readonly issuedAtMs: number;
  /** Keys of the same login that this one replaced, the newest first. Each is valid until it expires. */
  readonly former?: readonly FormerKey[] | undefined;
}

export interface FormerKey extends Pick<ApiKey, 'sha256' | 'expiresAtMs'> {
  readonly replacedAtMs: number;
}

export interface KeyRequest
  extends Pick<IssuedKey, 'name' | 'models' | 'expiresAtMs' | 'issuedTo' | 'former'> {
  /** A new one by default. */
  key?: string;
}

/** Bounds the file, whatever asks for keys. */
const maxKeys = 1000;

export class IssuedKeys {
  #read: { version: string; keys: readonly IssuedKey[] } | undefined;

  constructor(
    readonly path: string,
    private readonly nowMs: () => number,
  ) {}

  /** Reads the file again if another process has changed it. Throws a Failure if it is not what codexd writes. */
  list(): readonly IssuedKey[] {
    const version = fileVersion(this.path);
    if (this.#read?.version !== version) this.#read = { version, keys: readKeys(this.path) };
    return this.#read.keys;
  }

  /** Every key with which a program may call now, or could before it expired. */
  accepted(): ApiKey[] {
    return this.list().flatMap(({ former = [], ...key }) => [
      key,
      ...former.map(({ sha256, expiresAtMs }) => ({ ...key, sha256, expiresAtMs })),
    ]);
  }

  /** Replaces the key of the same name, as when a login is refreshed. Returns the key, which nobody can look up later. */
  issueKey({ key = newKey(), ...request }: KeyRequest): string {
    const others = this.list().filter(({ name }) => name !== request.name);
    if (others.length >= maxKeys) {
      throw new Failure('forbidden', `${maxKeys} keys have already been issued.`, {
        code: 'too_many_keys',
        advice: 'Remove some with `codexd config key remove NAME`.',
      });
    }
    this.#save([...others, { ...request, sha256: sha256(key), issuedAtMs: this.nowMs() }]);
    return key;
  }

  /** Whether there was a key of that name. */
  revokeKey(name: string): boolean {
    const keys = this.list();
    const others = keys.filter((key) => key.name !== name);
    if (others.length === keys.length) return false;
    this.#save(others);
    return true;
  }

  #save(keys: readonly IssuedKey[]): void {
    try {
      mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
      replaceFile(this.path, `${JSON.stringify({ keys }, undefined, 2)}\n`, { mode: 0o600 });
    } catch (cause) {
      throw new Failure('unavailable', `Cannot write ${this.path}: ${reasonOf(cause)}.`, {
        code: 'unwritable_file',
        advice: adviceOf(cause, this.path),
        cause,
      });
    }
    this.#read = { version: fileVersion(this.path), keys };
  }
}

/** Changes whenever the file is replaced; empty without a file. */
export function fileVersion(path: string): string {
  try {
    const { ino, size, mtimeMs } = statSync(path);
    return `${ino} ${size} ${mtimeMs}`;
  } catch {
    return '';
  }
}

function readKeys(path: string): readonly IssuedKey[] {
  try {
    const file: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (isObject(file) && Array.isArray(file.keys) && file.keys.every(isIssuedKey)) return file.keys;
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return [];
  }
  throw new Failure('invalid_request', `${path} is not a valid file of issued keys.`, {
    code: 'invalid_config',
    advice: 'Delete the file; programs that used these keys must log in again.',
  });
}

function isIssuedKey(value: unknown): value is IssuedKey {
  if (!isObject(value)) return false;
  const { name, sha256: hash, models, issuedTo, issuedAtMs, expiresAtMs, former } = value;
  const hasModels = Array.isArray(models) && models.every((glob) => typeof glob === 'string');
  return (
    [name, hash, issuedTo].every((text) => typeof text === 'string') &&
    /^[0-9a-f]{64}$/.test(String(hash)) &&
    typeof issuedAtMs === 'number' &&
    (expiresAtMs === undefined || typeof expiresAtMs === 'number') &&
    (former === undefined || (Array.isArray(former) && former.every(isFormerKey))) &&
    (models === undefined || hasModels)
  );
}

function isFormerKey(value: unknown): value is FormerKey {
  if (!isObject(value)) return false;
  const { sha256: hash, expiresAtMs, replacedAtMs } = value;
  return typeof hash === 'string' && [expiresAtMs, replacedAtMs].every((ms) => typeof ms === 'number');
}
