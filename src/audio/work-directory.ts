// Private directories for jobs, removed at the end of the job. Their names contain the process id, so that directories left by
// dead processes can be removed at the next start.
import { rmSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../failure.ts';
import { isOwnDirectory } from '../system/own-directory.ts';

/** Removed on disposal. */
export interface WorkDirectory extends AsyncDisposable {
  path: string;
}

export interface WorkDirectoriesOptions {
  /** The directory for temporary files, which other users may share. */
  parent: string;
  /** The id of this process. */
  pid: number;
  isAlive: (pid: number) => boolean;
}

const prefix = 'codexd-work-';

/** One instance serves a process. */
export class WorkDirectories {
  readonly #open = new Set<string>();
  /** One promise per open directory, which resolves once it is disposed. */
  readonly #uses = new Set<Promise<void>>();

  constructor(private readonly options: WorkDirectoriesOptions) {}

  /** Creates a directory with mode 0700. */
  async open(): Promise<WorkDirectory> {
    const { parent, pid } = this.options;
    const path = await mkdtemp(join(parent, `${prefix}${pid}-`)).catch((cause: unknown) => {
      throw storageFailure(cause);
    });
    this.#open.add(path);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#uses.add(promise);
    const dispose = async () => {
      await this.#remove(path);
      this.#uses.delete(promise);
      resolve();
    };
    return { path, [Symbol.asyncDispose]: dispose };
  }

  /** Resolves when no directory is in use. */
  async idle(): Promise<void> {
    while (this.#uses.size > 0) await Promise.all(this.#uses);
  }

  /** Removes directories left by dead processes. Called at startup. */
  async sweep(): Promise<void> {
    const { parent, pid: own, isAlive } = this.options;
    for (const name of await readdir(parent).catch(() => [])) {
      const [, digits] = /^codexd-work-(\d+)-\w+$/.exec(name) ?? [];
      if (digits === undefined) continue;
      const path = join(parent, name);
      const pid = Number(digits);
      const isAbandoned = pid === own ? !this.#open.has(path) : !isAlive(pid);
      if (isAbandoned && isOwnDirectory(path))
        await rm(path, { recursive: true, force: true }).catch(() => {});
    }
  }

  /** Removes all open directories. Called at shutdown. */
  async close(): Promise<void> {
    await Promise.all([...this.#open].map((path) => this.#remove(path)));
  }

  /** Like close, but synchronous, for a process that exits immediately, as after a second Ctrl-C. */
  closeNow(): void {
    for (const path of this.#open) {
      try {
        rmSync(path, { recursive: true, force: true });
      } catch {
        // sweep tries again at the next start
      }
    }
  }

  async #remove(path: string): Promise<void> {
    try {
      await rm(path, { recursive: true, force: true });
      this.#open.delete(path);
    } catch {
      // close and the next start try again: a failure here must not cost the transcript
    }
  }
}

/** For a full or unwritable disk: not the fault of the client. */
export function storageFailure(cause: unknown): Failure {
  const { code } = cause as { code?: unknown };
  return new Failure('unavailable', `The recording could not be stored (${String(code ?? 'unknown')}).`, {
    code: 'storage_unavailable',
    advice: 'Free some space in the temporary directory, or set TMPDIR to another one.',
    cause,
  });
}

export function isDiskFull(thrown: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EROFS'].includes(String((thrown as { code?: unknown } | null)?.code));
}

/** Turns disk-full errors into a Failure; returns anything else unchanged. */
export function asStorageFailure(thrown: unknown): unknown {
  return isDiskFull(thrown) ? storageFailure(thrown) : thrown;
}
