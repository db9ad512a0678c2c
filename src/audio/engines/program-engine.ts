// An engine that is a program run once per recording. What differs between them is data: ProgramKind. Success is the
// expected output, never the exit code (reference/asr.md 5.12).
import { dirname, join } from 'node:path';
import { complaint, engineFailed, engineTimeout, engineUnavailable, unknownModel } from './complaint.ts';
import type { Capabilities, Engine, Heard, Job, Readiness, Reads } from './engine.ts';
import { settled } from './heard.ts';
import { namedInput } from './input.ts';
import { installHint } from './install.ts';
import { hubCacheAmong, isPath, isSayable } from './model-files.ts';
import { outputBytes, type Ran, runProgram } from './process.ts';
import { type EngineOptions, type EngineSettings, expanded, type Surroundings } from './settings.ts';

export interface ProgramKind {
  kind: string;
  /** Names on PATH, the first that is there is taken. */
  programs: readonly string[];
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
  /** What else it wants before it can work: why not and what to do. */
  lacks?(place: Place): Promise<{ why: string; fix: string } | undefined>;
  available(place: Place): Promise<string[]>;
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

const probeMs = 5_000;
/** A probe is believed for this long. */
const probeAgeMs = 60_000;
const brokenInstall =
  /Traceback|ModuleNotFoundError|ImportError|error while loading shared libraries|Library not loaded|command not found/;

export function programEngine(
  kind: ProgramKind,
  settings: EngineSettings,
  options: EngineOptions,
  surroundings: Surroundings,
): Engine {
  const { id } = settings;
  const { platform, homedir, which, nowMs } = surroundings;
  const install = installHint(kind.kind, platform);
  const defaultModel = settings.model ?? kind.defaultModel;
  const modelDirs = (settings.modelDirs ?? options.modelDirs).map((dir) => expanded(dir, homedir));
  const timeoutMs = (settings.timeoutSeconds ?? options.engineTimeoutSeconds) * 1000;
  const named = {
    ...settings,
    ...(defaultModel === undefined ? {} : { model: expanded(defaultModel, homedir) }),
  };

  const find = (): string | undefined => {
    const names = settings.command === undefined ? kind.programs : [expanded(settings.command, homedir)];
    for (const name of names) {
      const path = which(name);
      if (path !== null) return path;
    }
    return undefined;
  };
  const place = (program: string): Place => ({ settings: named, modelDirs, surroundings, program });
  const environment = async () =>
    childEnvironment(surroundings, options, await hubCache(settings, modelDirs));

  const lookAt = async (): Promise<Readiness> => {
    const program = find();
    if (program === undefined) {
      return { ready: false, why: `${settings.command ?? kind.programs[0]} is not on PATH`, fix: install };
    }
    const missing = kind.needs?.find((name) => which(name) === null);
    if (missing !== undefined) {
      return {
        ready: false,
        why: `it needs ${missing}, which is not on PATH`,
        fix: installHint(missing, platform),
      };
    }
    const lack = await kind.lacks?.(place(program));
    if (lack !== undefined) return { ready: false, ...lack };
    if (kind.probeArgs === undefined) return { ready: true, detail: program };
    const directory = dirname(program);
    try {
      const ran = await runProgram(
        { argv: [program, ...kind.probeArgs], directory, env: await environment() },
        {
          signal: new AbortController().signal,
          timeoutMs: probeMs,
          tooLong: () => engineTimeout(id, probeMs),
        },
      );
      const isBroken = kind.probeTold ? ran.exitCode !== 0 : brokenInstall.test(ran.stderr);
      if (isBroken) return { ready: false, why: `it does not start: ${complaint(ran.stderr)}`, fix: install };
    } catch (thrown) {
      // Python tools may take longer to load than a probe may: that alone is no reason to call them broken.
      if (kind.probeTold || !isTimeout(thrown)) {
        return { ready: false, why: `it does not start within ${probeMs / 1000} seconds`, fix: install };
      }
    }
    return { ready: true, detail: program };
  };
  const probe = remembered(
    () => lookAt().catch((thrown) => ({ ready: false, why: String(thrown), fix: install })),
    nowMs,
  );

  const run = async (args: readonly string[], program: string, job: Job): Promise<Ran> => {
    const limits = { signal: job.signal, timeoutMs, tooLong: () => engineTimeout(id, timeoutMs) };
    try {
      const env = await environment();
      return await runProgram({ argv: [program, ...args], directory: job.directory, env }, limits);
    } catch (thrown) {
      if (!isMissing(thrown)) throw thrown;
      throw engineUnavailable(id, `${program} cannot be run`, install);
    }
  };

  return {
    id,
    models: settings.models ?? (settings.id === kind.kind ? kind.models : namesOf(settings)),
    ...(defaultModel === undefined ? {} : { defaultModel }),
    capabilities: kind.capabilities,
    reads: kind.reads,
    concurrency: settings.concurrency ?? options.workers,
    install,
    probe,
    async available() {
      const program = find();
      if (program === undefined || !(await probe()).ready) return [];
      return kind.available(place(program)).catch(() => []);
    },
    async transcribe(job) {
      const program = find();
      const name = settings.command ?? kind.programs[0];
      if (program === undefined) throw engineUnavailable(id, `${name} is not on PATH`, install);
      const isDefault = job.model === defaultModel;
      if (!isDefault && !isSayable(job.model, settings)) {
        throw unknownModel(id, job.model, 'Name a model, not a path.');
      }
      const ask: Ask = {
        ...place(program),
        job: isDefault && named.model !== undefined ? { ...job, model: named.model } : job,
        input: await namedInput(job),
        extra: settings.args ?? [],
        help: async () => {
          const ran = await run(['--help'], program, job);
          return `${Buffer.from(ran.stdout).toString()}\n${ran.stderr}`;
        },
      };
      const ran = await run(await kind.args(ask), program, job);
      const output =
        kind.output === undefined ? ran.stdout : await readOutput(join(job.directory, kind.output));
      const isOk = kind.ok === undefined || (ran.exitCode !== null && kind.ok.includes(ran.exitCode));
      const heard = output === undefined || !isOk ? undefined : kind.read(output, ask, ran);
      if (heard !== undefined) return settled(heard, job);
      const said = complaint(`${complaintsOn(kind, ran.stdout)}\n${ran.stderr}`, [
        job.directory,
        job.recording.path,
        ...(named.model !== undefined && isPath(named.model) ? [named.model] : []),
        ...modelDirs,
      ]);
      throw engineFailed(id, said === '' && ran.exitCode !== 0 ? `exit code ${ran.exitCode}` : said);
    },
  };
}

/** The globs of a second engine of a kind: it must not take what means the first. */
export function namesOf(settings: EngineSettings): string[] {
  return settings.model === undefined ? [] : [settings.model];
}

/** Some tell their failure on stdout; never more than the lines that say so, for the rest may be the transcript. */
function complaintsOn(kind: ProgramKind, stdout: Uint8Array): string {
  if (kind.output === undefined) return '';
  const lines = Buffer.from(stdout).toString('utf8').split('\n');
  return lines.filter((line) => /^(?:Skipping|Error)\b/.test(Bun.stripANSI(line).trim())).join('\n');
}

async function readOutput(path: string): Promise<Uint8Array | undefined> {
  const file = Bun.file(path);
  if (!(await file.exists()) || file.size > outputBytes) return undefined;
  return file.bytes();
}

function isTimeout(thrown: unknown): boolean {
  return (thrown as { code?: unknown } | undefined)?.code === 'engine_timeout';
}

/** Bun.spawn throws at once where there is no such program, or nothing that can be run. */
function isMissing(thrown: unknown): boolean {
  return ['ENOENT', 'EACCES', 'ENOEXEC', 'ENOTDIR'].includes(
    String((thrown as { code?: unknown } | undefined)?.code),
  );
}

function remembered<T>(look: () => Promise<T>, nowMs: () => number): () => Promise<T> {
  let last: { atMs: number; answer: Promise<T> } | undefined;
  return () => {
    if (last === undefined || nowMs() - last.atMs > probeAgeMs) last = { atMs: nowMs(), answer: look() };
    return last.answer;
  };
}

/** Credentials of codexd and of the projects before it: no engine has a use for them. */
const ours = /^(?:CODEXD_|CODEX_|CHATGPT_|OPENAI_CODEX_|OPEN_ASR_)/;

export function childEnvironment(
  { env }: Surroundings,
  { hfToken }: EngineOptions,
  hubCacheDir?: string,
): Record<string, string | undefined> {
  const kept = Object.fromEntries(Object.entries(env).filter(([name]) => !ours.test(name)));
  return {
    ...kept,
    PYTHONUTF8: '1',
    HF_HUB_DISABLE_PROGRESS_BARS: '1',
    ...(hfToken === undefined ? {} : { HF_TOKEN: hfToken }),
    ...(hubCacheDir === undefined ? {} : { HF_HUB_CACHE: hubCacheDir }),
  };
}

/** An engine's own directory is a Hugging Face cache to be; one for all engines only where it is one already. */
async function hubCache(settings: EngineSettings, modelDirs: readonly string[]): Promise<string | undefined> {
  return (await hubCacheAmong(modelDirs)) ?? (settings.modelDirs === undefined ? undefined : modelDirs[0]);
}
