// Puts together what was heard of the pieces of one recording.

import type { Heard } from '../engines/engine.ts';
import type { Segment, Word } from '../transcript.ts';
import type { Piece } from './cuts.ts';

/** What was heard of a piece; its text trimmed, also where the engine gave only segments. */
export interface HeardPiece {
  piece: Piece;
  text: string;
  heard: Heard;
}

export function textOf({ text, segments }: Heard): string {
  return (text ?? (segments ?? []).map((segment) => segment.text).join('')).trim();
}

const noSpaces = String.raw`[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff00-\uffef]`;
const endsWithoutSpaces = new RegExp(`${noSpaces}$`, 'u');
const beginsWithoutSpaces = new RegExp(`^${noSpaces}`, 'u');

/** What stands between two texts: a space, but nothing in scripts that write none. */
export function spaceBetween(before: string, after: string): string {
  if (before === '' || after === '') return '';
  return endsWithoutSpaces.test(before) && beginsWithoutSpaces.test(after) ? '' : ' ';
}

export function joinedText(pieces: readonly HeardPiece[]): string {
  return pieces.reduce((before, { text }) => before + spaceBetween(before, text) + text, '');
}

/** The segments of all pieces on the recording's own clock. */
export function joinedSegments(pieces: readonly HeardPiece[]): Segment[] {
  return pieces.flatMap(({ piece, heard }) => (heard.segments ?? []).map((segment) => moved(segment, piece)));
}

export function joinedWords(pieces: readonly HeardPiece[]): Word[] {
  return pieces.flatMap(({ piece, heard }) => (heard.words ?? []).map((word) => moved(word, piece)));
}

/** One segment per piece, where the engine gives no times; nothing for silence. */
export function segmentsOfPieces(pieces: readonly HeardPiece[]): Segment[] {
  return pieces.flatMap(({ piece: { startS, endS }, text, heard }) => {
    const end = Number.isFinite(endS) ? endS : Math.max(startS, heard.durationS ?? 0);
    return text === '' ? [] : [{ start: startS, end, text }];
  });
}

/** The language of the longest text. */
export function joinedLanguage(pieces: readonly HeardPiece[]): string | undefined {
  const told = pieces.filter(({ heard }) => heard.language !== undefined);
  return told.toSorted((a, b) => b.text.length - a.text.length)[0]?.heard.language;
}

/** On the recording's clock, and within its piece: engines hear past the end. */
function moved<T extends { start: number; end: number }>(one: T, { startS, endS }: Piece): T {
  const start = Math.min(Math.max(0, one.start) + startS, endS);
  return { ...one, start, end: Math.max(start, Math.min(one.end + startS, endS)) };
}
