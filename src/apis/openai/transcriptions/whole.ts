// Formats a transcript as the body of a response.
import { languageName } from '../../../audio/languages.ts';
import { segmentsUnsupported } from '../../../audio/missing-abilities.ts';
import { srt, vtt } from '../../../audio/subtitles.ts';
import type { Segment, Transcript } from '../../../audio/transcript.ts';
import type {
  DurationUsage,
  TranscriptionJson,
  TranscriptionTranslation,
  VerboseSegment,
  VerboseTranscription,
} from './types.ts';

export interface TranscriptionBody {
  contentType: string;
  body: string;
}

/** Throws if the format needs timestamps and the engine returned none. */
export function formatTranscription(
  transcript: Transcript,
  translation: TranscriptionTranslation,
): TranscriptionBody {
  switch (translation.format) {
    case 'json': {
      const { text } = transcript;
      return json({ text, ...usageOf(transcript) } satisfies TranscriptionJson);
    }
    case 'verbose_json':
      return json(verbose(transcript, translation));
    case 'text':
      return plain(transcript.text);
    case 'srt':
      return plain(srt(segmentsOf(transcript)));
    case 'vtt':
      return plain(vtt(segmentsOf(transcript)));
  }
}

/** The SDKs parse a body as JSON if the content type says so, so texts must not. */
function plain(body: string): TranscriptionBody {
  return { contentType: 'text/plain; charset=utf-8', body };
}

function json(body: object): TranscriptionBody {
  return { contentType: 'application/json', body: JSON.stringify(body) };
}

/** The duration in seconds, rounded up; omitted if unknown. */
export function usageOf({ durationS }: Transcript): { usage?: DurationUsage } {
  return durationS === undefined ? {} : { usage: { type: 'duration', seconds: Math.ceil(durationS) } };
}

function verbose(transcript: Transcript, { request, shows }: TranscriptionTranslation): VerboseTranscription {
  const { text, language, durationS, segments, words } = transcript;
  const name = language === undefined ? undefined : languageName(language);
  return {
    task: request.task,
    language: request.task === 'translate' ? 'english' : (name ?? 'unknown'),
    duration: roundToMs(durationS ?? segments?.at(-1)?.end ?? 0),
    text,
    ...(shows.segments ? { segments: (segments ?? []).map(verboseSegment) } : {}),
    ...(shows.words ? { words: (words ?? []).map(verboseWord) } : {}),
    ...usageOf(transcript),
  };
}

/** Empty for silence. Throws if there is text without timestamps. */
function segmentsOf({ segments, text, engine }: Transcript): Segment[] {
  if (segments !== undefined) return segments;
  if (text === '') return [];
  throw segmentsUnsupported(engine);
}

function verboseSegment({ start, end, text, whisper = {} }: Segment, id: number): VerboseSegment {
  return {
    id,
    seek: 0,
    start: roundToMs(start),
    end: roundToMs(end),
    text,
    tokens: whisper.tokens ?? [],
    temperature: whisper.temperature ?? 0,
    avg_logprob: whisper.avgLogprob ?? 0,
    compression_ratio: whisper.compressionRatio ?? 1,
    no_speech_prob: whisper.noSpeechProb ?? 0,
  };
}

function verboseWord({ word, start, end }: { word: string; start: number; end: number }) {
  return { word, start: roundToMs(start), end: roundToMs(end) };
}

/** Rounds to milliseconds, since sums of floats have many digits. */
function roundToMs(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
