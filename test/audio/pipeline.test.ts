// The pipeline from the file to the transcript, with an engine that records its jobs (docs/wire/audio.md#long-recordings).

import { beforeEach, describe, expect, test } from 'bun:test';
import { existsSync, mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { textOnly } from '../../src/audio/engines/capabilities.ts';
import type { Engine, EngineResult, Job } from '../../src/audio/engines/engine.ts';
import { looksTruncated } from '../../src/audio/engines/truncation.ts';
import { Transcriber } from '../../src/audio/pipeline.ts';
import { PartialTranscript, type Progress, type TranscriptionRequest } from '../../src/audio/transcriber.ts';
import { WorkDirectories } from '../../src/audio/work-directory.ts';
import { Failure } from '../../src/failure.ts';
import { createLog } from '../../src/log.ts';
import { fakeEngine } from '../support/fake-engine.ts';
import { minutesOfSpeech, type Sound, temporaryDirectory, writeWav } from './wavs.ts';

const root = temporaryDirectory();
const temporary = join(root, 'tmp');
mkdirSync(temporary);
const long = writeWav(join(root, 'long.wav'), minutesOfSpeech(12));
const short = writeWav(join(root, 'short.wav'), [['tone', 2]]);

const request: TranscriptionRequest = {
  task: 'transcribe',
  words: false,
  segments: false,
  approximate: false,
};

let jobs: Job[];
beforeEach(() => {
  jobs = [];
});

interface Fake {
  engine?: Partial<Engine>;
  /** Transcripts, in the order of the calls. */
  transcribe?: (job: Job, call: number) => Promise<EngineResult> | EngineResult;
}

function transcriber({ engine = {}, transcribe = () => ({ text: 'text' }) }: Fake = {}) {
  const fake = fakeEngine('fake', {
    accepts: { containers: new Set(['wav']), segmentS: 300, longestS: 1380, largestBytes: 25_000_000 },
    seemsTruncated: looksTruncated,
    concurrency: 4,
    transcribe: async (job) => transcribe(job, jobs.push(job) - 1),
    ...engine,
  });
  return new Transcriber({
    registry: { resolve: ({ model = 'base' }) => ({ engine: fake, model }) },
    matchesGlob: (glob, text) => glob === text,
    tools: {
      ffmpeg: undefined,
      silkRate: 24_000,
      silk: () => Promise.reject(new Error('no SILK here')),
      log: createLog({ level: 'silent', format: 'json', write: () => {} }),
    },
    directories: new WorkDirectories({ parent: temporary, pid: process.pid, isAlive: () => false }),
  });
}

async function run(
  path: string,
  asked: Partial<TranscriptionRequest> = {},
  fake: Fake = {},
  signal = new AbortController().signal,
) {
  const progress: Progress[] = [];
  const transcript = await transcriber(fake).transcribe(
    path,
    { ...request, ...asked },
    { signal, onProgress: (one) => progress.push(one) },
  );
  return { transcript, progress };
}

const thrownBy = (work: Promise<unknown>) =>
  work.then(
    () => expect.unreachable(),
    (thrown) => thrown,
  );
const duration = ({ recording }: Job) => recording.durationS ?? Number.NaN;

describe('a recording that is short enough', () => {
  test('goes as it is: the caller’s own bytes, and nothing else of the caller', async () => {
    const { transcript } = await run(short, { language: 'en-GB', prompt: 'Names: Ada' });
    expect(jobs).toHaveLength(1);
    expect(jobs[0]!.recording).toMatchObject({ container: 'wav', durationS: 2, bytes: statSync(short).size });
    expect(jobs[0]).toMatchObject({
      model: 'base',
      language: 'en',
      prompt: 'Names: Ada',
      task: 'transcribe',
    });
    expect(transcript).toEqual({
      text: 'text',
      language: 'en',
      durationS: 2,
      engine: 'fake',
      model: 'base',
      warnings: [],
    });
  });

  test('the engine works in a directory that nobody else can read', async () => {
    await run(
      short,
      {},
      {
        transcribe: ({ directory }) => {
          expect(statSync(directory).mode & 0o777).toBe(0o700);
          expect(directory).toStartWith(temporary);
          return { text: '' };
        },
      },
    );
  });

  test('silence has an empty text', async () => {
    expect((await run(short, {}, { transcribe: () => ({ text: ' ' }) })).transcript.text).toBe('');
  });
});

describe('silence', () => {
  const silence = writeWav(join(root, 'silence.wav'), [['silence', 3]]);
  const wordsFirst = writeWav(join(root, 'words-first.wav'), [
    ['tone', 2],
    ['silence', 4],
  ]);
  const engine = {
    accepts: { containers: new Set(['wav'] as const) },
    capabilities: { ...textOnly, segments: true },
  };

  test('is not given to an engine of this machine, which would invent words', async () => {
    const { transcript } = await run(silence, {}, { engine, transcribe: () => ({ text: 'Thank you.' }) });
    expect([transcript.text, transcript.durationS, jobs]).toEqual(['', 3, []]);
  });

  test('behind the words has none', async () => {
    const segments = [
      { start: 0, end: 2.2, text: ' Hello.' },
      { start: 2.2, end: 6, text: ' Thank you.' },
    ];
    const { transcript } = await run(wordsFirst, {}, { engine, transcribe: () => ({ segments }) });
    expect(transcript).toMatchObject({ text: 'Hello.', segments: [{ text: ' Hello.' }] });
  });
});

test('files that cannot be removed cost no transcript', async () => {
  const { transcript } = await run(
    short,
    {},
    {
      transcribe: ({ directory }) => {
        // Removing the entry of a file fails, like removing a directory that another program has open on Windows.
        renameSync(dirname(directory), join(root, 'moved'));
        writeFileSync(dirname(directory), '');
        return { text: 'text' };
      },
    },
  );
  expect(transcript.text).toBe('text');
});

describe('a long recording', () => {
  test('is cut at pauses, and its text is whole and in order whichever piece is heard first', async () => {
    const { transcript, progress } = await run(
      long,
      {},
      {
        transcribe: async (job, call) => {
          await Bun.sleep((3 - call) * 5);
          return { text: `${duration(job)} s.` };
        },
      },
    );
    expect(jobs.length).toBeGreaterThan(2);
    expect(jobs.map(duration).reduce((a, b) => a + b)).toBeCloseTo(720, 2);
    expect(transcript.durationS).toBe(720);
    const pieces = progress.filter((one) => one.state === 'segment');
    expect(pieces.map(({ index }) => index)).toEqual(jobs.map((_, index) => index));
    expect(pieces.slice(1).every(({ startS }, index) => startS === pieces[index]!.endS)).toBe(true);
    expect(transcript.text).toBe(pieces.map(({ startS, endS }) => `${endS - startS} s.`).join(' '));
    expect(pieces.map(({ text }) => text).join('')).toBe(transcript.text);
  });

  test('no more than four pieces are under way', async () => {
    let running = 0;
    let most = 0;
    await run(
      long,
      {},
      {
        engine: { concurrency: 16, accepts: { containers: new Set(['wav']), segmentS: 60 } },
        transcribe: async () => {
          most = Math.max(most, ++running);
          await Bun.sleep(20);
          running--;
          return { text: 'x' };
        },
      },
    );
    expect(most).toBe(4);
  });

  test('a prompt goes to the first piece only, the language to all', async () => {
    await run(long, { prompt: 'Names', language: 'de' });
    expect(jobs.filter(({ prompt }) => prompt === 'Names')).toHaveLength(1);
    expect(jobs.length).toBeGreaterThan(1);
    expect(new Set(jobs.map(({ language }) => language))).toEqual(new Set(['de']));
  });

  test('a piece in which nobody speaks is not sent', async () => {
    const sounds: Sound[] = [
      ['tone', 250],
      ['silence', 400],
      ['tone', 100],
    ];
    const { transcript } = await run(writeWav(join(root, 'gap.wav'), sounds));
    expect(jobs.map(duration).reduce((a, b) => a + b)).toBeLessThan(700);
    expect(transcript.text).toBe(jobs.map(() => 'text').join(' '));
  });

  test('one that fails for good ends the others, and the failure is the answer', async () => {
    const failed = await thrownBy(
      run(
        long,
        {},
        {
          engine: { accepts: { containers: new Set(['wav']), segmentS: 60 } },
          transcribe: (job, call) => {
            if (call === 1) throw new Failure('upstream_broke', 'It broke.');
            return new Promise((_, reject) => {
              job.signal.addEventListener('abort', () => reject(job.signal.reason));
            });
          },
        },
      ),
    );
    expect(failed).toMatchObject({ kind: 'upstream_broke', message: 'It broke.' });
    expect(jobs.length).toBeLessThanOrEqual(4);
    expect(readdirSync(temporary)).toEqual([]);
  });

  test('whoever can use what is there gets it, with the times of the gap', async () => {
    const transcribe = (_: Job, call: number) => {
      if (call === 1) throw new Failure('upstream_broke', 'It broke.');
      return { text: `piece ${call}.` };
    };
    const failed = await thrownBy(
      transcriber({ transcribe }).transcribe(long, request, {
        signal: new AbortController().signal,
        keepGoing: true,
      }),
    );
    expect(failed).toMatchObject({ kind: 'upstream_broke', message: expect.stringContaining('It broke.') });
    const { cause } = failed;
    expect(cause).toBeInstanceOf(PartialTranscript);
    expect(cause.transcript.text).toMatch(/^piece [02]\. piece [02]\./);
    expect(cause.gaps).toEqual([
      { startS: expect.any(Number), endS: expect.any(Number), message: 'It broke.' },
    ]);
    expect(cause.gaps[0].endS - cause.gaps[0].startS).toBeGreaterThan(100);
  });

  test('engines without a limit get it in one piece', async () => {
    await run(long, {}, { engine: { accepts: { containers: new Set(['wav']) } } });
    expect(jobs.map(duration)).toEqual([720]);
  });
});

describe('timestamps that the engine does not provide', () => {
  test('are refused, with advice on approximate ones', async () => {
    const failed = await thrownBy(run(short, { segments: true }));
    expect(failed).toMatchObject({
      kind: 'invalid_request',
      param: 'response_format',
      code: 'unsupported_value',
    });
    expect(failed.advice).toContain('chunking_strategy');
    expect(jobs).toEqual([]);
  });

  test('approximate ones are those of short pieces, and say so', async () => {
    const path = writeWav(join(root, 'captions.wav'), [
      ['tone', 25],
      ['silence', 1],
      ['tone', 20],
      ['silence', 1],
      ['tone', 25],
    ]);
    const { transcript } = await run(path, { segments: true, approximate: true });
    expect(transcript.approximate).toBe(true);
    expect(transcript.segments?.map(({ start, end }) => [start, end])).toEqual([
      [0, 25.5],
      [25.5, 46.5],
      [46.5, 72],
    ]);
    expect(transcript.segments?.length).toBeGreaterThan(1);
  });

  test('an engine that has them is not cut for them, and they are on the recording’s clock', async () => {
    const { transcript } = await run(
      short,
      { segments: true, approximate: true },
      {
        engine: {
          accepts: { containers: new Set(['wav']) },
          capabilities: {
            segments: true,
            words: true,
            prompt: true,
            languages: true,
            translate: true,
            streaming: false,
          },
        },
        transcribe: () => ({ segments: [{ start: 0, end: 9, text: ' Hello' }] }),
      },
    );
    expect(transcript).toMatchObject({ text: 'Hello', segments: [{ start: 0, end: 2, text: ' Hello' }] });
    expect(transcript.approximate).toBeUndefined();
  });

  test('word timestamps requested on the command line are refused; those of a form are omitted with a warning', async () => {
    const failure = await thrownBy(run(short, { words: true, wordsRequired: true }));
    expect(failure).toMatchObject({ param: 'timestamp_granularities[]' });
    expect(jobs).toEqual([]);
    const { transcript } = await run(short, { words: true });
    expect(transcript.words).toBeUndefined();
    expect(transcript.warnings).toEqual([expect.stringContaining('does not provide word timestamps')]);
  });

  test('rough segments: one for a short recording, and one per piece of a long one', async () => {
    const { transcript: one } = await run(short, { boundarySegments: true });
    expect(one).toMatchObject({ segments: [{ start: 0, end: 2, text: 'text' }], approximate: true });
    const { transcript: some } = await run(long, { boundarySegments: true });
    expect(some.segments).toHaveLength(jobs.length - 1);
    expect(some.segments!.at(-1)!.end).toBe(720);
  });

  test('rough segments: also where an engine that has times gives none; none for silence', async () => {
    const engine = { capabilities: { ...textOnly, segments: true } };
    const { transcript } = await run(short, { boundarySegments: true }, { engine });
    expect(transcript).toMatchObject({ segments: [{ start: 0, end: 2, text: 'text' }], approximate: true });
    const silence = await run(short, { boundarySegments: true }, { transcribe: () => ({ text: '' }) });
    expect(silence.transcript.segments).toEqual([]);
  });

  test('as is a translation', async () => {
    expect(await thrownBy(run(short, { task: 'translate' }))).toMatchObject({
      kind: 'invalid_request',
      param: 'model',
    });
  });
});

describe('text that stops in mid-sentence', () => {
  const cutOff = `${'word '.repeat(60)}and then`;

  test('is heard again in halves, and the longer text counts', async () => {
    const path = writeWav(join(root, 'cut-off.wav'), [
      ['tone', 60],
      ['silence', 1],
      ['tone', 60],
    ]);
    const { transcript } = await run(
      path,
      { prompt: 'Names', language: 'de' },
      {
        transcribe: (_, call) => ({ text: call === 0 ? cutOff : `${'word '.repeat(60)}is said.` }),
      },
    );
    expect(jobs.map(({ prompt, language }) => [prompt, language])).toEqual([
      ['Names', 'de'],
      ['Names', 'de'],
      [undefined, 'de'],
    ]);
    expect(transcript.text).toEndWith('is said.');
    expect(transcript.text.length).toBeGreaterThan(cutOff.length);
    expect(transcript.warnings).toEqual([]);
  });

  test('when that does not help the first text stays, with a warning', async () => {
    const path = writeWav(join(root, 'cut-off-2.wav'), [
      ['tone', 60],
      ['silence', 1],
      ['tone', 60],
    ]);
    const { transcript } = await run(
      path,
      {},
      { transcribe: (_, call) => ({ text: call === 0 ? cutOff : 'no.' }) },
    );
    expect(transcript.text).toBe(cutOff);
    expect(transcript.warnings).toHaveLength(1);
  });
});

test('an engine that says when each part was spoken is not asked again for an end', async () => {
  const text = 'no closing mark '.repeat(20).trim();
  const transcribe = () => ({ text, segments: [{ start: 0, end: 2, text }] });
  const { transcript } = await run(short, {}, { transcribe });
  expect(jobs).toHaveLength(1);
  expect(transcript.warnings).toEqual([]);
  await run(short, {}, { transcribe: () => ({ text }) });
  expect(jobs.length).toBeGreaterThan(2);
});

test('the file of a piece is gone when it has been heard', async () => {
  const there: number[] = [];
  await run(
    long,
    {},
    {
      engine: { concurrency: 1 },
      transcribe: () => {
        there.push(jobs.filter(({ directory }) => existsSync(directory)).length);
        return { text: 'Heard.' };
      },
    },
  );
  expect(there.length).toBeGreaterThan(2);
  expect(new Set(there)).toEqual(new Set([1]));
});

test('a piece with far fewer words than its neighbours is heard again in halves', async () => {
  const neighbour = Promise.withResolvers<void>();
  const isWhole = (durationS: number) => durationS === 240;
  const isHalf = (durationS: number) => durationS > 115 && durationS < 125;
  const { transcript } = await run(
    long,
    {},
    {
      transcribe: async (job) => {
        if (isHalf(duration(job))) return { text: 'Half of it.' };
        if (!isWhole(duration(job))) {
          neighbour.resolve();
          return { text: `${'word '.repeat(duration(job) * 2)}end.` };
        }
        await neighbour.promise;
        await Bun.sleep(20);
        return { text: 'Only this.' };
      },
    },
  );
  expect(jobs.map(duration).filter(isWhole)).toHaveLength(1);
  expect(jobs.map(duration).filter(isHalf)).toHaveLength(2);
  expect(transcript.text).toContain('Half of it. Half of it.');
  expect(transcript.text).not.toContain('Only this.');
});

describe('leaving', () => {
  test('an aborted request stops the engine, then removes its files', async () => {
    const leaver = new AbortController();
    let directory = '';
    let stillThere = false;
    const failed = await thrownBy(
      run(
        short,
        {},
        {
          transcribe: (job) => {
            directory = job.directory;
            leaver.abort(new Failure('cancelled', 'The client disconnected.'));
            return Bun.sleep(5).then(() => {
              stillThere = existsSync(directory);
              throw job.signal.reason;
            });
          },
        },
        leaver.signal,
      ),
    );
    expect(failed).toMatchObject({ kind: 'cancelled' });
    expect(stillThere).toBe(true);
    expect(readdirSync(temporary)).toEqual([]);
  });

  test('the recording itself is never touched', () => {
    expect([existsSync(short), existsSync(long)]).toEqual([true, true]);
  });
});
