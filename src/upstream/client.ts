// The one place that talks to the model API: a turn is opened here, and opened again where that is allowed.
import { asFailure, Failure } from '../failure.ts';
import type { Log } from '../log.ts';
import type { ResponsesEvent } from '../responses/event.ts';
import type { GrammarOptions } from '../responses/grammar.ts';
import type { Ticker } from '../stream/ticker.ts';
import { answerFailure } from './answer.ts';
import type { Credentials, TokenSource } from './credentials.ts';
import { type Identity, identityHeaders, turnHeaders } from './headers.ts';
import { type UpstreamBody, withoutReasoning } from './request.ts';
import { type RetryOptions, retryDelayMs } from './retry.ts';
import { AccountRouting } from './routing.ts';
import type { Fetch } from './transport.ts';
import { isLoopback } from './transport.ts';
import { Turn, type TurnLimits } from './turn.ts';

export interface UpstreamOptions {
  /** E.g. `https://chatgpt.com/backend-api`, without a slash at the end. */
  baseUrl: string;
  identity: Identity;
  tokens: TokenSource;
  fetch: Fetch;
  /** Sees headers and private events of every answer, for the quota. */
  observeHeaders: (headers: Headers) => void;
  observeEvent: (event: ResponsesEvent) => void;
  /** Until the head of an answer is in. */
  firstByteMs: number;
  /** How long an answer may be only a handshake before the client is sent its head. */
  settleMs: number;
  limits: TurnLimits;
  retry: RetryOptions;
  /** Whether request bodies are compressed with zstd. */
  compress: boolean;
  ticker: Ticker;
  log: Log;
  nowMs: () => number;
  newId: (prefix: string) => string;
  random: () => number;
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface TurnRequest {
  body: UpstreamBody;
  lite: boolean;
  session: string;
  passedOn: Record<string, string>;
  keepText: GrammarOptions['keepText'];
  /** The body in the Responses Lite shape, to be tried once when the classic one is refused for its shape. */
  liteBody?: UpstreamBody;
}

/** A plan limit is asked about again this often, so that a reset that came early is noticed (field-notes.md 7). */
const limitProbeMs = 60_000;
const errorBodyLimitBytes = 256 * 1024;

export class UpstreamClient {
  readonly #routing: AccountRouting;
  #limited: { failure: Failure; untilMs: number; probeAtMs: number } | undefined;

  constructor(private readonly options: UpstreamOptions) {
    this.#routing = new AccountRouting({
      check: () => this.#accounts(),
      allowHttp: isLoopback(new URL(options.baseUrl).hostname),
      nowMs: options.nowMs,
      log: options.log,
    });
  }

  /** Opens a turn and reads it until it is clear that there will be an answer. Throws a Failure; retries where allowed. */
  async openTurn(request: TurnRequest, signal: AbortSignal): Promise<Turn> {
    this.#refuseWhileLimited();
    let current = request;
    const startMs = this.options.nowMs();
    for (let attempt = 1; ; attempt++) {
      try {
        const turn = await this.#open(current, signal);
        this.#limited = undefined;
        return turn;
      } catch (thrown) {
        const failure = signal.aborted ? leaving(signal) : asUpstreamFailure(thrown);
        if (failure.code === 'invalid_encrypted_content' && hasReasoning(current.body)) {
          this.options.log.info('the upstream cannot read the reasoning sent, trying without it');
          current = { ...current, body: withoutReasoning(current.body) };
          continue;
        }
        if (current.liteBody !== undefined && /responses-lite/i.test(failure.message)) {
          this.options.log.info('the upstream refuses the classic shape, trying Responses Lite');
          current = { ...current, body: current.liteBody, lite: true, liteBody: undefined };
          continue;
        }
        this.#rememberLimit(failure);
        const progress = { attempt, elapsedMs: this.options.nowMs() - startMs };
        const delayMs = retryDelayMs(failure, progress, this.options.retry, this.options.random());
        if (delayMs === undefined) throw failure;
        this.options.log.info('trying again', { attempt, kind: failure.kind, code: failure.code, delayMs });
        await this.options.sleep(delayMs, signal);
      }
    }
  }

  /** `GET {base}{path}` with the login; the answer is 2xx, 304 or 404, everything else a Failure. */
  async get(
    path: string,
    options: { headers?: Record<string, string>; timeoutMs?: number } = {},
  ): Promise<Response> {
    const signal = AbortSignal.timeout(options.timeoutMs ?? 15_000);
    const answer = await this.#withLogin(async (credentials) => {
      const { accept = 'application/json', ...rest } = options.headers ?? {};
      return this.options.fetch(`${this.options.baseUrl}${path}`, {
        headers: { accept, ...rest, ...identityHeaders(this.options.identity, credentials) },
        signal,
      });
    }).catch((thrown: unknown) => {
      throw asUpstreamFailure(thrown);
    });
    if (answer.ok || answer.status === 304 || answer.status === 404) return answer;
    throw await this.#refusal(answer);
  }

  async #accounts(): Promise<unknown> {
    const answer = await this.get('/wham/accounts/check');
    if (answer.status !== 404) return answer.json();
    await answer.body?.cancel();
    return undefined;
  }

  async #open(request: TurnRequest, signal: AbortSignal): Promise<Turn> {
    const controller = new AbortController();
    const leave = () => controller.abort(leaving(signal));
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
    const release = () => signal.removeEventListener('abort', leave);
    try {
      const answer = await this.#withLogin((credentials) => this.#post(request, credentials, controller));
      this.options.observeHeaders(answer.headers);
      if (!answer.ok || answer.body === null) throw await this.#refusal(answer);
      const turn = new Turn(
        answer.headers,
        answer.body,
        (reason) => {
          release();
          controller.abort(reason);
        },
        { ...this.options, keepText: request.keepText, observe: this.options.observeEvent },
      );
      await turn.settle(this.options.settleMs);
      return turn;
    } catch (thrown) {
      release();
      controller.abort();
      throw thrown;
    }
  }

  async #post(
    request: TurnRequest,
    credentials: Credentials,
    controller: AbortController,
  ): Promise<Response> {
    const { identity, baseUrl, fetch, compress, firstByteMs } = this.options;
    const route = await this.#routing.routeOf(credentials.accountId);
    const headers = {
      ...identityHeaders(identity, credentials),
      ...turnHeaders({
        session: request.session,
        lite: request.lite,
        routingOverride: route.override,
        model: request.body.model,
        passedOn: request.passedOn,
      }),
      ...(compress ? { 'content-encoding': 'zstd' } : {}),
    };
    const text = JSON.stringify(request.body);
    const late = setTimeout(() => {
      controller.abort(
        new Failure('timeout', `The upstream did not answer within ${Math.round(firstByteMs / 1000)} s.`, {
          code: 'upstream_timeout',
        }),
      );
    }, firstByteMs);
    try {
      return await fetch(`${rerouted(baseUrl, route.origin)}/codex/responses`, {
        method: 'POST',
        headers,
        body: compress ? await Bun.zstdCompress(text) : text,
        signal: controller.signal,
      });
    } finally {
      clearTimeout(late);
    }
  }

  /** Sends with the current login; after a 401 once more with what the file or a refresh gives, twice at most (4.4). */
  async #withLogin(send: (credentials: Credentials) => Promise<Response>): Promise<Response> {
    let credentials = await this.options.tokens.get();
    for (let renewals = 0; ; renewals++) {
      const answer = await send(credentials);
      if (answer.status !== 401 || renewals === 2) return answer;
      await answer.body?.cancel();
      credentials = await this.options.tokens.renew(credentials);
      this.#routing.forget();
    }
  }

  async #refusal(answer: Response): Promise<Failure> {
    const body = await limitedText(answer, errorBodyLimitBytes);
    return answerFailure(answer.status, answer.headers, body, this.options.nowMs());
  }

  // --- plan limits: known until they reset, so that every client's retries are not passed on (openai-api.md L.105) ---

  #refuseWhileLimited(): void {
    const limited = this.#limited;
    if (limited === undefined) return;
    const nowMs = this.options.nowMs();
    if (nowMs >= limited.untilMs) this.#limited = undefined;
    else if (nowMs >= limited.probeAtMs) limited.probeAtMs = nowMs + limitProbeMs;
    else throw limited.failure;
  }

  #rememberLimit(failure: Failure): void {
    if (failure.code !== 'usage_limit_reached' || failure.retryAfterMs === undefined) return;
    const nowMs = this.options.nowMs();
    this.#limited = { failure, untilMs: nowMs + failure.retryAfterMs, probeAtMs: nowMs + limitProbeMs };
  }
}

function hasReasoning(body: UpstreamBody): boolean {
  return body.input.some((item) => item.type === 'reasoning');
}

function rerouted(baseUrl: string, origin: string | undefined): string {
  return origin === undefined ? baseUrl : `${origin}${new URL(baseUrl).pathname}`;
}

/** Why the caller aborted: its own reason when it is one of ours. */
function leaving(signal: AbortSignal): Failure {
  return signal.reason instanceof Failure ? signal.reason : new Failure('cancelled', 'The client went away.');
}

/** What `fetch` throws, by its code (bun-notes.md 4). The code is kept, the URL in it is not. */
function asUpstreamFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  if (thrown instanceof DOMException && thrown.name === 'TimeoutError') {
    return new Failure('timeout', 'The upstream did not answer in time.', {
      code: 'upstream_timeout',
      cause: thrown,
    });
  }
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  if (typeof code !== 'string') return asFailure(thrown);
  return new Failure('upstream_unreachable', `The upstream cannot be reached (${code}).`, {
    code: 'upstream_unavailable',
    cause: thrown,
  });
}

/** At most the first `limitBytes` of a body, as text; the rest is not read. */
async function limitedText(answer: Response, limitBytes: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let readBytes = 0;
  try {
    for await (const chunk of answer.body ?? []) {
      readBytes += chunk.byteLength;
      text += decoder.decode(chunk, { stream: true });
      if (readBytes >= limitBytes) break;
    }
  } catch {
    // A body that breaks off still says what it said.
  }
  return text;
}
