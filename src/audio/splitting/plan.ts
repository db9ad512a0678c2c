// Decides where a long recording is split: in pauses, so that no word is lost and no overlap has to be merged.
import { isSilent, type Levels, pausesOf, type WindowRange, windowS } from './levels.ts';

export interface AudioSegment {
  startS: number;
  endS: number;
  /** Length without pauses. */
  soundS: number;
  /** Silent segments are not sent: speech models may invent words for silence. */
  silent: boolean;
}

/** A shorter rest is added to the segment before it. */
const shortestS = 2;
/** Without a pause, the quietest moment within this distance of the target is used. */
const searchS = 5;
/** Longest segment, relative to the target length. */
const longestRatio = 1.4;

/** The target length whose longest segment fits into `largestBytes` as 16 kHz 16-bit mono WAV. */
export function targetSecondsFor(largestBytes: number): number {
  return Math.floor((largestBytes - 1000) / 32_000 / longestRatio);
}

/** Consecutive segments of about `targetS` seconds, at most `longestRatio` times that, which cover the recording. */
export function planSegments(levels: Levels, targetS: number): AudioSegment[] {
  const target = Math.round(targetS / windowS);
  const pauses = pausesOf(levels);
  const ranges: WindowRange[] = [];
  let start = 0;
  while (levels.length - start > target + shortestS / windowS) {
    const end = cutAfter(start, target, levels, pauses);
    ranges.push({ start, end });
    start = end;
  }
  ranges.push({ start, end: levels.length });
  return ranges.map((range) => ({
    startS: seconds(range.start),
    endS: seconds(range.end),
    soundS: seconds(soundIn(range, pauses)),
    silent: isSilent(levels, range),
  }));
}

function cutAfter(start: number, target: number, levels: Levels, pauses: readonly WindowRange[]): number {
  const last = levels.length - Math.round(shortestS / windowS);
  const within = (from: number, to: number) =>
    middleOfLongest(pauses, {
      start: Math.round(start + from * target),
      end: Math.min(last, Math.round(start + to * target)),
    });
  return (
    within(0.6, 1) ??
    within(1, longestRatio) ??
    quietestNear(levels, start + target, { start: start + Math.round(0.6 * target), end: last })
  );
}

/** The middle of the longest pause within `range`. Of equally long pauses the last, which gives fewer segments. */
function middleOfLongest(pauses: readonly WindowRange[], range: WindowRange): number | undefined {
  let best: WindowRange | undefined;
  for (const pause of pauses) {
    const inside = { start: Math.max(pause.start, range.start), end: Math.min(pause.end, range.end) };
    if (inside.end <= inside.start) continue;
    if (best === undefined || inside.end - inside.start >= best.end - best.start) best = inside;
  }
  return best === undefined ? undefined : Math.floor((best.start + best.end) / 2);
}

function quietestNear(levels: Levels, at: number, range: WindowRange): number {
  const from = Math.max(range.start, at - searchS / windowS);
  const to = Math.min(range.end, at + searchS / windowS);
  let best = at;
  for (let window = from; window < to; window++) if (levels[window]! < levels[best]!) best = window;
  return best;
}

function soundIn({ start, end }: WindowRange, pauses: readonly WindowRange[]): number {
  const inside = (pause: WindowRange) => Math.max(0, Math.min(pause.end, end) - Math.max(pause.start, start));
  return pauses.reduce((sound, pause) => sound - inside(pause), end - start);
}

function seconds(window: number): number {
  return Math.round(window * windowS * 1000) / 1000;
}
