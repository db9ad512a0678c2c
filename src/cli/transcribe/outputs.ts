// The files of `--output-dir`: one per input and format, named after the input, and never incomplete.
import { mkdir } from 'node:fs/promises';
import { join, parse, resolve } from 'node:path';
import { Failure } from '../../failure.ts';
import { reasonOf } from '../../system/errno.ts';
import { saveFile } from '../../system/whole-file.ts';
import { extensions, type Format } from './plan.ts';

/**
 * A path per format for each input. Inputs with the same stem get a number, and no path is that of an input. Names are compared
 * without case and Unicode composition, as on macOS and Windows.
 */
export function outputPaths(
  inputs: readonly string[],
  directory: string,
  formats: readonly Format[],
): string[][] {
  const stems = inputs.map((input) => (input === '-' ? 'stdin' : parse(input).name));
  const claimed = new Set(stems.map(foldName));
  const taken = new Set(inputs.map((input) => foldName(resolve(input))));
  return stems.map((own) => {
    for (let n = 1; ; n++) {
      const stem = n === 1 ? own : `${own}-${n}`;
      const paths = formats.map((format) => join(directory, `${stem}.${extensions[format]}`));
      const keys = paths.map((path) => foldName(resolve(path)));
      if (keys.some((key) => taken.has(key)) || (n > 1 && claimed.has(foldName(stem)))) continue;
      for (const key of keys) taken.add(key);
      return paths;
    }
  });
}

function foldName(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

export async function makeOutputDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (thrown) {
    throw cannotWrite(`Cannot create the directory ${path}`, thrown);
  }
}

/** Replaces an existing file atomically. */
export async function writeOutput(path: string, text: string): Promise<void> {
  try {
    await saveFile(path, text, 0o666 & ~process.umask());
  } catch (thrown) {
    throw cannotWrite(`Cannot write ${path}`, thrown);
  }
}

function cannotWrite(what: string, cause: unknown): Failure {
  return new Failure('forbidden', `${what}: ${reasonOf(cause)}.`, {
    code: 'unwritable_output',
    advice: 'Choose another --output-dir.',
    cause,
  });
}
