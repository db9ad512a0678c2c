import { expect, test } from 'bun:test';
import { loadTokenizer, splitLongRuns } from '../../src/models/tokenizer.ts';

test('counts with the o200k encoding', async () => {
  const count = await loadTokenizer();
  expect(count('')).toBe(0);
  expect(count('hello world')).toBe(2);
  expect(count('The quick brown fox jumps over the lazy dog.')).toBe(10);
  expect(count('日本語のテキスト')).toBeGreaterThan(3);
});

test('special tokens count as plain text', async () => {
  const count = await loadTokenizer();
  expect(count('<|endoftext|>')).toBeGreaterThan(1);
});

test('a long run without spaces is counted in slices, so that it cannot stall the daemon', async () => {
  const count = await loadTokenizer();
  for (const run of [
    'a'.repeat(200_000),
    ' '.repeat(200_000),
    '\n'.repeat(200_000),
    'iVBORw0KGgo'.repeat(20_000),
  ]) {
    const parts = splitLongRuns(`before ${run} behind`);
    expect(parts.join('')).toBe(`before ${run} behind`);
    expect(Math.max(...parts.map((part) => part.length))).toBeLessThanOrEqual(420);
    expect(count(run)).toBeGreaterThan(1000);
  }
});
