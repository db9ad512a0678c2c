// The one place that talks to the model API. Opens turns, and retries where that is allowed.

import { onAbort, raceAbort } from '../base/abort.ts';
import { Failure, type FailureKind } from '../failure.ts';
import type { Log } from '../log.ts';
import type { ResponsesEvent } from '../responses/event.ts';
import type { GrammarOptions } from '../responses/grammar.ts';
import type { Dropped } from '../responses/request.ts';
import type { Ticker } from '../stream/ticker.ts';
import { abortFailure } from './abort-failure.ts';
import { type Compression, compresses } from './compression.ts';
import type { Credentials, TokenSource } from './credentials.ts';
import { type Identity, identityHeaders, turnHeaders } from './headers.ts';
import { amendFailure, type FailureReader, readFailure } from './http-failure.ts';
import { PlanLimits } from './plan-limits.ts';
import { RecentRefusals } from './recent-refusals.ts';
import type { UpstreamBody } from './request.ts';
import { type RetryOptions, retryDelayMs } from './retry.ts';
import { AccountRouting } from './routing.ts';
import { replaceLoneSurrogates } from './rules/lone-surrogates.ts';
import { secondTry } from './second-try.ts';
import { SseStream } from './sse-stream.ts';
import { type Fetch, isLoopback } from './transport.ts';
import { Turn, type TurnLimits } from './turn.ts';
import { TurnStates } from './turn-states.ts';
import { asUpstreamFailure, sizeRefusal } from './unreachable.ts';

const turnStateHeader = 'x-codex-turn-state';

/** Counts what happens between codexd and the upstream. */
export interface UpstreamObserver {
  /** The upstream has responded to a turn, a transcription or another request with a login. */
  responded(status: number): void;
  /** A turn is sent again after this failure. */
  retried(reason: FailureKind): void;
}

export interface UpstreamOptions {
  /** E.g. `https://chatgpt.com/backend-api`, without a slash at the end. */
  baseUrl: string;
  identity: Identity;
  tokens: TokenSource;
  fetch: Fetch;
  /** Called with the headers and private events of every response, for the quota. */
  observeHeaders: (headers: Headers) => void;
  observeEvent: (event: ResponsesEvent) => void;
  observer?: UpstreamObserver | undefined;
  /** Timeout for the response headers. */
  firstByteMs: number;
  /** How long a stream may consist of a handshake alone before the client is sent its response headers. */
  settleMs: number;
  limits: TurnLimits;
  retry: RetryOptions;
  compression: Compression;
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
  forwardedHeaders: Record<string, string>;
  /** Replaces `identity.clientVersion` if the turn comes from a Codex client. */
  clientVersion?: string;
  accumulateText: GrammarOptions['accumulateText'];
  /** Called with every event after the grammar, except deltas. */
  follow?: (event: ResponsesEvent) => void;
  /** Called when the upstream cannot decrypt the reasoning in the body. */
  reasoningRefused?: () => void;
  /** Added to every log line about this turn. */
  requestId?: string;
  /** The client names its session, as agents do. Some of them repeat refused requests. */
  sessionIsNamed?: boolean;
  /** The client is Codex, which returns the upstream's turn state itself. */
  isFromCodex?: boolean;
  /** The body in the Responses Lite shape, sent once if the classic shape is refused. */
  liteBody?: () => UpstreamBody | undefined;
  /** The body with all tools in `tools`, sent if the upstream refuses tools inside the conversation. */
  gatheredBody?: UpstreamBody;
}

export class UpstreamClient {
  readonly #routing: AccountRouting;
  readonly #limits: PlanLimits;
  /** Models that have refused tools inside the conversation. */
  readonly #gathering = new Set<string>();
  readonly #states = new TurnStates();
  readonly #refusals: RecentRefusals;

  constructor(private readonly options: UpstreamOptions) {
    this.#limits = new PlanLimits(options.nowMs);
    this.#refusals = new RecentRefusals(options.nowMs);
    this.#routing = new AccountRouting({
      check: () => this.#accounts(),
      allowHttp: isLoopback(new URL(options.baseUrl).hostname),
      nowMs: options.nowMs,
      log: options.log,
    });
  }

  /** Opens a turn and reads until it is clear that the model will answer. Retries where allowed. Throws a Failure. */
  async openTurn(request: TurnRequest, signal: AbortSignal): Promise<Turn> {
    this.#limits.refuse(request.body.model);
    if (request.sessionIsNamed) this.#refusals.rethrow(request.session, request.body);
    const log = this.#logOf(request);
    const leftOut: Dropped[] = [];
    let current = this.#gathering.has(request.body.model) ? withGatheredTools(request) : request;
    const startMs = this.options.nowMs();
    for (let attempt = 1; ; attempt++) {
      try {
        const turn = await this.#open(current, signal);
        this.#limits.clear(request.body.model);
        turn.leftOut.push(...leftOut);
        return turn;
      } catch (thrown) {
        if (signal.aborted) throw abortFailure(signal);
        const failure = asUpstreamFailure(thrown);
        const other = secondTry(current.body, failure);
        if (other !== undefined) {
          log.info('the upstream refused part of the request, retrying without it', {
            part: other.leftOut.field,
          });
          current = { ...current, body: other.body };
          if (failure.code === 'invalid_encrypted_content') request.reasoningRefused?.();
          leftOut.push(other.leftOut);
          continue;
        }
        if (current.gatheredBody !== undefined && refusesAdditionalTools(failure)) {
          log.info(
            'the upstream refused tools inside the conversation, retrying with all of them in `tools`',
          );
          this.#gathering.add(request.body.model);
          current = withGatheredTools(current);
          continue;
        }
        const liteBody = /responses-lite/i.test(failure.message) ? current.liteBody?.() : undefined;
        if (liteBody !== undefined) {
          log.info('the upstream refused the classic shape, retrying with Responses Lite');
          current = { ...current, body: liteBody, lite: true, liteBody: undefined };
          continue;
        }
        this.#limits.note(request.body.model, failure);
        const progress = { attempt, elapsedMs: this.options.nowMs() - startMs };
        const delayMs = retryDelayMs(failure, progress, this.options.retry, this.options.random());
        if (delayMs === undefined) {
          if (request.sessionIsNamed) this.#refusals.note(request.session, request.body, failure);
          throw asFinal(failure);
        }
        this.options.observer?.retried(failure.kind);
        log.info('retrying', {
          attempt,
          kind: failure.kind,
          code: failure.code,
          delayMs: Math.round(delayMs),
        });
        current = withTurnState(current, failure);
        await raceAbort(this.options.sleep(delayMs, signal), signal).catch(() => {
          throw abortFailure(signal);
        });
      }
    }
  }

  /** `GET {base}{path}` with the login. Returns responses with status 2xx, 304 and 404; throws a Failure for the rest. */
  get(
    path: string,
    options: { headers?: Record<string, string>; timeoutMs?: number } = {},
  ): Promise<Response> {
    return this.#call(path, options);
  }

  /** `POST {base}{path}` of JSON with the login. Sent once only, even after a 401. Otherwise like `get`. */
  post(path: string, body: object): Promise<Response> {
    const headers = { 'content-type': 'application/json' };
    return this.#call(path, { method: 'POST', headers, body: JSON.stringify(body) }, { refreshes: 0 });
  }

  async #call(
    path: string,
    {
      headers: { accept = 'application/json', ...headers } = {},
      timeoutMs = 15_000,
      ...init
    }: { headers?: Record<string, string>; timeoutMs?: number; method?: string; body?: string },
    refreshBudget?: { refreshes: number },
  ): Promise<Response> {
    const signal = AbortSignal.timeout(timeoutMs);
    const send = (credentials: Credentials) =>
      this.options.fetch(`${this.options.baseUrl}${path}`, {
        ...init,
        headers: { accept, ...headers, ...identityHeaders(this.options.identity, credentials) },
        signal,
      });
    const response = await this.withLogin(send, signal, refreshBudget).catch((thrown: unknown) => {
      throw asUpstreamFailure(thrown);
    });
    if (response.ok || response.status === 304 || response.status === 404) return response;
    throw await this.refusalOf(response, this.options.log);
  }

  /**
   * Sends with the current login. After a 401, adopts or refreshes the login and sends again, at most
   * `refreshBudget.refreshes` times (docs/wire/upstream.md#unauthorized). Decrements that count.
   */
  async withLogin(
    send: (credentials: Credentials) => Promise<Response>,
    signal: AbortSignal,
    refreshBudget = { refreshes: 2 },
  ): Promise<Response> {
    let credentials = await raceAbort(this.options.tokens.get(), signal);
    for (;;) {
      const response = await send(credentials);
      this.options.observer?.responded(response.status);
      if (response.status !== 401 || refreshBudget.refreshes === 0) return response;
      refreshBudget.refreshes--;
      await response.body?.cancel();
      const refreshed = await raceAbort(this.options.tokens.refresh(credentials), signal);
      if (refreshed.accessToken !== credentials.accessToken) this.#routing.forget();
      credentials = refreshed;
    }
  }

  /** The base URL for this account's requests, and the routing header they need. */
  async placeOf(
    { accountId }: Credentials,
    signal: AbortSignal,
  ): Promise<{ baseUrl: string; override: string | undefined }> {
    const { origin, override } = await raceAbort(this.#routing.routeOf(accountId), signal);
    return { baseUrl: rerouted(this.options.baseUrl, origin), override };
  }

  /** Reads and logs an error response. */
  async refusalOf(response: Response, log: Log, reader?: FailureReader): Promise<Failure> {
    const { status, headers } = response;
    const failure = await readFailure(response, this.options.nowMs(), reader);
    log.info('the upstream refused the request', {
      status,
      code: failure.code,
      upstreamRequestId: requestIdOf(headers),
      cfRay: headers.get('cf-ray') ?? undefined,
    });
    return failure;
  }

  async #accounts(): Promise<unknown> {
    const response = await this.get('/wham/accounts/check');
    if (response.status !== 404) return response.json();
    await response.body?.cancel();
    return undefined;
  }

  async #open(request: TurnRequest, signal: AbortSignal): Promise<Turn> {
    const controller = new AbortController();
    const release = onAbort(signal, () => controller.abort(abortFailure(signal)));
    try {
      const response = await this.withLogin(
        (credentials) => this.#post(request, credentials, controller),
        controller.signal,
      );
      this.options.observeHeaders(response.headers);
      if (!response.ok || response.body === null) throw await this.refusalOf(response, this.#logOf(request));
      const state = response.headers.get(turnStateHeader);
      if (state && !request.isFromCodex) this.#states.keep(request.session, request.body.input, state);
      const abort = (reason: Failure) => {
        release();
        controller.abort(reason);
      };
      const { headers, body } = response;
      const events = new SseStream(headers, body, { abort, release }, this.options.nowMs);
      const turn = new Turn(headers, events, {
        ...this.options,
        accumulateText: request.accumulateText,
        observe: this.options.observeEvent,
        follow: request.follow,
      });
      await turn.settle(this.options.settleMs).catch((thrown: unknown) => {
        throw thrown instanceof Failure
          ? amendFailure(thrown, { upstreamHeaders: response.headers })
          : thrown;
      });
      return turn;
    } catch (thrown) {
      release();
      controller.abort();
      throw thrown;
    }
  }

  #turnState({ session, body, isFromCodex }: TurnRequest): Record<string, string> {
    const state = isFromCodex ? undefined : this.#states.find(session, body.input);
    return state === undefined ? {} : { [turnStateHeader]: state };
  }

  async #post(
    request: TurnRequest,
    credentials: Credentials,
    controller: AbortController,
  ): Promise<Response> {
    const { identity, fetch, compression, firstByteMs } = this.options;
    const place = await this.placeOf(credentials, controller.signal);
    const headers: Record<string, string> = {
      ...identityHeaders(identity, credentials),
      ...(request.clientVersion === undefined ? {} : { version: request.clientVersion }),
      ...turnHeaders({
        session: request.session,
        lite: request.lite,
        routingOverride: place.override,
        model: request.body.model,
        serviceTier: request.body.service_tier,
        forwardedHeaders: { ...request.forwardedHeaders, ...this.#turnState(request) },
      }),
    };
    const text = replaceLoneSurrogates(JSON.stringify(request.body));
    const isCompressed = compresses(compression, {
      bytes: text.length,
      isFromCodex: request.isFromCodex === true,
    });
    const payload = isCompressed ? await Bun.zstdCompress(text) : text;
    if (isCompressed) headers['content-encoding'] = 'zstd';
    const startMs = this.options.nowMs();
    const late = setTimeout(() => {
      controller.abort(
        new Failure('timeout', `The upstream did not respond within ${Math.round(firstByteMs / 1000)} s.`, {
          code: 'upstream_timeout',
        }),
      );
    }, firstByteMs);
    try {
      return await fetch(`${place.baseUrl}/codex/responses`, {
        method: 'POST',
        headers,
        body: payload,
        signal: controller.signal,
      });
    } catch (thrown) {
      throw sizeRefusal(thrown, Buffer.byteLength(payload), this.options.nowMs() - startMs) ?? thrown;
    } finally {
      clearTimeout(late);
    }
  }

  #logOf({ requestId }: TurnRequest): Log {
    return requestId === undefined ? this.options.log : this.options.log.with({ requestId });
  }
}

/** Marks a failure as not retryable for the client: codexd has made all the attempts. */
function asFinal(failure: Failure): Failure {
  return failure.retry ? amendFailure(failure, { retry: false }) : failure;
}

/** The upstream's request id, to quote to its support. */
export function requestIdOf(headers: Headers): string | undefined {
  return headers.get('x-request-id') ?? headers.get('x-oai-request-id') ?? undefined;
}

/** The next attempt belongs to the same turn. Codex, too, returns the first state that a turn has received. */
function withTurnState(request: TurnRequest, { upstreamHeaders }: Failure): TurnRequest {
  const state = upstreamHeaders?.get(turnStateHeader);
  if (!state) return request;
  return { ...request, forwardedHeaders: { [turnStateHeader]: state, ...request.forwardedHeaders } };
}

function withGatheredTools({ gatheredBody, ...request }: TurnRequest): TurnRequest {
  return gatheredBody === undefined ? request : { ...request, body: gatheredBody };
}

/** A 400 that names the item, its position in the input, or Responses Lite, which introduced it. */
function refusesAdditionalTools({ kind, message, param }: Failure): boolean {
  return (
    kind === 'invalid_request' &&
    /additional_tools|responses-lite|input\[\d+\]\.(?:tools|type)/i.test(`${message} ${param}`)
  );
}

function rerouted(baseUrl: string, origin: string | undefined): string {
  return origin === undefined ? baseUrl : `${origin}${new URL(baseUrl).pathname.replace(/\/$/, '')}`;
}
