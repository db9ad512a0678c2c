// Converts samples to floats from -1 to 1, a plane per channel, and back to 16 bits. 16-bit samples survive unchanged.
import { viewOf } from '../containers/byte-source.ts';
import { type Encoding, sampleBytes } from '../containers/layout.ts';

type PlainEncoding = Exclude<Encoding, 'ima-adpcm'>;
type ReadSample = (view: DataView, at: number) => number;

const readers: Record<PlainEncoding, ReadSample> = {
  u8: (view, at) => (view.getUint8(at) - 128) / 128,
  s8: (view, at) => view.getInt8(at) / 128,
  s16le: (view, at) => view.getInt16(at, true) / 32_768,
  s16be: (view, at) => view.getInt16(at, false) / 32_768,
  s24le: (view, at) => ((view.getInt8(at + 2) << 16) | view.getUint16(at, true)) / 8_388_608,
  s24be: (view, at) => ((view.getInt8(at) << 16) | view.getUint16(at + 1, false)) / 8_388_608,
  s32le: (view, at) => view.getInt32(at, true) / 2_147_483_648,
  s32be: (view, at) => view.getInt32(at, false) / 2_147_483_648,
  f32le: (view, at) => finite(view.getFloat32(at, true)),
  f32be: (view, at) => finite(view.getFloat32(at, false)),
  f64le: (view, at) => finite(view.getFloat64(at, true)),
  f64be: (view, at) => finite(view.getFloat64(at, false)),
  alaw: (view, at) => alawSamples[view.getUint8(at)] ?? 0,
  ulaw: (view, at) => ulawSamples[view.getUint8(at)] ?? 0,
};

/** Separates interleaved samples into planes. Each sample is at the start of `blockBytes / channels` bytes. */
export function planesOf(
  bytes: Uint8Array,
  encoding: PlainEncoding,
  channels: number,
  blockBytes = sampleBytes[encoding] * channels,
): Float32Array[] {
  const frames = Math.floor(bytes.length / blockBytes);
  const stride = blockBytes / channels;
  const view = viewOf(bytes);
  const read = readers[encoding];
  return Array.from({ length: channels }, (_, channel) => {
    const plane = new Float32Array(frames);
    for (let frame = 0, at = channel * stride; frame < frames; frame++, at += blockBytes) {
      plane[frame] = read(view, at);
    }
    return plane;
  });
}

/** Interleaved 16-bit little endian samples; values outside of -1 to 1 are clipped. */
export function int16Of(planes: readonly Float32Array[]): Uint8Array {
  const frames = planes[0]?.length ?? 0;
  const out = new Int16Array(frames * planes.length);
  planes.forEach((plane, channel) => {
    for (let frame = 0, at = channel; frame < frames; frame++, at += planes.length) {
      out[at] = Math.max(-32_768, Math.min(32_767, Math.round((plane[frame] ?? 0) * 32_768)));
    }
  });
  return new Uint8Array(out.buffer);
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : 0;
}

/** ITU-T G.711 A-law; µ-law follows. */
const alawSamples = Float32Array.from({ length: 256 }, (_, code) => {
  const bits = code ^ 0x55;
  const exponent = (bits >> 4) & 7;
  const step = ((bits & 15) << 4) + 8;
  const size = exponent === 0 ? step : (step + 256) << (exponent - 1);
  return (bits & 0x80 ? size : -size) / 32_768;
});

const ulawSamples = Float32Array.from({ length: 256 }, (_, code) => {
  const bits = ~code & 0xff;
  const size = ((((bits & 15) << 3) + 132) << ((bits >> 4) & 7)) - 132;
  return (bits & 0x80 ? -size : size) / 32_768;
});
