// A sentence is spoken, encoded as SILK, transcribed by a real engine, and comes back word for word: no network, no stand-in.
import { beforeAll, describe, expect, test } from 'bun:test';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeSilk, missing, speak, words } from '../audio/spoken.ts';
import { temporaryDirectory } from '../audio/wavs.ts';
import { runCodexd } from '../cli/process.ts';

const here = missing('flite', 'sox', 'pocketsphinx_continuous').length === 0;
const wordsOf = (text: string) => [...text.toLowerCase().matchAll(/[a-z']+/g)].map(([word]) => word);
const directory = temporaryDirectory();
const silk = join(directory, 'voice.silk');

describe.skipIf(!here)('a spoken sentence through SILK and PocketSphinx', () => {
  beforeAll(async () => {
    await encodeSilk(speak(join(directory, 'said.wav')), silk);
  });

  const transcribe = (...args: string[]) => runCodexd(['transcribe', '--engine', 'pocketsphinx', ...args]);

  test('comes back word for word', async () => {
    const { out, err, exitCode } = await transcribe(silk);
    expect({ words: wordsOf(out), err, exitCode }).toEqual({ words, err: '', exitCode: 0 });
  });

  test('also when it is called .amr, and as base64 in a data URL', async () => {
    const misnamed = join(directory, 'voice.amr');
    writeFileSync(misnamed, readFileSync(silk));
    const wrapped = join(directory, 'wrapped.silk');
    writeFileSync(wrapped, `data:audio/webm;base64,${readFileSync(silk).toString('base64')}`);
    for (const path of [misnamed, wrapped]) expect(wordsOf((await transcribe(path)).out)).toEqual(words);
  });

  test('also without Tencent’s mark, and cut off in the last packet', async () => {
    const bytes = readFileSync(silk);
    const plain = join(directory, 'plain.silk');
    writeFileSync(plain, Buffer.concat([bytes.subarray(1), Buffer.from([0xff, 0xff])]));
    expect(wordsOf((await transcribe(plain)).out)).toEqual(words);
    const cut = join(directory, 'cut.silk');
    writeFileSync(cut, bytes.subarray(0, -7));
    expect(wordsOf((await transcribe(cut)).out)).toEqual(words);
  });

  test('from a pipe', async () => {
    const piped = Bun.spawnSync([
      'sh',
      '-c',
      `cat "${silk}" | ${command()} transcribe --engine pocketsphinx -`,
    ]);
    expect(wordsOf(piped.stdout.toString())).toEqual(words);
  });

  test('as srt: numbered cues with times that only grow', async () => {
    const { out } = await transcribe('--format', 'srt', silk);
    const cues = out.trimEnd().split('\n\n');
    let before = 0;
    for (const [index, cue] of cues.entries()) {
      const [number, times, ...text] = cue.split('\n');
      expect(number).toBe(String(index + 1));
      const match = /^(\d\d):(\d\d):(\d\d),(\d{3}) --> (\d\d):(\d\d):(\d\d),(\d{3})$/.exec(times!)!;
      const [h1, m1, s1, ms1, h2, m2, s2, ms2] = match.slice(1).map(Number) as number[];
      const [start, end] = [
        ((h1! * 60 + m1!) * 60 + s1!) * 1000 + ms1!,
        ((h2! * 60 + m2!) * 60 + s2!) * 1000 + ms2!,
      ];
      expect(start).toBeGreaterThanOrEqual(before);
      expect(end).toBeGreaterThan(start);
      expect(text.join('')).not.toBe('');
      before = start;
    }
    expect(wordsOf(cues.map((cue) => cue.split('\n').slice(2).join(' ')).join(' '))).toEqual(words);
  });

  test('as vtt', async () => {
    const { out } = await transcribe('--format', 'vtt', silk);
    expect(out).toStartWith('WEBVTT\n\n');
    expect(out).toMatch(/^\d\d:\d\d:\d\d\.\d{3} --> \d\d:\d\d:\d\d\.\d{3}\n\S/m);
  });
});

function command(): string {
  return process.env.CODEXD_BINARY ?? `${process.execPath} ${join(import.meta.dir, '../../src/main.ts')}`;
}
