// Decodes one long SILK recording in a worker thread.
import { onAbort } from '../../base/abort.ts';
import { Failure } from '../../failure.ts';
import type { SilkJob, SilkReply, SilkResult } from './worker.ts';

/** Settles after the worker has terminated. Rejects with a Failure, the signal's reason, or the failure from `tooLong`. */
export async function writeInThread(
  job: SilkJob,
  limits: { signal: AbortSignal; timeoutMs: number; tooLong: () => Failure },
): Promise<SilkResult> {
  const { signal } = limits;
  signal.throwIfAborted();
  const worker = new Worker(workerUrl());
  const ended = new Promise((resolve) => worker.addEventListener('close', resolve, { once: true }));
  const { promise, resolve, reject } = Promise.withResolvers<SilkReply>();
  const timer = setTimeout(() => reject(limits.tooLong()), limits.timeoutMs);
  const stopListening = onAbort(signal, () => reject(signal.reason));
  worker.onmessage = ({ data }: MessageEvent<SilkReply>) => resolve(data);
  worker.onerror = ({ error, message }) => reject(workerDied(error ?? message));
  worker.addEventListener('close', () => reject(workerDied()), { once: true });
  try {
    worker.postMessage(job);
    const reply = await promise;
    if (!('failure' in reply)) return reply;
    const { kind, message, ...options } = reply.failure;
    throw new Failure(kind, message, options);
  } finally {
    clearTimeout(timer);
    stopListening();
    worker.terminate();
    await ended;
  }
}

/** In the binary, bundled code is at the root, and the worker, a separate entry point, at its path below src. */
function workerUrl(): URL {
  return new URL(Bun.isStandaloneExecutable ? './audio/silk/worker.js' : './worker.ts', import.meta.url);
}

/** For a worker that died: problems of the recording arrive as a reply. */
function workerDied(cause?: unknown): Failure {
  return new Failure('bug', 'The SILK decoder thread exited without a result.', { cause });
}
