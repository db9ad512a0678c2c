// The daemon's own server on a local port, with the real translators and the real upstream client, whose upstream is a
// script (test/upstream/support.ts).
import { apis } from '../../src/apis/index.ts';
import { RecentModels } from '../../src/apis/ollama/routes/recent-models.ts';
import { failureResponse, routesOf } from '../../src/apis/routes.ts';
import type { ApiServices, SpeechServices } from '../../src/apis/services.ts';
import type { ApiKey } from '../../src/keys/api-key.ts';
import { createKeyring } from '../../src/keys/keyring.ts';
import { createLog } from '../../src/log.ts';
import type { Naming } from '../../src/models/aliases.ts';
import { bundledEntries } from '../../src/models/bundle.ts';
import { readModels } from '../../src/models/model.ts';
import { parseListener } from '../../src/server/listener.ts';
import { accessLog } from '../../src/server/middleware/access-log.ts';

import type { Route } from '../../src/server/router.ts';
import { type HttpServer, type ServerSettings, startServer } from '../../src/server/serve.ts';
import { TurnResponder, type TurnResponderOptions } from '../../src/server/turn-responder.ts';
import { MemoryEntries } from '../../src/store/memory.ts';
import { ownerOf } from '../../src/store/owner.ts';
import { ResponseStore } from '../../src/store/response-store.ts';
import { RunningResponses } from '../../src/store/running-responses.ts';
import { planTurn } from '../../src/turns/plan.ts';
import { Queue, type QueueOptions } from '../../src/turns/queue.ts';
import { memoryLimits, ReasoningMemory } from '../../src/turns/reasoning-memory.ts';
import type { Caller, CallRecord } from '../../src/turns/record.ts';
import { TurnRunner, type TurnRunnerOptions } from '../../src/turns/run.ts';
import { until } from '../support/until.ts';
import { type ScriptedResponse, type World, type WorldOptions, world } from '../upstream/support.ts';

export interface TestOptions extends Partial<ServerSettings>, WorldOptions {
  keys?: ApiKey[];
  queue?: Partial<QueueOptions>;
  turns?: Partial<TurnResponderOptions & TurnRunnerOptions>;
  listen?: string[];
  moreRoutes?: Route[];
  /** What APIs use besides turns and models. */
  services?: Partial<Omit<ApiServices, 'speech'>> & { speech?: Partial<SpeechServices> };
  idleSeconds?: number;
}

export type LogLine = Record<string, unknown> & { message: string };

export interface TestDaemon extends AsyncDisposable {
  url: string;
  daemon: HttpServer;
  world: World;
  queue: Queue;
  settings: ServerSettings;
  /** All log lines of the server and the upstream client. */
  log: LogLine[];
  /** The records of ended calls. */
  records: CallRecord[];
  /** The access log lines so far. */
  lines(): LogLine[];
  /** The first `count` access log lines, once they are written. */
  accessLines(count?: number): Promise<LogLine[]>;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  post(path: string, body: unknown, init?: RequestInit): Promise<Response>;
}

export const chatPath = '/v1/chat/completions';
export const responsesPath = '/v1/responses';
export const messagesPath = '/v1/messages';
export const ollamaPath = '/api/chat';

export function chat(more: object = {}): object {
  return { model: 'gpt-5.5', messages: [{ role: 'user', content: 'Hi.' }], ...more };
}

export function responses(more: object = {}): object {
  return { model: 'gpt-5.5', input: 'Hi.', ...more };
}

export const naming: Naming = {
  models: readModels(bundledEntries),
  aliases: {},
  allowed: [],
  default: undefined,
  unknown: 'error',
};

const storeLimits = { ttlMs: 60_000, entries: 1000, bytes: 10_000_000 };

/** A daemon whose upstream responds as scripted. */
export function testDaemon(script: ScriptedResponse[] = [], options: TestOptions = {}): TestDaemon {
  const far = world(script, options);
  const log = createLog({ level: 'debug', format: 'json', write: (line) => far.logLines.push(line) });
  const records: CallRecord[] = [];
  const queue = new Queue({ concurrency: 100, waiting: 100, timeoutMs: 5000, ...options.queue });
  const memory = new ReasoningMemory(memoryLimits, () => far.clock.nowMs);
  const runner = new TurnRunner({
    openTurn: (request, signal) => far.client.openTurn(request, signal),
    plan: async (translation, style, { headers, caller }) =>
      planTurn(
        translation,
        headers,
        style,
        {
          naming,
          shape: 'classic',
          effort: undefined,
          verbosity: undefined,
          reasoningOf: (model) => memory.storeFor({ account: 'a', caller: caller.name, model }),
        },
        caller.models,
      ),
    queue,
    strict: false,
    ...options.turns,
  });
  const service = new TurnResponder({
    turns: runner,
    context: { reasoningStyle: 'reasoning_content', reasoningSummary: 'auto' },
    planWindows: () => [],
    nowMs: () => far.clock.nowMs,
    ticker: far.ticker,
    bodyLimitBytes: 1_000_000,
    keepaliveMs: 15_000,
    log,
    ...options.turns,
  });
  const services = {
    turns: service,
    imageTurns: service,
    responses: {
      store: new ResponseStore(new MemoryEntries(storeLimits, () => far.clock.nowMs), log),
      running: new RunningResponses(),
      connections: new ResponseStore(new MemoryEntries(storeLimits, () => far.clock.nowMs), log),
      ownerOf: (caller: Caller) => ownerOf('a', caller),
    },
    naming: async () => naming,
    bodyLimitBytes: 1_000_000,
    ollamaBackend: undefined,
    gateway: {},
    recentModels: new RecentModels(() => far.clock.nowMs),
    strict: false,
    newId: (prefix: string) => `${prefix}_${crypto.randomUUID()}`,
    nowMs: () => far.clock.nowMs,
    log,
    health: {
      version: '1.2.3',
      commit: 'abc',
      apis: [],
      startedAtMs: 0,
      login: async () => ({ ok: true }),
      model: async () => naming.models[0],
      codexConfigFile: '/home/me/.codex/config.toml',
      running: () => 0,
      nowMs: () => 0,
    },
    ...options.services,
    speech: { models: async () => [], isListed: false, admit: () => {}, ...options.services?.speech },
  } as unknown as ApiServices;
  const settings: ServerSettings = {
    routes: options.routes ?? [...routesOf(apis, services), ...(options.moreRoutes ?? [])],
    keyring: options.keyring ?? createKeyring(options.keys ?? []),
    rateLimitPerMinute: options.rateLimitPerMinute ?? 0,
    allowedHosts: options.allowedHosts ?? [],
    corsOrigins: options.corsOrigins ?? [],
    tailscaleLogins: options.tailscaleLogins,
    bodyMemoryBytes: options.bodyMemoryBytes ?? 64 * 1024 * 1024,
  };
  let ids = 0;
  const daemon = startServer({
    ...settings,
    listeners: (options.listen ?? ['127.0.0.1:0']).map(parseListener),
    failureResponse: (failure, exchange) => failureResponse(apis, failure, exchange, []),
    observers: [accessLog(log), (record) => records.push(record)],
    log,
    ...(options.idleSeconds === undefined ? {} : { idleSeconds: options.idleSeconds }),
    nowMs: () => far.clock.nowMs,
    newId: (prefix) => `${prefix}_${++ids}`,
  });
  const [url = ''] = daemon.addresses;
  const parsed = () => far.logLines.map((line) => JSON.parse(line) as LogLine);
  const lines = () => parsed().filter(({ message }) => message === 'request');
  const fetchHere = (path: string, init?: RequestInit) =>
    fetch(`${url}${path}`, { proxy: false, ...init } as RequestInit);
  return {
    url,
    daemon,
    world: far,
    queue,
    settings,
    get log() {
      return parsed();
    },
    lines,
    records,
    async accessLines(count = 1) {
      await until(() => lines().length >= count);
      return lines();
    },
    fetch: fetchHere,
    post: (path, body, init) =>
      fetchHere(path, {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        ...init,
        headers: { 'content-type': 'application/json', ...init?.headers },
      }),
    async [Symbol.asyncDispose]() {
      await daemon.stop(0);
    },
  };
}

export interface RawConnection {
  /** What has arrived so far, as text. */
  received(): string;
  receivedBytes(): number;
  closed(): boolean;
  write(content: string | Uint8Array): void;
  pause(): void;
  resume(): void;
  /** Disconnects immediately. */
  leave(): void;
  /** Waits until what has arrived matches. */
  until(pattern: RegExp): Promise<string>;
}

/** A raw TCP client: for partial requests, for not reading, and for checking bytes. */
export async function connectRaw(url: string, paused = false): Promise<RawConnection> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  let closed = false;
  // What the socket did not accept immediately (docs/bun.md#partial-writes).
  let unsent = Buffer.alloc(0);
  const { hostname, port } = new URL(url);
  const socket = await Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      data(_, chunk) {
        bytes += chunk.byteLength;
        text += decoder.decode(chunk, { stream: true });
      },
      drain(drained) {
        unsent = unsent.subarray(drained.write(unsent));
      },
      close() {
        closed = true;
      },
      error() {},
    },
  });
  if (paused) socket.pause();
  return {
    received: () => text,
    receivedBytes: () => bytes,
    closed: () => closed,
    write(out) {
      const idle = unsent.length === 0;
      unsent = Buffer.concat([unsent, Buffer.from(out as string)]);
      if (idle) unsent = unsent.subarray(socket.write(unsent));
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    leave: () => socket.terminate(),
    async until(pattern) {
      while (!pattern.test(text) && !closed) await Bun.sleep(1);
      return text;
    },
  };
}

/** One HTTP/1.1 request as bytes. */
export function httpRequest(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body = '',
): string {
  const all: Record<string, string> = {
    host: '127.0.0.1',
    ...(body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
    ...headers,
  };
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${head.join('')}\r\n${body}`;
}

/** The `data:` of each event of a stream, without `[DONE]` and comments. */
export function dataOf(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice(6)) as Record<string, unknown>);
}

/** The text of a chat stream. */
export function chatText(text: string): string {
  return dataOf(text)
    .map(
      (chunk) => (chunk.choices as { delta?: { content?: string } }[] | undefined)?.[0]?.delta?.content ?? '',
    )
    .join('');
}
