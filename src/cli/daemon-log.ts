// Where the daemon logs: a file, if `log.file` is set, else stderr. A reload reopens the file; other changes need a restart.
import type { Config } from '../config/schema.ts';
import { Failure } from '../failure.ts';
import { adviceOf, reasonOf } from '../system/errno.ts';
import { RotatingFile } from '../system/rotating-file.ts';

type Settings = Config['log'];

export class DaemonLog {
  #settings: Settings | undefined;
  #file: RotatingFile | undefined;

  /** The function that writes lines to the file of the first settings; undefined for stderr. */
  open(settings: Settings): ((line: string) => void) | undefined {
    if (this.#settings === undefined) {
      this.#settings = settings;
      const { file: path, maxMb, files } = settings;
      if (path !== undefined)
        opening(path, () => {
          this.#file = new RotatingFile({ path, maxBytes: maxMb * 1024 * 1024, files });
        });
    }
    const file = this.#file;
    return file && ((line) => file.write(line));
  }

  /** After another program has renamed the file. Throws a Failure; the old file is then still in use. */
  reopen(): void {
    const file = this.#file;
    if (file !== undefined) opening(this.#settings?.file ?? '', () => file.reopen());
  }

  /** Whether these settings would log elsewhere. */
  isOther({ file, maxMb, files }: Settings): boolean {
    const now = this.#settings;
    return now !== undefined && (now.file !== file || now.maxMb !== maxMb || now.files !== files);
  }
}

function opening(path: string, act: () => void): void {
  try {
    act();
  } catch (cause) {
    throw new Failure('forbidden', `Cannot open the log file ${path}: ${reasonOf(cause)}.`, {
      code: 'unwritable_file',
      advice: adviceOf(cause, path),
      cause,
    });
  }
}
