// Writes SRT and WebVTT by the rules of Whisper's own writers, and reads both from the output of programs.
import type { Segment } from './transcript.ts';

export type Cue = Pick<Segment, 'start' | 'end' | 'text'>;

/** An empty text if there are no cues. */
export function srt(cues: readonly Cue[]): string {
  return printableCues(cues)
    .map(
      ({ from, to, lines }, index) =>
        `${index + 1}\n${formatTime(from, ',')} --> ${formatTime(to, ',')}\n${lines}\n\n`,
    )
    .join('');
}

export function vtt(cues: readonly Cue[]): string {
  const blocks = printableCues(cues).map(
    ({ from, to, lines }) =>
      `${formatTime(from, '.')} --> ${formatTime(to, '.')}\n${escapeMarkup(lines)}\n\n`,
  );
  return `WEBVTT\n\n${blocks.join('')}`;
}

/** The cues that contain text, with times in whole milliseconds. */
function printableCues(cues: readonly Cue[]): { from: number; to: number; lines: string }[] {
  return cues.flatMap(({ start, end, text }) => {
    const lines = linesOf(text);
    if (lines === '') return [];
    const from = toMilliseconds(start);
    return { from, to: Math.max(from + 1, toMilliseconds(end)), lines };
  });
}

/** Removes empty lines, which would end the cue, and shortens `-->`, which would begin another. */
function linesOf(text: string): string {
  return text
    .replace(/(?<!-)-{2,}>/g, '->')
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n');
}

function escapeMarkup(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
}

function toMilliseconds(seconds: number): number {
  return Number.isFinite(seconds) ? Math.max(0, Math.round(seconds * 1000)) : 0;
}

/** Formats whole milliseconds. With fractions, 59.9996 s would become a time with 60 seconds. */
function formatTime(ms: number, point: ',' | '.'): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const thousandths = String(ms % 1000).padStart(3, '0');
  return `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}${point}${thousandths}`;
}

const times = /^\s*((?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3})\s*-->\s*((?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3})/;

/** The cues without markup; undefined if the text is neither subtitles nor empty. */
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
    const cueText = lines
      .slice(at + 1)
      .join(' ')
      .replace(/<[^<>]*>/g, '')
      .replace(/\s+/g, ' ')
      .trim();
    segments.push({ start: secondsOf(start), end: secondsOf(end), text: cueText });
  }
  const isEmpty = /^(?:WEBVTT[^\n]*)?\s*$/.test(text.replace(/^\ufeff/, ''));
  return segments.length > 0 || isEmpty ? segments : undefined;
}

/** Parses `01:02:03,5` and `02:03.500`. */
function secondsOf(time: string): number {
  const [whole = '', fraction = ''] = time.split(/[.,]/);
  const seconds = whole.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  return seconds + Number(fraction.padEnd(3, '0')) / 1000;
}
