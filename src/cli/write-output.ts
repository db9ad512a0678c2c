// Writes text to stdout or stderr. Loaded before everything else, so it imports next to nothing.
import { writeSync } from 'node:fs';
import { Failure } from '../failure.ts';
import { reasonOf } from '../system/errno.ts';

/**
 * Returns when all is written: `process.stdout` would lose all but 64 KiB in a pipe when the process exits (Bun 1.4.5). A
 * result that could not be written is a failure; what is said on stderr is not worth ending a command for.
 */
export function writeOutput(fd: 1 | 2, text: string): void {
  const bytes = Buffer.from(text);
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(fd, bytes, written);
    } catch (thrown) {
      const { code } = thrown as NodeJS.ErrnoException;
      if (code === 'EAGAIN') {
        Bun.sleepSync(1);
        continue;
      }
      if (fd === 2) return;
      // `codexd models | head -1`: the reader has what it wanted.
      if (code === 'EPIPE') process.exit(0);
      throw cannotWrite(thrown);
    }
  }
}

function cannotWrite(cause: unknown): Failure {
  const isFull = ['ENOSPC', 'EDQUOT'].includes((cause as NodeJS.ErrnoException).code ?? '');
  return new Failure('forbidden', `Cannot write to stdout: ${reasonOf(cause)}.`, {
    code: 'unwritable_output',
    advice: isFull
      ? 'Free some space, or write the output somewhere else.'
      : 'Write the output somewhere else.',
    cause,
  });
}
