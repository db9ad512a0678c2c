// Joins the results of a recording's segments.

import type { EngineResult } from '../engines/engine.ts';
import type { Segment, Word } from '../transcript.ts';
import type { AudioSegment } from './plan.ts';

/** What the engine returned for one segment. `text` is trimmed, and there even if the engine returned only segments. */
export interface SegmentResult {
  segment: AudioSegment;
  text: string;
  result: EngineResult;
}

export function segmentResult(segment: AudioSegment, result: EngineResult): SegmentResult {
  const { text, segments = [] } = result;
  return { segment, result, text: (text ?? segments.map((one) => one.text).join('')).trim() };
}

const unspaced = String.raw`[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff00-\uffef]`;
const endsUnspaced = new RegExp(`${unspaced}$`, 'u');
const beginsUnspaced = new RegExp(`^${unspaced}`, 'u');

/** The separator of two texts: a space, or nothing in scripts that are written without spaces. */
export function spaceBetween(before: string, after: string): string {
  if (before === '' || after === '') return '';
  return endsUnspaced.test(before) && beginsUnspaced.test(after) ? '' : ' ';
}

export function joinText(results: readonly SegmentResult[]): string {
  return results.reduce((before, { text }) => before + spaceBetween(before, text) + text, '');
}

/** The transcript segments of all results, with times from the start of the recording. */
export function joinSegments(results: readonly SegmentResult[]): Segment[] {
  return results.flatMap(({ segment, result }) =>
    (result.segments ?? []).map((one) => shiftTimes(one, segment)),
  );
}

export function joinWords(results: readonly SegmentResult[]): Word[] {
  return results.flatMap(({ segment, result }) =>
    (result.words ?? []).map((word) => shiftTimes(word, segment)),
  );
}

/** One transcript segment for each part of the recording that is not silent, for engines without times of their own. */
export function segmentsFromBoundaries(results: readonly SegmentResult[]): Segment[] {
  return results.flatMap(({ segment: { startS, endS }, text, result }) => {
    const end = Number.isFinite(endS) ? endS : Math.max(startS, result.durationS ?? 0);
    return text === '' ? [] : [{ start: startS, end, text }];
  });
}

/** The language of the result with the longest text. */
export function mainLanguage(results: readonly SegmentResult[]): string | undefined {
  const known = results.filter(({ result }) => result.language !== undefined);
  return known.toSorted((a, b) => b.text.length - a.text.length)[0]?.result.language;
}

/** From the segment's clock to the recording's. Clamped, since engines report times past the end of their input. */
function shiftTimes<T extends { start: number; end: number }>(one: T, { startS, endS }: AudioSegment): T {
  const start = Math.min(Math.max(0, one.start) + startS, endS);
  return { ...one, start, end: Math.max(start, Math.min(one.end + startS, endS)) };
}
