// Delivers a scripted response with its pace, cuts and faults, no faster than the client reads.
import type { Fields } from '../base/object.ts';
import type { Fault } from './script.ts';

export interface Delivery {
  paceMs: number;
  chunkBytes?: number | undefined;
  /** The stream ends cleanly after this many bytes. */
  cutAfterBytes?: number | undefined;
  fault?: Fault | undefined;
  /** Where the fault occurs; at the end by default. */
  afterBytes?: number | undefined;
}

export function* sseFrames(events: Iterable<Fields>): Generator<string> {
  for (const event of events) yield `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** The frames of a written stream, unchanged. */
export function splitFrames(sse: string): string[] {
  return sse.split(/(?<=\r?\n\r?\n)/);
}

/** Several frames per write, for streams that test volume. */
export function* batchFrames(frames: Iterable<string>, length: number): Generator<string> {
  let batch = '';
  for (const frame of frames) {
    batch += frame;
    if (batch.length < length) continue;
    yield batch;
    batch = '';
  }
  if (batch !== '') yield batch;
}

/** A reset discards what the client has not read yet, so this gives it time to read. */
const beforeResetMs = 25;

/** A body that is sent no faster than the client reads. */
export function streamBody(frames: Iterable<string>, delivery: Delivery): ReadableStream {
  const leaving = Promise.withResolvers<void>();
  let gone = false;
  return new ReadableStream({
    type: 'direct',
    async pull(sink) {
      let first = true;
      for (const piece of pieces(frames, delivery)) {
        if (!first) await pause(delivery.paceMs);
        first = false;
        if (gone) return;
        const written = sink.write(piece);
        if (typeof written !== 'number') await written;
      }
      if (delivery.fault === 'stall') await leaving.promise;
      if (delivery.fault === 'reset') {
        await pause(beforeResetMs);
        await tearDown();
      }
      sink.close();
    },
    cancel() {
      gone = true;
      leaving.resolve();
    },
  });
}

/**
 * The body of a response that never starts: Bun sends no head before the first byte, and then resets the connection.
 */
export function resetBody(): ReadableStream {
  return new ReadableStream({ type: 'direct', pull: tearDown });
}

/** Rejecting with undefined makes Bun.serve reset the connection without printing a stack (Bun 1.4.5). */
function tearDown(): Promise<never> {
  return Promise.reject();
}

/** Writes of the requested size, up to a cut or fault. */
export function* pieces(
  frames: Iterable<string>,
  { chunkBytes, cutAfterBytes, afterBytes }: Delivery,
): Generator<string | Uint8Array> {
  const writes = chunkBytes === undefined ? frames : resized(frames, chunkBytes);
  const limit = cutAfterBytes ?? afterBytes;
  if (limit === undefined) yield* writes;
  else yield* limited(writes, limit);
}

function* resized(frames: Iterable<string>, size: number): Generator<Uint8Array> {
  let held = Buffer.alloc(0);
  for (const frame of frames) {
    held = Buffer.concat([held, Buffer.from(frame)]);
    for (; held.length >= size; held = held.subarray(size)) yield held.subarray(0, size);
  }
  if (held.length > 0) yield held;
}

function* limited(writes: Iterable<string | Uint8Array>, limit: number): Generator<Uint8Array> {
  let left = limit;
  for (const write of writes) {
    const bytes = Buffer.from(write);
    yield bytes.subarray(0, left);
    left -= bytes.length;
    if (left <= 0) return;
  }
}

/** At least one turn of the event loop, so that events are separate writes. */
export function pause(ms: number): Promise<void> {
  return ms > 0 ? Bun.sleep(ms) : new Promise((resolve) => setImmediate(resolve));
}
