// The stdout of results that cost quota. What it does not take is saved to a file instead of being lost.
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { asFailure, Failure } from '../failure.ts';
import { replaceFile } from '../system/whole-file.ts';
import type { Output } from './terminal.ts';

export interface CostlyOutputOptions {
  stdout: Output;
  /** What the results are called, e.g. `transcript`. */
  what: string;
  /** Where a file may go: the first place that takes it. */
  places: readonly string[];
}

/** Lives for one call of a command. */
export class CostlyOutput {
  #text = '';
  #failure: Failure | undefined;

  constructor(private readonly options: CostlyOutputOptions) {}

  /** Does not throw: what is under way goes on, since it costs quota whether or not it is kept. */
  write(text: string): void {
    this.#text += text;
    if (this.#failure !== undefined) return;
    try {
      this.options.stdout.write(text);
    } catch (thrown) {
      this.#failure = asFailure(thrown);
    }
  }

  /** For when all is written. Throws if it was not, and says where the results are now. */
  finish(): void {
    if (this.#failure === undefined) return;
    const { what } = this.options;
    const path = this.#save();
    const { kind, message, code, advice, cause } = this.#failure;
    throw new Failure(kind, message, {
      code,
      advice: path === undefined ? `The ${what} is lost. ${advice}` : `The ${what} is saved in ${path}.`,
      cause,
    });
  }

  #save(): string | undefined {
    const { places, what } = this.options;
    for (const place of places) {
      try {
        const path = join(mkdtempSync(join(place, 'codexd-output-')), `${what}.txt`);
        replaceFile(path, this.#text);
        return path;
      } catch {
        // The next place may have room.
      }
    }
    return undefined;
  }
}
