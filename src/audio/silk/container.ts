// Reads the file around SILK v3 packets: an optional mark of WeChat and QQ, the magic, packets each
// behind its length, an end marker or none. Sample rate and duration are not in it; what a packet holds only the decoder
// knows.
import { Failure } from '../../failure.ts';

export interface SilkFile {
  /** Of packets; at least one. */
  count: number;
  /** As they lie in the file. An empty one was lost or suppressed and still stands for its time. */
  packets(): Generator<Uint8Array>;
  /** The file was cut off inside its last packet, which is left out. */
  truncated: boolean;
}

const magic = new TextEncoder().encode('#!SILK_V3');
/** In front of the magic in files of WeChat and QQ. */
const mark = 0x02;
/** What the decoder wants in front of packets, whichever it was. */
export const header: Uint8Array = Uint8Array.of(mark, ...magic);
/** A frame is 20 ms. */
export const framesPerS = 50;

const largestPacketBytes = 1250;
const longestS = 3600;
/** No file may have more packets either: each has one frame or more. */
export const longestFrames: number = longestS * framesPerS;

/** Throws a Failure for what is no SILK, holds no packet, or is broken otherwise than by its end. */
export function readSilk(bytes: Uint8Array): SilkFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = startOfPackets(bytes);
  let count = 0;
  let at = start;
  let truncated = false;
  while (at < bytes.length) {
    const length = at + 2 <= bytes.length ? view.getInt16(at, true) : undefined;
    if (length !== undefined && length < 0) break;
    if (length !== undefined && length > largestPacketBytes) throw corrupt(length);
    truncated = length === undefined || at + 2 + length > bytes.length;
    if (length === undefined || truncated) break;
    if (count === longestFrames) throw tooLong();
    count++;
    at += 2 + length;
  }
  if (count === 0) throw empty(truncated);
  const end = at;
  function* packets() {
    for (let from = start; from < end; ) {
      const to = from + 2 + view.getInt16(from, true);
      yield bytes.subarray(from + 2, to);
      from = to;
    }
  }
  return { count, packets, truncated };
}

function startOfPackets(bytes: Uint8Array): number {
  const start = bytes[0] === mark ? 1 : 0;
  if (magic.some((byte, index) => bytes[start + index] !== byte)) {
    throw invalidSilk(
      'The file is not a SILK recording.',
      'Send a SILK v3 file, or another kind of recording.',
    );
  }
  return start + magic.length;
}

function corrupt(length: number): Failure {
  return invalidSilk(
    `The SILK recording is corrupt: a packet of ${length} bytes is longer than SILK allows.`,
    'Send the recording as it was first saved.',
  );
}

function empty(truncated: boolean): Failure {
  return truncated
    ? invalidSilk('The SILK recording is cut off inside its first packet.', 'Send the whole file.')
    : invalidSilk('The SILK recording holds no sound: it ends behind its header.', 'Send the whole file.');
}

export function invalidSilk(message: string, advice: string, cause?: unknown): Failure {
  return new Failure('invalid_request', message, { code: 'invalid_audio', param: 'file', advice, cause });
}

export function tooLong(): Failure {
  return new Failure('too_large', `The SILK recording is longer than ${longestS / 60} minutes.`, {
    code: 'audio_too_long',
    param: 'file',
    advice: 'Cut it into shorter recordings.',
  });
}
