// The interface of the transcription pipeline, which `codexd transcribe` and the HTTP routes share.
import type { Codec, Container } from './recording.ts';
import type { Transcript } from './transcript.ts';

/** The format of samples without a header, as the client declared it. */
export interface RawFormat {
  encoding: 's16le' | 's16be' | 's8' | 'u8' | 's24le' | 's32le' | 'f32le' | 'alaw' | 'ulaw';
  /** Hz */
  rate: number;
  channels: number;
}

export interface TranscriptionRequest {
  /** `engine:model`, a model, one of OpenAI's names, or undefined for the configured default. */
  model?: string;
  /** Engine id from `--engine`; overrides the engine the model selects. */
  engine?: string;
  /** From the owner's shell: the model may be a local path. */
  fromShell?: true;
  task: 'transcribe' | 'translate';
  /** As the client wrote it: code, name, `auto` or empty. */
  language?: string;
  prompt?: string;
  temperature?: number;
  /** Request word timestamps. */
  words: boolean;
  /** Refuse engines without word timestamps; otherwise they are omitted with a warning. */
  wordsRequired?: true;
  /** Request segment timestamps; engines without them are refused unless `approximate`. */
  segments: boolean;
  /** Request segments, and use segment boundaries if the engine returns none. */
  boundarySegments?: true;
  /** Accept approximate timestamps from segment boundaries (`--chunk`, `chunking_strategy`). */
  approximate: boolean;
  /** Globs of the models the API key may use, matched against `engine:model` and the model. All if absent. */
  allowed?: readonly string[];
  /** The format of samples without a header. */
  raw?: RawFormat;
  /** Send SILK without decoding it (`--no-silk-decode`). */
  keepSilk?: boolean;
  /** File name and content type to report upstream instead of those of the recognised container (codex-asr's flags). */
  filename?: string;
  contentType?: string;
}

export type Progress =
  | { state: 'chosen'; engine: string; model: string }
  | { state: 'recognised'; container: Container; codec?: Codec; durationS?: number }
  | { state: 'converting'; to: string }
  | { state: 'segments'; count: number }
  /** Segments are reported in order; `text` begins with the space that joins it to the previous segment, if any. */
  | { state: 'segment'; index: number; startS: number; endS: number; text: string };

export interface TranscribeOptions {
  signal: AbortSignal;
  onProgress?: (progress: Progress) => void;
  /** Continue after a segment fails, and throw with a PartialTranscript as the cause. */
  keepGoing?: boolean;
}

/** A segment that failed after all retries. */
export interface Gap {
  startS: number;
  endS: number;
  message: string;
}

/** The `cause` of a Failure if only some segments could be transcribed; the command line prints them. */
export class PartialTranscript {
  constructor(
    readonly transcript: Transcript,
    readonly gaps: readonly Gap[],
  ) {}
}

export interface TranscriberLike {
  /**
   * `path` is read and never written or deleted. Throws a Failure whose `param` names a field of OpenAI's form, with a
   * PartialTranscript as its cause if some segments were transcribed.
   */
  transcribe(path: string, request: TranscriptionRequest, options: TranscribeOptions): Promise<Transcript>;
}
