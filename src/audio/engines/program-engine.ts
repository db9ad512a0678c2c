// An engine that is a program run once per recording. Success is the expected output: most programs exit with 0 after a failure.
import { join } from 'node:path';
import { isPath } from '../paths.ts';
import {
  complaint,
  engineFailed,
  engineTimeout,
  engineUnavailable,
  unknownModel,
} from '../programs/complaint.ts';
import { isNoProgram, outputBytes, type Ran, runProgram } from '../programs/process.ts';
import type { Engine, Job, Readiness } from './engine.ts';
import { engineEnvironment } from './environment.ts';
import { settled } from './heard.ts';
import { namedInput } from './input.ts';
import { installHint } from './install.ts';
import { isSayable } from './model-files.ts';
import type { Ask, Place, ProgramKind } from './program-kind.ts';
import { probeProgram, remembered } from './program-probe.ts';
import { type EngineOptions, type EngineSettings, expanded, type Surroundings } from './settings.ts';

export function programEngine(
  kind: ProgramKind,
  settings: EngineSettings,
  options: EngineOptions,
  surroundings: Surroundings,
): Engine {
  const { id } = settings;
  const { platform, homedir, which, nowMs, atExit } = surroundings;
  const install = installHint(kind.kind, platform);
  const defaultModel = settings.model ?? kind.defaultModel;
  const model = defaultModel === undefined ? undefined : expanded(defaultModel, homedir);
  const modelDirs = (settings.modelDirs ?? options.modelDirs).map((dir) => expanded(dir, homedir));
  const timeoutMs = (settings.timeoutSeconds ?? options.engineTimeoutSeconds) * 1000;
  const names = settings.command === undefined ? kind.programs : [expanded(settings.command, homedir)];
  const isElsewhere = kind.onlyMac && platform !== 'darwin' && settings.command === undefined;
  const missing = isElsewhere
    ? { why: 'it runs on Macs with Apple silicon only', fix: '' }
    : { why: `${names[0]} is not on PATH`, fix: install };
  const environment = () => engineEnvironment(surroundings, options, settings, modelDirs);

  /** Undefined where the program is not there. */
  const look = (): Place | undefined => {
    const program = names.map((name) => which(name)).find((path) => path !== null);
    if (program === undefined || (isElsewhere && kind.isPython)) return undefined;
    return {
      settings: { ...settings, ...(model === undefined ? {} : { model }) },
      ...{ modelDirs, surroundings, program },
    };
  };

  const probe = remembered(async (): Promise<Readiness> => {
    const place = look();
    if (place === undefined) return { ready: false, ...missing };
    return probeProgram(kind, place, await environment());
  }, nowMs);

  const run = async (args: readonly string[], { program }: Place, job: Job): Promise<Ran> => {
    const limits = { signal: job.signal, timeoutMs, tooLong: () => engineTimeout(id, timeoutMs) };
    const env = await environment();
    try {
      return await runProgram({ argv: [program, ...args], directory: job.directory, env, atExit }, limits);
    } catch (thrown) {
      if (!isNoProgram(thrown)) throw thrown;
      throw engineUnavailable(id, `${names[0]} cannot be run`, install);
    }
  };

  const failed = (job: Job, { stdout, stderr, exitCode }: Ran) => {
    const hidden = [
      job.directory,
      job.recording.path,
      ...(model && isPath(model) ? [model] : []),
      ...modelDirs,
      homedir,
    ];
    // Some tell on stdout that they failed, but there the transcript may be as well.
    const said = complaint(`${kind.output === undefined ? '' : complaintsIn(stdout)}\n${stderr}`, hidden);
    return engineFailed(id, said === '' && exitCode !== 0 ? `exit code ${exitCode}` : said);
  };

  return {
    id,
    // A second engine of a kind must not take what means the first.
    models: settings.models ?? (id === kind.kind ? kind.models : [settings.model ?? []].flat()),
    ...(defaultModel === undefined ? {} : { defaultModel }),
    capabilities: kind.capabilities,
    reads: kind.reads,
    concurrency: settings.concurrency ?? options.workers,
    install,
    probe,
    async available() {
      const place = look();
      if (place === undefined || !(await probe()).ready) return [];
      return kind.available(place);
    },
    async has(wanted) {
      const place = look();
      if (place === undefined || !(await probe()).ready) return false;
      const actual = model !== undefined && wanted === defaultModel ? model : expanded(wanted, homedir);
      const own = isPath(actual) ? { ...place, settings: { ...place.settings, model: actual } } : place;
      const name = kind.canonical?.(actual) ?? actual;
      return (await kind.has?.(actual, own)) ?? (await kind.available(place)).includes(name);
    },
    async transcribe(asked) {
      const place = look();
      if (place === undefined)
        throw engineUnavailable(id, missing.why, missing.fix || 'Choose another engine.');
      const isDefault = model !== undefined && asked.model === defaultModel;
      const isTrusted = isDefault || (asked.mayBePath === true && isPath(asked.model));
      if (!isTrusted && !isSayable(asked.model))
        throw unknownModel(id, asked.model, 'Name it without a path.');
      const job = { ...asked, model: isDefault ? model : expanded(asked.model, homedir) };
      const own = isTrusted ? { ...place.settings, model: job.model } : place.settings;
      const ask: Ask = {
        ...{ ...place, settings: own, job, input: await namedInput(job), extra: settings.args ?? [] },
        help: async () => {
          const { stdout, stderr } = await run(['--help'], place, job);
          return `${Buffer.from(stdout).toString()}\n${stderr}`;
        },
      };
      const ran = await run(await kind.args(ask), place, job);
      const isOk = kind.ok === undefined || (ran.exitCode !== null && kind.ok.includes(ran.exitCode));
      const output =
        kind.output === undefined ? ran.stdout : await readOutput(join(job.directory, kind.output));
      const heard = isOk && output !== undefined ? kind.read(output, ask, ran) : undefined;
      if (heard === undefined) throw failed(job, ran);
      return settled(heard, job);
    },
  };
}

function complaintsIn(stdout: Uint8Array): string {
  const lines = Bun.stripANSI(Buffer.from(stdout).toString('utf8')).split('\n');
  return lines.filter((line) => /^\s*(?:Skipping|Error)\b/.test(line)).join('\n');
}

async function readOutput(path: string): Promise<Uint8Array | undefined> {
  const file = Bun.file(path);
  return (await file.exists()) && file.size <= outputBytes ? file.bytes() : undefined;
}
