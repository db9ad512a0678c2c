// Decodes damaged files and counts the outcomes. Bytes, lengths, ends, or the content of all packets are damaged. Runs
// as a separate program: every decoder is a new instance, and collecting them in the large heap of a whole test run
// takes minutes.
import { Failure } from '../../../src/failure.ts';
import {
  decodeAll,
  fixture,
  fixtureNames,
  packetsOf,
  plainFile,
  randomFrom,
  rates,
  tencentFile,
} from './corpus.ts';

type Random = () => number;

/** Some consecutive packets of a fixture, as one of the variants. */
function smallFile(random: Random): { bytes: Uint8Array; packets: Uint8Array[] } {
  const name = fixtureNames[Math.floor(random() * fixtureNames.length)]!;
  const all = packetsOf(fixture(name));
  const start = Math.floor(random() * (all.length - 1));
  const packets = all.slice(start, start + 1 + Math.floor(random() * 5));
  const build = random() < 0.5 ? plainFile : tencentFile;
  return { bytes: build(packets), packets };
}

const somewhere = (bytes: Uint8Array, random: Random) => Math.floor(random() * bytes.length);
const noise = (length: number, random: Random) => Uint8Array.from({ length }, () => random() * 256);

const damages: Record<string, (random: Random) => Uint8Array> = {
  'bytes are others': (random) => {
    const { bytes } = smallFile(random);
    for (let left = 1 + random() * 8; left > 0; left--) bytes[somewhere(bytes, random)] = random() * 256;
    return bytes;
  },
  'bits inside packets are flipped': (random) => {
    const { packets } = smallFile(random);
    const damaged = packets.map((packet) => packet.slice());
    for (const packet of damaged)
      if (packet.length > 0) packet[somewhere(packet, random)]! ^= 1 << (random() * 8);
    return tencentFile(damaged);
  },
  'it is cut off': (random) => {
    const { bytes } = smallFile(random);
    return bytes.subarray(0, somewhere(bytes, random));
  },
  'bytes are missing or too many': (random) => {
    const { bytes } = smallFile(random);
    const [at, more] = [somewhere(bytes, random), noise(Math.floor(random() * 4), random)];
    return Uint8Array.from([...bytes.subarray(0, at), ...more, ...bytes.subarray(at + random() * 4)]);
  },
  'a length is another': (random) => {
    const { packets } = smallFile(random);
    const lies = [
      0,
      1,
      2,
      249,
      250,
      1024,
      1025,
      1250,
      1251,
      0x7fff,
      0x8000,
      0xffff,
      Math.floor(random() * 300),
    ];
    const lie = lies[Math.floor(random() * lies.length)]!;
    const damaged = Math.floor(random() * packets.length);
    const start = tencentFile(packets.slice(0, damaged)).length;
    const bytes = tencentFile(packets);
    return Uint8Array.from([...bytes.subarray(0, start), lie & 0xff, lie >> 8, ...bytes.subarray(start + 2)]);
  },
  'packets hold noise': (random) => {
    const longest = random() < 0.05 ? 1250 : 60;
    const packets = Array.from({ length: 1 + random() * 4 }, () =>
      noise(Math.floor(random() * longest), random),
    );
    return tencentFile(packets);
  },
  'packets are lost, doubled and moved': (random) => {
    const { packets } = smallFile(random);
    const one = () => (random() < 0.3 ? new Uint8Array(0) : packets[Math.floor(random() * packets.length)]!);
    return plainFile(Array.from({ length: 1 + random() * 6 }, one));
  },
};

export const kinds: readonly string[] = Object.keys(damages);

export interface Outcome {
  results: number;
  failures: number;
}

/** Throws with the seed of a file that had another outcome. */
function outcomeOf(kind: string, files: number): Outcome {
  const outcome: Outcome = { results: 0, failures: 0 };
  for (let seed = 1; seed <= files; seed++) {
    const random = randomFrom(seed * 7919);
    const bytes = damages[kind]!(random);
    const rate = rates[seed % rates.length]!;
    try {
      const { samples, durationS } = decodeAll(bytes, rate);
      if (!(durationS >= 0.02) || samples.length !== Math.round(durationS * rate))
        throw new Error('no sound');
      outcome.results++;
    } catch (thrown) {
      const isNamed = thrown instanceof Failure && thrown.code === 'invalid_audio' && thrown.param === 'file';
      if (!isNamed) throw new Error(`${kind}, seed ${seed}`, { cause: thrown });
      outcome.failures++;
    }
  }
  return outcome;
}

if (import.meta.main) {
  const files = Number(process.argv[2]);
  console.log(JSON.stringify(Object.fromEntries(kinds.map((kind) => [kind, outcomeOf(kind, files)]))));
}
