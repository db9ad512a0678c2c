// The rules for SRT and WebVTT (docs/wire/audio.md#subtitles).
import { describe, expect, test } from 'bun:test';
import { type Cue, srt, vtt } from '../../src/audio/subtitles.ts';

const cue = (start: number, end: number, text = 'x'): Cue => ({ start, end, text });

describe('times come from whole milliseconds', () => {
  const times: [start: number, end: number, from: string, to: string][] = [
    [0, 2.5, '00:00:00,000', '00:00:02,500'],
    [1.001, 1.0015, '00:00:01,001', '00:00:01,002'],
    [59.9994, 59.9996, '00:00:59,999', '00:01:00,000'],
    [3599.9999, 3661.042, '01:00:00,000', '01:01:01,042'],
    [359_999, 360_000.5, '99:59:59,000', '100:00:00,500'],
    [-3, -1, '00:00:00,000', '00:00:00,001'],
    [5, 5, '00:00:05,000', '00:00:05,001'],
    [5, 4, '00:00:05,000', '00:00:05,001'],
    [Number.NaN, Number.POSITIVE_INFINITY, '00:00:00,000', '00:00:00,001'],
  ];
  test.each(times)('%d to %d', (start, end, from, to) => {
    expect(srt([cue(start, end)])).toBe(`1\n${from} --> ${to}\nx\n\n`);
    const [points, pointsTo] = [from, to].map((time) => time.replace(',', '.'));
    expect(vtt([cue(start, end)])).toBe(`WEBVTT\n\n${points} --> ${pointsTo}\nx\n\n`);
  });
});

describe('no text breaks out of its cue', () => {
  const texts: [text: string, inSrt: string, inVtt: string][] = [
    [' Hello there. ', 'Hello there.', 'Hello there.'],
    ['one\n\n\ntwo', 'one\ntwo', 'one\ntwo'],
    ['one\r\n \r\n two \rthree\n', 'one\ntwo\nthree', 'one\ntwo\nthree'],
    ['a --> b', 'a -> b', 'a -> b'],
    ['a ----> b --->', 'a -> b ->', 'a -> b ->'],
    ['R&D <i>now</i>', 'R&D <i>now</i>', 'R&amp;D &lt;i>now&lt;/i>'],
    ['日本語', '日本語', '日本語'],
  ];
  test.each(texts)('%j', (text, inSrt, inVtt) => {
    expect(srt([cue(0, 1, text)])).toBe(`1\n00:00:00,000 --> 00:00:01,000\n${inSrt}\n\n`);
    expect(vtt([cue(0, 1, text)])).toBe(`WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n${inVtt}\n\n`);
  });
});

test('cues without text are left out and not counted, and the order stays', () => {
  const cues = [cue(4, 5, 'late'), cue(1, 2, ' \n '), cue(0, 3, 'early')];
  expect(srt(cues)).toBe(
    '1\n00:00:04,000 --> 00:00:05,000\nlate\n\n2\n00:00:00,000 --> 00:00:03,000\nearly\n\n',
  );
});

test('without cues an SRT is empty and a WebVTT its head', () => {
  expect([srt([]), vtt([])]).toEqual(['', 'WEBVTT\n\n']);
});
