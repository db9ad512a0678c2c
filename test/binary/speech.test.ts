// A sentence is spoken, encoded as SILK, and transcribed word for word by a real engine: no network, no stand-ins.
import { beforeAll, describe, expect, test } from 'bun:test';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeSilk, missing, speak, words } from '../audio/spoken.ts';
import { temporaryDirectory } from '../audio/wavs.ts';
import { runCodexd } from '../cli/process.ts';

const here = missing('flite', 'sox', 'pocketsphinx_continuous').length === 0;
const directory = temporaryDirectory();
const silk = join(directory, 'voice.silk');
/** PocketSphinx takes some seconds for each recording. */
const patienceMs = 60_000;

const wordsOf = (text: string) => [...text.toLowerCase().matchAll(/[a-z']+/g)].map(([word]) => word);

function transcribe(...args: string[]) {
  return runCodexd(['transcribe', '--engine', 'pocketsphinx', ...args]);
}

describe.skipIf(!here)('a spoken sentence through SILK and PocketSphinx', () => {
  beforeAll(async () => {
    await encodeSilk(speak(join(directory, 'said.wav')), silk);
  });

  test(
    'comes back word for word, and as subtitles',
    async () => {
      const formats = ['text', 'srt', 'vtt'].flatMap((format) => ['--format', format]);
      const { out, err, exitCode } = await transcribe('--output-dir', directory, ...formats, silk);
      const paths = ['txt', 'srt', 'vtt'].map((extension) => join(directory, `voice.${extension}`));
      expect({ out, err, exitCode }).toEqual({ out: `${paths.join('\n')}\n`, err: '', exitCode: 0 });
      const [text, srt, vtt] = paths.map((path) => readFileSync(path, 'utf8'));
      expect(wordsOf(text!)).toEqual(words);
      checkCues(srt!);
      expect(vtt).toStartWith('WEBVTT\n\n');
      expect(vtt).toMatch(/^\d\d:\d\d:\d\d\.\d{3} --> \d\d:\d\d:\d\d\.\d{3}\n\S/m);
    },
    patienceMs,
  );

  test(
    'without Tencent’s mark, called .amr',
    async () => {
      const misnamed = join(directory, 'voice.amr');
      writeFileSync(misnamed, Buffer.concat([readFileSync(silk).subarray(1), Buffer.from([0xff, 0xff])]));
      const { out, exitCode } = await transcribe('--json', misnamed);
      expect({ words: wordsOf(JSON.parse(out).text), exitCode }).toEqual({ words, exitCode: 0 });
    },
    patienceMs,
  );

  test(
    'cut off in the last packet, as base64 in a data URL, from a pipe',
    () => {
      const wrapped = join(directory, 'wrapped.txt');
      const cut = readFileSync(silk).subarray(0, -7).toString('base64');
      writeFileSync(wrapped, `data:audio/webm;base64,${cut}`);
      const line = `cat "${wrapped}" | ${command()} transcribe --engine pocketsphinx -`;
      const { stdout, stderr, exitCode } = Bun.spawnSync(['sh', '-c', line]);
      expect({ words: wordsOf(stdout.toString()), exitCode }).toEqual({ words, exitCode: 0 });
      expect(stderr.toString()).toContain('truncated in its last packet');
    },
    patienceMs,
  );
});

/** Numbered cues with increasing times and all the words. */
function checkCues(srt: string): void {
  const cues = srt.trimEnd().split('\n\n');
  let beforeMs = 0;
  for (const [index, cue] of cues.entries()) {
    const [number, times, ...text] = cue.split('\n');
    expect(number).toBe(String(index + 1));
    const [startMs, endMs] = times!.split(' --> ').map(milliseconds) as [number, number];
    expect(startMs).toBeGreaterThanOrEqual(beforeMs);
    expect(endMs).toBeGreaterThan(startMs);
    expect(text.join('')).not.toBe('');
    beforeMs = startMs;
  }
  expect(wordsOf(cues.map((cue) => cue.split('\n').slice(2).join(' ')).join(' '))).toEqual(words);
}

function milliseconds(time: string): number {
  const parts = /^(\d\d):(\d\d):(\d\d),(\d{3})$/.exec(time);
  if (parts === null) throw new Error(`no time of a cue: ${time}`);
  const [hours, minutes, seconds, ms] = parts.slice(1).map(Number) as [number, number, number, number];
  return ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms;
}

function command(): string {
  return process.env.CODEXD_BINARY ?? `${process.execPath} ${join(import.meta.dir, '../../src/main.ts')}`;
}
