// Converts SILK files to WAV with the built-in decoder or the configured one.
import { rm, stat, writeFile } from 'node:fs/promises';
import { Semaphore } from '../../base/semaphore.ts';
import { Failure } from '../../failure.ts';
import type { Program } from '../programs/process.ts';
import { readSilk, tooLong } from './container.ts';
import { silkRate } from './decode.ts';
import { writeWithRustSilk } from './external.ts';
import { writeInThread } from './thread.ts';
import { compileDecoder } from './wasm.ts';
import type { SilkJob, SilkResult } from './worker.ts';
import { writeSilkAsWav } from './write-wav.ts';

export interface SilkOptions extends Pick<Program, 'env' | 'atExit'> {
  /** Path of rust-silk; undefined for the built-in decoder. */
  decoder: string | undefined;
}

/** Creates or replaces `out`: 16-bit mono at `rate` Hz. Rejects with a Failure or the signal's reason, after removing `out`. */
export type SilkToWav = (path: string, out: string, rate: number, signal: AbortSignal) => Promise<SilkResult>;

/** An hour at the highest bit rate takes 45 MB; larger files are not read at all. */
const largestBytes = 64 * 1024 * 1024;
/** About a minute of audio and 60 ms of work; longer recordings are decoded in a worker thread. */
const inlinePackets = 3000;
const inlineBytes = 256 * 1024;
/** An hour of audio takes about four seconds. */
const timeoutMs = 120_000;

/** The returned function compiles the decoder on first use, and decodes one long recording at a time. */
export function createSilkToWav({ decoder, env, atExit }: SilkOptions): SilkToWav {
  const threads = new Semaphore(1);
  let compiling: Promise<WebAssembly.Module> | undefined;
  return async (path, out, rate, signal) => {
    const limits = { signal, timeoutMs, tooLong: timedOut };
    try {
      signal.throwIfAborted();
      if (decoder !== undefined) {
        return await writeWithRustSilk({ decoder, env, atExit, path, out, rate }, limits);
      }
      const checked = silkRate(rate);
      const bytes = await sizeOf(path);
      compiling ??= compileDecoder();
      const job = { module: await compiling, path, out, rate: checked };
      await writeFile(out, '', { mode: 0o600 });
      signal.throwIfAborted();
      const written = bytes <= inlineBytes ? await writeIfShort(job) : undefined;
      return written ?? (await threads.run(signal, () => writeInThread(job, limits)));
    } catch (thrown) {
      await rm(out, { force: true });
      throw thrown;
    }
  };
}

async function writeIfShort({ module, path, out, rate }: SilkJob): Promise<SilkResult | undefined> {
  const file = readSilk(await Bun.file(path).bytes());
  if (file.count > inlinePackets) return undefined;
  return { ...writeSilkAsWav(module, file, rate, out), truncated: file.truncated };
}

async function sizeOf(path: string): Promise<number> {
  const { size } = await stat(path);
  if (size > largestBytes) throw tooLong();
  return size;
}

function timedOut(): Failure {
  return new Failure('timeout', `Decoding the SILK recording timed out after ${timeoutMs / 1000} seconds.`, {
    advice: 'Split it into shorter recordings.',
    retry: false,
  });
}
