// The SILK decoder of silk-wasm 3.7.1 (idranme/silk-wasm, binding/libSilkCodec/src/decoder.c), called without the package's
// JavaScript, which compiles the wasm file for each recording and returns the output only at the end.
import wasmFile from 'silk-wasm/lib/silk.wasm' with { type: 'file' };
import { Failure } from '../../failure.ts';
import { invalidSilk, silkHeader } from './container.ts';

/**
 * Patches of the decoder's code, each at the only occurrence of the bytes on the left:
 * - the call that appends the samples of a packet to the output becomes a call of the import `e`;
 * - an empty packet counts as lost, like one of more than 1024 bytes: `bytes > 1024` becomes `(bytes - 1) >>> 10`, whose
 *   lowest bit is tested. Otherwise an hour of lost packets would need an input of 185 MB.
 */
const patches: readonly [from: string, to: string][] = [
  ['200e20062029c12206410174102b', '200e20062029c122064101741004'],
  ['c1221a4180084a213a410021294100211d', '221a417f6a410a76213a41002229211d01'],
];

/** With the names of the wasm file. */
interface Exports {
  x: WebAssembly.Memory;
  /** Registers the module's functions through the imports. */
  y(): void;
  /** malloc; returns 0 if out of memory. */
  A(bytes: number): number;
  /** The function table. */
  D: WebAssembly.Table;
}

/** Size of a long string in libc++: pointer, length and capacity. */
const stringBytes = 12;
const emptyPacket = new Uint8Array(0);
/** A packet longer than the SDK accepts, which it treats as lost. */
const lostPacket = new Uint8Array(1025);

/** Compiles the patched decoder. One module serves all threads, and keeps the optimised code between recordings. */
export async function compileDecoder(): Promise<WebAssembly.Module> {
  const wasm = Buffer.from(await Bun.file(wasmFile).arrayBuffer());
  for (const [from, to] of patches) {
    const at = wasm.indexOf(from, 'hex');
    if (at === -1 || wasm.includes(from, at + 1, 'hex')) {
      throw new Failure('bug', 'The SILK decoder cannot be patched: this is not silk-wasm 3.7.1.');
    }
    wasm.write(to, at, 'hex');
  }
  return WebAssembly.compile(wasm);
}

/**
 * Decodes packets on the calling thread; `packets` is iterated twice. `onSamples` is called for each packet with samples that
 * are valid only during the call; its exceptions end the decoding. Each call creates a new instance of the decoder, so a crash
 * does not affect later calls.
 */
export function decodePackets(
  module: WebAssembly.Module,
  packets: Iterable<Uint8Array>,
  rate: number,
  onSamples: (samples: Int16Array) => void,
): void {
  let decode = 0;
  let remaining = 0;
  const imports: Record<string, (...args: number[]) => number> = {};
  for (const { name } of WebAssembly.Module.imports(module)) imports[name] = () => 0;
  imports.c = (name = 0, _arguments, _types, _signature, _caller, index = 0) => {
    if (Buffer.from(memory.buffer, name, 12).toString() === 'silk_decode\0') decode = index;
    return 0;
  };
  imports.e = (_output, at, bytes = 0) => {
    // The decoder adds two frames of its own at the end.
    if (remaining-- > 0) onSamples(new Int16Array(memory.buffer, at, bytes / 2));
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
  remaining = count;
  try {
    functions.get(decode)(input, rate, input);
  } catch (thrown) {
    throw thrown instanceof WebAssembly.RuntimeError ? undecodable(thrown) : thrown;
  }
  if (remaining > 0) throw undecodable();
}

/**
 * The decoder drops the third and fourth packet, so two empty ones are inserted there. It finds the packets through the first
 * one, which must not be empty.
 */
function* paddedPackets(packets: Iterable<Uint8Array>): Generator<Uint8Array> {
  let count = 0;
  for (const packet of packets) {
    yield count === 0 && packet.length === 0 ? lostPacket : packet;
    count++;
    if (count === 2) yield* [emptyPacket, emptyPacket];
  }
  if (count === 1) yield* [emptyPacket, emptyPacket];
  yield emptyPacket;
}

function sizeOf(packets: Iterable<Uint8Array>): { count: number; bytes: number } {
  let count = -3;
  let bytes = silkHeader.length;
  for (const packet of paddedPackets(packets)) {
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
  target.set(silkHeader, stringBytes);
  let at = stringBytes + silkHeader.length;
  for (const packet of paddedPackets(packets)) {
    view.setUint16(at, packet.length, true);
    target.set(packet, at + 2);
    at += 2 + packet.length;
  }
}

/** Grows the memory to at least `bytes` bytes; false if that is impossible. */
function hasGrown(memory: WebAssembly.Memory, bytes: number): boolean {
  try {
    memory.grow(Math.ceil((bytes - memory.buffer.byteLength) / 65_536));
    return true;
  } catch {
    return false;
  }
}

function undecodable(cause?: unknown): Failure {
  return invalidSilk('The SILK recording cannot be decoded.', 'Send the original file.', cause);
}

function noMemory(): Failure {
  return new Failure('unavailable', 'There is not enough memory to decode the SILK recording.', {
    advice: 'Send a shorter recording, or try again when more memory is free.',
  });
}
