// The file format around SILK packets (docs/wire/audio.md#silk-container).
import { describe, expect, test } from 'bun:test';
import { readSilk } from '../../../src/audio/silk/container.ts';
import { Failure } from '../../../src/failure.ts';
import { endMarker, fixture, packetsOf, plainFile, tencentFile } from './corpus.ts';

const [a, b] = [
  [1, 2, 3],
  [4, 5],
];
const text = (start: string, rest: number[]) => Uint8Array.from([...Buffer.from(start, 'latin1'), ...rest]);
const magic = '#!SILK_V3';

interface Read {
  packets: number[][];
  truncated: boolean;
}

function read(bytes: Uint8Array): Read {
  const { truncated } = readSilk(bytes);
  return { packets: packetsOf(bytes).map((one) => [...one]), truncated };
}

const whole = { packets: [a, b], truncated: false };

describe('what can be read', () => {
  const rows: [string, Uint8Array, Read][] = [
    ['plain, with its end marker', plainFile([a, b]), whole],
    ['plain, without', plainFile([a, b], []), whole],
    ['Tencent, without an end marker', tencentFile([a, b]), whole],
    ['Tencent, with one', tencentFile([a, b], endMarker), whole],
    ['any negative length ends it', plainFile([a, b], [0x00, 0x80]), whole],
    ['bytes behind the end are not read', plainFile([a, b], [...endMarker, 0xff, 0x7f, 1]), whole],
    [
      'empty packets are kept as time',
      plainFile([[], a, [], []]),
      { packets: [[], a, [], []], truncated: false },
    ],
    ['an empty packet at the very end', tencentFile([a, []]), { packets: [a, []], truncated: false }],
    [
      'cut off in the last packet',
      tencentFile([a, b]).slice(0, -1),
      { ...whole, packets: [a], truncated: true },
    ],
    ['cut off behind a length', tencentFile([a, b], [9, 0]), { ...whole, truncated: true }],
    ['cut off inside a length', tencentFile([a, b], [9]), { ...whole, truncated: true }],
    ['cut off inside the end marker', plainFile([a, b], [0xff]), { ...whole, truncated: true }],
  ];
  test.each(rows)('%s', (_, bytes, expected) => {
    expect(read(bytes)).toEqual(expected);
  });

  test('the longest packet', () => {
    expect(packetsOf(plainFile([new Uint8Array(1250)]))[0]).toHaveLength(1250);
  });

  test('a part of a larger buffer', () => {
    const file = plainFile([a, b]);
    const padded = Uint8Array.from([9, 9, 9, ...file, 9]);
    expect(read(padded.subarray(3, 3 + file.length))).toEqual(whole);
  });

  test('an hour of packets', () => {
    expect(readSilk(tencentFile([], Array(2 * 180_000).fill(0))).count).toBe(180_000);
  });

  test('every beginning of a file: what is whole of it, or a Failure while nothing is', () => {
    const bytes = fixture('60ms-plain.silk');
    let packets = 0;
    for (let at = 0; at <= bytes.length; at++) {
      const cut = (() => {
        try {
          return readSilk(bytes.subarray(0, at)).count;
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(Failure);
          return 0;
        }
      })();
      expect(cut).toBeGreaterThanOrEqual(packets);
      packets = cut;
    }
    expect(packets).toBe(20);
  });
});

describe('what cannot', () => {
  const rows: [string, Uint8Array, string][] = [
    ['nothing', Uint8Array.of(), 'The file is not a SILK recording.'],
    ['another file', text('#!AMR\n', [1, 2, 3, 4, 5, 6]), 'The file is not a SILK recording.'],
    ['seven bytes of the magic', text('#!SILK_', [1, 2, 3, 4]), 'The file is not a SILK recording.'],
    ['another mark', text(`\x03${magic}`, [1, 0, 1]), 'The file is not a SILK recording.'],
    ['a header alone', text(magic, []), 'The SILK recording is empty: it ends right after its header.'],
    ['a header and an end', plainFile([]), 'The SILK recording is empty: it ends right after its header.'],
    ['half a length', text(magic, [1]), 'The SILK recording is truncated inside its first packet.'],
    ['half a packet', text(magic, [3, 0, 1, 2]), 'The SILK recording is truncated inside its first packet.'],
    [
      'a packet no encoder writes',
      plainFile([a, new Uint8Array(1251)]),
      'The SILK recording is corrupt: a packet of 1251 bytes is longer than SILK allows.',
    ],
    [
      'an invalid length',
      plainFile([a], [0xff, 0x7f]),
      'The SILK recording is corrupt: a packet of 32767 bytes is longer than SILK allows.',
    ],
  ];
  test.each(rows)('%s', (_, bytes, message) => {
    expect(() => readSilk(bytes)).toThrow(
      expect.objectContaining({ kind: 'invalid_request', code: 'invalid_audio', param: 'file', message }),
    );
  });

  test('more packets than an hour has', () => {
    expect(() => readSilk(tencentFile([], Array(2 * 180_001).fill(0)))).toThrow(
      expect.objectContaining({ kind: 'too_large', code: 'audio_too_long', param: 'file' }),
    );
  });
});
