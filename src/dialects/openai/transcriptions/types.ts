// Wire shapes of POST /v1/audio/transcriptions and /translations (https://platform.openai.com/docs/api-reference/audio),
// and what their answers must remember of the request.
import type { Wish } from '../../../audio/transcriber.ts';
import type { Dropped } from '../../../responses/request.ts';

/** A multipart form, as far as the translation looks at it. */
export interface TranscriptionForm {
  fields: readonly (readonly [name: string, value: string])[];
  /** The part `file`. */
  file?: { bytes: number };
  /** Names of the other parts that were files. */
  extraFiles: readonly string[];
}

export type TranscriptionFormat = 'json' | 'text' | 'srt' | 'verbose_json' | 'vtt';

export interface TranscriptionTranslation {
  wish: Wish;
  format: TranscriptionFormat;
  stream: boolean;
  /** What `verbose_json` shows beside the text. */
  shows: { segments: boolean; words: boolean };
  dropped: Dropped[];
}

export interface DurationUsage {
  type: 'duration';
  seconds: number;
}

export interface TranscriptionJson {
  text: string;
  usage?: DurationUsage;
}

export interface VerboseTranscription {
  task: 'transcribe' | 'translate';
  /** The English name in lower case; `unknown` when nobody said. */
  language: string;
  duration: number;
  text: string;
  segments?: VerboseSegment[];
  words?: { word: string; start: number; end: number }[];
  usage?: DurationUsage;
}

export interface VerboseSegment {
  id: number;
  seek: number;
  start: number;
  end: number;
  text: string;
  tokens: number[];
  temperature: number;
  avg_logprob: number;
  compression_ratio: number;
  no_speech_prob: number;
}
