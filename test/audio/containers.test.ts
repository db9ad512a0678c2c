// Headers of uncompressed audio: the layout each one describes, and its samples (docs/wire/audio.md#pcm-containers).
import { describe, expect, test } from 'bun:test';
import { readAiff } from '../../src/audio/containers/aiff.ts';
import { amrFrames } from '../../src/audio/containers/amr.ts';
import { readAu } from '../../src/audio/containers/au.ts';
import { type ByteSource, withByteSource } from '../../src/audio/containers/byte-source.ts';
import { readCaf } from '../../src/audio/containers/caf.ts';
import type { PcmLayout } from '../../src/audio/containers/layout.ts';
import { parseRawFormat, readRaw } from '../../src/audio/containers/raw.ts';
import { readWav } from '../../src/audio/containers/wav.ts';
import type { RawFormat } from '../../src/audio/transcriber.ts';
import { Failure } from '../../src/failure.ts';
import {
  ascii,
  bytesOf,
  chunk,
  fileOf,
  neverAborted,
  samplesOf,
  u16,
  u32,
  wav,
  workDirectory,
} from './containers/support.ts';

const directory = workDirectory();
const word = (...values: number[]) => values.flatMap((value) => u16(value & 0xffff));
const wordBig = (...values: number[]) => values.flatMap((value) => u16(value & 0xffff, false));
const float32 = (value: number, little: boolean) => {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value, little);
  return [...new Uint8Array(view.buffer)];
};
const float64 = (value: number, little: boolean) => {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value, little);
  return [...new Uint8Array(view.buffer)];
};
const half = 0.5;
const guid = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71];
const extensible = (tag: number, valid: number) => [
  ...u16(22),
  ...u16(valid),
  ...u32(4),
  ...u16(tag),
  ...guid,
];

type Row = [what: string, content: Uint8Array, says: Partial<PcmLayout>, samples: number[][]];

function each(read: (bytes: ByteSource) => Promise<PcmLayout>, rows: Row[]): void {
  for (const [what, content, says, samples] of rows) {
    test(what, async () => {
      const path = fileOf(directory, 'samples', content);
      const layout = await withByteSource(path, read);
      expect(layout).toMatchObject(says);
      expect(await samplesOf(path, layout)).toEqual(samples);
    });
  }
}

const two = word(0x4000, -0x8000);
const twoSays = { rate: 16_000, channels: 1, frames: 2 };

describe('WAV', () => {
  each(readWav, [
    ['16 bits', wav(two), { ...twoSays, plain: true, encoding: 's16le' }, [[half, -1]]],
    ['8 bits are unsigned', wav([0, 128, 192], { bits: 8 }), { plain: false }, [[-1, 0, half]]],
    ['24 bits', wav([0, 0, 0x40, 0, 0, 0x80], { bits: 24 }), { encoding: 's24le' }, [[half, -1]]],
    ['32 bits', wav([0, 0, 0, 0x40], { bits: 32 }), { encoding: 's32le' }, [[half]]],
    ['floats', wav(float32(half, true), { tag: 3, bits: 32 }), { encoding: 'f32le' }, [[half]]],
    ['long floats', wav(float64(-half, true), { tag: 3, bits: 64 }), { encoding: 'f64le' }, [[-half]]],
    ['an invalid float', wav(float32(Number.NaN, true), { tag: 3, bits: 32 }), {}, [[0]]],
    ['A-law', wav([0xd5, 0x55], { tag: 6, bits: 8 }), { encoding: 'alaw' }, [[8 / 32768, -8 / 32768]]],
    ['µ-law', wav([0xff, 0x80, 0x00], { tag: 7, bits: 8 }), {}, [[0, 32124 / 32768, -32124 / 32768]]],
    [
      'two channels',
      wav(word(0x4000, 0, 0x2000, -0x4000), { channels: 2 }),
      { channels: 2, frames: 2 },
      [
        [half, 0.25],
        [0, -half],
      ],
    ],
    [
      'extensible',
      wav(two, { tag: 0xfffe, extra: extensible(1, 16) }),
      { ...twoSays, encoding: 's16le', plain: false },
      [[half, -1]],
    ],
    [
      'extensible floats',
      wav(float32(half, true), { tag: 0xfffe, bits: 32, extra: extensible(3, 32) }),
      { encoding: 'f32le' },
      [[half]],
    ],
    [
      'extensible, 20 bits in 24',
      wav([0, 0, 0x40], { tag: 0xfffe, bits: 24, extra: extensible(1, 20) }),
      { encoding: 's24le' },
      [[half]],
    ],
    ['12 bits in 16', wav(two, { bits: 12, block: 2 }), { encoding: 's16le' }, [[half, -1]]],
    [
      'RIFX',
      wav(wordBig(0x4000, -0x8000), { mark: 'RIFX' }),
      { ...twoSays, encoding: 's16be', plain: false },
      [[half, -1]],
    ],
    [
      'RF64 with its size elsewhere',
      wav(two, {
        mark: 'RF64',
        dataSize: 0xffffffff,
        riffSize: 0xffffffff,
        before: chunk('ds64', [...u32(0), ...u32(0), ...u32(4), ...u32(0), ...u32(2), ...u32(0), ...u32(0)]),
        after: chunk('LIST', ascii('INFO')),
      }),
      twoSays,
      [[half, -1]],
    ],
    [
      'BW64 that never learnt its size',
      wav(two, { mark: 'BW64', dataSize: 0xffffffff, before: chunk('ds64', new Array(28).fill(0)) }),
      twoSays,
      [[half, -1]],
    ],
    [
      'the samples behind other chunks, one of odd length',
      wav(two, { before: [...chunk('LIST', ascii('INFOx')), ...chunk('bext', [1, 2])] }),
      { ...twoSays, plain: true },
      [[half, -1]],
    ],
    [
      'an odd chunk without its pad byte',
      wav(two, { before: [...ascii('LIST'), ...u32(5), ...ascii('INFOx')] }),
      twoSays,
      [[half, -1]],
    ],
    ['chunks behind the samples', wav(two, { after: chunk('LIST', ascii('INFO')) }), twoSays, [[half, -1]]],
    [
      'written to a pipe',
      wav(two, { dataSize: 0xffffffff, riffSize: 0xffffffff }),
      { ...twoSays, plain: false },
      [[half, -1]],
    ],
    ['sizes of zero', wav(two, { dataSize: 0, riffSize: 0 }), { ...twoSays, plain: false }, [[half, -1]]],
    ['cut off', wav(two, { dataSize: 4000, riffSize: 4036 }), { ...twoSays, plain: false }, [[half, -1]]],
    ['half a sample at the end', wav([...two, 7]), { frames: 2, dataBytes: 4 }, [[half, -1]]],
    ['header only', wav([]), { frames: 0, plain: true }, [[]]],
    ['header only, from a pipe', wav([], { dataSize: 0xffffffff }), { frames: 0 }, [[]]],
    ['empty, with chunks behind', wav([], { after: chunk('LIST', ascii('INFO')) }), { frames: 0 }, [[]]],
    [
      'IMA ADPCM',
      wav([...word(0x4000), 0, 0, 0x00, 0x00, 0x00, 0x00], {
        tag: 17,
        bits: 4,
        block: 8,
        extra: [...u16(2), ...u16(9)],
        before: [],
      }),
      { encoding: 'ima-adpcm', frames: 9, blockFrames: 9 },
      [new Array(9).fill(half)],
    ],
    [
      'IMA ADPCM whose last block is not full: the fact chunk says so',
      wav([...word(0x4000), 0, 0, 0x00, 0x00, 0x00, 0x00], {
        tag: 17,
        bits: 4,
        block: 8,
        extra: [...u16(2), ...u16(9)],
        before: chunk('fact', u32(5)),
      }),
      { encoding: 'ima-adpcm', frames: 5 },
      [new Array(5).fill(half)],
    ],
    [
      'a fact chunk means nothing to plain samples, whatever comes behind it',
      wav(two, { before: [...chunk('fact', u32(1)), ...chunk('LIST', u32(1))] }),
      twoSays,
      [[half, -1]],
    ],
    ['a block size that cannot be', wav(two, { block: 60 }), { ...twoSays, encoding: 's16le' }, [[half, -1]]],
  ]);

  const refused: [what: string, content: Uint8Array, says: string][] = [
    ['Microsoft ADPCM', wav([0], { tag: 2, bits: 4, block: 256 }), 'Microsoft ADPCM'],
    ['MP3', wav([0], { tag: 85, bits: 0, block: 1 }), 'MP3'],
    ['GSM', wav([0], { tag: 49, bits: 0, block: 65 }), 'GSM'],
    ['something', wav([0], { tag: 0x1234, bits: 8 }), 'format 4660'],
    ['64-bit integers', wav([0], { bits: 64 }), '64-bit'],
    ['no channels', wav([0], { channels: 0, block: 2 }), '0 channels'],
    ['a crowd of channels', wav([0], { channels: 60_000, block: 2 }), '60000 channels'],
    ['no rate', wav([0], { rate: 0 }), '0 Hz'],
    ['a rate that would make hours of it', wav([0], { rate: 1 }), '1 Hz'],
    [
      'more frames in a block than fit',
      wav([...word(0), 0, 0, 0, 0, 0, 0], {
        ...{ tag: 17, bits: 4, block: 8, extra: [...u16(2), ...u16(10)] },
      }),
      'ADPCM',
    ],
    ['Windows Media', wav([0], { tag: 0x161, bits: 16 }), 'WMA'],
    ['no format', Uint8Array.from([...ascii('RIFF'), ...u32(4), ...ascii('WAVE')]), 'no format'],
    ['half a header', wav([]).subarray(0, 10), 'ends inside'],
    ['a block of nothing', wav([0], { tag: 17, bits: 4, block: 4, extra: [...u16(2), ...u16(1)] }), 'ADPCM'],
  ];
  test.each(refused)('%s is refused by name', async (_, content, says) => {
    const failure = await readWav(bytesOf(content)).catch((thrown) => thrown);
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({ kind: 'invalid_request', code: 'unsupported_audio', param: 'file' });
    expect(failure.message).toContain(says);
  });
});

interface AiffParts {
  type?: string;
  channels?: number;
  frames?: number;
  bits?: number;
  rate?: number[];
  before?: number[];
  after?: number[];
  gap?: number;
}

/** 16000 and 44100 Hz as written by sox. */
const rate16k = [0x40, 0x0c, 0xfa, 0, 0, 0, 0, 0, 0, 0];
const rate44k = [0x40, 0x0e, 0xac, 0x44, 0, 0, 0, 0, 0, 0];

function aiff(data: number[], parts: AiffParts = {}): Uint8Array {
  const {
    type,
    channels = 1,
    frames = 2,
    bits = 16,
    rate = rate16k,
    before = [],
    after = [],
    gap = 0,
  } = parts;
  const common = [...u16(channels, false), ...u32(frames, false), ...u16(bits, false), ...rate];
  const body = [
    ...ascii(type === undefined ? 'AIFF' : 'AIFC'),
    ...before,
    ...chunk('COMM', type === undefined ? common : [...common, ...ascii(type), 0, 0], false),
    ...chunk('SSND', [...u32(gap, false), ...u32(0), ...new Array(gap).fill(9), ...data], false),
    ...after,
  ];
  return Uint8Array.from([...ascii('FORM'), ...u32(body.length, false), ...body]);
}

describe('AIFF', () => {
  each(readAiff, [
    ['16 bits', aiff(wordBig(0x4000, -0x8000)), { ...twoSays, encoding: 's16be' }, [[half, -1]]],
    ['8 bits are signed', aiff([0x40, 0x80], { bits: 8 }), { encoding: 's8' }, [[half, -1]]],
    ['24 bits', aiff([0x40, 0, 0, 0x80, 0, 0], { bits: 24 }), {}, [[half, -1]]],
    ['44.1 kHz', aiff(wordBig(1, 2), { rate: rate44k }), { rate: 44_100 }, [[1 / 32768, 2 / 32768]]],
    ['samples behind a gap', aiff(wordBig(0x4000, 0), { gap: 4 }), { frames: 2 }, [[half, 0]]],
    [
      'other chunks in front',
      aiff(wordBig(0x4000, 0), { before: chunk('NAME', ascii('abc'), false) }),
      {},
      [[half, 0]],
    ],
    ['fewer frames than bytes', aiff(wordBig(0x4000, 0, 1, 1)), { frames: 2 }, [[half, 0]]],
    ['more frames than bytes', aiff(wordBig(0x4000), { frames: 99 }), { frames: 1 }, [[half]]],
    ['frames unknown', aiff(wordBig(0x4000, 0), { frames: 0 }), { frames: 2 }, [[half, 0]]],
    [
      'frames unknown, and another chunk behind',
      aiff(wordBig(0x4000, 0), { frames: 0, after: chunk('NAME', ascii('speech'), false) }),
      { frames: 2 },
      [[half, 0]],
    ],
    ['32 bits', aiff([...wordBig(0x4000, 0)], { frames: 1, bits: 32 }), { encoding: 's32be' }, [[half]]],
    [
      'AIFC: sowt of 24 bits',
      aiff([0, 0, 0x40], { type: 'sowt', frames: 1, bits: 24 }),
      { encoding: 's24le' },
      [[half]],
    ],
    [
      'AIFC: sowt of 32 bits',
      aiff([0, 0, 0, 0x40], { type: 'sowt', frames: 1, bits: 32 }),
      { encoding: 's32le' },
      [[half]],
    ],
    [
      'AIFC: sowt of 8 bits',
      aiff([0x40], { type: 'sowt', frames: 1, bits: 8 }),
      { encoding: 's8' },
      [[half]],
    ],
    ['AIFC: FL64', aiff(float64(half, false), { type: 'FL64', frames: 1, bits: 64 }), {}, [[half]]],
    ['AIFC: NONE', aiff(wordBig(0x4000, 0), { type: 'NONE' }), { encoding: 's16be' }, [[half, 0]]],
    ['AIFC: twos', aiff(wordBig(0x4000, 0), { type: 'twos' }), { encoding: 's16be' }, [[half, 0]]],
    ['AIFC: sowt', aiff(word(0x4000, 0), { type: 'sowt' }), { encoding: 's16le' }, [[half, 0]]],
    ['AIFC: fl32', aiff(float32(half, false), { type: 'fl32', frames: 1, bits: 32 }), {}, [[half]]],
    ['AIFC: FL32', aiff(float32(half, false), { type: 'FL32', frames: 1, bits: 32 }), {}, [[half]]],
    ['AIFC: fl64', aiff(float64(half, false), { type: 'fl64', frames: 1, bits: 64 }), {}, [[half]]],
    ['AIFC: alaw', aiff([0xd5], { type: 'alaw', frames: 1 }), { encoding: 'alaw' }, [[8 / 32768]]],
    ['AIFC: ULAW', aiff([0xff], { type: 'ULAW', frames: 1 }), { encoding: 'ulaw' }, [[0]]],
  ]);

  test('other types are refused by name', async () => {
    expect(readAiff(bytesOf(aiff([0, 0], { type: 'ima4' })))).rejects.toThrow('"ima4"');
    expect(readAiff(bytesOf(aiff([0, 0], { type: '\x01\x02\n"' })))).rejects.toThrow('"""');
  });
});

interface CafParts {
  id?: string;
  flags?: number;
  channels?: number;
  bits?: number;
  packet?: number;
  size?: number;
  after?: number[];
}

function long(value: number): number[] {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigInt64(0, BigInt(value));
  return [...new Uint8Array(view.buffer)];
}

function caf(data: number[], parts: CafParts = {}): Uint8Array {
  const {
    id = 'lpcm',
    flags = 0,
    channels = 1,
    bits = 16,
    packet = (channels * bits) / 8,
    after = [],
  } = parts;
  const words = [flags, packet, 1, channels, bits].flatMap((value) => u32(value, false));
  const description = [...float64(16_000, false), ...ascii(id), ...words];
  return Uint8Array.from([
    ...[...ascii('caff'), ...u16(1, false), 0, 0],
    ...[...ascii('desc'), ...long(description.length), ...description],
    ...[...ascii('free'), ...long(3), 1, 2, 3],
    ...[...ascii('data'), ...long(parts.size ?? data.length + 4), ...u32(7), ...data, ...after],
  ]);
}

describe('CAF', () => {
  each(readCaf, [
    ['big endian', caf(wordBig(0x4000, -0x8000)), { ...twoSays, encoding: 's16be' }, [[half, -1]]],
    ['little endian', caf(word(0x4000, 0), { flags: 2 }), { encoding: 's16le' }, [[half, 0]]],
    ['floats', caf(float32(half, false), { flags: 1, bits: 32 }), { encoding: 'f32be' }, [[half]]],
    [
      'little endian floats',
      caf(float64(half, true), { flags: 3, bits: 64 }),
      { encoding: 'f64le' },
      [[half]],
    ],
    ['8 bits are signed', caf([0x40], { bits: 8 }), { encoding: 's8' }, [[half]]],
    ['24 bits', caf([0x40, 0, 0], { bits: 24 }), { encoding: 's24be' }, [[half]]],
    ['A-law', caf([0xd5], { id: 'alaw', bits: 8 }), { encoding: 'alaw' }, [[8 / 32768]]],
    ['µ-law', caf([0xff], { id: 'ulaw', bits: 8 }), { encoding: 'ulaw' }, [[0]]],
    ['a size of -1: to the end', caf(wordBig(0x4000, 0), { size: -1 }), { frames: 2 }, [[half, 0]]],
    [
      'chunks behind',
      caf(wordBig(0x4000), { after: [...ascii('info'), ...long(0)] }),
      { frames: 1 },
      [[half]],
    ],
    ['cut off', caf(wordBig(0x4000), { size: 4000 }), { frames: 1 }, [[half]]],
  ]);

  test('samples nobody has are refused by their size', async () => {
    expect(readCaf(bytesOf(caf(new Array(8).fill(0), { bits: 64 })))).rejects.toThrow('64-bit samples');
    expect(readCaf(bytesOf(caf([0, 0], { bits: 24, packet: 2 })))).rejects.toThrow('24-bit samples');
    const cutOff = caf([0, 0]).subarray(0, 40);
    expect(readCaf(bytesOf(cutOff))).rejects.toThrow('truncated');
  });

  test('what is not plain samples is refused by name', async () => {
    expect(readCaf(bytesOf(caf([0], { id: 'aac ', bits: 0, packet: 0 })))).rejects.toThrow('"aac"');
  });
});

function au(data: number[], encoding: number, size = data.length, offset = 24): Uint8Array {
  const words = [offset, size, encoding, 16_000, 1].flatMap((value) => u32(value, false));
  return Uint8Array.from([
    ...ascii('.snd'),
    ...words,
    ...new Array(Math.max(0, offset - 24)).fill(0),
    ...data,
  ]);
}

describe('AU', () => {
  each(readAu, [
    ['16 bits', au(wordBig(0x4000, -0x8000), 3), { ...twoSays, encoding: 's16be' }, [[half, -1]]],
    ['µ-law', au([0xff], 1), { encoding: 'ulaw' }, [[0]]],
    ['A-law', au([0xd5], 27), { encoding: 'alaw' }, [[8 / 32768]]],
    ['8 bits are signed', au([0x40], 2), { encoding: 's8' }, [[half]]],
    ['floats', au(float32(half, false), 6), { encoding: 'f32be' }, [[half]]],
    ['24 bits', au([0x40, 0, 0], 4), { encoding: 's24be' }, [[half]]],
    ['32 bits', au([0x40, 0, 0, 0], 5), { encoding: 's32be' }, [[half]]],
    ['long floats', au(float64(half, false), 7), { encoding: 'f64be' }, [[half]]],
    ['something behind', au(wordBig(0x4000, 1, 2), 3, 2), { frames: 1 }, [[half]]],
    ['cut off', au(wordBig(0x4000), 3, 4000), { frames: 1 }, [[half]]],
    ['size unknown', au(wordBig(0x4000, 0), 3, 0xffffffff), { frames: 2 }, [[half, 0]]],
    ['a note in front', au(wordBig(0x4000), 3, 2, 40), { frames: 1 }, [[half]]],
  ]);

  test('others are refused by number', async () => {
    expect(readAu(bytesOf(au([0], 23)))).rejects.toThrow('(23)');
  });
});

describe('raw samples', () => {
  test('are what was declared', async () => {
    const path = fileOf(directory, 'raw', Uint8Array.from([0, 0x40, 0, 0x80, 9]));
    const layout = await withByteSource(path, (bytes) =>
      readRaw(bytes, { encoding: 's16le', rate: 8000, channels: 1 }),
    );
    expect(layout).toMatchObject({ frames: 2, rate: 8000, dataOffset: 0 });
    expect(await samplesOf(path, layout)).toEqual([[half, -1]]);
  });

  /** 0.5 on the left, silence on the right. */
  const each: [encoding: RawFormat['encoding'], left: number[], right: number[]][] = [
    ['s16le', [0, 0x40], [0, 0]],
    ['s16be', [0x40, 0], [0, 0]],
    ['s8', [0x40], [0]],
    ['u8', [0xc0], [0x80]],
    ['s24le', [0, 0, 0x40], [0, 0, 0]],
    ['s32le', [0, 0, 0, 0x40], [0, 0, 0, 0]],
    ['f32le', float32(half, true), [0, 0, 0, 0]],
    ['ulaw', [0x8f], [0xff]],
    ['alaw', [0xba], [0xd5]],
  ];
  test.each(each)('%s, two channels', async (encoding, left, right) => {
    const raw = parseRawFormat(`${encoding}:8000:2`)!;
    expect(raw).toEqual({ encoding, rate: 8000, channels: 2 });
    const path = fileOf(directory, 'raw', Uint8Array.from([...left, ...right, ...left, ...right]));
    const layout = await withByteSource(path, (bytes) => readRaw(bytes, raw));
    expect(layout).toMatchObject({ frames: 2, channels: 2, plain: false });
    const samples = await samplesOf(path, layout);
    // Logarithmic formats are only approximate.
    const tenths = samples.map((plane) => plane.map((sample) => Math.round(sample * 20) / 20 + 0));
    expect(tenths).toEqual([
      [half, half],
      [0, 0],
    ]);
  });

  test('a declaration that makes no sense is refused even when nobody read it from a word', async () => {
    const absurd: RawFormat = { encoding: 's8', rate: 1, channels: 1 };
    expect(readRaw(bytesOf(new Uint8Array(9)), absurd)).rejects.toThrow('1 Hz');
  });

  const formats: [string, unknown][] = [
    [' s16le:1000:64 ', { encoding: 's16le', rate: 1000, channels: 64 }],
    ['s16le:768000:1', { encoding: 's16le', rate: 768_000, channels: 1 }],
    ['audio/L8;rate=11025', { encoding: 'u8', rate: 11_025, channels: 1 }],
    ['audio/PCMU', { encoding: 'ulaw', rate: 8000, channels: 1 }],
    ['audio/PCMA;rate=16000', { encoding: 'alaw', rate: 16_000, channels: 1 }],
    [' audio/L16 ; channels=1', undefined],
    ['s16le:16000:1', { encoding: 's16le', rate: 16_000, channels: 1 }],
    ['S16LE:16000', { encoding: 's16le', rate: 16_000, channels: 1 }],
    ['f32le:48000:2', { encoding: 'f32le', rate: 48_000, channels: 2 }],
    ['audio/L16;rate=16000;channels=1', { encoding: 's16be', rate: 16_000, channels: 1 }],
    ['audio/l16; rate="44100"; channels=2', { encoding: 's16be', rate: 44_100, channels: 2 }],
    ['audio/basic', { encoding: 'ulaw', rate: 8000, channels: 1 }],
    ['audio/wav', undefined],
    ['audio/L16', undefined],
  ];
  test.each(formats)('%s', (text, format) => expect<unknown>(parseRawFormat(text)).toEqual(format));

  const wrong = [
    '',
    's16le',
    's17le:16000',
    's16le:fast',
    's16le:16000:1:1',
    's16le:1:1',
    's16le:16000:0',
    's16le:999:1',
    's16le:768001:1',
    's16le:16000:65',
    's16le:16000:two',
    's16le:16000:999',
  ];
  test.each(wrong)('%p is refused', (text) => expect(() => parseRawFormat(text)).toThrow(Failure));
});

describe('AMR', () => {
  const mark = ascii('#!AMR\n');
  const frame = (type: number, body: number) => [(type << 3) | 4, ...new Array(body).fill(0)];
  const rows: [string, number[], 'amr' | 'amr-wb', number][] = [
    [
      'one of each',
      [...mark, ...[12, 13, 15, 17, 19, 20, 26, 31, 5].flatMap((n, type) => frame(type, n))],
      'amr',
      9,
    ],
    ['silence without a body', [...mark, ...frame(15, 0), ...frame(7, 31), ...frame(15, 0)], 'amr', 3],
    ['a last frame cut off', [...mark, ...frame(7, 31), ...frame(7, 30)], 'amr', 1],
    ['a frame that does not exist', [...mark, ...frame(7, 31), ...frame(9, 4)], 'amr', 1],
    ['more than a chunk', [...mark, ...Array.from({ length: 5000 }, () => frame(7, 31)).flat()], 'amr', 5000],
    ['wide band', [...ascii('#!AMR-WB\n'), ...frame(0, 17), ...frame(8, 60), ...frame(14, 0)], 'amr-wb', 3],
    ['nothing', mark, 'amr', 0],
  ];
  test.each(rows)('%s', async (_, content, container, frames) => {
    expect(await amrFrames(bytesOf(Uint8Array.from(content)), container, neverAborted)).toBe(frames);
  });
});
