// What the two engines behind a URL share: their server may be one that codexd runs itself (service.ts).
import { engineUnavailable } from './complaint.ts';
import type { Readiness } from './engine.ts';
import { exchange } from './http.ts';
import { installHint } from './install.ts';
import { findGgml, isPath } from './model-files.ts';
import { childEnvironment } from './program-engine.ts';
import { createService, type Service } from './service.ts';
import { type EngineOptions, type EngineSettings, expanded, type Surroundings } from './settings.ts';

export interface Remote {
  /** Runs `work` against the server's base URL. */
  use<T>(signal: AbortSignal, work: (url: string) => Promise<T>): Promise<T>;
  /** The answer's status to a GET, or undefined where nothing answers within five seconds; never throws. */
  status(url: string, path: (url: string) => string): Promise<{ status: number; text: string } | undefined>;
  /** Whether a server of ours is configured but not running now: it is ready then, as far as can be told. */
  sleeping(): Readiness | undefined;
  /** Of the server that is there already. */
  url: string;
  preload?: () => Promise<void>;
  close?: () => Promise<void>;
}

const probeMs = 5_000;
/** Big models are read from slow disks. */
const startMs = 300_000;

export interface RemoteOptions {
  settings: EngineSettings;
  options: EngineOptions;
  surroundings: Surroundings;
  /** Where the server is when the settings do not say; `{port}` for one of ours. */
  defaultUrl: string;
  headers: Readonly<Record<string, string>>;
  /** Whether this answer to a GET of `probePath` means that it is up. */
  isUp: (answer: { status: number; text: string }) => boolean;
  probePath: (url: string) => string;
}

export function createRemote(remote: RemoteOptions): Remote {
  const { settings, surroundings, headers, isUp, probePath } = remote;
  const { id: engine, start } = settings;
  const template = (settings.url ?? remote.defaultUrl).replace(/\/+$/, '');
  const status: Remote['status'] = async (url, path) => {
    try {
      const signal = new AbortController().signal;
      const asked = {
        engine,
        fetch: surroundings.fetch,
        url: path(url),
        headers,
        signal,
        timeoutMs: probeMs,
      };
      const answer = await exchange(asked);
      return { status: answer.status, text: new TextDecoder().decode(answer.bytes) };
    } catch {
      return undefined;
    }
  };
  if (start === undefined) {
    return { url: template, status, use: (_, work) => work(template), sleeping: () => undefined };
  }
  let service: Service | undefined;
  const ours = (): Service => {
    service ??= createService({
      engine,
      argv: (port) => commandLine(remote, start, port),
      url: (port) => template.replace('{port}', String(port)),
      isUp: async (url) => {
        const answer = await status(url, probePath);
        return answer !== undefined && isUp(answer);
      },
      env: childEnvironment(surroundings, remote.options),
      directory: surroundings.homedir,
      idleMs: (settings.idleSeconds ?? 0) * 1000,
      startMs,
      install: installHint(settings.kind, surroundings.platform),
      log: surroundings.log,
      nowMs: surroundings.nowMs,
    });
    return service;
  };
  return {
    url: template,
    status,
    use: (signal, work) => ours().use(signal, work),
    sleeping: () => {
      if (surroundings.which(expanded(start[0]!, surroundings.homedir)) !== null) {
        return { ready: true, detail: service?.isRunning() ? 'running' : 'starts when it is needed' };
      }
      return {
        ready: false,
        why: `${start[0]} is not on PATH`,
        fix: installHint(settings.kind, surroundings.platform),
      };
    },
    preload: () => ours().use(new AbortController().signal, async () => {}),
    close: async () => service?.stop(),
  };
}

/** `start` with the port, the model's file and the threads filled in. */
async function commandLine(
  { settings, options, surroundings }: RemoteOptions,
  start: readonly string[],
  port: number,
) {
  const { which, homedir } = surroundings;
  const install = installHint(settings.kind, surroundings.platform);
  const program = which(expanded(start[0]!, homedir));
  if (program === null) throw engineUnavailable(settings.id, `${start[0]} is not on PATH`, install);
  const dirs = (settings.modelDirs ?? options.modelDirs).map((dir) => expanded(dir, homedir));
  const { model } = settings;
  const file =
    model === undefined || isPath(model)
      ? model && expanded(model, homedir)
      : await findGgml(model, settings, dirs);
  const values: Record<string, string> = {
    port: String(port),
    model: file ?? model ?? '',
    threads: String(settings.threads ?? 4),
  };
  const words = start.slice(1).map((word) => expanded(word, homedir));
  return [
    program,
    ...words.map((word) => word.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole)),
  ];
}
