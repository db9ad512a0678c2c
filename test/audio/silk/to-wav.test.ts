// Converting SILK files to WAV: in which thread, how many concurrently, and how it is aborted
// (docs/wire/audio.md#silk-wasm).
import { afterAll, beforeEach, describe, expect, test } from 'bun:test';
import { existsSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeInThread } from '../../../src/audio/silk/thread.ts';
import { createSilkToWav } from '../../../src/audio/silk/to-wav.ts';
import { Failure } from '../../../src/failure.ts';
import { temporaryDirectory } from '../wavs.ts';
import {
  decodeAll,
  decoder,
  fixture,
  neverAborted,
  plainFile,
  repeatedFixture,
  samplesHash,
} from './corpus.ts';

const folder = temporaryDirectory();
let count = 0;
const fresh = (extension: string) => join(folder, `${++count}.${extension}`);

function stored(bytes: Uint8Array): string {
  const path = fresh('silk');
  writeFileSync(path, bytes);
  return path;
}

const options = { decoder: undefined, env: {}, atExit: () => () => {} };
const toWav = createSilkToWav(options);
const plain = fixture('20ms-plain.silk');
const minutes = repeatedFixture('20ms-plain.silk', 180);

const threads = { started: 0, running: 0, most: 0 };
const NativeWorker = globalThis.Worker;
globalThis.Worker = class extends NativeWorker {
  constructor(url: string | URL) {
    super(url);
    threads.started++;
    threads.most = Math.max(threads.most, ++threads.running);
    this.addEventListener('close', () => threads.running--);
  }
};
beforeEach(() => Object.assign(threads, { started: 0, running: 0, most: 0 }));
afterAll(() => {
  globalThis.Worker = NativeWorker;
});

const samplesIn = (wav: Buffer) => samplesHash(new Int16Array(Uint8Array.from(wav.subarray(44)).buffer));

async function failureOf(bytes: Uint8Array, rate = 24_000, signal = neverAborted): Promise<unknown> {
  const out = fresh('wav');
  const thrown = await toWav(stored(bytes), out, rate, signal).catch((reason: unknown) => reason);
  expect(existsSync(out)).toBe(false);
  return thrown;
}

describe('the WAV file', () => {
  test('holds the samples in 16 bits and one channel, for its owner alone', async () => {
    for (const [bytes, durationS] of [
      [plain, 1.2],
      [minutes, 180],
    ] as const) {
      const out = fresh('wav');
      expect(await toWav(stored(bytes), out, 16_000, neverAborted)).toEqual({ durationS, truncated: false });
      const wav = readFileSync(out);
      expect(wav.subarray(0, 4).toString()).toBe('RIFF');
      expect([wav.readUInt16LE(22), wav.readUInt32LE(24), wav.readUInt16LE(34)]).toEqual([1, 16_000, 16]);
      expect([wav.readUInt32LE(4), wav.readUInt32LE(40)]).toEqual([wav.length - 8, wav.length - 44]);
      expect(samplesIn(wav)).toBe(samplesHash(decodeAll(bytes, 16_000).samples));
      if (process.platform !== 'win32') expect(statSync(out).mode & 0o777).toBe(0o600);
    }
  });

  test('is written again', async () => {
    const out = fresh('wav');
    writeFileSync(out, new Uint8Array(1_000_000));
    await toWav(stored(plain), out, 8000, neverAborted);
    expect(statSync(out).size).toBe(44 + 1.2 * 8000 * 2);
  });

  test('of a truncated file, with a note', async () => {
    for (const bytes of [plain, minutes]) {
      const { truncated } = await toWav(stored(bytes.subarray(0, -10)), fresh('wav'), 8000, neverAborted);
      expect(truncated).toBe(true);
    }
  });

  test('many at once do not disturb each other', async () => {
    const outs = Array.from({ length: 16 }, () => fresh('wav'));
    await Promise.all(
      outs.map((out, index) => toWav(stored(index % 8 ? plain : minutes), out, 16_000, neverAborted)),
    );
    const hashes = new Set(outs.map((out) => samplesIn(readFileSync(out))));
    expect(hashes.size).toBe(2);
  });
});

describe('a long recording', () => {
  test('is decoded while others work', async () => {
    let turns = 0;
    let done = false;
    const decoding = toWav(stored(minutes), fresh('wav'), 24_000, neverAborted).finally(() => {
      done = true;
    });
    while (!done) {
      await new Promise((resolve) => setImmediate(resolve));
      turns++;
    }
    expect((await decoding).durationS).toBe(180);
    expect(turns).toBeGreaterThan(20);
  });

  test('waits for the one before it, and can be given up while it waits', async () => {
    const one = createSilkToWav(options);
    const controller = new AbortController();
    const reason = new Failure('cancelled', 'The caller left.');
    const out = fresh('wav');
    const run = (signal: AbortSignal, to = fresh('wav')) => one(stored(minutes), to, 24_000, signal);
    const first = run(neverAborted);
    while (threads.started === 0) await new Promise((resolve) => setImmediate(resolve));
    const second = run(controller.signal, out).catch((thrown: unknown) => thrown);
    const third = run(neverAborted);
    // The file exists before the wait begins.
    while (!existsSync(out)) await new Promise((resolve) => setImmediate(resolve));
    controller.abort(reason);
    expect(await second).toBe(reason);
    expect((await third).durationS).toBe(180);
    await first;
    expect(threads).toEqual({ started: 2, running: 0, most: 1 });
  });

  test('is given up when the caller leaves, and nothing is left of it', async () => {
    const controller = new AbortController();
    const reason = new Failure('cancelled', 'The caller left.');
    const failing = failureOf(minutes, 24_000, controller.signal);
    while (threads.started === 0) await new Promise((resolve) => setImmediate(resolve));
    controller.abort(reason);
    expect(await failing).toBe(reason);
    expect(threads.running).toBe(0);
  });

  test('is given up when it takes too long', async () => {
    const out = fresh('wav');
    writeFileSync(out, '');
    const late = new Failure('timeout', 'It took too long.');
    const job = { module: decoder, path: stored(minutes), out, rate: 24_000 } as const;
    const limited = writeInThread(job, { signal: neverAborted, timeoutMs: 1, tooLong: () => late });
    expect(await limited.catch((thrown: unknown) => thrown)).toBe(late);
    expect(threads.running).toBe(0);
  });

  test('that is broken has its own message', async () => {
    const failure = await failureOf(plainFile([], [0xff, 0xff, ...new Uint8Array(300_000)]));
    expect(threads.started).toBe(1);
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({
      code: 'invalid_audio',
      param: 'file',
      advice: 'Send the complete file.',
    });
  });

  test('whose thread cannot work is a bug, not a wait', async () => {
    const job = { module: decoder, path: stored(minutes), out: fresh('gone'), rate: 24_000 } as const;
    const limits = { signal: neverAborted, timeoutMs: 60_000, tooLong: () => new Failure('timeout', 'late') };
    const failure = await writeInThread(job, limits).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ name: 'Failure', kind: 'bug' });
    expect(existsSync(job.out)).toBe(false);
  });
});

describe('refused', () => {
  test('nobody is waiting: nothing is decoded', async () => {
    const reason = new Failure('cancelled', 'The caller left.');
    expect(await failureOf(plain, 24_000, AbortSignal.abort(reason))).toBe(reason);
  });

  test('an invalid rate', async () => {
    expect(await failureOf(plain, 11_025)).toMatchObject({ kind: 'invalid_request' });
  });

  test('a file that is no SILK', async () => {
    expect(await failureOf(Buffer.from('#!AMR\n'))).toMatchObject({ code: 'invalid_audio', param: 'file' });
  });

  test('a file that is larger than an hour can be, unread', async () => {
    const path = stored(plain);
    truncateSync(path, 65 * 1024 * 1024);
    const out = fresh('wav');
    const failure = await toWav(path, out, 24_000, neverAborted).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ kind: 'too_large', code: 'audio_too_long', param: 'file' });
    expect(existsSync(out)).toBe(false);
  });
});
