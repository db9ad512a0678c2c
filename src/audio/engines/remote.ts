// What the two engines behind a URL share: their server may be one that codexd runs itself (service.ts).
import { engineUnavailable } from '../programs/complaint.ts';
import type { Program } from '../programs/process.ts';
import type { Memory, Readiness } from './engine.ts';
import { engineEnvironment } from './environment.ts';
import { exchange } from './http.ts';
import { findGgml } from './model-files.ts';
import { createService } from './service.ts';
import { type EngineOptions, type EngineSettings, expanded, type Surroundings } from './settings.ts';

export interface Remote {
  /** Runs `work` against the server's base URL. */
  use<T>(signal: AbortSignal, work: (url: string) => Promise<T>): Promise<T>;
  /** What a GET of the probed path is answered; undefined where nothing answers in time. Never throws. */
  probe(): Promise<Probed | undefined>;
  /** Of a server that codexd starts itself: it is ready when its program is there. */
  ownReadiness(): Readiness | undefined;
  /** Of the server that is there already. */
  url: string;
  /** Of a server that codexd starts itself. */
  memory?: Memory;
}

export interface Probed {
  status: number;
  bytes: Uint8Array;
}

export interface RemoteOptions {
  settings: EngineSettings;
  options: EngineOptions;
  surroundings: Surroundings;
  /** The model it has, for whoever asks what is in memory. */
  model: string;
  /** Where the server is when the settings do not say; `{port}` stands for that of one of ours. */
  defaultUrl: string;
  headers: Readonly<Record<string, string>>;
  probedUrl: (url: string) => string;
  isUp: (answer: Probed) => boolean;
}

const probeMs = 5_000;
/** Big models are read from slow disks. */
const startMs = 300_000;

export function createRemote(remote: RemoteOptions): Remote {
  const { settings, surroundings, headers, isUp, probedUrl } = remote;
  const { id: engine, start } = settings;
  const { fetch, which, homedir, log, nowMs } = surroundings;
  const template = (settings.url ?? remote.defaultUrl).replace(/(?<!\/)\/+$/, '');
  const probe = (base: string): Promise<Probed | undefined> => {
    const { signal } = new AbortController();
    const asked = { engine, fetch, headers, signal, url: probedUrl(base), timeoutMs: probeMs };
    return exchange(asked).catch(() => undefined);
  };
  if (start === undefined) {
    return {
      url: template,
      probe: () => probe(template),
      use: (_, work) => work(template),
      ownReadiness: () => undefined,
    };
  }
  const fix = `install ${start[0]}, or correct \`start\` in its table`;
  const service = createService({
    ...{ engine, startMs, log, nowMs, fix, recordServer: surroundings.recordServer },
    program: (port) => programFor(remote, start, port, fix),
    url: (port) => template.replace('{port}', String(port)),
    isUp: async (base) => {
      const answer = await probe(base);
      return answer !== undefined && isUp(answer);
    },
    idleMs: (settings.idleSeconds ?? 0) * 1000,
  });
  return {
    url: template,
    probe: async () => undefined,
    use: service.use,
    ownReadiness: () =>
      which(expanded(start[0]!, homedir)) === null
        ? { ready: false, why: `${start[0]} is not on PATH`, fix }
        : { ready: true, detail: service.state() === undefined ? 'starts when it is needed' : 'running' },
    memory: {
      pin: service.pin,
      held: () => {
        const state = service.state();
        return state && { model: remote.model, ...state };
      },
      release: service.stop,
      close: service.close,
    },
  };
}

/** `start` with the port, the model's file and the threads filled in. */
async function programFor(
  remote: RemoteOptions,
  start: readonly string[],
  port: number,
  fix: string,
): Promise<Program> {
  const { settings, options, surroundings } = remote;
  const { which, homedir, atExit } = surroundings;
  const program = which(expanded(start[0]!, homedir));
  if (program === null) {
    throw engineUnavailable(settings.id, `${start[0]} is not on PATH`, fix);
  }
  const dirs = (settings.modelDirs ?? options.modelDirs).map((dir) => expanded(dir, homedir));
  const model = expanded(settings.model ?? '', homedir);
  const values = new Map([
    ['{port}', String(port)],
    ['{model}', (await findGgml(model, { ...settings, model }, dirs)) ?? model],
    ['{threads}', String(settings.threads ?? 4)],
  ]);
  const words = start.slice(1).map((word) => expanded(word, homedir));
  return {
    argv: [program, ...words.map((word) => word.replace(/\{\w+\}/g, (name) => values.get(name) ?? name))],
    directory: homedir,
    env: await engineEnvironment(surroundings, options, settings, dirs),
    atExit,
  };
}
