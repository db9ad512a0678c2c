// What differs between engines that run a program once per recording, as data; program-engine.ts does the rest.

import type { ProgramResult } from '../programs/process.ts';
import type { AcceptedInput, Capabilities, EngineResult, Job } from './engine.ts';
import type { EngineContext, EngineKind, EngineSettings } from './settings.ts';

export interface ProgramKind {
  kind: EngineKind;
  /** Names to look for on PATH, in order of preference. */
  programs: readonly string[];
  /** Runs only on Macs with Apple silicon. */
  onlyMac?: true;
  /** Its program is Python itself, so finding the program does not mean that the engine is installed. */
  isPython?: true;
  /** Programs that it runs itself. */
  needs?: readonly string[];
  models: readonly string[];
  defaultModel?: string;
  capabilities: Capabilities;
  accepts: AcceptedInput;
  /** Arguments for a quick test run. Without them the program is not run to see whether it works. */
  probeArgs?: readonly string[];
  /** The exit code of the test run is reliable. */
  hasReliableExitCode?: true;
  /** What else is missing before it can run, and how to fix that. */
  missingRequirement?(resolved: ResolvedProgram): Promise<{ why: string; fix: string } | undefined>;
  available(resolved: ResolvedProgram): Promise<string[]>;
  /** The name under which `available` lists the model. */
  canonical?(model: string): string;
  /** Whether it has the model, which may be a path; undefined leaves the decision to `available`. */
  has?(model: string, resolved: ResolvedProgram): Promise<boolean | undefined>;
  /** The arguments; throws if the model is missing. */
  args(invocation: ProgramRun): string[] | Promise<string[]>;
  /** Name of the output file in the job's directory; standard output if absent. */
  output?: string | undefined;
  /** Exit codes that mean success; any if absent. */
  ok?: readonly number[];
  /** Undefined if the output is not a transcript. */
  read(output: Uint8Array, invocation: ProgramRun, ran: ProgramResult): EngineResult | undefined;
}

/** An installed program with the settings that apply to it. */
export interface ResolvedProgram {
  /** `model` is the engine's default if the configuration names none. */
  settings: EngineSettings;
  modelDirs: readonly string[];
  context: EngineContext;
  /** Path of the program. */
  program: string;
}

export interface ProgramRun extends ResolvedProgram {
  job: Job;
  /** Path of the recording, under a name of codexd's own. */
  input: string;
  /** Additional arguments from the configuration. */
  extra: readonly string[];
  /** The program's output for `--help`. */
  help(): Promise<string>;
}
