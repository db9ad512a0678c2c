// How long a recording is, without decoding it. A probe never fails a request: what takes longer than two seconds or only the
// samples tell (SILK above all) is undefined.
import { amrFrames, frameS } from '../containers/amr.ts';
import { type Bytes, textAt, viewOf, withBytes } from '../containers/bytes.ts';
import { layoutOf } from '../containers/index.ts';
import { withMedia } from '../containers/media.ts';
import { mp3Duration } from '../containers/mp3.ts';
import type { Recording } from '../recording.ts';
import type { RawFormat } from '../transcriber.ts';
import { sniffBytes } from './sniff.ts';

const limitMs = 2000;
const limitBytes = 268_435_456;

/** In seconds. */
export async function durationOf(
  recording: Recording,
  signal: AbortSignal,
  raw?: RawFormat,
): Promise<number | undefined> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
  try {
    const durationS = await measured(recording, limited, raw);
    return durationS !== undefined && Number.isFinite(durationS) && durationS >= 0 ? durationS : undefined;
  } catch {
    return undefined;
  }
}

async function measured(
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
      return withBytes(path, async (bytes) => (await amrFrames(bytes, container, signal)) * frameS);
    case 'mp3':
      return withBytes(path, async (bytes) =>
        mp3Duration(bytes, (await sniffBytes(bytes))?.offset ?? 0, signal),
      );
    case 'flac':
      // Written to a pipe it does not say, and mediabunny, which walks over the frames, never returns where there are none.
      return withBytes(path, flacDuration);
    case 'ogg':
      if (codec === 'flac' || codec === 'speex') return withBytes(path, (bytes) => oggDuration(bytes, codec));
  }
  return walked(recording, signal);
}

/** Of a file whose first packets are cut off mediabunny says 0, and there may be sound all the same. */
async function walked(recording: Recording, signal: AbortSignal): Promise<number | undefined> {
  const durationS = await withMedia(recording, { signal, limitBytes }, ({ track }) =>
    track.computeDuration(),
  );
  return durationS === 0 ? undefined : durationS;
}

/** STREAMINFO comes first: after the mark, a block header and 10 bytes: 20 bits of rate, 8 of shape, 36 of samples. */
async function flacDuration(bytes: Bytes): Promise<number | undefined> {
  const head = await bytes.read(0, 26);
  if (head.length < 26 || textAt(head, 0, 4) !== 'fLaC') return undefined;
  const view = viewOf(head);
  const rate = view.getUint32(18) >>> 12;
  const samples = (view.getUint8(21) & 15) * 2 ** 32 + view.getUint32(22);
  return samples > 0 && rate > 0 ? samples / rate : undefined;
}

/** What mediabunny does not know in Ogg: the granule of the last page counts samples. */
async function oggDuration(bytes: Bytes, codec: 'flac' | 'speex'): Promise<number | undefined> {
  const packet = await bytes.read(28, 80);
  const view = viewOf(packet);
  // FLAC: 9 bytes of mapping, `fLaC`, a block header, then 10 bytes before the rate in STREAMINFO (RFC 9639 10.1).
  const rate = codec === 'speex' ? view.getUint32(36, true) : view.getUint32(27) >>> 12;
  const tail = await bytes.read(Math.max(0, bytes.size - 65_536), 65_536);
  const last = Buffer.from(tail.buffer, tail.byteOffset, tail.byteLength).lastIndexOf('OggS');
  if (last < 0 || last + 14 > tail.length || rate === 0) return undefined;
  return Number(viewOf(tail).getBigInt64(last + 6, true)) / rate;
}
