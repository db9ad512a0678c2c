// What the two engines behind a URL share. Their server may be one that codexd runs itself (service.ts).
import { engineUnavailable } from '../programs/failures.ts';
import type { Program } from '../programs/process.ts';
import type { ModelMemory, Readiness } from './engine.ts';
import { engineEnvironment } from './environment.ts';
import { callServer } from './http.ts';
import { findGgml } from './model-files.ts';
import { createService } from './service.ts';
import { type EngineContext, type EngineOptions, type EngineSettings, expandHome } from './settings.ts';

export interface Remote {
  /** Runs `work` against the server's base URL. */
  use<T>(signal: AbortSignal, work: (url: string) => Promise<T>): Promise<T>;
  /** The response to a GET of the probed path; undefined if there is none in time. Never throws. */
  probe(): Promise<ProbeResponse | undefined>;
  /** For a server that codexd starts itself: ready if its program is installed. */
  ownReadiness(): Readiness | undefined;
  /** Base URL of the server; for one that codexd starts itself, with `{port}`. */
  url: string;
  /** Only for a server that codexd starts itself. */
  memory?: ModelMemory;
}

export interface ProbeResponse {
  status: number;
  bytes: Uint8Array;
}

export interface RemoteOptions {
  settings: EngineSettings;
  options: EngineOptions;
  context: EngineContext;
  /** The server's model, for the list of loaded models. */
  model: string;
  /** Used if the configuration has no `url`; `{port}` is the port of a server that codexd starts itself. */
  defaultUrl: string;
  headers: Readonly<Record<string, string>>;
  probeUrl: (url: string) => string;
  isUp: (response: ProbeResponse) => boolean;
}

const probeMs = 5_000;
/** Large models load slowly from slow disks. */
const startMs = 300_000;

export function createRemote(remote: RemoteOptions): Remote {
  const { settings, context, headers, isUp, probeUrl } = remote;
  const { id: engine, start } = settings;
  const { fetch, which, homedir, log, nowMs } = context;
  const template = (settings.url ?? remote.defaultUrl).replace(/(?<!\/)\/+$/, '');
  const probe = (base: string): Promise<ProbeResponse | undefined> => {
    const { signal } = new AbortController();
    const options = { engine, fetch, headers, signal, url: probeUrl(base), timeoutMs: probeMs };
    return callServer(options).catch(() => undefined);
  };
  if (start === undefined) {
    return {
      url: template,
      probe: () => probe(template),
      use: (_, work) => work(template),
      ownReadiness: () => undefined,
    };
  }
  const fix = `install ${start[0]}, or correct \`start\` in its config.toml table`;
  const service = createService({
    ...{ engine, startMs, log, nowMs, fix, recordServer: context.recordServer },
    program: (port) => programFor(remote, start, port, fix),
    url: (port) => template.replace('{port}', String(port)),
    isUp: async (base) => {
      const response = await probe(base);
      return response !== undefined && isUp(response);
    },
    idleMs: (settings.idleSeconds ?? 0) * 1000,
  });
  return {
    url: template,
    probe: async () => undefined,
    use: service.use,
    ownReadiness: () =>
      which(expandHome(start[0]!, homedir)) === null
        ? { ready: false, why: `${start[0]} is not on PATH`, fix }
        : { ready: true, detail: service.state() === undefined ? 'starts on demand' : 'running' },
    memory: {
      pin: service.pin,
      loaded: () => {
        const state = service.state();
        return state && { model: remote.model, ...state };
      },
      release: service.stop,
      close: service.close,
    },
  };
}

/** The program of `start`, with port, model file and threads filled in. */
async function programFor(
  remote: RemoteOptions,
  start: readonly string[],
  port: number,
  fix: string,
): Promise<Program> {
  const { settings, options, context } = remote;
  const { which, homedir, atExit } = context;
  const program = which(expandHome(start[0]!, homedir));
  if (program === null) {
    throw engineUnavailable(settings.id, `${start[0]} is not on PATH`, fix);
  }
  const dirs = (settings.modelDirs ?? options.modelDirs).map((dir) => expandHome(dir, homedir));
  const model = expandHome(settings.model ?? '', homedir);
  const values = new Map([
    ['{port}', String(port)],
    ['{model}', (await findGgml(model, { ...settings, model }, dirs)) ?? model],
    ['{threads}', String(settings.threads ?? 4)],
  ]);
  const words = start.slice(1).map((word) => expandHome(word, homedir));
  return {
    argv: [program, ...words.map((word) => word.replace(/\{\w+\}/g, (name) => values.get(name) ?? name))],
    directory: homedir,
    env: await engineEnvironment(context, options, settings, dirs),
    atExit,
  };
}
