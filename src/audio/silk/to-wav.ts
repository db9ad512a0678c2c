// A SILK file as the WAV file that engines read, by the built-in decoder or the one that is configured.
import { rm, stat, writeFile } from 'node:fs/promises';
import { Failure } from '../../failure.ts';
import type { Program } from '../programs/process.ts';
import { Slots } from '../slots.ts';
import { readSilk, tooLong } from './container.ts';
import { silkRate } from './decode.ts';
import { writeWithRustSilk } from './external.ts';
import { writeInThread } from './thread.ts';
import { compileDecoder } from './wasm.ts';
import type { SilkJob, Written } from './worker.ts';
import { writeSilkAsWav } from './write-wav.ts';

export interface SilkOptions extends Pick<Program, 'env' | 'atExit'> {
  /** The path of a rust-silk, where it is to be that instead of the decoder in here. */
  decoder: string | undefined;
}

/** Writes `out` anew: 16 bits, one channel, `rate` Hz. Rejects with a Failure or the signal's reason; `out` is gone then. */
export type SilkToWav = (path: string, out: string, rate: number, signal: AbortSignal) => Promise<Written>;

/** An hour at the largest bit rate takes 45 MB; a larger file is not read at all. */
const largestBytes = 64 * 1024 * 1024;
/** About a minute at usual rates, and 60 ms of work; more is done in a thread of its own. */
const inlinePackets = 3000;
const inlineBytes = 256 * 1024;
/** An hour takes some four seconds. */
const timeoutMs = 120_000;

/** What it returns compiles the decoder once, and decodes one long recording at a time. */
export function createSilkToWav({ decoder, env, atExit }: SilkOptions): SilkToWav {
  const threads = new Slots(1);
  let compiling: Promise<WebAssembly.Module> | undefined;
  return async (path, out, rate, signal) => {
    const limits = { signal, timeoutMs, tooLong: tookTooLong };
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

async function writeIfShort({ module, path, out, rate }: SilkJob): Promise<Written | undefined> {
  const file = readSilk(await Bun.file(path).bytes());
  if (file.count > inlinePackets) return undefined;
  return { ...writeSilkAsWav(module, file, rate, out), truncated: file.truncated };
}

async function sizeOf(path: string): Promise<number> {
  const { size } = await stat(path);
  if (size > largestBytes) throw tooLong();
  return size;
}

function tookTooLong(): Failure {
  return new Failure('timeout', `The SILK recording was not decoded within ${timeoutMs / 1000} seconds.`, {
    advice: 'Cut it into shorter recordings.',
    retry: false,
  });
}
