// Progress on a terminal for long or many recordings, which does not disturb other output.
import { describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import type { Progress } from '../../../src/audio/transcriber.ts';
import { type ActiveRecording, ProgressLine, progressText } from '../../../src/cli/transcribe/progress.ts';
import { formatClock, printableName } from '../../../src/cli/transcribe/words.ts';
import { codexd, type TranscribeCall, temporaryDirectory } from '../transcribe-support.ts';

const short: ActiveRecording = { name: 'a.wav', done: 0 };

const lines: [string, number, number, ActiveRecording[], string][] = [
  ['a short recording needs none', 1, 0, [short], ''],
  ['nor does one in one piece', 1, 0, [{ ...short, segments: 1, durationS: 20 }], ''],
  ['a long one in one piece', 1, 0, [{ ...short, segments: 1, durationS: 3725 }], 'a.wav, 1:02:05 long'],
  ['pieces', 1, 0, [{ ...short, segments: 4, done: 1 }], '█████░░░░░░░░░░░░░░░ 1/4  a.wav'],
  ['all is heard', 1, 1, [], ''],
  [
    'many recordings, some at once',
    4,
    1,
    [
      { ...short, segments: 2, done: 1 },
      { name: 'b.wav', done: 0 },
    ],
    '████████░░░░░░░░░░░░ 1/4 files  a.wav 1/2, b.wav',
  ],
  ['all of many are heard', 4, 4, [], ''],
  ['between two', 4, 2, [], '██████████░░░░░░░░░░ 2/4 files'],
];
test.each(lines)('%s', (_, files, finished, underway, text) => {
  expect(progressText(files, finished, underway)).toBe(text);
});

test('times and names', () => {
  expect([0, 59.6, 61, 3599.7, 36_061].map(formatClock)).toEqual([
    '0:00',
    '1:00',
    '1:01',
    '1:00:00',
    '10:01:01',
  ]);
  expect(printableName('a\u001b[31m\nb ü 音')).toBe('a?[31m?b ü 音');
});

const place = temporaryDirectory(['a.wav', 'b.wav', `${'long-'.repeat(30)}音.wav`]);
const file = (name: string) => join(place, name);

function pieces({ name, options: { onProgress } }: TranscribeCall): string {
  const tell = onProgress as (progress: Progress) => void;
  tell({ state: 'recognised', container: 'wav', durationS: 700 });
  tell({ state: 'segments', count: 2 });
  tell({ state: 'segment', index: 0, startS: 0, endS: 300, text: 'x' });
  return `${name} is transcribed.`;
}

/** What a terminal shows in the end: text after a carriage return overwrites the line. */
function screen(written: string): string[] {
  return written.split('\n').map((line) => {
    const cells: string[] = [];
    for (const part of line.split('\r')) cells.splice(0, part.length, ...part);
    return cells.join('').trimEnd();
  });
}

describe('the line', () => {
  test('is drawn while a recording is transcribed, and gone before the result', async () => {
    const { out, err } = await codexd(['transcribe', file('a.wav')], { respond: pieces, isTty: true });
    expect(err).toContain('░░░ 1/2  ');
    expect(screen(err)).toEqual(['']);
    expect(out).toBe('a.wav is transcribed.\n');
  });

  test('never mixes with what else is said on the terminal', async () => {
    const { err } = await codexd(['transcribe', file('a.wav'), file('none.wav'), file('b.wav')], {
      respond: pieces,
      isTty: true,
    });
    expect(err).toContain('1/3 files');
    // Joined, because lines are wrapped at 80 columns and the path's length varies.
    expect(screen(err).join(' ')).toBe(
      `codexd: 1 of 3 recordings failed. codexd: No such file: ${file('none.wav')}. Check the path. `,
    );
  });

  test('does not come back when it is closed', () => {
    const written: string[] = [];
    const stderr = { write: (text: string) => written.push(text), isTty: true, color: true, columns: 80 };
    const line = new ProgressLine(stderr, 2);
    line.begin(0, 'a.wav');
    line.close();
    line.wrap(stderr).write('end\n');
    expect(screen(written.join(''))).toEqual(['end', '']);
    expect(written.at(-1)).toBe('end\n');
  });

  test('fits into the terminal, wide letters and all', async () => {
    const { err } = await codexd(['transcribe', file(`${'long-'.repeat(30)}音.wav`)], {
      respond: pieces,
      isTty: true,
    });
    const widths = err.split('\r').map((part) => Bun.stringWidth(part));
    expect(Math.max(...widths)).toBe(79);
  });

  test('is not there on a terminal without a width', () => {
    const written: string[] = [];
    const stderr = { write: (text: string) => written.push(text), isTty: true, color: true, columns: 0 };
    new ProgressLine(stderr, 2).begin(0, 'a.wav');
    expect(written).toEqual([]);
  });

  test('is not there where stderr is no terminal, and has no colours or other escapes where it is', async () => {
    const plain = await codexd(['transcribe', file('a.wav'), file('b.wav')], { respond: pieces });
    expect(plain.err).toBe('');
    const tty = await codexd(['transcribe', file('a.wav')], { respond: pieces, isTty: true });
    expect(tty.err).not.toContain('\u001b');
  });
});
