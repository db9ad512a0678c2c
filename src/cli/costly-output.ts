// Writes results that cost quota to stdout. If stdout cannot be written, they are saved to a file instead of being lost.
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { asFailure, Failure } from '../failure.ts';
import { replaceFile } from '../system/whole-file.ts';
import type { Output } from './terminal.ts';

export interface CostlyOutputOptions {
  stdout: Output;
  /** What messages call the result, e.g. `transcript`. */
  name: string;
  /** The directories for the file, in order of preference. */
  directories: readonly string[];
}

/** For one run of a command. */
export class CostlyOutput {
  #text = '';
  #failure: Failure | undefined;

  constructor(private readonly options: CostlyOutputOptions) {}

  /** Does not throw: the work in progress costs quota whether or not its output can be written, so it continues. */
  write(text: string): void {
    this.#text += text;
    if (this.#failure !== undefined) return;
    try {
      this.options.stdout.write(text);
    } catch (thrown) {
      this.#failure = asFailure(thrown);
    }
  }

  /** Call this after the last write. Throws if a write failed; the Failure says where the results were saved. */
  finish(): void {
    if (this.#failure === undefined) return;
    const { name } = this.options;
    const path = this.#save();
    const { kind, message, code, advice, cause } = this.#failure;
    throw new Failure(kind, message, {
      code,
      advice: path === undefined ? `The ${name} is lost. ${advice}` : `The ${name} was saved to ${path}.`,
      cause,
    });
  }

  #save(): string | undefined {
    const { directories, name } = this.options;
    for (const directory of directories) {
      try {
        const path = join(mkdtempSync(join(directory, 'codexd-output-')), `${name}.txt`);
        replaceFile(path, this.#text);
        return path;
      } catch {
        // The next directory may have room.
      }
    }
    return undefined;
  }
}
