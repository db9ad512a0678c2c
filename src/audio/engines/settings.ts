// What the engines are told: their tables in the settings, and the world around them. config/engines.ts reads tables of
// this very shape; a test holds the two together, because audio and config do not import each other.
import type { Log } from '../../log.ts';

export interface EngineSettings {
  /** What clients write before the colon. */
  readonly id: string;
  /** One of the kinds of create.ts. */
  readonly kind: string;
  /** The program, when not the usual one on PATH. */
  readonly command?: string;
  readonly url?: string;
  /** Name of the variable that holds the key. */
  readonly apiKeyEnv?: string;
  /** The model where a request names none; here it may be a path. */
  readonly model?: string;
  /** Globs of the model names that mean this engine. */
  readonly models?: readonly string[];
  readonly modelDirs?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Further fields of the form. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Further arguments of the program. */
  readonly args?: readonly string[];
  readonly argv?: Template;
  readonly reads?: 'wav16' | 'file';
  readonly output?: TemplateOutput;
  /** Exit codes that are no failure; 0 when not said. */
  readonly ok?: readonly number[];
  /** The server to run ourselves: program and arguments. */
  readonly start?: readonly string[];
  /** How long such a server may idle before it is ended; 0 is for ever. */
  readonly idleSeconds?: number;
  /** Variables of our environment that its program gets beside the usual ones. */
  readonly passEnv?: readonly string[];
  readonly concurrency?: number;
  readonly timeoutSeconds?: number;
  readonly threads?: number;
}

/** Arguments with placeholders; an inner list is left out as a whole when one of its placeholders has no value. */
export type Template = readonly (string | readonly string[])[];

export interface TemplateOutput {
  readonly kind: 'json' | 'srt' | 'vtt' | 'text';
  /** `stdout` or a file such as `{outbase}.json`. */
  readonly from: string;
  /** Dotted keys of a JSON answer; without it the answer is read as Whisper's. */
  readonly map?: OutputMap;
}

export interface OutputMap {
  readonly text?: string;
  readonly language?: string;
  readonly segments?: string;
  /** Inside a segment. */
  readonly start?: string;
  readonly end?: string;
  readonly segmentText?: string;
  readonly unit?: 's' | 'ms' | 'cs';
}

/** What holds for all engines. */
export interface EngineOptions {
  /** Jobs at once of each local engine. */
  workers: number;
  /** Longest run of a local engine; 0 is no limit. */
  engineTimeoutSeconds: number;
  modelDirs: readonly string[];
  hfToken?: string | undefined;
}

export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

export interface Surroundings {
  fetch: Fetch;
  env: Readonly<Record<string, string | undefined>>;
  /** As `process.platform` says it. */
  platform: string;
  homedir: string;
  /** The path of a program, as the shell would find it. */
  which: (name: string) => string | null;
  matchesGlob: (glob: string, text: string) => boolean;
  log: Log;
  /** Has `act` called when codexd ends without having waited for anything; returns how to take that back. */
  atExit: (act: () => void) => () => void;
  /** Puts a server that was started on record, for when codexd is killed; returns how to take that back. */
  recordServer: (pid: number) => () => void;
  nowMs: () => number;
}

/** `~/` is the home directory. */
export function expanded(path: string, homedir: string): string {
  return path.replace(/^~(?=[\\/])/, homedir);
}
