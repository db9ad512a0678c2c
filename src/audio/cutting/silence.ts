// Whisper writes words where nobody speaks ("you", "Thanks for watching."), so silence is not given to it, and segments that
// it heard in silence are dropped.
import type { Heard } from '../engines/engine.ts';
import { isSilent, type Levels, windowS } from './levels.ts';

export function isAllSilent(levels: Levels): boolean {
  return isSilent(levels, { start: 0, end: levels.length });
}

/** Times of segments are rough, but one that lies in silence as a whole has no words. */
export function audibleOf(heard: Heard, levels: Levels): Heard {
  const { segments = [], words } = heard;
  const isAudible = ({ start, end }: { start: number; end: number }) => {
    const stretch = { start: Math.floor(start / windowS), end: Math.ceil(end / windowS) };
    return stretch.end <= stretch.start || stretch.start >= levels.length || !isSilent(levels, stretch);
  };
  const kept = segments.filter(isAudible);
  if (kept.length === segments.length) return heard;
  const dropped = segments.filter((segment) => !isAudible(segment));
  const isInDropped = (at: number) => dropped.some(({ start, end }) => at >= start && at <= end);
  return {
    ...heard,
    text: kept.map(({ text }) => text).join(''),
    segments: kept,
    ...(words && { words: words.filter(({ start, end }) => !isInDropped((start + end) / 2)) }),
  };
}
