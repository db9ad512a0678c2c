// An engine that runs a program once per recording. Success means that the expected output exists and parses: most programs
// exit with 0 after a failure (docs/wire/audio.md#output-decides).
import { join } from 'node:path';
import { isPath } from '../paths.ts';
import {
  engineFailed,
  engineTimeout,
  engineUnavailable,
  errorExcerpt,
  unknownModel,
} from '../programs/failures.ts';
import { isMissingProgram, outputBytes, type ProgramResult, runProgram } from '../programs/process.ts';
import type { Engine, Job, Readiness } from './engine.ts';
import { engineEnvironment } from './environment.ts';
import { linkInput } from './input.ts';
import { installHint } from './install.ts';
import { isSafeModelName } from './model-files.ts';
import type { ProgramKind, ProgramRun, ResolvedProgram } from './program-kind.ts';
import { cachedProbe, probeProgram } from './program-probe.ts';
import { normalizeResult } from './result.ts';
import { type EngineContext, type EngineOptions, type EngineSettings, expandHome } from './settings.ts';

export function programEngine(
  kind: ProgramKind,
  settings: EngineSettings,
  options: EngineOptions,
  context: EngineContext,
): Engine {
  const { id } = settings;
  const { platform, homedir, which, nowMs, atExit } = context;
  const install = installHint(kind.kind, platform);
  const defaultModel = settings.model ?? kind.defaultModel;
  const model = defaultModel === undefined ? undefined : expandHome(defaultModel, homedir);
  const modelDirs = (settings.modelDirs ?? options.modelDirs).map((dir) => expandHome(dir, homedir));
  const timeoutMs = (settings.timeoutSeconds ?? options.engineTimeoutSeconds) * 1000;
  const programNames =
    settings.command === undefined ? kind.programs : [expandHome(settings.command, homedir)];
  const isWrongPlatform = kind.onlyMac && platform !== 'darwin' && settings.command === undefined;
  const missing = isWrongPlatform
    ? { why: 'it runs only on Macs with Apple silicon', fix: '' }
    : { why: `${programNames[0]} is not on PATH`, fix: install };
  const environment = () => engineEnvironment(context, options, settings, modelDirs);

  /** Undefined if the program is not installed. */
  const findProgram = (): ResolvedProgram | undefined => {
    const program = programNames.map((name) => which(name)).find((path) => path !== null);
    if (program === undefined || (isWrongPlatform && kind.isPython)) return undefined;
    return {
      settings: { ...settings, ...(model === undefined ? {} : { model }) },
      ...{ modelDirs, context, program },
    };
  };

  const probe = cachedProbe(async (): Promise<Readiness> => {
    const resolved = findProgram();
    if (resolved === undefined) return { ready: false, ...missing };
    return probeProgram(kind, resolved, await environment());
  }, nowMs);

  const run = async (
    args: readonly string[],
    { program }: ResolvedProgram,
    job: Job,
  ): Promise<ProgramResult> => {
    const limits = { signal: job.signal, timeoutMs, tooLong: () => engineTimeout(id, timeoutMs) };
    const env = await environment();
    try {
      return await runProgram({ argv: [program, ...args], directory: job.directory, env, atExit }, limits);
    } catch (thrown) {
      if (!isMissingProgram(thrown)) throw thrown;
      throw engineUnavailable(id, `${programNames[0]} cannot be run`, install);
    }
  };

  const failureOf = (job: Job, { stdout, stderr, exitCode }: ProgramResult) => {
    const hidden = [
      job.directory,
      job.recording.path,
      ...(model && isPath(model) ? [model] : []),
      ...modelDirs,
      homedir,
    ];
    // Some programs report errors on stdout, which may contain the transcript too.
    const reason = errorExcerpt(
      `${kind.output === undefined ? '' : errorLinesIn(stdout)}\n${stderr}`,
      hidden,
    );
    return engineFailed(id, reason === '' && exitCode !== 0 ? `exit code ${exitCode}` : reason);
  };

  return {
    id,
    // Only the first engine of a kind gets the kind's model names.
    models: settings.models ?? (id === kind.kind ? kind.models : [settings.model ?? []].flat()),
    ...(defaultModel === undefined ? {} : { defaultModel }),
    capabilities: kind.capabilities,
    accepts: kind.accepts,
    concurrency: settings.concurrency ?? options.workers,
    install,
    probe,
    async available() {
      const resolved = findProgram();
      if (resolved === undefined || !(await probe()).ready) return [];
      return kind.available(resolved);
    },
    async has(requested) {
      const resolved = findProgram();
      if (resolved === undefined || !(await probe()).ready) return false;
      const actual =
        model !== undefined && requested === defaultModel ? model : expandHome(requested, homedir);
      const withModel = isPath(actual)
        ? { ...resolved, settings: { ...resolved.settings, model: actual } }
        : resolved;
      const name = kind.canonical?.(actual) ?? actual;
      return (await kind.has?.(actual, withModel)) ?? (await kind.available(resolved)).includes(name);
    },
    async transcribe(received) {
      const resolved = findProgram();
      if (resolved === undefined)
        throw engineUnavailable(id, missing.why, missing.fix || 'Choose another engine.');
      const isDefault = model !== undefined && received.model === defaultModel;
      const isTrusted = isDefault || (received.mayBePath === true && isPath(received.model));
      if (!isTrusted && !isSafeModelName(received.model))
        throw unknownModel(id, received.model, 'Use a model name, not a path.');
      const job = { ...received, model: isDefault ? model : expandHome(received.model, homedir) };
      const withModel = isTrusted ? { ...resolved.settings, model: job.model } : resolved.settings;
      const invocation: ProgramRun = {
        ...{ ...resolved, settings: withModel, job, input: await linkInput(job), extra: settings.args ?? [] },
        help: async () => {
          const { stdout, stderr } = await run(['--help'], resolved, job);
          return `${Buffer.from(stdout).toString()}\n${stderr}`;
        },
      };
      const ran = await run(await kind.args(invocation), resolved, job);
      const isOk = kind.ok === undefined || (ran.exitCode !== null && kind.ok.includes(ran.exitCode));
      const output =
        kind.output === undefined ? ran.stdout : await readOutput(join(job.directory, kind.output));
      const result = isOk && output !== undefined ? kind.read(output, invocation, ran) : undefined;
      if (result === undefined) throw failureOf(job, ran);
      return normalizeResult(result, job);
    },
  };
}

function errorLinesIn(stdout: Uint8Array): string {
  const lines = Bun.stripANSI(Buffer.from(stdout).toString('utf8')).split('\n');
  return lines.filter((line) => /^\s*(?:Skipping|Error)\b/.test(line)).join('\n');
}

async function readOutput(path: string): Promise<Uint8Array | undefined> {
  const file = Bun.file(path);
  return (await file.exists()) && file.size <= outputBytes ? file.bytes() : undefined;
}
