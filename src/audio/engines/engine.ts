// What a speech engine is: data that says what it reads and gives, and one function.
import type { Codec, Container, Recording } from '../recording.ts';
import type { Segment, Word } from '../transcript.ts';

export interface Capabilities {
  segments: boolean;
  words: boolean;
  prompt: boolean;
  /** Takes a language hint. */
  languages: boolean;
  translate: boolean;
  /** Gives text while it listens. None of today's does: an answer that is streamed gets its text per piece. */
  streaming: boolean;
}

/** What an engine must be given. Everything else is converted first, to 16 kHz mono 16-bit WAV where nothing else is said. */
export interface Reads {
  containers: ReadonlySet<Container>;
  /** The only sound it is known to read in these of them, and without pictures beside it. */
  codecs?: { readonly [C in Container]?: readonly Codec[] };
  /** WAV only as 16-bit PCM of one channel at this rate in Hz; undefined takes any 16-bit WAV. */
  wavRate?: number;
  /** Longest recording it takes in one piece; longer ones are cut at pauses. Undefined: any length. */
  pieceS?: number;
  /** Never more than this at once, in seconds and bytes, even where a recording cannot be cut. */
  longestS?: number;
  largestBytes?: number;
}

/** `fix` is empty where nothing helps. */
export type Readiness = { ready: true; detail?: string } | { ready: false; why: string; fix: string };

export interface Job {
  recording: Recording;
  /** The part after `engine:`, or the engine's own default. */
  model: string;
  /** It comes from the settings or from the shell of their owner, and may be a path. */
  mayBePath?: true;
  task: 'transcribe' | 'translate';
  /** A code of languages.ts. */
  language?: string;
  prompt?: string;
  temperature?: number;
  /** Word times are wanted; given only to engines that have them. */
  words: boolean;
  /** What the upload is to be called and declared as, where the user says so (codex-asr's flags). */
  upload?: { filename?: string; contentType?: string };
  /** A directory of this job alone, mode 0700, for output files; removed when the promise has settled. */
  directory: string;
  /** Aborted with a Failure as its reason: the client left, or the time is up. */
  signal: AbortSignal;
}

/** What an engine heard. `text` may be left out where the segments say it all. */
export interface Heard {
  text?: string;
  language?: string;
  durationS?: number;
  segments?: Segment[];
  words?: Word[];
  warnings?: string[];
}

export interface Engine {
  /** E.g. `whisper-cpp`; `^[a-z0-9][a-z0-9-]+$`. */
  id: string;
  /** Globs of the model names that mean this engine. */
  models: readonly string[];
  /** The model where none is named; undefined where one must be. */
  defaultModel?: string;
  capabilities: Capabilities;
  reads: Reads;
  /**
   * Of services that lose text and report success: whether the end of a text seems to be missing. `soundS` is the length
   * without its silence, `usualPerS` the characters that other parts of the recording have per second.
   */
  seemsCutOff?(
    text: string,
    soundS: number | undefined,
    language: string | undefined,
    usualPerS: number,
  ): boolean;
  /** Jobs at once. */
  concurrency: number;
  /** For /v1/models/metadata: how to get it, e.g. `brew install whisper-cpp`. */
  install: string;
  /** Cheap, at most 5 s, never throws. */
  probe(): Promise<Readiness>;
  /** The models it can use right now, concrete names only; empty where it cannot tell. */
  available(): Promise<string[]>;
  /** Whether it has this model; where it cannot tell, `available` says. */
  has?(model: string): Promise<boolean>;
  /** Rejects with a Failure, after the child process it started has exited. */
  transcribe(job: Job): Promise<Heard>;
  /** Of engines that keep their model loaded between jobs, in a server of their own. */
  memory?: Memory;
}

export interface Memory {
  /** Loads the model ahead of the first job; from then on it stays, however long there is no job. */
  pin(): Promise<void>;
  /** Undefined while nothing is loaded. */
  held(): Held | undefined;
  /** Resolves when the memory is free. Jobs under way fail; the next one loads the model again. */
  release(): Promise<void>;
  /** The same, and no job is taken any more. */
  close(): Promise<void>;
}

export interface Held {
  model: string;
  isPinned: boolean;
  /** Under way. */
  jobs: number;
  /** When a job last began or ended. */
  usedAtMs: number;
}
