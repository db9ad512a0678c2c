// A transcript as one answer in the format that was asked for.
import { languageName } from '../../../audio/languages.ts';
import { noSegments } from '../../../audio/missing-abilities.ts';
import { srt, vtt } from '../../../audio/subtitles.ts';
import type { Segment, Transcript } from '../../../audio/transcript.ts';
import type {
  DurationUsage,
  TranscriptionJson,
  TranscriptionTranslation,
  VerboseSegment,
  VerboseTranscription,
} from './types.ts';

export interface TranscriptionAnswer {
  contentType: string;
  body: string;
}

/** Throws where the engine gave no times for what cannot be without. */
export function transcriptionAnswer(
  transcript: Transcript,
  translation: TranscriptionTranslation,
): TranscriptionAnswer {
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

/** Trap 21: the SDKs read JSON wherever the type says so. */
function plain(body: string): TranscriptionAnswer {
  return { contentType: 'text/plain; charset=utf-8', body };
}

function json(body: object): TranscriptionAnswer {
  return { contentType: 'application/json', body: JSON.stringify(body) };
}

/** Whole seconds of sound, rounded up; unknown is left out. */
export function usageOf({ durationS }: Transcript): { usage?: DurationUsage } {
  return durationS === undefined ? {} : { usage: { type: 'duration', seconds: Math.ceil(durationS) } };
}

function verbose(transcript: Transcript, { wish, shows }: TranscriptionTranslation): VerboseTranscription {
  const { text, language, durationS, segments, words } = transcript;
  const spoken = language === undefined ? undefined : languageName(language);
  return {
    task: wish.task,
    language: wish.task === 'translate' ? 'english' : (spoken ?? 'unknown'),
    duration: rounded(durationS ?? segments?.at(-1)?.end ?? 0),
    text,
    ...(shows.segments ? { segments: (segments ?? []).map(verboseSegment) } : {}),
    ...(shows.words ? { words: (words ?? []).map(timed) } : {}),
    ...usageOf(transcript),
  };
}

/** Silence has none; text without any cannot be shown with times. */
function segmentsOf({ segments, text, engine }: Transcript): Segment[] {
  if (segments !== undefined) return segments;
  if (text === '') return [];
  throw noSegments(engine);
}

function verboseSegment({ start, end, text, whisper = {} }: Segment, id: number): VerboseSegment {
  return {
    id,
    seek: 0,
    start: rounded(start),
    end: rounded(end),
    text,
    tokens: whisper.tokens ?? [],
    temperature: whisper.temperature ?? 0,
    avg_logprob: whisper.avgLogprob ?? 0,
    compression_ratio: whisper.compressionRatio ?? 1,
    no_speech_prob: whisper.noSpeechProb ?? 0,
  };
}

function timed({ word, start, end }: { word: string; start: number; end: number }) {
  return { word, start: rounded(start), end: rounded(end) };
}

/** To milliseconds: sums of floats have long tails. */
function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
