// The directory of recordings: one file each, numbered in the order in which they ended.
import { accessSync, constants, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../failure.ts';
import { adviceOf, reasonOf } from '../system/errno.ts';
import { saveFile } from '../system/whole-file.ts';
import type { NamedRecording } from './player.ts';
import { parseRecording } from './recording.ts';

const fileName = /^(\d{4,})-.*\.json$/;

/** Returns a function that writes the next recording. Creates the directory; earlier recordings in it stay. */
export function openForWriting(directory: string): (subject: string, text: string) => Promise<void> {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    accessSync(directory, constants.W_OK);
  } catch (cause) {
    throw new Failure('forbidden', `Cannot write recordings to ${directory}: ${reasonOf(cause)}.`, {
      code: 'unwritable_file',
      advice: adviceOf(cause, directory),
      cause,
    });
  }
  let last = Math.max(0, ...namesIn(directory).map((name) => Number(fileName.exec(name)![1])));
  return (subject, text) => {
    const number = String(++last).padStart(4, '0');
    return saveFile(
      join(directory, `${number}-${subject.replaceAll(/[^\w.-]/g, '-').slice(0, 60)}.json`),
      text,
    );
  };
}

/** All recordings, in order. Throws a Failure if there are none, or one cannot be read. */
export function readRecordings(directory: string): NamedRecording[] {
  try {
    const names = namesIn(directory);
    if (names.length > 0) {
      return names.map((name) => {
        const file = join(directory, name);
        return { name, recording: parseRecording(readFileSync(file, 'utf8'), file) };
      });
    }
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw new Failure('invalid_request', `Cannot read the recordings in ${directory}: ${reasonOf(cause)}.`, {
      code: 'unreadable_file',
      advice: adviceOf(cause, directory),
      cause,
    });
  }
  throw new Failure('not_found', `There are no recordings in ${directory}.`, {
    code: 'no_recording',
    advice: 'Record some with `codexd serve --record DIR`.',
  });
}

function namesIn(directory: string): string[] {
  const names = readdirSync(directory).filter((name) => fileName.test(name));
  return names.toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
}
