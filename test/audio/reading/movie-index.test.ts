// MP4 files that were truncated before the box that describes where their samples are.
import { expect, test } from 'bun:test';
import { lacksMovieIndex } from '../../../src/audio/reading/movie-index.ts';

/** `declared`: the length in its header, if it differs from the real one. */
function box(type: string, length: number, declared = length): Buffer {
  const bytes = Buffer.alloc(length);
  bytes.writeUInt32BE(declared);
  bytes.write(type, 4, 'latin1');
  return bytes;
}

function largeBox(type: string, length: number): Buffer {
  const bytes = box(type, length, 1);
  bytes.writeBigUInt64BE(BigInt(length), 8);
  return bytes;
}

const ftyp = box('ftyp', 32);

test.each<[string, Buffer[], boolean]>([
  ['cut in the samples', [ftyp, box('mdat', 100, 5000)], true],
  ['cut behind the samples', [ftyp, box('free', 8), box('mdat', 100)], true],
  ['cut behind large samples', [ftyp, largeBox('mdat', 100)], true],
  ['samples to the end', [ftyp, box('mdat', 100, 0)], true],
  ['the index first', [ftyp, box('moov', 64), box('mdat', 100, 5000)], false],
  ['the index last', [ftyp, box('mdat', 100), box('moov', 64)], false],
  ['the index cut', [ftyp, box('mdat', 100), box('moov', 20, 64)], false],
  ['fragments', [ftyp, box('moof', 64), box('mdat', 100)], false],
  ['no samples', [ftyp], false],
  ['a box that cannot be', [ftyp, box('mdat', 100, 3), box('x', 50)], false],
  ['something else', [Buffer.from('no boxes at all, but text')], false],
  ['nothing', [], false],
])('%s', async (_, boxes, expected) => {
  const file = Buffer.concat(boxes);
  const read = (at: number, length: number) => Promise.resolve(file.subarray(at, at + length));
  expect(await lacksMovieIndex({ size: file.length, read })).toBe(expected);
});
