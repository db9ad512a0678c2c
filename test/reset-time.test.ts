import { describe, expect, test } from 'bun:test';
import { resetTimeText, spanText } from '../src/reset-time.ts';

const now = Date.parse('2026-12-01T11:34:00Z');
const at = (text: string) => Date.parse(text);

describe('when a limit resets', () => {
  const cases: [zone: string, at: string, text: string][] = [
    ['UTC', '2026-12-01T12:12:00Z', '12:12 (in 38 min)'],
    ['Europe/Berlin', '2026-12-01T12:12:00Z', '13:12 (in 38 min)'],
    ['UTC', '2026-12-01T11:34:20Z', '11:34 (in 20 s)'],
    ['UTC', '2026-12-04T09:00:00Z', '2026-12-04 09:00 (in 2 d 21 h)'],
    ['Asia/Tokyo', '2026-12-01T16:00:00Z', '2026-12-02 01:00 (in 4 h 26 min)'],
    ['UTC', '2026-12-01T11:00:00Z', '11:00 (in 0 s)'],
  ];
  test.each(cases)('in %s at %s: %s', (timeZone, when, text) => {
    expect(resetTimeText(at(when), { nowMs: now, timeZone })).toBe(text);
  });

  test.each([
    [0, '0 s'],
    [59_000, '59 s'],
    [45 * 60_000, '45 min'],
    [130 * 60_000, '2 h 10 min'],
    [(9 * 24 + 3) * 3_600_000, '9 d 3 h'],
  ])('%d ms is %s', (ms, text) => {
    expect(spanText(ms)).toBe(text);
  });
});
