// The files of `--output-dir`: one per input and format, named after the input, and there only when they are whole.
import { mkdir } from 'node:fs/promises';
import { join, parse, resolve } from 'node:path';
import { Failure } from '../../failure.ts';
import { reasonOf } from '../../system/errno.ts';
import { saveFile } from '../../system/whole-file.ts';
import { extensions, type Format } from './plan.ts';

/**
 * For each input a path per format. Inputs of one stem get a number behind it, and no path is that of an input. Names
 * are compared as macOS and Windows do.
 */
export function outputPaths(
  inputs: readonly string[],
  directory: string,
  formats: readonly Format[],
): string[][] {
  const stems = inputs.map((input) => (input === '-' ? 'stdin' : parse(input).name));
  const claimed = new Set(stems.map(folded));
  const taken = new Set(inputs.map((input) => folded(resolve(input))));
  return stems.map((own) => {
    for (let n = 1; ; n++) {
      const stem = n === 1 ? own : `${own}-${n}`;
      const paths = formats.map((format) => join(directory, `${stem}.${extensions[format]}`));
      const keys = paths.map((path) => folded(resolve(path)));
      if (keys.some((key) => taken.has(key)) || (n > 1 && claimed.has(folded(stem)))) continue;
      for (const key of keys) taken.add(key);
      return paths;
    }
  });
}

function folded(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

export async function makeOutputDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (thrown) {
    throw cannotWrite(`Cannot create the directory ${path}`, thrown);
  }
}

/** Replaces what an earlier call wrote there; a reader sees the old file or all of the new one. */
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
