// A speech engine: data that describes what it accepts and provides, and one function that transcribes.
import type { Codec, Container, Recording } from '../recording.ts';
import type { Segment, Word } from '../transcript.ts';

export interface Capabilities {
  segments: boolean;
  words: boolean;
  prompt: boolean;
  /** Accepts a language hint. */
  languages: boolean;
  translate: boolean;
  /** Provides text while it transcribes. No engine does today: streamed transcripts arrive segment by segment. */
  streaming: boolean;
}

/** What an engine accepts. Everything else is converted first, by default to 16 kHz mono 16-bit WAV. */
export interface AcceptedInput {
  containers: ReadonlySet<Container>;
  /** Limits some of these containers to codecs the engine is known to decode, and to files without a video track. */
  codecs?: { readonly [C in Container]?: readonly Codec[] };
  /** Limits WAV to 16-bit mono PCM at this rate in Hz; undefined accepts any 16-bit WAV. */
  wavRate?: number;
  /** Recordings longer than this are split at pauses. Undefined: any length is sent whole. */
  segmentS?: number;
  /** Hard limits of one job in seconds and bytes; a recording above them that cannot be split is refused. */
  longestS?: number;
  largestBytes?: number;
}

/** `fix` is empty if nothing helps. */
export type Readiness = { ready: true; detail?: string } | { ready: false; why: string; fix: string };

export interface Job {
  recording: Recording;
  /** The part after `engine:`, or the engine's own default. */
  model: string;
  /** The name comes from the configuration or its owner's shell, so it may be a path. */
  mayBePath?: true;
  task: 'transcribe' | 'translate';
  /** A code of languages.ts. */
  language?: string;
  prompt?: string;
  temperature?: number;
  /** Request word timestamps; true only for engines that have them. */
  words: boolean;
  /** File name and content type to report to the service, if the user overrides them (codex-asr's flags). */
  upload?: { filename?: string; contentType?: string };
  /** Private to this job, mode 0700, for output files; removed once the promise has settled. */
  directory: string;
  /** Aborted with a Failure as its reason: the client disconnected, or the time is up. */
  signal: AbortSignal;
}

/** `text` may be missing if the segments contain all of it. Times are seconds from the start of the job's recording. */
export interface EngineResult {
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
  /** Globs of the model names that select this engine. */
  models: readonly string[];
  /** The model for requests that name none; undefined if they must name one. */
  defaultModel?: string;
  capabilities: Capabilities;
  accepts: AcceptedInput;
  /**
   * For services that drop text and still report success: whether the end of `text` seems to be missing. `soundS` is
   * the length without silence, `usualPerS` the characters per second in the rest of the recording.
   */
  seemsTruncated?(
    text: string,
    soundS: number | undefined,
    language: string | undefined,
    usualPerS: number,
  ): boolean;
  /** Concurrent jobs. */
  concurrency: number;
  /** For /v1/models/metadata: how to install it, e.g. `brew install whisper-cpp`. */
  install: string;
  /** Cheap, at most 5 s, never throws. */
  probe(): Promise<Readiness>;
  /** The models it can use right now, concrete names only; empty if it cannot list them. */
  available(): Promise<string[]>;
  /** Whether it has this model; without this function, `available` decides. */
  has?(model: string): Promise<boolean>;
  /** Rejects with a Failure, after the child process it started has exited. */
  transcribe(job: Job): Promise<EngineResult>;
  /** For engines that keep their model loaded between jobs, in a server of their own. */
  memory?: ModelMemory;
}

export interface ModelMemory {
  /** Loads the model ahead of the first job and keeps it loaded, even through long times without jobs. */
  pin(): Promise<void>;
  /** Undefined while nothing is loaded. */
  loaded(): LoadedState | undefined;
  /** Resolves when the memory is free. Running jobs fail; the next job loads the model again. */
  release(): Promise<void>;
  /** Releases the memory and rejects further jobs. */
  close(): Promise<void>;
}

export interface LoadedState {
  model: string;
  isPinned: boolean;
  activeJobs: number;
  /** When a job last started or finished. */
  lastUsedAtMs: number;
}
