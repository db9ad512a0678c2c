// Reads the file around SILK v3 packets (reference/asr.md 6.1): an optional mark of WeChat and QQ, the magic, packets each
// behind its length, an end marker or none. Sample rate and duration are not in it; what a packet holds only the decoder
// knows.
import { Failure } from '../../failure.ts';

export interface SilkFile {
  /** As they lie in the file. An empty one was lost or suppressed and still stands for its time. */
  packets: Uint8Array[];
  /** Exact for packets of one frame, as nearly all are; a lower bound for the others. */
  durationS: number;
  /** The file was cut off inside its last packet, which is left out. */
  truncated: boolean;
}

export const magic: Uint8Array = new TextEncoder().encode('#!SILK_V3');
/** In front of the magic in files of WeChat and QQ. */
export const mark = 0x02;
/** A frame is 20 ms. */
export const framesPerS = 50;

const largestPacketBytes = 1250;
const longestS = 3600;
/** No file may have more packets either: each has one frame or more. */
export const longestFrames: number = longestS * framesPerS;

/** Throws a Failure for what is no SILK, holds no packet, or is broken otherwise than by its end. */
export function readSilk(bytes: Uint8Array): SilkFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const packets: Uint8Array[] = [];
  let at = startOfPackets(bytes);
  let truncated = false;
  while (at < bytes.length) {
    const length = at + 2 <= bytes.length ? view.getInt16(at, true) : undefined;
    if (length !== undefined && length < 0) break;
    if (length !== undefined && length > largestPacketBytes) throw corrupt(length);
    const start = at + 2;
    at = start + (length ?? 0);
    truncated = length === undefined || at > bytes.length;
    if (truncated) break;
    if (packets.length === longestFrames) throw tooLong();
    packets.push(bytes.subarray(start, at));
  }
  if (packets.length === 0) throw empty(truncated);
  return { packets, durationS: packets.length / framesPerS, truncated };
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

export function invalidSilk(message: string, next: string, cause?: unknown): Failure {
  return new Failure('invalid_request', message, { code: 'invalid_audio', param: 'file', next, cause });
}

export function tooLong(): Failure {
  return new Failure('too_large', `The SILK recording is longer than ${longestS / 60} minutes.`, {
    code: 'audio_too_long',
    param: 'file',
    next: 'Cut it into shorter recordings.',
  });
}
