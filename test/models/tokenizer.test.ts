import { expect, test } from 'bun:test';
import { loadTokenizer, pieces } from '../../src/models/tokenizer.ts';

test('counts as o200k does', async () => {
  const count = await loadTokenizer();
  expect(count('')).toBe(0);
  expect(count('hello world')).toBe(2);
  expect(count('The quick brown fox jumps over the lazy dog.')).toBe(10);
  expect(count('日本語のテキスト')).toBeGreaterThan(3);
});

test('anthropic-api 13: special tokens in a text are text', async () => {
  const count = await loadTokenizer();
  expect(count('<|endoftext|>')).toBeGreaterThan(1);
});

test('anthropic-api 13 and trap 65: a long unbroken run is counted in slices, so that nobody can stall the daemon', async () => {
  const count = await loadTokenizer();
  for (const run of [
    'a'.repeat(200_000),
    ' '.repeat(200_000),
    '\n'.repeat(200_000),
    'iVBORw0KGgo'.repeat(20_000),
  ]) {
    const cut = pieces(`before ${run} behind`);
    expect(cut.join('')).toBe(`before ${run} behind`);
    expect(Math.max(...cut.map((piece) => piece.length))).toBeLessThanOrEqual(420);
    expect(count(run)).toBeGreaterThan(1000);
  }
});
