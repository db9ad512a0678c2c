// Thousands of broken headers and recordings: the result is a layout, a sound, undefined or a refusal, never another
// exception or a hang. A failure prints the seed.
import { describe, expect, test } from 'bun:test';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readAiff } from '../../../src/audio/containers/aiff.ts';
import { amrFrames } from '../../../src/audio/containers/amr.ts';
import { readAu } from '../../../src/audio/containers/au.ts';
import { readCaf } from '../../../src/audio/containers/caf.ts';
import { mp3Duration } from '../../../src/audio/containers/mp3.ts';
import { copyPackets, remuxTarget } from '../../../src/audio/containers/remux.ts';
import { readWav } from '../../../src/audio/containers/wav.ts';
import { decode } from '../../../src/audio/decoders/index.ts';
import { durationOf } from '../../../src/audio/reading/duration.ts';
import { recognise } from '../../../src/audio/reading/recognise.ts';
import { describeNonAudio, sniff, sniffBytes } from '../../../src/audio/reading/sniff.ts';
import { writeWav } from '../../../src/audio/samples/wav-file.ts';
import { Failure } from '../../../src/failure.ts';
import {
  areInstalled,
  ascii,
  bytesOf,
  chunk,
  fileOf,
  neverAborted,
  risingTone,
  run,
  u16,
  u32,
  wav,
  workDirectory,
} from './support.ts';

const directory = workDirectory();

function dice(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Changes bytes, mostly near the beginning; sometimes removes a part or the end. */
function mutated(original: Uint8Array, seed: number): Uint8Array {
  const roll = dice(seed);
  const content = Uint8Array.from(original);
  for (let changes = 1 + roll(8); changes > 0; changes--) {
    const at = roll(3) === 0 ? roll(content.length) : roll(Math.min(content.length, 100));
    content[at] = [0, 255, 127, 128, roll(256), roll(256)][roll(6)]!;
  }
  if (roll(5) === 0) return content.subarray(0, roll(content.length));
  if (roll(8) > 0) return content;
  const from = roll(content.length);
  return Uint8Array.from([
    ...content.subarray(0, from),
    ...content.subarray(Math.min(content.length, from + roll(50))),
  ]);
}

async function judged(seed: number, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    if (thrown instanceof Failure && ['unsupported_audio', 'audio_too_long'].includes(thrown.code ?? ''))
      return;
    throw new Error(`seed ${seed}`, { cause: thrown });
  }
}

const common = [...u16(1, false), ...u32(8, false), ...u16(16, false), 0x40, 0x0c, 0xfa, 0, 0, 0, 0, 0, 0, 0];
const form = [
  ...ascii('AIFC'),
  ...chunk('COMM', [...common, ...ascii('sowt'), 0, 0], false),
  ...chunk('SSND', new Array(24).fill(0), false),
];
const headers: [string, Uint8Array, typeof readWav][] = [
  ['wav', wav(new Array(64).fill(7), { channels: 2, before: chunk('LIST', ascii('INFOx')) }), readWav],
  [
    'adpcm',
    wav(new Array(64).fill(7), { tag: 17, bits: 4, block: 16, extra: [...u16(2), ...u16(25)] }),
    readWav,
  ],
  [
    'rf64',
    wav(new Array(64).fill(7), { mark: 'RF64', before: chunk('ds64', new Array(28).fill(1)) }),
    readWav,
  ],
  ['aiff', Uint8Array.from([...ascii('FORM'), ...u32(form.length, false), ...form]), readAiff],
  [
    'caf',
    Uint8Array.from([
      ...ascii('caff\0\x01\0\0desc'),
      ...u32(0),
      ...u32(32, false),
      0x40,
      0xcf,
      0x40,
      0,
      0,
      0,
      0,
      0,
      ...ascii('lpcm'),
      ...[0, 2, 1, 1, 16].flatMap((n) => u32(n, false)),
      ...ascii('data'),
      ...u32(0),
      ...u32(20, false),
      ...new Array(20).fill(3),
    ]),
    readCaf,
  ],
  [
    'au',
    Uint8Array.from([
      ...ascii('.snd'),
      ...[24, 16, 3, 16_000, 1].flatMap((n) => u32(n, false)),
      ...new Array(16).fill(1),
    ]),
    readAu,
  ],
];

test.each(headers)('2,000 broken headers of %s', async (_, original, read) => {
  expect((await read(bytesOf(original))).frames).toBeGreaterThan(0);
  for (let seed = 1; seed <= 2000; seed++) {
    const content = mutated(original, seed);
    await judged(seed, async () => {
      const layout = await read(bytesOf(content));
      const end = layout.dataOffset + layout.dataBytes;
      if (
        !(layout.frames >= 0 && layout.dataOffset >= 0 && end <= Math.max(content.length, layout.dataOffset))
      ) {
        throw new RangeError(`${JSON.stringify(layout)} in ${content.length}`);
      }
    });
  }
});

test('20,000 random beginnings are sniffed', async () => {
  const marks = [
    'ID3\x04\0',
    'RIFF',
    'OggS',
    '\xff',
    '\xff\xfb',
    '\0\0\0\x1cftyp',
    '\x1a\x45\xdf\xa3',
    'data:',
    '',
    '#!AMR\n',
  ];
  for (let seed = 1; seed <= 20_000; seed++) {
    const roll = dice(seed);
    const head = Uint8Array.from([
      ...ascii(marks[roll(marks.length)]!),
      ...Array.from({ length: roll(80) }, () => roll(256)),
    ]);
    await judged(seed, async () => [
      sniff(head),
      describeNonAudio(head),
      await sniffBytes(bytesOf(head)),
      await amrFrames(bytesOf(head), 'amr', neverAborted),
      await mp3Duration(bytesOf(head), 0, neverAborted),
    ]);
  }
}, 60_000);

const ready = areInstalled('sox', 'ffmpeg');
const source = ready ? risingTone(directory, 'source.wav', 'trim', '0', '0.4') : '';
const kinds: [string, string[]][] = [
  ['mp3', []],
  ['flac', []],
  ['opus.ogg', ['-c:a', 'libopus']],
  ['vorbis.ogg', ['-c:a', 'libvorbis']],
  ['flac.ogg', ['-c:a', 'flac']],
  ['opus.webm', ['-c:a', 'libopus']],
  ['vorbis.mka', ['-c:a', 'libvorbis']],
  ['opus.mp4', ['-c:a', 'libopus', '-strict', '-2']],
  ['aac', ['-c:a', 'aac']],
  ['3gp', ['-c:a', 'aac']],
];

describe.skipIf(!ready)('150 broken recordings', () => {
  test.each(kinds)(
    'of %s',
    async (name, options) => {
      const path = join(directory, `v.${name}`);
      run('ffmpeg', '-v', 'error', '-y', '-i', source, ...options, path);
      const original = readFileSync(path);
      const own = join(directory, `fuzz-${name}`);
      mkdirSync(own);
      const out = join(own, 'out');
      for (let seed = 1; seed <= 150; seed++) {
        const broken = fileOf(own, 'broken', mutated(original, seed));
        await judged(seed, async () => {
          const recording = await recognise(broken, { directory: own, signal: neverAborted });
          await durationOf(recording, neverAborted);
          const target = remuxTarget(recording.container);
          if (target)
            await copyPackets(recording, target, out, neverAborted).catch((thrown) =>
              judged(seed, () => Promise.reject(thrown)),
            );
          const sound = await decode(recording, { rate: 16_000, signal: neverAborted });
          if (sound) await writeWav(sound, out, { rate: 16_000, mono: true }, neverAborted);
        });
      }
    },
    60_000,
  );
});
