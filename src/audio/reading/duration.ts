// Measures the duration of a recording without decoding it. A probe never fails a request: the duration is undefined if it
// takes longer than two seconds, or only the samples show it (as with SILK).
import { amrFrames, frameS } from '../containers/amr.ts';
import { type ByteSource, textAt, viewOf, withByteSource } from '../containers/byte-source.ts';
import { layoutOf } from '../containers/index.ts';
import { withMedia } from '../containers/media.ts';
import { mp3Duration } from '../containers/mp3.ts';
import type { Recording } from '../recording.ts';
import type { RawFormat } from '../transcriber.ts';
import { sniffBytes } from './sniff.ts';

const limitMs = 2000;
const limitBytes = 268_435_456;

/** In seconds; undefined if unknown. Never throws. */
export async function durationOf(
  recording: Recording,
  signal: AbortSignal,
  raw?: RawFormat,
): Promise<number | undefined> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
  try {
    const durationS = await measure(recording, limited, raw);
    return durationS !== undefined && Number.isFinite(durationS) && durationS >= 0 ? durationS : undefined;
  } catch {
    return undefined;
  }
}

async function measure(
  recording: Recording,
  signal: AbortSignal,
  raw: RawFormat | undefined,
): Promise<number | undefined> {
  const { path, container, codec } = recording;
  switch (container) {
    case 'wav':
    case 'aiff':
    case 'caf':
    case 'au':
    case 'raw': {
      const layout = await layoutOf(recording, raw);
      return layout && layout.frames / layout.rate;
    }
    case 'amr':
    case 'amr-wb':
      return withByteSource(path, async (bytes) => (await amrFrames(bytes, container, signal)) * frameS);
    case 'mp3':
      return withByteSource(path, async (bytes) =>
        mp3Duration(bytes, (await sniffBytes(bytes))?.offset ?? 0, signal),
      );
    case 'flac':
      // Not with mediabunny: for a file that was written to a pipe and has no frames, it never returns.
      return withByteSource(path, flacDuration);
    case 'ogg':
      if (codec === 'flac' || codec === 'speex')
        return withByteSource(path, (bytes) => oggDuration(bytes, codec));
  }
  return measureWithMediabunny(recording, signal);
}

/** mediabunny returns 0 for a file whose first packets are missing, although it may contain audio. */
async function measureWithMediabunny(recording: Recording, signal: AbortSignal): Promise<number | undefined> {
  const durationS = await withMedia(recording, { signal, limitBytes }, ({ track }) =>
    track.computeDuration(),
  );
  return durationS === 0 ? undefined : durationS;
}

/** From STREAMINFO: the magic, a block header, 10 bytes, then 20 bits of rate, 8 of format and 36 of sample count. */
async function flacDuration(bytes: ByteSource): Promise<number | undefined> {
  const head = await bytes.read(0, 26);
  if (head.length < 26 || textAt(head, 0, 4) !== 'fLaC') return undefined;
  const view = viewOf(head);
  const rate = view.getUint32(18) >>> 12;
  const samples = (view.getUint8(21) & 15) * 2 ** 32 + view.getUint32(22);
  return samples > 0 && rate > 0 ? samples / rate : undefined;
}

/** For codecs that mediabunny does not support in Ogg: the granule position of the last page counts samples. */
async function oggDuration(bytes: ByteSource, codec: 'flac' | 'speex'): Promise<number | undefined> {
  const packet = await bytes.read(28, 80);
  const view = viewOf(packet);
  // FLAC: 9 bytes of mapping, `fLaC`, a block header, then 10 bytes before the rate in STREAMINFO (RFC 9639 10.1).
  const rate = codec === 'speex' ? view.getUint32(36, true) : view.getUint32(27) >>> 12;
  const tail = await bytes.read(Math.max(0, bytes.size - 65_536), 65_536);
  const last = Buffer.from(tail.buffer, tail.byteOffset, tail.byteLength).lastIndexOf('OggS');
  if (last < 0 || last + 14 > tail.length || rate === 0) return undefined;
  return Number(viewOf(tail).getBigInt64(last + 6, true)) / rate;
}
