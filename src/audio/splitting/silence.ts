// Whisper invents words for silence ("you", "Thanks for watching."): silent recordings are not sent to it, and segments it
// places in silence are dropped.
import type { EngineResult } from '../engines/engine.ts';
import { isSilent, type Levels, windowS } from './levels.ts';

export function isAllSilent(levels: Levels): boolean {
  return isSilent(levels, { start: 0, end: levels.length });
}

/** Segment times are rough, but a segment that is silent from start to end contains no speech. */
export function dropSilentSegments(result: EngineResult, levels: Levels): EngineResult {
  const { segments = [], words } = result;
  const isAudible = ({ start, end }: { start: number; end: number }) => {
    const range = { start: Math.floor(start / windowS), end: Math.ceil(end / windowS) };
    return range.end <= range.start || range.start >= levels.length || !isSilent(levels, range);
  };
  const kept = segments.filter(isAudible);
  if (kept.length === segments.length) return result;
  const dropped = segments.filter((segment) => !isAudible(segment));
  const isInDropped = (at: number) => dropped.some(({ start, end }) => at >= start && at <= end);
  return {
    ...result,
    text: kept.map(({ text }) => text).join(''),
    segments: kept,
    ...(words && { words: words.filter(({ start, end }) => !isInDropped((start + end) / 2)) }),
  };
}
