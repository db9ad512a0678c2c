// Names of the files of --output-dir: no result overwrites another or a recording.
import { expect, test } from 'bun:test';
import { outputPaths } from '../../../src/cli/transcribe/outputs.ts';
import type { Format } from '../../../src/cli/transcribe/plan.ts';

const names: [string, string[], Format[], string[]][] = [
  ['the stem and the extension', ['/x/a.wav', 'b.tar.m4a'], ['text'], ['a.txt', 'b.tar.txt']],
  ['no extension, a hidden file', ['voice', '.hidden'], ['srt'], ['voice.srt', '.hidden.srt']],
  ['the same stem', ['a.wav', 'b/a.wav', 'a.m4a'], ['text'], ['a.txt', 'a-2.txt', 'a-3.txt']],
  ['the same file twice', ['a.wav', 'a.wav'], ['json'], ['a.json', 'a-2.json']],
  [
    'a number that is another’s stem',
    ['a.wav', 'a.m4a', 'a-2.wav'],
    ['text'],
    ['a.txt', 'a-3.txt', 'a-2.txt'],
  ],
  [
    'case and Unicode forms',
    ['A.wav', 'a.wav', 'é.wav', 'é.wav'],
    ['vtt'],
    ['A.vtt', 'a-2.vtt', 'é.vtt', 'é-2.vtt'],
  ],
  ['a recording of that name', ['/out/a.txt', '/out/b.json'], ['text'], ['a-2.txt', 'b.txt']],
  ['one of several formats is taken', ['/out/a.srt'], ['text', 'srt'], ['a-2.txt', 'a-2.srt']],
  ['standard input', ['-', 'stdin.wav'], ['verbose_json'], ['stdin.json', 'stdin-2.json']],
];
test.each(names)('%s', (_, inputs, formats, expected) => {
  expect(outputPaths(inputs, '/out', formats).flat()).toEqual(expected.map((name) => `/out/${name}`));
});
