// The private directory of one `codexd run`, deleted when it ends. Its name contains the process ID, so that those of a
// killed codexd are deleted by the next one.
import {
  accessSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Failure } from '../../failure.ts';
import { adviceOf, reasonOf } from '../../system/errno.ts';
import { isOwnDirectory } from '../../system/own-directory.ts';
import { isAlive } from '../../system/process-identity.ts';
import type { Invocation } from '../command.ts';

const prefix = 'codexd-run-';

export class TemporaryDirectory {
  readonly #remove: () => void;

  private constructor(
    readonly path: string,
    atExit: Invocation['atExit'],
  ) {
    const remove = () => rmSync(path, { recursive: true, force: true, maxRetries: 3 });
    const forget = atExit(remove);
    this.#remove = () => {
      forget();
      remove();
    };
  }

  /** Only the user may open it. */
  static create(atExit: Invocation['atExit'], parent = parentDirectory()): TemporaryDirectory {
    sweep(parent);
    try {
      return new TemporaryDirectory(mkdtempSync(join(parent, `${prefix}${process.pid}-`)), atExit);
    } catch (cause) {
      throw new Failure('forbidden', `Cannot create a directory in ${parent}: ${reasonOf(cause)}.`, {
        code: 'no_temporary_directory',
        advice: adviceOf(cause, parent),
        cause,
      });
    }
  }

  subdirectory(name: string): string {
    const path = join(this.path, name);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return path;
  }

  write(name: string, text: string): void {
    const path = join(this.path, name);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, text, { mode: 0o600 });
  }

  /** Does nothing if there is no such file. */
  copy(from: string, name: string): void {
    if (existsSync(from)) copyFileSync(from, join(this.path, name));
  }

  remove(): void {
    this.#remove();
  }
}

/** Not TMPDIR if possible: the Codex CLI 0.171 creates no helper programs, such as apply_patch, if its home is below that. */
function parentDirectory(): string {
  const persistent = '/var/tmp';
  try {
    accessSync(persistent, constants.W_OK);
    return persistent;
  } catch {
    return tmpdir();
  }
}

function sweep(parent: string): void {
  for (const name of namesIn(parent)) {
    const [, pid] = /^codexd-run-(\d+)-\w+$/.exec(name) ?? [];
    const path = join(parent, name);
    if (pid === undefined || isAlive(Number(pid)) || !isOwnDirectory(path)) continue;
    rmSync(path, { recursive: true, force: true });
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
