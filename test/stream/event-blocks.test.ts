// Blocks of whole events, however the bytes are cut.
import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { EventBlocks } from '../../src/stream/event-blocks.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);

function blocksOf(pieces: Iterable<Uint8Array>, maxEventBytes = 1024 * 1024): string[] {
  const found: string[] = [];
  const blocks = new EventBlocks({ maxEventBytes, tooLarge: () => new Error('too large') });
  for (const piece of pieces) blocks.push(piece, (block) => found.push(decode(block)));
  return found;
}

const line = fc.constantFrom('data: a', 'data: ü', ': 文', 'event: x', '');
const end = fc.constantFrom('\n', '\n', '\r\n', '\r');
const text = fc
  .array(fc.tuple(line, end), { maxLength: 30 })
  .map((lines) => lines.map(([content, lineEnd]) => content + lineEnd).join(''));
/** A return at the very end may be half of a line end. */
const blankLine = /(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r(?=[^\n]))/;
const endsWithBlankLine = /(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r)$/;

test('blocks begin and end where events do, whatever the line ends and the cuts', () => {
  fc.assert(
    fc.property(text, fc.array(fc.nat(), { maxLength: 8 }), (whole, cuts) => {
      const bytes = encode(whole);
      const at = cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b);
      const blocks = blocksOf(
        [0, ...at].map((from, index) => bytes.subarray(from, at[index] ?? bytes.length)),
      );
      const joined = blocks.join('');
      expect(whole.startsWith(joined)).toBe(true);
      expect(decode(encode(joined))).toBe(joined);
      for (const block of blocks) expect(block).toMatch(endsWithBlankLine);
      expect(whole.slice(joined.length)).not.toMatch(blankLine);
    }),
    { numRuns: 2000 },
  );
});

describe('sizes', () => {
  const event = `data: ${'x'.repeat(990)}\n\n`;

  test('a large read becomes blocks that fit the cache', () => {
    const blocks = blocksOf([encode(event.repeat(200))]);
    expect(blocks.join('')).toBe(event.repeat(200));
    expect(blocks.length).toBe(4);
  });

  test('an event larger than a block is one block, whole or in pieces', () => {
    const large = `data: ${'x'.repeat(200_000)}\n\n`;
    const bytes = encode(event + large + event);
    expect(blocksOf([bytes])).toEqual([event, large, event]);
    const pieces = [bytes.subarray(0, 1500), bytes.subarray(1500, 90_000), bytes.subarray(90_000)];
    expect(blocksOf(pieces)).toEqual([event, large, event]);
  });

  test('an event beyond the limit throws, whatever its pieces', () => {
    const piece = encode('x'.repeat(600));
    expect(() => blocksOf([piece], 1000)).not.toThrow();
    expect(() => blocksOf([piece, piece], 1000)).toThrow('too large');
    expect(() => blocksOf([...`${'x\n'.repeat(501)}`].map(encode), 1000)).toThrow('too large');
  });
});
