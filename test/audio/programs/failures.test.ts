// How the error output of programs is shown.
import { expect, test } from 'bun:test';
import { errorExcerpt } from '../../../src/audio/programs/failures.ts';

const frames = 'Traceback (most recent call last):\n  File "<string>", line 1, in <module>\n    import x\n';
const chained = `${frames}KeyError: 'a'\n\nDuring handling of the above exception, another exception occurred:\n\n`;

const rows: [said: string, shown: string][] = [
  ['', ''],
  ['error: \u001b[31mno\u001b[0m\n\tmodel\n', 'error: no model'],
  [`${frames}ModuleNotFoundError: No module named 'moshi_mlx'\n`, "No module named 'moshi_mlx'"],
  [`warning\r\n${frames.replaceAll('\n', '\r\n')}ImportError: no torch\r\nbye`, 'no torch'],
  [
    `${frames}torch.OutOfMemoryError: CUDA out of memory.\nSee the manual.\n`,
    'torch.OutOfMemoryError: CUDA out of memory.',
  ],
  [`${chained}${frames}ValueError: b\n`, 'ValueError: b'],
  [`${frames}SystemExit\n`, 'SystemExit'],
  ['Traceback (most recent call last):\n  cut off', 'Traceback (most recent call last): cut off'],
  ['No traceback: `Traceback` alone\nis a word', 'No traceback: `Traceback` alone is a word'],
  [`/home/me/x: ${'€'.repeat(300)}`, `…${'€'.repeat(300)}`],
];

test.each(rows)('%j is shown as %j', (said, shown) => {
  expect(errorExcerpt(said, ['/home/me'])).toBe(shown);
});
