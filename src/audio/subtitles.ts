// SRT and WebVTT: segments as such files, by the rules of Whisper's own writers, and segments out of what programs write.
import type { Segment } from './transcript.ts';

export type Cue = Pick<Segment, 'start' | 'end' | 'text'>;

/** Empty without cues. */
export function srt(cues: readonly Cue[]): string {
  return written(cues)
    .map(
      ({ from, to, lines }, index) => `${index + 1}\n${time(from, ',')} --> ${time(to, ',')}\n${lines}\n\n`,
    )
    .join('');
}

export function vtt(cues: readonly Cue[]): string {
  const blocks = written(cues).map(
    ({ from, to, lines }) => `${time(from, '.')} --> ${time(to, '.')}\n${escaped(lines)}\n\n`,
  );
  return `WEBVTT\n\n${blocks.join('')}`;
}

/** The cues that are written, in their order; times in whole milliseconds. */
function written(cues: readonly Cue[]): { from: number; to: number; lines: string }[] {
  return cues.flatMap(({ start, end, text }) => {
    const lines = linesOf(text);
    if (lines === '') return [];
    const from = milliseconds(start);
    return { from, to: Math.max(from + 1, milliseconds(end)), lines };
  });
}

/** An empty line would end the cue and an arrow begin another. */
function linesOf(text: string): string {
  return text
    .replace(/(?<!-)-{2,}>/g, '->')
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n');
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
}

function milliseconds(seconds: number): number {
  return Number.isFinite(seconds) ? Math.max(0, Math.round(seconds * 1000)) : 0;
}

/** From whole milliseconds only: parts of a float would make 59.9996 s a time with 60 seconds. */
function time(ms: number, point: ',' | '.'): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const thousandths = String(ms % 1000).padStart(3, '0');
  return `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}${point}${thousandths}`;
}

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
      .replace(/<[^<>]*>/g, '')
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
