// A real engine on synthetic speech: flite speaks a sentence, PocketSphinx transcribes it
// (docs/wire/audio.md#test-speech).
import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { engineWith, jobFor, temporaryDirectory } from './support.ts';

const missing = ['flite', 'sox'].filter((name) => Bun.which(name) === null);
if (!['pocketsphinx_continuous', 'pocketsphinx'].some((name) => Bun.which(name) !== null))
  missing.push('pocketsphinx');
if (missing.length > 0)
  console.log(`skipped: PocketSphinx on a spoken sentence (missing: ${missing.join(', ')})`);

// The comma matters: flite pauses there.
const sentence = 'ask not what your country can do for you, ask what you can do for your country';

test.skipIf(missing.length > 0)(
  'a spoken sentence comes back word for word, with times',
  async () => {
    const dir = temporaryDirectory();
    const [spoken, path] = [join(dir, 'a.wav'), join(dir, 'b.wav')];
    expect(Bun.spawnSync(['flite', '-voice', 'kal16', '-t', sentence, '-o', spoken]).exitCode).toBe(0);
    expect(Bun.spawnSync(['sox', spoken, '-r', '16000', '-c', '1', '-b', '16', path]).exitCode).toBe(0);
    const engine = engineWith({ id: 'pocketsphinx', kind: 'pocketsphinx' }, { bin: process.env.PATH! });
    expect(await engine.probe()).toMatchObject({ ready: true });
    const job = jobFor(engine, { words: true });
    job.recording = { path, container: 'wav', bytes: Bun.file(path).size, durationS: 4.56 };
    const { text, words = [], segments = [], language } = await engine.transcribe(job);
    const said = sentence.replace(',', '').split(' ');
    expect(text?.toLowerCase().split(' ')).toEqual(said);
    expect(words.map(({ word }) => word.toLowerCase())).toEqual(said);
    expect(language).toBe('en');
    const times = words.flatMap(({ start, end }) => [start, end]);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(segments.length).toBeGreaterThan(0);
    expect(segments.at(-1)!.end).toBeLessThanOrEqual(4.56);
  },
  60_000,
);
