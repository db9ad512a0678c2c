// What an engine heard, brought into order: sub-word tokens joined, times within the recording.
import { languageCode } from '../languages.ts';
import type { Segment, Word } from '../transcript.ts';
import type { Heard, Job } from './engine.ts';

/** A piece of a word with its times. */
export interface Token {
  /** With the space before it, where it has one; SentencePiece's `▁` will do. */
  text: string;
  start: number;
  end: number;
  confidence?: number;
}

/** Scripts that put no spaces between words: their tokens stay as they are. */
const unspaced =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** A word begins at a token with a space in front; its confidence is that of its worst token. */
export function joinTokens(tokens: readonly Token[]): Word[] {
  const words: Word[] = [];
  let text = '';
  for (const token of tokens) {
    const piece = token.text.replaceAll('▁', ' ');
    const bare = piece.trim();
    const current = words.at(-1);
    const begins = current === undefined || /^\s/.test(piece) || text.endsWith(' ') || unspaced.test(bare);
    text = piece;
    if (bare === '') continue;
    if (begins) words.push({ ...timesOf(token), word: bare });
    else {
      current.word += bare;
      current.end = token.end;
      const confidences = [current.confidence, token.confidence].filter((one) => one !== undefined);
      if (confidences.length > 0) current.confidence = Math.min(...confidences);
    }
  }
  return words;
}

function timesOf({ start, end, confidence }: Token): Omit<Word, 'word'> {
  return { start, end, ...(confidence === undefined ? {} : { confidence }) };
}

/** The whole of it as it may leave the engine's room. */
export function settled(heard: Heard, job: Job): Heard {
  const endS = job.recording.durationS ?? heard.durationS ?? Number.POSITIVE_INFINITY;
  const { segments, words, ...rest } = heard;
  const language = heard.language ?? job.language;
  return {
    ...rest,
    ...(language === undefined ? {} : { language }),
    ...(segments === undefined ? {} : { segments: segments.map((one) => within(one, endS)) }),
    ...(words === undefined || !job.words ? {} : { words: words.map((one) => within(one, endS)) }),
  };
}

function within<T extends Segment | Word>(one: T, endS: number): T {
  const clamp = (time: number, least: number) => Math.min(Math.max(time, least), Math.max(endS, least));
  const start = Math.min(clamp(one.start, 0), endS);
  return { ...one, start, end: clamp(one.end, start) };
}

/** A finite number, or the text of one. */
export function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The code of a language as an engine names it, `<|en|>` included. */
export function languageOf(value: unknown): string | undefined {
  return typeof value === 'string' ? languageCode(value.replace(/^<\|(.*)\|>$/, '$1')) : undefined;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function recordsOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}
