// Uploads on disk: a private directory for each, which is gone when the request is done, however it ended (product.md 8).
import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive } from '../auth/lock.ts';
import { type Form, notStored } from './form-parts.ts';
import { checkForm, type FormLimits, spoolForm } from './multipart.ts';

/** Disposing of it removes its file. */
export interface Upload extends Form, AsyncDisposable {}

const prefix = 'codexd-upload-';

/** One for the life of the daemon. */
export class Uploads {
  readonly #open = new Set<string>();

  /** `parent`: where temporary files lie; other people may use it as well. `pid`: our own. */
  constructor(
    private readonly parent: string,
    private readonly pid: number,
  ) {}

  /** The form of a request, refused before its body is read where possible. Rejects with a Failure. */
  async receive(request: Request, limits: FormLimits, signal: AbortSignal): Promise<Upload> {
    checkForm(request, limits);
    const directory = await this.#create();
    try {
      const form = await spoolForm(request, join(directory, 'recording'), limits, signal);
      return { ...form, [Symbol.asyncDispose]: () => this.#remove(directory) };
    } catch (thrown) {
      await this.#remove(directory);
      throw thrown;
    }
  }

  /** Removes what processes that are gone have left; for the start, when nothing of our own is there yet. */
  async sweep(): Promise<void> {
    const names = await readdir(this.parent).catch(() => []);
    for (const name of names) {
      const [, pid] = /^codexd-upload-(\d+)-\w+$/.exec(name) ?? [];
      if (pid === undefined) continue;
      const path = join(this.parent, name);
      const isLeft = Number(pid) === this.pid ? !this.#open.has(path) : !isAlive(Number(pid));
      if (isLeft && (await isOurs(path))) await rm(path, { recursive: true, force: true }).catch(() => {});
    }
  }

  /** Removes what is still there; for the end. */
  async close(): Promise<void> {
    await Promise.all([...this.#open].map((directory) => this.#remove(directory)));
  }

  async #create(): Promise<string> {
    try {
      const directory = await mkdtemp(join(this.parent, `${prefix}${this.pid}-`)); // mode 0700
      this.#open.add(directory);
      return directory;
    } catch (cause) {
      throw notStored(cause);
    }
  }

  async #remove(directory: string): Promise<void> {
    try {
      await rm(directory, { recursive: true, force: true });
      this.#open.delete(directory);
    } catch {
      // once more at the end, and at the next start: the answer counts for more
    }
  }
}

/** A directory, no link to one, that belongs to us. */
async function isOurs(path: string): Promise<boolean> {
  const stats = await lstat(path).catch(() => undefined);
  return stats?.isDirectory() === true && (process.getuid === undefined || stats.uid === process.getuid());
}
