// Compiled by silk.test.ts as `scripts/build` compiles codexd: hears a SILK file in this thread and in one of its own.
import { decodeInThread, decodeSilk } from '../../src/audio/silk/decode.ts';

const bytes = new Uint8Array(await Bun.file(process.argv[2]!).arrayBuffer());
const { signal } = new AbortController();
const hash = (samples: Int16Array) =>
  new Bun.CryptoHasher('sha256').update(new Uint8Array(samples.buffer, 0, samples.byteLength)).digest('hex');

const here = hash((await decodeSilk(bytes, 24_000, signal)).samples);
const there = hash(await decodeInThread({ bytes, rate: 24_000 }, signal));
console.log(JSON.stringify({ here, there }));
