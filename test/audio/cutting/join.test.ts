// reference/asr.md 8.7: the pieces' texts and times become the recording's.
import { describe, expect, test } from 'bun:test';
import {
  type HeardPiece,
  joinedLanguage,
  joinedSegments,
  joinedText,
  joinedWords,
  segmentsOfPieces,
  spaceBetween,
  textOf,
} from '../../../src/audio/cutting/join.ts';
import type { Heard } from '../../../src/audio/engines/engine.ts';

const piece = (startS: number, endS: number, heard: Heard): HeardPiece => ({
  piece: { startS, endS, soundS: endS - startS, silent: false },
  heard,
  text: textOf(heard),
});

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
  ])('%p and %p stands %p', (before, after, space) => {
    expect(spaceBetween(before, after)).toBe(space);
  });
});

test('a silent piece leaves no double space', () => {
  const pieces = [piece(0, 1, { text: ' one ' }), piece(1, 2, { text: '' }), piece(2, 3, { text: 'two' })];
  expect(joinedText(pieces)).toBe('one two');
});

test('segments say the text where the engine gave only them', () => {
  const segments = [
    { start: 0, end: 1, text: ' One' },
    { start: 1, end: 2, text: ' two.' },
  ];
  expect(textOf({ segments })).toBe('One two.');
});

test('times move to the recording’s clock and stay within their piece', () => {
  const heard: Heard = {
    segments: [{ start: -1, end: 4, text: 'a' }],
    words: [
      { start: 1, end: 2, word: 'a' },
      { start: 9, end: 12, word: 'b' },
    ],
  };
  const pieces = [
    piece(0, 10, { segments: [{ start: 0, end: 3, text: 'x' }], words: [] }),
    piece(10, 20, heard),
  ];
  expect(joinedSegments(pieces)).toEqual([
    { start: 0, end: 3, text: 'x' },
    { start: 10, end: 14, text: 'a' },
  ]);
  expect(joinedWords(pieces)).toEqual([
    { start: 11, end: 12, word: 'a' },
    { start: 19, end: 20, word: 'b' },
  ]);
});

test('pieces stand for segments where the engine gives no times, silence for none', () => {
  const pieces = [piece(0, 10, { text: 'one' }), piece(10, 20, { text: '' }), piece(20, 25, { text: 'two' })];
  expect(segmentsOfPieces(pieces)).toEqual([
    { start: 0, end: 10, text: 'one' },
    { start: 20, end: 25, text: 'two' },
  ]);
});

test('the language is that of the longest text', () => {
  const pieces = [
    piece(0, 1, { text: 'oui', language: 'fr' }),
    piece(1, 2, { text: 'a long text in English', language: 'en' }),
    piece(2, 3, { text: 'an even longer text whose language nobody told' }),
  ];
  expect(joinedLanguage(pieces)).toBe('en');
});
