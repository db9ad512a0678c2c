// Reads the file format around SILK v3 packets: an optional byte from WeChat and QQ, the magic, packets with their
// lengths, and sometimes an end marker. The file contains no sample rate or duration; only decoding shows what a packet
// contains.
import { Failure } from '../../failure.ts';

export interface SilkFile {
  /** Number of packets, at least one. */
  count: number;
  /** In file order. An empty packet was lost or suppressed, and still counts as time. */
  packets(): Generator<Uint8Array>;
  /** The file ends inside its last packet, which is omitted. */
  truncated: boolean;
}

const magic = new TextEncoder().encode('#!SILK_V3');
/** Precedes the magic in files of WeChat and QQ. */
const vendorMark = 0x02;
/** The header that the decoder expects for every file. */
export const silkHeader: Uint8Array = Uint8Array.of(vendorMark, ...magic);
/** A frame lasts 20 ms. */
export const framesPerS = 50;

const maxPacketBytes = 1250;
const maxDurationS = 3600;
/** Also the limit of packets, since each contains at least one frame. */
export const maxFrames: number = maxDurationS * framesPerS;

/** Throws a Failure if the file is not SILK, contains no packets, or is damaged. Truncation alone is accepted. */
export function readSilk(bytes: Uint8Array): SilkFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = startOfPackets(bytes);
  let count = 0;
  let at = start;
  let truncated = false;
  while (at < bytes.length) {
    const length = at + 2 <= bytes.length ? view.getInt16(at, true) : undefined;
    if (length !== undefined && length < 0) break;
    if (length !== undefined && length > maxPacketBytes) throw corruptPacket(length);
    truncated = length === undefined || at + 2 + length > bytes.length;
    if (length === undefined || truncated) break;
    if (count === maxFrames) throw tooLong();
    count++;
    at += 2 + length;
  }
  if (count === 0) throw noPackets(truncated);
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
  const start = bytes[0] === vendorMark ? 1 : 0;
  if (magic.some((byte, index) => bytes[start + index] !== byte)) {
    throw invalidSilk('The file is not a SILK recording.', 'Send a SILK v3 file, or another audio format.');
  }
  return start + magic.length;
}

function corruptPacket(length: number): Failure {
  return invalidSilk(
    `The SILK recording is corrupt: a packet of ${length} bytes is longer than SILK allows.`,
    'Send the original file.',
  );
}

function noPackets(truncated: boolean): Failure {
  return truncated
    ? invalidSilk('The SILK recording is truncated inside its first packet.', 'Send the complete file.')
    : invalidSilk('The SILK recording is empty: it ends right after its header.', 'Send the complete file.');
}

export function invalidSilk(message: string, advice: string, cause?: unknown): Failure {
  return new Failure('invalid_request', message, { code: 'invalid_audio', param: 'file', advice, cause });
}

export function tooLong(): Failure {
  return new Failure('too_large', `The SILK recording is longer than ${maxDurationS / 60} minutes.`, {
    code: 'audio_too_long',
    param: 'file',
    advice: 'Split it into shorter recordings.',
  });
}
