// The SILK decoder in silk-wasm's wasm file, without its JavaScript (idranme/silk-wasm 3.7.1,
// binding/libSilkCodec/src/decoder.c): that compiles the file anew for each recording, and the decoder gives its output only
// when it has all of it.
import wasmFile from 'silk-wasm/lib/silk.wasm' with { type: 'file' };
import { Failure } from '../../failure.ts';
import { header, invalidSilk } from './container.ts';

/**
 * What is made of the decoder's code, at the one place where the bytes on the left stand:
 * - the call that appends the samples of a packet to the output becomes one of the import `e`;
 * - a packet without bytes is lost, as one of more than 1024 bytes is: `bytes > 1024` becomes `(bytes - 1) >>> 10`, of
 *   which the lowest bit counts. An hour of lost packets would be an input of 185 MB else.
 */
const changes: readonly [from: string, to: string][] = [
  ['200e20062029c12206410174102b', '200e20062029c122064101741004'],
  ['c1221a4180084a213a410021294100211d', '221a417f6a410a76213a41002229211d01'],
];

/** By the names they have in the file. */
interface Exports {
  x: WebAssembly.Memory;
  /** Says to the imports what there is. */
  y(): void;
  /** malloc; 0 when there is no more. */
  A(bytes: number): number;
  /** Of functions. */
  D: WebAssembly.Table;
}

/** A pointer, the length and the room of libc++'s long strings. */
const stringBytes = 12;
const nothing = new Uint8Array(0);
/** Longer than the SDK reads. */
const lost = new Uint8Array(1025);

/** Once is enough: code that became fast with one recording stays so, in every thread that is given the module. */
export async function compileDecoder(): Promise<WebAssembly.Module> {
  const wasm = Buffer.from(await Bun.file(wasmFile).arrayBuffer());
  for (const [from, to] of changes) {
    const at = wasm.indexOf(from, 'hex');
    if (at === -1 || wasm.includes(from, at + 1, 'hex')) {
      throw new Failure('bug', 'silk-wasm is not the one whose SILK decoder is known.');
    }
    wasm.write(to, at, 'hex');
  }
  return WebAssembly.compile(wasm);
}

/**
 * Decodes packets, which are iterated twice, on the calling thread. `onSamples` gets those of one packet after the other, in
 * memory that is the decoder's again afterwards; what it throws ends the decoding. Each time the decoder is a new one:
 * where one broke, the next is not harmed.
 */
export function play(
  module: WebAssembly.Module,
  packets: Iterable<Uint8Array>,
  rate: number,
  onSamples: (samples: Int16Array) => void,
): void {
  let decode = 0;
  let left = 0;
  const imports: Record<string, (...args: number[]) => number> = {};
  for (const { name } of WebAssembly.Module.imports(module)) imports[name] = () => 0;
  imports.c = (name = 0, _arguments, _types, _signature, _caller, index = 0) => {
    if (Buffer.from(memory.buffer, name, 12).toString() === 'silk_decode\0') decode = index;
    return 0;
  };
  imports.e = (_output, at, bytes = 0) => {
    // It goes on for two frames of its own.
    if (left-- > 0) onSamples(new Int16Array(memory.buffer, at, bytes / 2));
    return 0;
  };
  imports.w = (bytes = 0) => Number(hasGrown(memory, bytes));
  const { exports } = new WebAssembly.Instance(module, { a: imports });
  const { x: memory, y: announce, A: allocate, D: functions } = exports as unknown as Exports;
  announce();
  const { count, bytes } = sizeOf(packets);
  const input = allocate(stringBytes + bytes);
  if (input === 0) throw noMemory();
  writeInput(packets, memory, input, bytes);
  left = count;
  try {
    functions.get(decode)(input, rate, input);
  } catch (thrown) {
    throw thrown instanceof WebAssembly.RuntimeError ? undecodable(thrown) : thrown;
  }
  if (left > 0) throw undecodable();
}

/**
 * As the decoder must be given packets: it plays the first two while it reads the next two, and forgets those. Of the first
 * it learns where they lie, so that one must have bytes.
 */
function* fed(packets: Iterable<Uint8Array>): Generator<Uint8Array> {
  let count = 0;
  for (const packet of packets) {
    yield count === 0 && packet.length === 0 ? lost : packet;
    count++;
    if (count === 2) yield* [nothing, nothing];
  }
  if (count === 1) yield* [nothing, nothing];
  yield nothing;
}

function sizeOf(packets: Iterable<Uint8Array>): { count: number; bytes: number } {
  let count = -3;
  let bytes = header.length;
  for (const packet of fed(packets)) {
    count++;
    bytes += 2 + packet.length;
  }
  return { count, bytes };
}

function writeInput(packets: Iterable<Uint8Array>, memory: WebAssembly.Memory, input: number, bytes: number) {
  const view = new DataView(memory.buffer, input);
  const target = new Uint8Array(memory.buffer, input);
  view.setUint32(0, input + stringBytes, true);
  view.setUint32(4, bytes, true);
  view.setUint32(8, 0x8000_0000 + bytes, true);
  target.set(header, stringBytes);
  let at = stringBytes + header.length;
  for (const packet of fed(packets)) {
    view.setUint16(at, packet.length, true);
    target.set(packet, at + 2);
    at += 2 + packet.length;
  }
}

/** To that many bytes. */
function hasGrown(memory: WebAssembly.Memory, bytes: number): boolean {
  try {
    memory.grow(Math.ceil((bytes - memory.buffer.byteLength) / 65_536));
    return true;
  } catch {
    return false;
  }
}

function undecodable(cause?: unknown): Failure {
  return invalidSilk(
    'The SILK recording cannot be decoded.',
    'Send the recording as it was first saved.',
    cause,
  );
}

function noMemory(): Failure {
  return new Failure('unavailable', 'There is not enough memory to decode the SILK recording.', {
    advice: 'Send a shorter recording, or try again when less is going on.',
  });
}
