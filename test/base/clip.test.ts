import { expect, test } from 'bun:test';
import { clip } from '../../src/base/clip.ts';

test.each([
  ['', 3, ''],
  ['abc', 3, 'abc'],
  ['abcd', 3, 'abc…'],
  ['ab😀', 4, 'ab😀'],
  ['ab😀', 3, 'ab😀'],
  ['ab😀c', 3, 'ab😀…'],
  ['ab😀c', 4, 'ab😀c'],
  ['😀😀😀', 2, '😀😀…'],
])('%j clipped to %i is %j', (text, length, expected) => {
  expect(clip(text, length)).toBe(expected);
  expect(clip(text, length).isWellFormed()).toBe(true);
});
