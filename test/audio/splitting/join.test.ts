// Joining the texts and times of segments (docs/wire/audio.md#joining).
import { describe, expect, test } from 'bun:test';
import type { EngineResult } from '../../../src/audio/engines/engine.ts';
import {
  joinSegments,
  joinText,
  joinWords,
  mainLanguage,
  type SegmentResult,
  segmentResult,
  segmentsFromBoundaries,
  spaceBetween,
} from '../../../src/audio/splitting/join.ts';

const segment = (startS: number, endS: number, result: EngineResult): SegmentResult =>
  segmentResult({ startS, endS, soundS: endS - startS, silent: false }, result);

describe('between two texts', () => {
  test.each([
    ['one', 'two', ' '],
    ['one.', 'Two', ' '],
    ['', 'two', ''],
    ['one', '', ''],
    ['你好', '世界', ''],
    ['你好。', '世界', ''],
    ['こんにちは', '世界', ''],
    ['안녕', '하세요', ' '],
    ['hello', '世界', ' '],
    ['𠀀', '𠀁', ''],
  ])('%p and %p is %p', (before, after, space) => {
    expect(spaceBetween(before, after)).toBe(space);
  });
});

test('a silent segment leaves no double space', () => {
  const results = [
    segment(0, 1, { text: ' one ' }),
    segment(1, 2, { text: '' }),
    segment(2, 3, { text: 'two' }),
  ];
  expect(joinText(results)).toBe('one two');
});

test('the text comes from the segments if the engine returned no other', () => {
  const segments = [
    { start: 0, end: 1, text: ' One' },
    { start: 1, end: 2, text: ' two.' },
  ];
  expect(segment(0, 2, { segments }).text).toBe('One two.');
});

test('times count from the start of the recording and stay within their segment', () => {
  const result: EngineResult = {
    segments: [{ start: -1, end: 4, text: 'a' }],
    words: [
      { start: 1, end: 2, word: 'a' },
      { start: 9, end: 12, word: 'b' },
    ],
  };
  const results = [
    segment(0, 10, { segments: [{ start: 0, end: 3, text: 'x' }], words: [] }),
    segment(10, 20, result),
  ];
  expect(joinSegments(results)).toEqual([
    { start: 0, end: 3, text: 'x' },
    { start: 10, end: 14, text: 'a' },
  ]);
  expect(joinWords(results)).toEqual([
    { start: 11, end: 12, word: 'a' },
    { start: 19, end: 20, word: 'b' },
  ]);
});

test('boundaries become transcript segments, except for silence', () => {
  const results = [
    segment(0, 10, { text: 'one' }),
    segment(10, 20, { text: '' }),
    segment(20, 25, { text: 'two' }),
  ];
  expect(segmentsFromBoundaries(results)).toEqual([
    { start: 0, end: 10, text: 'one' },
    { start: 20, end: 25, text: 'two' },
  ]);
});

test('the language is that of the longest text', () => {
  const results = [
    segment(0, 1, { text: 'oui', language: 'fr' }),
    segment(1, 2, { text: 'a long text in English', language: 'en' }),
    segment(2, 3, { text: 'an even longer text without a known language' }),
  ];
  expect(mainLanguage(results)).toBe('en');
});
