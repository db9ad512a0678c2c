// What differs between engines that are a program run once per recording, as data (program-engine.ts does the rest).

import type { Ran } from '../programs/process.ts';
import type { Capabilities, Heard, Job, Reads } from './engine.ts';
import type { EngineSettings, Surroundings } from './settings.ts';

export interface ProgramKind {
  kind: string;
  /** Names on PATH; the first that is there is taken. */
  programs: readonly string[];
  /** Made for Macs with Apple silicon. */
  onlyMac?: true;
  /** Its program is Python, which says nothing of the engine: not run to look for one that is made for other machines. */
  isPython?: true;
  /** Programs it calls itself. */
  needs?: readonly string[];
  models: readonly string[];
  defaultModel?: string;
  capabilities: Capabilities;
  reads: Reads;
  /** Makes it say something about itself; a program we know nothing of is not run to see whether it is there. */
  probeArgs?: readonly string[];
  /** Its exit code when probed can be believed. */
  probeTold?: true;
  /** What else it wants before it can work: why not, and what to do. */
  lacks?(place: Place): Promise<{ why: string; fix: string } | undefined>;
  available(place: Place): Promise<string[]>;
  /** The name among those of `available` that means the same model. */
  canonical?(model: string): string;
  /** Whether it has the model, which may be a path here, where the list cannot tell. */
  has?(model: string, place: Place): Promise<boolean | undefined>;
  /** The arguments; throws where the model is not there. */
  args(ask: Ask): string[] | Promise<string[]>;
  /** Name of the output in the job's directory; standard output when absent. */
  output?: string | undefined;
  /** Exit codes to insist on. */
  ok?: readonly number[];
  /** Undefined where the output is not what it should be. */
  read(output: Uint8Array, ask: Ask, ran: Ran): Heard | undefined;
}

/** Where an engine of this kind looks for things. */
export interface Place {
  /** `model` is the engine's own where the settings name none. */
  settings: EngineSettings;
  modelDirs: readonly string[];
  surroundings: Surroundings;
  /** The program, found. */
  program: string;
}

export interface Ask extends Place {
  job: Job;
  /** The recording under our own name. */
  input: string;
  /** The user's further arguments. */
  extra: readonly string[];
  /** What it says to `--help`. */
  help(): Promise<string>;
}
