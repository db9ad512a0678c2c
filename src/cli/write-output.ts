// Writes text to stdout or stderr. main.ts loads it before everything else, so it has few imports.
import { writeSync } from 'node:fs';
import { Failure } from '../failure.ts';
import { reasonOf } from '../system/errno.ts';

/**
 * Returns once everything is written: with `process.stdout`, only 64 KiB reach a pipe if the process exits (Bun 1.4.5).
 * Throws a Failure if stdout cannot be written; errors on stderr are ignored.
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
      // `codexd models | head -1`: the reader has read enough.
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
      ? 'Free up disk space, or redirect the output elsewhere.'
      : 'Redirect the output elsewhere.',
    cause,
  });
}
