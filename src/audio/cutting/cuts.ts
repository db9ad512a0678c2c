// Where a long recording is cut: in pauses, so that no word is lost and nothing has to be merged.
import { isSilent, type Levels, pausesOf, type Stretch, windowS } from './levels.ts';

export interface Piece {
  startS: number;
  endS: number;
  /** Without its pauses. */
  soundS: number;
  /** Nobody speaks in it: models of this kind may invent words on silence, so it is not sent. */
  silent: boolean;
}

/** No piece is shorter: it goes to its neighbour. */
const shortestS = 2;
const nearS = 5;
/** Of the length that is aimed at. */
const longestPart = 1.4;

/** Seconds to aim at, so that the longest piece as 16-bit mono samples of 16 kHz has no more than these bytes. */
export function fittingS(largestBytes: number): number {
  return Math.floor((largestBytes - 1000) / 32_000 / longestPart);
}

/** Pieces of about `targetS` seconds, at most `longestPart` times that, from the beginning to the end without gaps. */
export function planPieces(levels: Levels, targetS: number): Piece[] {
  const target = Math.round(targetS / windowS);
  const pauses = pausesOf(levels);
  const stretches: Stretch[] = [];
  let start = 0;
  while (levels.length - start > target + shortestS / windowS) {
    const end = cutAfter(start, target, levels, pauses);
    stretches.push({ start, end });
    start = end;
  }
  stretches.push({ start, end: levels.length });
  return stretches.map((stretch) => ({
    startS: seconds(stretch.start),
    endS: seconds(stretch.end),
    soundS: seconds(soundIn(stretch, pauses)),
    silent: isSilent(levels, stretch),
  }));
}

function cutAfter(start: number, target: number, levels: Levels, pauses: readonly Stretch[]): number {
  const last = levels.length - Math.round(shortestS / windowS);
  const within = (from: number, to: number) =>
    middleOfLongest(pauses, {
      start: Math.round(start + from * target),
      end: Math.min(last, Math.round(start + to * target)),
    });
  return (
    within(0.6, 1) ??
    within(1, longestPart) ??
    quietestNear(levels, start + target, { start: start + Math.round(0.6 * target), end: last })
  );
}

/** The middle of the longest pause, as far as it lies within `range`; of equals the last: fewer pieces. */
function middleOfLongest(pauses: readonly Stretch[], range: Stretch): number | undefined {
  let best: Stretch | undefined;
  for (const pause of pauses) {
    const inside = { start: Math.max(pause.start, range.start), end: Math.min(pause.end, range.end) };
    if (inside.end <= inside.start) continue;
    if (best === undefined || inside.end - inside.start >= best.end - best.start) best = inside;
  }
  return best === undefined ? undefined : Math.floor((best.start + best.end) / 2);
}

function quietestNear(levels: Levels, at: number, range: Stretch): number {
  const from = Math.max(range.start, at - nearS / windowS);
  const to = Math.min(range.end, at + nearS / windowS);
  let best = at;
  for (let window = from; window < to; window++) if (levels[window]! < levels[best]!) best = window;
  return best;
}

function soundIn({ start, end }: Stretch, pauses: readonly Stretch[]): number {
  const inside = (pause: Stretch) => Math.max(0, Math.min(pause.end, end) - Math.max(pause.start, start));
  return pauses.reduce((sound, pause) => sound - inside(pause), end - start);
}

function seconds(window: number): number {
  return Math.round(window * windowS * 1000) / 1000;
}
