import { expect, test } from 'bun:test';
import { dropSilentSegments, isAllSilent } from '../../../src/audio/splitting/silence.ts';

/** A second of sound, then one of silence, in windows of 20 ms. */
const levels = Float32Array.from({ length: 100 }, (_, window) => (window < 50 ? -20 : -90));

test('all of it is silent only when every part is', () => {
  expect(isAllSilent(levels)).toBe(false);
  expect(isAllSilent(levels.subarray(50))).toBe(true);
});

test('a segment in silence is dropped with its words, and the text is what is left', () => {
  const result = {
    text: ' Hello. Thanks for watching.',
    language: 'en',
    segments: [
      { start: 0, end: 1.3, text: ' Hello.' },
      { start: 1.3, end: 2, text: ' Thanks for watching.' },
    ],
    words: [
      { start: 0.1, end: 0.6, word: 'Hello.' },
      { start: 1.4, end: 1.6, word: 'Thanks' },
    ],
  };
  expect(dropSilentSegments(result, levels)).toEqual({
    text: ' Hello.',
    language: 'en',
    segments: [{ start: 0, end: 1.3, text: ' Hello.' }],
    words: [{ start: 0.1, end: 0.6, word: 'Hello.' }],
  });
});

test.each([
  ['without segments', { text: 'Hello.' }],
  ['of sound', { text: ' a', segments: [{ start: 0.9, end: 2, text: ' a' }] }],
  ['without length', { text: ' a', segments: [{ start: 1.5, end: 1.5, text: ' a' }] }],
  ['beyond the end', { text: ' a', segments: [{ start: 2.5, end: 3, text: ' a' }] }],
])('what was heard %s stays', (_, result) => {
  expect(dropSilentSegments(result, levels)).toBe(result);
});
