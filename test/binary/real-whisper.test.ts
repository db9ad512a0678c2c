// A real Whisper on this machine transcribes a recording: words, segments, subtitles and a translation, on the command
// line and through the daemon, without a network and without stand-ins.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toFile } from 'openai';
import { encodeSilk, missing, speak, words } from '../audio/spoken.ts';
import { temporaryDirectory, writeWav } from '../audio/wavs.ts';
import { runCodexd } from '../cli/process.ts';
import { clientOf, type RunningDaemon, startDaemon } from '../clients/daemon.ts';
import { engineTable, realWhisper } from '../clients/real-whisper.ts';

const whisper = realWhisper();
if ('why' in whisper) console.warn(`skipped: ${whisper.why}`);
const here = 'program' in whisper && missing('flite', 'sox', 'ffmpeg').length === 0;
const directory = temporaryDirectory();
const config = join(directory, 'config.toml');
const said = join(directory, 'said.wav');
const engineMs = 60_000;

const wordsOf = (text: string) => [...text.toLowerCase().matchAll(/[a-z']+/g)].map(([word]) => word);

interface Timed {
  start: number;
  end: number;
}

/** In order, and within the recording. */
function expectTimes(parts: readonly Timed[] | undefined, endS: number): void {
  expect(parts!.length).toBeGreaterThan(0);
  let last = 0;
  for (const { start, end } of parts!) {
    expect(start).toBeGreaterThanOrEqual(last);
    expect(end).toBeGreaterThanOrEqual(start);
    last = start;
  }
  expect(parts!.at(-1)!.end).toBeLessThanOrEqual(endS);
}

describe.skipIf(!here)('a real Whisper', () => {
  let daemon: RunningDaemon;
  beforeAll(async () => {
    speak(said);
    if ('program' in whisper) writeFileSync(config, engineTable(whisper));
    daemon = await startDaemon({ args: ['--bearer', 'unused', '--config', config] });
  });
  afterAll(async () => {
    await daemon?.stop();
  });
  const transcribe = (...args: string[]) =>
    runCodexd(['transcribe', '--config', config, '--engine', 'fw', ...args]);

  test(
    'on the command line: text, words and segments, srt, vtt',
    async () => {
      const formats = ['text', 'verbose_json', 'srt', 'vtt'].flatMap((format) => ['--format', format]);
      const { err, exitCode } = await transcribe('--words', '--output-dir', directory, ...formats, said);
      expect({ err, exitCode }).toEqual({ err: '', exitCode: 0 });
      const read = (extension: string) => readFileSync(join(directory, `said.${extension}`), 'utf8');
      expect(wordsOf(read('txt'))).toEqual(words);
      const verbose = JSON.parse(read('json'));
      expect(verbose).toMatchObject({ task: 'transcribe', language: 'english' });
      expectTimes(verbose.segments, verbose.duration);
      expectTimes(verbose.words, verbose.duration);
      expect(verbose.words.flatMap(({ word }: { word: string }) => wordsOf(word))).toEqual(words);
      expect(read('srt')).toMatch(/^1\n00:00:00,\d{3} --> 00:00:0\d,\d{3}\n\S/);
      expect(read('vtt')).toMatch(/^WEBVTT\n\n00:00:00\.\d{3} --> 00:00:0\d\.\d{3}\n\S/);
    },
    engineMs,
  );

  test(
    'through the daemon by the OpenAI client, from SILK and from WMA; its first translation',
    async () => {
      const { audio } = clientOf(daemon);
      const translation = await audio.translations.create({
        file: await toFile(readFileSync(said), 'said.wav'),
        model: 'whisper-1',
      });
      expect(wordsOf(translation.text)).toEqual(words);
      const wma = join(directory, 'said.wma');
      Bun.spawnSync(['ffmpeg', '-v', 'error', '-i', said, '-b:a', '64k', wma]);
      for (const path of [await encodeSilk(said, join(directory, 'said.silk')), wma]) {
        const transcript = await audio.transcriptions.create({
          file: await toFile(readFileSync(path), 'voice'),
          model: 'fw:model',
          response_format: 'verbose_json',
          timestamp_granularities: ['word', 'segment'],
        });
        expect(wordsOf(transcript.text)).toEqual(words);
        expectTimes(transcript.words, transcript.duration);
        expectTimes(transcript.segments, transcript.duration);
      }
    },
    2 * engineMs,
  );

  test(
    'silence is no text, before the words and alone',
    async () => {
      const silence = writeWav(join(directory, 'silence.wav'), [['silence', 8]]);
      expect(await transcribe(silence)).toEqual({ out: '\n', err: '', exitCode: 0 });
      const late = join(directory, 'late.wav');
      Bun.spawnSync(['sox', said, late, 'pad', '6', '12']);
      const { out } = await transcribe(late);
      expect(wordsOf(out)).toEqual(words);
    },
    engineMs,
  );

  test('clients see no directory of this machine', async () => {
    const lists = await Promise.all(
      ['/v1/models', '/v1/models/metadata'].map(async (path) => (await fetch(daemon.url + path)).text()),
    );
    expect(lists.join()).toContain('"fw:model"');
    const form = new FormData();
    form.append('file', new File([readFileSync(said)], 'voice.wav'));
    form.append('model', 'fw:nothing-like-it');
    const answer = await fetch(`${daemon.url}/v1/audio/transcriptions`, { method: 'POST', body: form });
    expect(answer.status).toBe(404);
    for (const text of [...lists, await answer.text()]) {
      expect(text).not.toContain('.tools');
      expect(text).not.toContain('site-packages');
    }
  });
});
