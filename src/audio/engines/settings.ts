// The settings of engines, which config/engines.ts reads from tables, and the functions of the process that they use.
import type { Log } from '../../log.ts';

export type EngineKind =
  | 'whisper-cpp'
  | 'faster-whisper'
  | 'mlx-whisper'
  | 'parakeet-mlx'
  | 'lightning-whisper-mlx'
  | 'kyutai-mlx'
  | 'pocketsphinx'
  | 'whisper'
  | 'sherpa-onnx'
  | 'whisper-server'
  | 'openai'
  /** A program that the settings describe. */
  | 'command';

export interface EngineSettings {
  /** The part of `engine:model` before the colon. */
  readonly id: string;
  readonly kind: EngineKind;
  /** The program to run instead of the default one on PATH. */
  readonly command?: string;
  readonly url?: string;
  /** Name of the environment variable with the API key. */
  readonly apiKeyEnv?: string;
  /** The model for requests that name none; may be a path. */
  readonly model?: string;
  /** Globs of the model names that select this engine. */
  readonly models?: readonly string[];
  readonly modelDirs?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Additional form fields. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Additional arguments for the program. */
  readonly args?: readonly string[];
  readonly argv?: ArgvTemplate;
  readonly reads?: 'wav16' | 'file';
  readonly output?: TemplateOutput;
  /** Exit codes that mean success; 0 by default. */
  readonly ok?: readonly number[];
  /** A server for codexd to run: program and arguments. */
  readonly start?: readonly string[];
  /** Idle time after which that server is stopped; 0 for never. */
  readonly idleSeconds?: number;
  /** Additional environment variables to pass to the program. */
  readonly passEnv?: readonly string[];
  readonly concurrency?: number;
  readonly timeoutSeconds?: number;
  readonly threads?: number;
}

/** Arguments with placeholders. An inner list is omitted as a whole if one of its placeholders has no value. */
export type ArgvTemplate = readonly (string | readonly string[])[];

export interface TemplateOutput {
  readonly kind: 'json' | 'srt' | 'vtt' | 'text';
  /** `stdout` or a file such as `{outbase}.json`. */
  readonly from: string;
  /** Dotted keys of a JSON output; without them it is read as Whisper's. */
  readonly map?: OutputMap;
}

export interface OutputMap {
  readonly text?: string;
  readonly language?: string;
  readonly segments?: string;
  /** The next keys are relative to a segment. */
  readonly start?: string;
  readonly end?: string;
  readonly segmentText?: string;
  readonly unit?: 's' | 'ms' | 'cs';
}

/** Settings of all engines. */
export interface EngineOptions {
  /** Concurrent jobs of each local engine. */
  workers: number;
  /** Time limit of a local engine; 0 for none. */
  engineTimeoutSeconds: number;
  modelDirs: readonly string[];
  hfToken?: string | undefined;
}

export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

export interface EngineContext {
  fetch: Fetch;
  env: Readonly<Record<string, string | undefined>>;
  /** A value of `process.platform`. */
  platform: string;
  homedir: string;
  /** Looks up a program on PATH. */
  which: (name: string) => string | null;
  matchesGlob: (glob: string, text: string) => boolean;
  log: Log;
  /** Registers a function to call when the process exits; returns a function that unregisters it. */
  atExit: (act: () => void) => () => void;
  /** Records a started server, so that the next codexd can stop it if this one is killed; returns a function that removes the record. */
  recordServer: (pid: number) => () => void;
  nowMs: () => number;
}

/** Replaces a leading `~/` by the home directory. */
export function expandHome(path: string, homedir: string): string {
  return path.replace(/^~(?=[\\/])/, homedir);
}
