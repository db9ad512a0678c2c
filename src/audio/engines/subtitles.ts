// Reads SRT and VTT as programs write them, for the command template (reference/asr.md 5.12).
import type { Segment } from '../transcript.ts';

const times = /^\s*((?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3})\s*-->\s*((?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3})/;

/** The cues in their order, without markup; undefined where there is none and the text is not empty either. */
export function readSubtitles(text: string): Segment[] | undefined {
  const segments: Segment[] = [];
  const blocks = text
    .replace(/^\ufeff/, '')
    .replace(/\r\n?/g, '\n')
    .split(/\n[ \t]*\n/);
  for (const block of blocks) {
    const lines = block.split('\n');
    const at = lines.findIndex((line) => times.test(line));
    if (at < 0) continue;
    const [, start = '', end = ''] = times.exec(lines[at]!)!;
    const said = lines
      .slice(at + 1)
      .join(' ')
      .replace(/<[^>]*>/g, '')
      .replace(/\s+/g, ' ')
      .trim();
    segments.push({ start: secondsOf(start), end: secondsOf(end), text: said });
  }
  const isEmpty = /^(?:WEBVTT[^\n]*)?\s*$/.test(text.replace(/^\ufeff/, ''));
  return segments.length > 0 || isEmpty ? segments : undefined;
}

/** `01:02:03,5` and `02:03.500`. */
function secondsOf(time: string): number {
  const [whole = '', fraction = ''] = time.split(/[.,]/);
  const seconds = whole.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  return seconds + Number(fraction.padEnd(3, '0')) / 1000;
}
