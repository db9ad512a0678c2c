// Wire shapes of POST /v1/audio/transcriptions and /translations (https://platform.openai.com/docs/api-reference/audio),
// and the translated request.
import type { TranscriptionRequest } from '../../../audio/transcriber.ts';
import type { Dropped } from '../../../responses/request.ts';

/** The parts of a multipart form that the translation uses. */
export interface TranscriptionForm {
  fields: readonly (readonly [name: string, value: string])[];
  /** The part named `file`. */
  file?: { bytes: number };
  /** The names of other file parts. */
  extraFiles: readonly string[];
}

export type TranscriptionFormat = 'json' | 'text' | 'srt' | 'verbose_json' | 'vtt';

export interface TranscriptionTranslation {
  request: TranscriptionRequest;
  format: TranscriptionFormat;
  stream: boolean;
  /** What `verbose_json` contains in addition to the text. */
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
  /** The English name in lower case; `unknown` if unknown. */
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
