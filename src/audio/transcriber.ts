// The one pipeline behind `codexd transcribe` and the two routes: recognise, convert, cut, transcribe, join.
import type { Codec, Container } from './recording.ts';
import type { Transcript } from './transcript.ts';

/** Samples without a header, as the client declared them. */
export interface RawFormat {
  encoding: 's16le' | 's16be' | 's8' | 'u8' | 's24le' | 's32le' | 'f32le' | 'alaw' | 'ulaw';
  /** Hz */
  rate: number;
  channels: number;
}

export interface Wish {
  /** `engine:model`, a model, one of OpenAI's names, or undefined for the configured default. */
  model?: string;
  /** Engine id from `--engine`; wins over what the model says. */
  engine?: string;
  /** From the owner's shell: the model may be a local path. */
  fromShell?: true;
  task: 'transcribe' | 'translate';
  /** As the client wrote it: code, name, `auto` or empty. */
  language?: string;
  prompt?: string;
  temperature?: number;
  /** Word times are wanted. */
  words: boolean;
  /** An engine without word times is refused; else they are left out with a warning. */
  wordsRequired?: true;
  /** Subtitles are wanted; an engine without times is refused unless `approximate`. */
  segments: boolean;
  /** Segments are wanted, and where the engine gives none, the pieces it was given stand for them. */
  roughSegments?: true;
  /** Approximate segment times from the cuts will do (`--chunk`, `chunking_strategy`). */
  approximate: boolean;
  /** Globs of the models whoever asks may use, for what the wish resolves to: `engine:model` or the model. All if absent. */
  allowed?: readonly string[];
  /** What the bytes are, when they carry no header. */
  raw?: RawFormat;
  /** Leave SILK as it is (`--no-silk-decode`). */
  keepSilk?: boolean;
  /** What the upload is called upstream and how its type is declared, against what the bytes say (codex-asr's flags). */
  filename?: string;
  contentType?: string;
}

export type Progress =
  | { state: 'chosen'; engine: string; model: string }
  | { state: 'recognised'; container: Container; codec?: Codec; durationS?: number }
  | { state: 'converting'; to: string }
  | { state: 'pieces'; count: number }
  /** A piece is heard; pieces are told in order, `text` already carries the space that joins it to the one before. */
  | { state: 'piece'; index: number; startS: number; endS: number; text: string };

export interface TranscribeOptions {
  signal: AbortSignal;
  onProgress?: (progress: Progress) => void;
  /** A piece that fails does not end the others: what was heard comes as a PartialTranscript. */
  keepGoing?: boolean;
}

/** A piece that failed for good; what else was heard is kept for whoever can use it (the command line). */
export interface Gap {
  startS: number;
  endS: number;
  message: string;
}

/** The `cause` of a Failure that left pieces unheard: what was heard around them. */
export class PartialTranscript {
  constructor(
    readonly transcript: Transcript,
    readonly gaps: readonly Gap[],
  ) {}
}

export interface TranscriberLike {
  /**
   * `path` is read and never written or deleted. Throws a Failure whose `param` names a field of OpenAI's form, with a
   * PartialTranscript as its cause where some pieces were heard.
   */
  transcribe(path: string, wish: Wish, options: TranscribeOptions): Promise<Transcript>;
}
