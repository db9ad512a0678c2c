// The samples are bit for bit those of the SDK's decoder, at every rate. UPDATE=1 rewrites the reference.
import { describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import type { SilkRate } from '../../../src/audio/silk/decode.ts';
import {
  decodeAll,
  encodedVoice,
  fixture,
  fixtureNames,
  fixtures,
  packetsOf,
  plainFile,
  type Reference,
  rates,
  samplesHash,
  tencentFile,
} from './corpus.ts';
import { fileHash, makeReference, rustSilk, rustSilkHash, rustSilkRates } from './rust-silk.ts';

const path = join(fixtures, 'reference.json');
const known: Reference = await Bun.file(path).json();
if (process.env.UPDATE) await Bun.write(path, `${JSON.stringify(await makeReference(known), null, 1)}\n`);
const reference: Reference = await Bun.file(path).json();

const ours = (bytes: Uint8Array, rate: SilkRate) => samplesHash(decodeAll(bytes, rate).samples);

const atAllRates = (bytes: Uint8Array): Record<string, string> =>
  Object.fromEntries(rates.map((rate) => [rate, ours(bytes, rate)]));

describe('SILK decoding equals the reference decoder on the round-trip corpus at every rate', () => {
  test.each(fixtureNames.map((name) => [name]))('%s', (name) => {
    expect(atAllRates(fixture(name))).toEqual(reference[name]!.samples);
  });

  test.each(rates.map((rate) => [rate]))('encoded at %p Hz', async (rate) => {
    const bytes = await encodedVoice(rate);
    const { file, samples } = reference[`encoded at ${rate}`]!;
    expect({ file: fileHash(bytes), samples: atAllRates(bytes) }).toEqual({ file, samples });
  });

  test('and the reference knows no other files', () => {
    const names = [...fixtureNames, ...rates.map((rate) => `encoded at ${rate}`)];
    expect(Object.keys(reference).sort()).toEqual(names.sort());
  });
});

describe.skipIf(rustSilk === null)('the rust-silk that is installed', () => {
  test('agrees with the reference', async () => {
    for (const [name, { samples }] of Object.entries(reference)) {
      const rate = /encoded at (\d+)/.exec(name)?.[1];
      const bytes = rate === undefined ? fixture(name) : await encodedVoice(Number(rate) as SilkRate);
      for (const rate of rustSilkRates) {
        expect([name, rate, await rustSilkHash(bytes, rate)]).toEqual([name, rate, samples[rate]!]);
      }
    }
  }, 60_000);

  // In the Tencent variant: rust-silk cannot read the plain one if its first packet is empty.
  test('agrees with us on every beginning of a file, and on packets that were lost', async () => {
    const variants: [string, (packets: Uint8Array[]) => Uint8Array[]][] = [
      ...[1, 2, 3, 4, 5].map((count): (typeof variants)[number] => [
        `the first ${count}`,
        (packets) => packets.slice(0, count),
      ]),
      ...[1, 2, 3].map((count): (typeof variants)[number] => [
        `${count} lost before`,
        (packets) => [...packets.slice(0, count).map(() => packets[0]!.subarray(0, 0)), ...packets],
      ]),
      ['every third lost', (packets) => packets.map((one, at) => (at % 3 === 2 ? one.subarray(0, 0) : one))],
      ['all lost', (packets) => packets.map((one) => one.subarray(0, 0))],
    ];
    for (const name of fixtureNames.filter((one) => !one.includes('fec'))) {
      for (const [what, edit] of variants) {
        const bytes = tencentFile(edit(packetsOf(fixture(name))));
        const expected = [name, what, await rustSilkHash(bytes, 16_000)];
        expect([name, what, ours(bytes, 16_000)]).toEqual(expected as string[]);
      }
    }
  }, 60_000);
});

describe('the two variants', () => {
  const some = ['20ms-plain.silk', '20ms-fec-dtx.silk', '60ms-fec.silk', '100ms-dtx.silk'];
  test.each(some.map((name) => [name]))(
    '%s: the same samples with and without mark and end',
    async (name) => {
      const packets = packetsOf(fixture(name));
      const files = [
        plainFile(packets),
        plainFile(packets, []),
        tencentFile(packets),
        tencentFile(packets, [0xff, 0xff]),
        tencentFile(packets, [0xfe, 0xff, 9, 9, 9]),
      ];
      const hashes = files.map((file) => ours(file, 24_000));
      expect(new Set(hashes)).toEqual(new Set([reference[name]!.samples['24000']!]));
    },
  );
});
