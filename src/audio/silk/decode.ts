// A SILK recording as samples, without any program outside (reference/asr.md 6.3).
import { Failure } from '../../failure.ts';
import { readSilk } from './container.ts';
import { decodePackets, isSilkRate, type SilkRate } from './wasm.ts';
import type { SilkJob, SilkReply } from './worker.ts';

export interface DecodedSilk {
  /** One channel. */
  samples: Int16Array;
  /** Hz */
  rate: SilkRate;
  durationS: number;
  /** The file was cut off inside its last packet; the samples end before it. */
  truncated: boolean;
}

/** About a minute at usual rates, and 60 ms of work; more is done in a thread of its own. */
const inlinePackets = 3000;
const inlineBytes = 256 * 1024;
/** An hour takes some six seconds. */
const threadLimitMs = 120_000;

/** A setting's number as a rate, or a Failure. */
export function silkRate(hz: number): SilkRate {
  if (isSilkRate(hz)) return hz;
  throw new Failure('invalid_request', `SILK cannot be decoded to ${hz} Hz.`, {
    next: 'Use 8000, 12000, 16000, 24000, 32000, 44100 or 48000.',
  });
}

/** At most an hour of sound. Throws a Failure, or the signal's reason. */
export async function decodeSilk(
  bytes: Uint8Array,
  rate: SilkRate,
  signal: AbortSignal,
): Promise<DecodedSilk> {
  signal.throwIfAborted();
  silkRate(rate);
  const { packets, truncated } = readSilk(bytes);
  const isShort = packets.length <= inlinePackets && bytes.length <= inlineBytes;
  const samples = isShort
    ? await decodePackets(packets, rate)
    : await decodeInThread({ bytes, rate }, signal);
  signal.throwIfAborted();
  return { samples, rate, durationS: samples.length / rate, truncated };
}

/** Ends the thread before it settles, whatever that was doing. */
export async function decodeInThread(
  job: SilkJob,
  signal: AbortSignal,
  limitMs: number = threadLimitMs,
): Promise<Int16Array> {
  const worker = new Worker(workerUrl());
  const { promise, resolve, reject } = Promise.withResolvers<SilkReply>();
  const onAbort = () => reject(signal.reason);
  const timer = setTimeout(() => reject(tookTooLong(limitMs)), limitMs);
  signal.addEventListener('abort', onAbort, { once: true });
  worker.onmessage = ({ data }: MessageEvent<SilkReply>) => resolve(data);
  worker.onerror = ({ error, message }) => reject(noAnswer(error ?? message));
  try {
    const bytes = job.bytes.slice();
    worker.postMessage({ bytes, rate: job.rate } satisfies SilkJob, [bytes.buffer]);
    const reply = await promise;
    if ('samples' in reply) return reply.samples;
    const { kind, message, ...options } = reply.failure;
    throw new Failure(kind, message, options);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    worker.terminate();
  }
}

/** In the binary every chunk lies at the root, and the worker, an entry point of its own, where it lies below src. */
function workerUrl(): URL {
  return new URL(Bun.isStandaloneExecutable ? './audio/silk/worker.js' : './worker.ts', import.meta.url);
}

/** What is wrong with the recording is told in the answer. */
function noAnswer(cause: unknown): Failure {
  return new Failure('bug', 'The thread that decodes SILK gave no answer.', { cause });
}

function tookTooLong(limitMs: number): Failure {
  return new Failure('timeout', `The SILK recording was not decoded within ${limitMs / 1000} seconds.`, {
    next: 'Cut it into shorter recordings.',
    retry: false,
  });
}
