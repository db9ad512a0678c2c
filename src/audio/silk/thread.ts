// Starts the thread of one long SILK recording, and ends it.
import { Failure } from '../../failure.ts';
import type { SilkJob, SilkReply, Written } from './worker.ts';

/** Settles after the thread has ended, whatever that was doing. Rejects with the signal's reason, `tooLong` or a Failure. */
export async function writeInThread(
  job: SilkJob,
  limits: { signal: AbortSignal; timeoutMs: number; tooLong: () => Failure },
): Promise<Written> {
  const { signal } = limits;
  signal.throwIfAborted();
  const worker = new Worker(workerUrl());
  const ended = new Promise((resolve) => worker.addEventListener('close', resolve, { once: true }));
  const { promise, resolve, reject } = Promise.withResolvers<SilkReply>();
  const onAbort = () => reject(signal.reason);
  const timer = setTimeout(() => reject(limits.tooLong()), limits.timeoutMs);
  signal.addEventListener('abort', onAbort, { once: true });
  worker.onmessage = ({ data }: MessageEvent<SilkReply>) => resolve(data);
  worker.onerror = ({ error, message }) => reject(noAnswer(error ?? message));
  worker.addEventListener('close', () => reject(noAnswer()), { once: true });
  try {
    worker.postMessage(job);
    const reply = await promise;
    if (!('failure' in reply)) return reply;
    const { kind, message, ...options } = reply.failure;
    throw new Failure(kind, message, options);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    worker.terminate();
    await ended;
  }
}

/** In the binary every chunk lies at the root, and the worker, an entry point of its own, where it lies below src. */
function workerUrl(): URL {
  return new URL(Bun.isStandaloneExecutable ? './audio/silk/worker.js' : './worker.ts', import.meta.url);
}

/** What is wrong with the recording is told in the answer. */
function noAnswer(cause?: unknown): Failure {
  return new Failure('bug', 'The thread that decodes SILK gave no answer.', { cause });
}
