// Pauses, and where a long recording is split (docs/wire/audio.md#pauses).
import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { type Levels, pausesOf, windowS } from '../../../src/audio/splitting/levels.ts';
import { planSegments } from '../../../src/audio/splitting/plan.ts';

/** Windows of speech at -20 dBFS, except in the ranges [startS, endS, dBFS]. */
function levels(durationS: number, stretches: [number, number, number][] = [], speech = -20): Levels {
  const all = new Float32Array(Math.round(durationS / windowS)).fill(speech);
  for (const [startS, endS, level] of stretches) {
    all.fill(level, Math.round(startS / windowS), Math.round(endS / windowS));
  }
  return all;
}

const cutsOf = (recording: Levels, targetS: number) =>
  planSegments(recording, targetS)
    .slice(1)
    .map(({ startS }) => startS);

describe('pauses', () => {
  test('are at least 300 ms long', () => {
    const recording = levels(10, [
      [2, 2.2, -90],
      [5, 5.5, -90],
    ]);
    expect(pausesOf(recording)).toEqual([{ start: 250, end: 275 }]);
  });

  test('are found above the noise of a bad line', () => {
    const noisy = levels(20, [
      [3, 4.5, -35],
      [10, 11.5, -34],
    ]);
    expect(pausesOf(noisy).map(({ start, end }) => [start * windowS, end * windowS])).toEqual([
      [3, 4.5],
      [10, 11.5],
    ]);
  });

  test('a recording of silence is one', () => {
    expect(pausesOf(levels(2, [], -120))).toEqual([{ start: 0, end: 100 }]);
  });
});

describe('cuts', () => {
  test('a recording not much longer than the target stays whole', () => {
    expect(planSegments(levels(301), 300)).toEqual([{ startS: 0, endS: 301, soundS: 301, silent: false }]);
  });

  test('the longest pause between 0.6 and 1.0 of the target is cut in the middle', () => {
    const recording = levels(400, [
      [100, 110, -90],
      [200, 200.4, -90],
      [250, 251, -90],
      [290, 290.5, -90],
      [320, 330, -90],
    ]);
    expect(cutsOf(recording, 300)).toEqual([250.5]);
  });

  test('else the longest up to 1.4 of it', () => {
    const recording = levels(500, [
      [310, 310.4, -90],
      [400, 401, -90],
    ]);
    expect(cutsOf(recording, 300)).toEqual([400.5]);
  });

  test('else the quietest moment within 5 s of it', () => {
    const recording = levels(500, [[303, 303.02, -25]]);
    expect(cutsOf(recording, 300)).toEqual([303]);
  });

  test('and no further away, though it is quieter there', () => {
    const recording = levels(500, [
      [200, 200.02, -29],
      [294.5, 294.52, -29],
      [296, 296.02, -25],
      [305.5, 305.52, -29],
    ]);
    expect(cutsOf(recording, 300)).toEqual([296]);
  });

  test('how much of a segment is sound', () => {
    const recording = levels(500, [
      [10, 15, -90],
      [100, 100.1, -90],
      [249, 253, -90],
      [490, 500, -90],
    ]);
    const pieces = planSegments(recording, 300).map(({ startS, endS, soundS }) => [startS, endS, soundS]);
    expect(pieces).toEqual([
      [0, 251, 244],
      [251, 500, 237],
    ]);
  });

  test('a silent piece is known as one; a quiet voice is not silence', () => {
    const recording = levels(
      900,
      [
        [200, 650, -120],
        [650, 900, -45],
      ],
      -20,
    );
    expect(planSegments(recording, 300).map(({ silent }) => silent)).toContain(true);
    expect(planSegments(recording, 300).at(-1)?.silent).toBe(false);
  });

  test('even noise is not taken for silence', () => {
    expect(planSegments(levels(700, [], -40), 300).map(({ silent }) => silent)).toEqual([
      false,
      false,
      false,
    ]);
  });

  test('forty minutes of speech with a pause every minute', () => {
    const pauses = Array.from({ length: 39 }, (_, i): [number, number, number] => [
      60 * (i + 1),
      60 * (i + 1) + 1,
      -90,
    ]);
    const pieces = planSegments(levels(2400, pauses), 300);
    expect(pieces.every(({ startS }) => startS === 0 || startS % 60 === 0.5)).toBe(true);
    expect(pieces.every(({ startS, endS }) => endS - startS <= 420)).toBe(true);
  });

  test('any recording: pieces touch, cover it, and keep their lengths', () => {
    const stretch = fc.tuple(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer({ min: 1, max: 400 }),
      fc.integer({ min: -120, max: -10 }),
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 60_000 }),
        fc.array(stretch, { maxLength: 40 }),
        fc.constantFrom(30, 60, 300),
        (length, stretches, targetS) => {
          const recording = new Float32Array(length).fill(-20);
          for (const [at, size, level] of stretches) {
            const start = Math.floor(at * length);
            recording.fill(level, start, start + size);
          }
          const pieces = planSegments(recording, targetS);
          expect(pieces[0]?.startS).toBe(0);
          expect(pieces.at(-1)?.endS).toBeCloseTo(length * windowS, 3);
          for (const [index, { startS, endS }] of pieces.entries()) {
            if (index > 0) expect(startS).toBe(pieces[index - 1]!.endS);
            expect(endS - startS).toBeLessThanOrEqual(1.4 * targetS + 5);
            if (pieces.length > 1) expect(endS - startS).toBeGreaterThanOrEqual(1.99);
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});
