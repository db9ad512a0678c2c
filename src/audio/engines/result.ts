// Normalises engine results: joins sub-word tokens, and clamps times to the recording. Also reads values of their JSON.
import { isObject } from '../../base/object.ts';
import { languageCode } from '../languages.ts';
import type { Segment, Word } from '../transcript.ts';
import type { EngineResult, Job } from './engine.ts';

/** A sub-word token with its times in seconds. */
export interface Token {
  /** Begins with a space or SentencePiece's `▁` at the start of a word. */
  text: string;
  start: number;
  end: number;
  confidence?: number;
}

/** Scripts without spaces between words: their tokens are not joined. */
const unspaced =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** Joins tokens to words. The confidence of a word is that of its least confident token. */
export function joinTokens(tokens: readonly Token[]): Word[] {
  const words: Word[] = [];
  let text = '';
  for (const token of tokens) {
    const spaced = token.text.replaceAll('▁', ' ');
    const bare = spaced.trim();
    const current = words.at(-1);
    const isWordStart =
      current === undefined || /^\s/.test(spaced) || text.endsWith(' ') || unspaced.test(bare);
    text = spaced;
    if (bare === '') continue;
    if (isWordStart) words.push({ ...timesOf(token), word: bare });
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

/** Adds the job's language, clamps times to the recording, and drops words nobody requested. */
export function normalizeResult(result: EngineResult, job: Job): EngineResult {
  const endS = job.recording.durationS ?? result.durationS ?? Number.POSITIVE_INFINITY;
  const { segments, words, ...rest } = result;
  const language = result.language ?? job.language;
  return {
    ...rest,
    ...(language === undefined ? {} : { language }),
    ...(segments === undefined ? {} : { segments: segments.map((one) => clampTimes(one, endS)) }),
    ...(words === undefined || !job.words ? {} : { words: words.map((one) => clampTimes(one, endS)) }),
  };
}

function clampTimes<T extends Segment | Word>(one: T, endS: number): T {
  const clamp = (time: number, least: number) => Math.min(Math.max(time, least), Math.max(endS, least));
  const start = Math.min(clamp(one.start, 0), endS);
  return { ...one, start, end: clamp(one.end, start) };
}

/** A finite number, given as a number or as text. */
export function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The language code for an engine's name of a language, such as `English` or `<|en|>`. */
export function languageOf(value: unknown): string | undefined {
  return typeof value === 'string' ? languageCode(value.replace(/^<\|(.*)\|>$/, '$1')) : undefined;
}

export function recordsOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
