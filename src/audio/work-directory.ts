// Where recordings lie while they are worked on: a private directory for each job, which is gone when the job is done, however
// it ended. Its name tells the process, so that what a dead one left can be swept.
import { rmSync } from 'node:fs';
import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../failure.ts';

/** Disposing of it removes it. */
export interface WorkDirectory extends AsyncDisposable {
  path: string;
}

export interface WorkDirectoriesOptions {
  /** Where temporary files lie; other people may use it as well. */
  parent: string;
  /** Our own. */
  pid: number;
  isAlive: (pid: number) => boolean;
}

const prefix = 'codexd-work-';

/** One for the life of a process. */
export class WorkDirectories {
  readonly #open = new Set<string>();
  /** Resolves when the directory is not needed any more. */
  readonly #uses = new Set<Promise<void>>();

  constructor(private readonly options: WorkDirectoriesOptions) {}

  /** Mode 0700. */
  async open(): Promise<WorkDirectory> {
    const { parent, pid } = this.options;
    const path = await mkdtemp(join(parent, `${prefix}${pid}-`)).catch((cause: unknown) => {
      throw notStored(cause);
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

  /** Resolves when nobody needs a directory any more. */
  async idle(): Promise<void> {
    while (this.#uses.size > 0) await Promise.all(this.#uses);
  }

  /** Removes what processes that are gone have left; for the start, when nothing of our own is there yet. */
  async sweep(): Promise<void> {
    const { parent, pid: own, isAlive } = this.options;
    for (const name of await readdir(parent).catch(() => [])) {
      const [, digits] = /^codexd-work-(\d+)-\w+$/.exec(name) ?? [];
      if (digits === undefined) continue;
      const path = join(parent, name);
      const pid = Number(digits);
      const isLeft = pid === own ? !this.#open.has(path) : !isAlive(pid);
      if (isLeft && (await isOurs(path))) await rm(path, { recursive: true, force: true }).catch(() => {});
    }
  }

  /** Removes what is still there; for the end. */
  async close(): Promise<void> {
    await Promise.all([...this.#open].map((path) => this.#remove(path)));
  }

  /** The same for a process that ends without waiting, as at a second Ctrl-C. */
  closeNow(): void {
    for (const path of this.#open) {
      try {
        rmSync(path, { recursive: true, force: true });
      } catch {
        // at the next start
      }
    }
  }

  async #remove(path: string): Promise<void> {
    try {
      await rm(path, { recursive: true, force: true });
      this.#open.delete(path);
    } catch {
      // once more at the end, and at the next start: the answer counts for more
    }
  }
}

/** No place for a recording is nobody's fault who sent it. */
export function notStored(cause: unknown): Failure {
  const { code } = cause as { code?: unknown };
  return new Failure('unavailable', `The recording could not be stored (${String(code ?? 'unknown')}).`, {
    code: 'storage_unavailable',
    advice: 'Make room in the directory for temporary files, or set TMPDIR to another one.',
    cause,
  });
}

export function isDiskFull(thrown: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EROFS'].includes(String((thrown as { code?: unknown } | null)?.code));
}

/** A lack of room as the failure it is; anything else as it came. */
export function ofDisk(thrown: unknown): unknown {
  return isDiskFull(thrown) ? notStored(thrown) : thrown;
}

/** A directory, no link to one, that belongs to us. */
async function isOurs(path: string): Promise<boolean> {
  const stats = await lstat(path).catch(() => undefined);
  return stats?.isDirectory() === true && (process.getuid === undefined || stats.uid === process.getuid());
}
