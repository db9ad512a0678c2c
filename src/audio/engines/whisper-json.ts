// Reads Whisper's JSON as its many derivatives write it: by shape, with any field missing.
import { isObject } from '../../base/object.ts';
import type { Segment } from '../transcript.ts';
import type { EngineResult } from './engine.ts';
import { joinTokens, languageOf, numberOf, recordsOf, type Token, textOf } from './result.ts';

/** Undefined if the value is not a transcript. An empty text is one: it means silence. */
export function whisperJson(value: unknown): EngineResult | undefined {
  if (typeof value === 'string') return { text: value };
  if (!isObject(value)) return undefined;
  const list = isObject(value.segments) ? value.segments.segments : value.segments;
  const text = textOf(value.text);
  if (text === undefined && !Array.isArray(list)) return undefined;
  const parts = recordsOf(list);
  const nested = parts.flatMap((part) => recordsOf(part.words));
  const words = wordsOf(Array.isArray(value.words) ? recordsOf(value.words) : nested);
  const language = languageOf(value.language) ?? languageOf(value.detected_language);
  const durationS = numberOf(value.duration);
  return {
    ...(text === undefined && parts.length > 0 ? {} : { text: text ?? '' }),
    ...(language === undefined ? {} : { language }),
    ...(durationS === undefined ? {} : { durationS }),
    ...(parts.length === 0 ? {} : { segments: segmentsOf(parts) }),
    ...(words.length === 0 ? {} : { words }),
  };
}

function segmentsOf(parts: Record<string, unknown>[]): Segment[] {
  let last = 0;
  return parts.map((part) => {
    const start = numberOf(part.start) ?? last;
    const end = numberOf(part.end) ?? start;
    last = end;
    const speaker = textOf(part.speaker);
    const whisper = whisperNumbers(part);
    return {
      start,
      end,
      text: textOf(part.text) ?? '',
      ...(speaker === undefined ? {} : { speaker }),
      ...(Object.keys(whisper).length === 0 ? {} : { whisper }),
    };
  });
}

function whisperNumbers(part: Record<string, unknown>): NonNullable<Segment['whisper']> {
  const tokens = Array.isArray(part.tokens) ? part.tokens.filter((one) => Number.isSafeInteger(one)) : [];
  const numbers = {
    temperature: numberOf(part.temperature),
    avgLogprob: numberOf(part.avg_logprob),
    compressionRatio: numberOf(part.compression_ratio),
    noSpeechProb: numberOf(part.no_speech_prob),
  };
  const known = Object.entries(numbers).filter(([, number]) => number !== undefined);
  return { ...(tokens.length === 0 ? {} : { tokens }), ...Object.fromEntries(known) };
}

/**
 * Some engines write whole words, others sub-word tokens (whisper-server). Both put a space before the start of a word; only
 * output without any spaces, such as OpenAI's, certainly contains whole words.
 */
function wordsOf(parts: Record<string, unknown>[]) {
  let last = 0;
  const tokens = parts.map((part): Token => {
    const start = numberOf(part.start) ?? last;
    const end = numberOf(part.end) ?? start;
    last = end;
    const confidence = numberOf(part.probability) ?? numberOf(part.confidence);
    const text = textOf(part.word) ?? textOf(part.text) ?? '';
    return { text, start, end, ...(confidence === undefined ? {} : { confidence }) };
  });
  const spaced = tokens.some((token) => /^[\s▁]/.test(token.text));
  return joinTokens(spaced ? tokens : tokens.map((token) => ({ ...token, text: ` ${token.text}` })));
}
