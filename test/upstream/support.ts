// A scripted upstream without a network: a fetch that responds from a list and records requests, a clock, a ticker.
import { Failure } from '../../src/failure.ts';
import { createLog } from '../../src/log.ts';
import type { ResponsesEvent } from '../../src/responses/event.ts';
import type { Ticker } from '../../src/stream/ticker.ts';
import { type TurnRequest, UpstreamClient, type UpstreamOptions } from '../../src/upstream/client.ts';
import type { Credentials, TokenSource } from '../../src/upstream/credentials.ts';
import type { Turn } from '../../src/upstream/turn.ts';
import { fixture } from '../properties/turns.ts';

export interface SentRequest {
  method: string;
  url: string;
  headers: Headers;
  body: string | Uint8Array | undefined;
  signal: AbortSignal;
}

/** A scripted response. If it throws, the fetch throws. */
export type ScriptedResponse = (request: SentRequest) => Response | Promise<Response>;

export class FakeTicker implements Ticker {
  readonly tickMs = 1000;
  readonly listeners = new Set<() => void>();

  add(onTick: () => void): () => void {
    this.listeners.add(onTick);
    return () => this.listeners.delete(onTick);
  }

  tick(count = 1): void {
    for (let done = 0; done < count; done++) for (const listener of this.listeners) listener();
  }
}

/** A body that the test controls. Like that of Bun's fetch, it fails if the request is aborted. */
export class Body {
  readonly stream: ReadableStream<Uint8Array>;
  /** Why it was aborted or cancelled; undefined while it is being read. */
  gone: unknown;
  pulls = 0;
  #controller!: ReadableStreamDefaultController<Uint8Array>;

  constructor(signal?: AbortSignal) {
    this.stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => {
          this.pulls++;
        },
        cancel: (reason) => {
          this.gone ??= reason ?? 'cancelled';
        },
      },
      { highWaterMark: 0 },
    );
    signal?.addEventListener('abort', () => {
      this.gone ??= signal.reason;
      this.#controller.error(signal.reason);
    });
  }

  push(...pieces: (string | Uint8Array)[]): this {
    for (const piece of pieces) {
      this.#controller.enqueue(typeof piece === 'string' ? new TextEncoder().encode(piece) : piece);
    }
    return this;
  }

  end(): this {
    this.#controller.close();
    return this;
  }

  fail(reason: unknown): this {
    this.#controller.error(reason);
    return this;
  }
}

export function frame(type: string, fields: object = {}): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}

export const created = frame('response.created', { response: { id: 'resp_1', status: 'in_progress' } });
export const keepalive = frame('keepalive', { sequence_number: 1 });
export const text = (delta: string) =>
  frame('response.output_text.delta', { item_id: 'msg_1', output_index: 0, content_index: 0, delta });
export const completed = frame('response.completed', {
  response: { id: 'resp_1', status: 'completed', output: [], usage: { input_tokens: 1, output_tokens: 2 } },
});

/** 200 with these bytes, one chunk each. */
export function stream(...pieces: (string | Uint8Array)[]): ScriptedResponse {
  return ({ signal }) => new Response(new Body(signal).push(...pieces).end().stream);
}

/** 200 with a turn of test/fixtures/turns. */
export function turnOf(name: string): ScriptedResponse {
  return stream(fixture(name).bytes);
}

export function refusal(
  status: number,
  body: unknown = '',
  headers: Record<string, string> = {},
): ScriptedResponse {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return () => new Response(text, { status, headers });
}

/** What Bun's fetch throws. */
export function networkError(code: string): Error {
  return Object.assign(new TypeError('The socket connection was closed unexpectedly.'), {
    code,
    path: 'https://chatgpt.com/backend-api/codex/responses?secret=1',
  });
}

export const noResponse: ScriptedResponse = ({ signal }) =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
    if (signal.aborted) reject(signal.reason);
  });

const accountsPath = '/wham/accounts/check';

export interface World {
  client: UpstreamClient;
  /** Requests for turns. */
  sent: SentRequest[];
  /** Requests for `accounts/check`. */
  checks: SentRequest[];
  ticker: FakeTicker;
  clock: { nowMs: number };
  /** The delays between attempts, by which the clock advances. */
  sleeps: number[];
  refreshed: Credentials[];
  logLines: string[];
  open(request?: Partial<TurnRequest>, signal?: AbortSignal): Promise<Turn>;
  /** Unused responses of the script. */
  unused(): number;
}

export interface WorldOptions extends Partial<UpstreamOptions> {
  accounts?: ScriptedResponse;
}

/** A client whose upstream responds as scripted, in order. */
export function world(script: ScriptedResponse[], { accounts, ...options }: WorldOptions = {}): World {
  const rest = [...script];
  const sent: SentRequest[] = [];
  const checks: SentRequest[] = [];
  const sleeps: number[] = [];
  const refreshed: Credentials[] = [];
  const logLines: string[] = [];
  const clock = { nowMs: 1_790_000_000_000 };
  const ticker = new FakeTicker();
  const tokens: TokenSource = {
    get: async () => refreshed.at(-1) ?? credentials(0),
    refresh: async () => {
      const next = credentials(refreshed.length + 1);
      refreshed.push(next);
      return next;
    },
  };
  const client = new UpstreamClient({
    baseUrl: 'https://upstream.example/backend-api',
    identity: { originator: 'codexd', userAgent: 'codexd/1.2.3 (linux; x64)', clientVersion: '0.169.0' },
    tokens,
    fetch: async (url, init) => {
      const request: SentRequest = {
        method: init?.method ?? 'GET',
        url,
        headers: new Headers(init?.headers),
        body: init?.body as SentRequest['body'],
        signal: init?.signal as AbortSignal,
      };
      if (new URL(url).pathname.endsWith(accountsPath)) {
        checks.push(request);
        return (accounts ?? refusal(404))(request);
      }
      sent.push(request);
      const answer = rest.shift();
      if (answer === undefined) throw new Error('the script is at its end');
      return answer(request);
    },
    observeHeaders: () => {},
    observeEvent: () => {},
    firstByteMs: 60_000,
    settleMs: 60_000,
    limits: { idleMs: 300_000, noContentMs: 1_800_000, totalMs: Number.POSITIVE_INFINITY },
    retry: { retries: 3, budgetMs: 30_000 },
    compression: 'none',
    ticker,
    log: createLog({ level: 'debug', format: 'json', write: (line) => logLines.push(line) }),
    nowMs: () => clock.nowMs,
    newId: (prefix) => `${prefix}_made`,
    random: () => 0.5,
    sleep: async (ms) => {
      sleeps.push(ms);
      clock.nowMs += ms;
    },
    ...options,
  });
  return {
    client,
    sent,
    checks,
    ticker,
    clock,
    sleeps,
    refreshed,
    logLines,
    open: (request = {}, signal = new AbortController().signal) =>
      client.openTurn({ ...turnRequest, ...request }, signal),
    unused: () => rest.length,
  };
}

export function credentials(generation: number): Credentials {
  return { accessToken: `token-${generation}`, accountId: 'acct', fedramp: false };
}

export const turnRequest: TurnRequest = {
  body: {
    model: 'gpt-5.5',
    instructions: '',
    input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi.' }] }],
    store: false,
    stream: true,
  },
  lite: false,
  session: 'session-1',
  forwardedHeaders: {},
  accumulateText: true,
};

export async function eventsOf(turn: Turn): Promise<ResponsesEvent[]> {
  const events: ResponsesEvent[] = [];
  await turn.run((event) => events.push(event));
  return events;
}

/** The Failure that a promise rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  const outcome = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (outcome instanceof Failure) return outcome;
  throw new Error('expected a Failure', { cause: outcome });
}

/** Lets pending promises and events run. */
export async function flushEvents(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  await new Promise((resolve) => setImmediate(resolve));
}
