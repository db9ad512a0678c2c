// The one place that talks to the model API: a turn is opened here, and opened again where that is allowed.

import { onAbort, raceAbort } from '../base/abort.ts';
import { Failure } from '../failure.ts';
import type { Log } from '../log.ts';
import type { ResponsesEvent } from '../responses/event.ts';
import type { GrammarOptions } from '../responses/grammar.ts';
import type { Dropped } from '../responses/request.ts';
import type { Ticker } from '../stream/ticker.ts';
import { abortFailure } from './abort-failure.ts';
import { type Meaning, readRefusal, reworded } from './answer.ts';
import type { Credentials, TokenSource } from './credentials.ts';
import { type Identity, identityHeaders, turnHeaders } from './headers.ts';
import { PlanLimits } from './plan-limits.ts';
import { Refusals } from './refusals.ts';
import type { UpstreamBody } from './request.ts';
import { type RetryOptions, retryDelayMs } from './retry.ts';
import { AccountRouting } from './routing.ts';
import { wellFormedJson } from './rules/surrogates.ts';
import { secondTry } from './second-try.ts';
import { type Fetch, isLoopback } from './transport.ts';
import { Turn, type TurnLimits } from './turn.ts';
import { TurnStates } from './turn-states.ts';
import { asUpstreamFailure, silentRefusal } from './unreachable.ts';

const turnStateHeader = 'x-codex-turn-state';

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
  /** Request bodies of so many bytes and more are compressed with zstd. */
  compressFromBytes: number;
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
  /** The version of the Codex client behind the turn, in place of the one codexd speaks. */
  clientVersion?: string;
  accumulateText: GrammarOptions['accumulateText'];
  /** Sees every event of the answer, in order, but the deltas. */
  follow?: (event: ResponsesEvent) => void;
  /** Called when the upstream cannot read the reasoning in the body. */
  reasoningRefused?: () => void;
  /** Stands on every log line about this turn. */
  requestId?: string;
  /** The client names its session, as agents do, and some of them repeat what was refused. */
  sessionIsNamed?: boolean;
  /** The client returns the upstream's turn state itself, as Codex does. */
  keepsTurnState?: boolean;
  /** The body in the Responses Lite shape, to be tried once when the classic one is refused for its shape. */
  liteBody?: UpstreamBody;
  /** The body without tools in the conversation, for an upstream that refuses them there. */
  gatheredBody?: UpstreamBody;
}

export class UpstreamClient {
  readonly #routing: AccountRouting;
  readonly #limits: PlanLimits;
  /** Models that have refused tools in the conversation. */
  readonly #gathering = new Set<string>();
  readonly #states = new TurnStates();
  readonly #refusals: Refusals;

  constructor(private readonly options: UpstreamOptions) {
    this.#limits = new PlanLimits(options.nowMs);
    this.#refusals = new Refusals(options.nowMs);
    this.#routing = new AccountRouting({
      check: () => this.#accounts(),
      allowHttp: isLoopback(new URL(options.baseUrl).hostname),
      nowMs: options.nowMs,
      log: options.log,
    });
  }

  /** Opens a turn and reads it until it is clear that there will be an answer. Throws a Failure; retries where allowed. */
  async openTurn(request: TurnRequest, signal: AbortSignal): Promise<Turn> {
    this.#limits.refuse(request.body.model);
    if (request.sessionIsNamed) this.#refusals.repeat(request.session, request.body);
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
          log.info('the upstream refuses a part of the request, trying without it', {
            part: other.leftOut.field,
          });
          current = { ...current, body: other.body };
          if (failure.code === 'invalid_encrypted_content') request.reasoningRefused?.();
          leftOut.push(other.leftOut);
          continue;
        }
        if (current.gatheredBody !== undefined && refusesAdditionalTools(failure)) {
          log.info('the upstream refuses tools in the conversation, trying with all of them in front');
          this.#gathering.add(request.body.model);
          current = withGatheredTools(current);
          continue;
        }
        if (current.liteBody !== undefined && /responses-lite/i.test(failure.message)) {
          log.info('the upstream refuses the classic shape, trying Responses Lite');
          current = { ...current, body: current.liteBody, lite: true, liteBody: undefined };
          continue;
        }
        this.#limits.note(request.body.model, failure);
        const progress = { attempt, elapsedMs: this.options.nowMs() - startMs };
        const delayMs = retryDelayMs(failure, progress, this.options.retry, this.options.random());
        if (delayMs === undefined) {
          if (request.sessionIsNamed) this.#refusals.note(request.session, request.body, failure);
          throw final(failure);
        }
        log.info('trying again', {
          attempt,
          kind: failure.kind,
          code: failure.code,
          delayMs: Math.round(delayMs),
        });
        await raceAbort(this.options.sleep(delayMs, signal), signal).catch(() => {
          throw abortFailure(signal);
        });
      }
    }
  }

  /** `GET {base}{path}` with the login; the answer is 2xx, 304 or 404, everything else a Failure. */
  async get(
    path: string,
    options: { headers?: Record<string, string>; timeoutMs?: number } = {},
  ): Promise<Response> {
    const signal = AbortSignal.timeout(options.timeoutMs ?? 15_000);
    const answer = await this.withLogin(async (credentials) => {
      const { accept = 'application/json', ...rest } = options.headers ?? {};
      return this.options.fetch(`${this.options.baseUrl}${path}`, {
        headers: { accept, ...rest, ...identityHeaders(this.options.identity, credentials) },
        signal,
      });
    }, signal).catch((thrown: unknown) => {
      throw asUpstreamFailure(thrown);
    });
    if (answer.ok || answer.status === 304 || answer.status === 404) return answer;
    throw await this.refusalOf(answer, this.options.log);
  }

  /**
   * Sends with the current login; after a 401 again with what the file or a refresh gives, as often as `refreshBudget` has
   * refreshes (4.4). Those used are taken off it.
   */
  async withLogin(
    send: (credentials: Credentials) => Promise<Response>,
    signal: AbortSignal,
    refreshBudget = { refreshes: 2 },
  ): Promise<Response> {
    let credentials = await raceAbort(this.options.tokens.get(), signal);
    for (;;) {
      const answer = await send(credentials);
      if (answer.status !== 401 || refreshBudget.refreshes === 0) return answer;
      refreshBudget.refreshes--;
      await answer.body?.cancel();
      const refreshed = await raceAbort(this.options.tokens.refresh(credentials), signal);
      if (refreshed.accessToken !== credentials.accessToken) this.#routing.forget();
      credentials = refreshed;
    }
  }

  /** Where what this account asks for goes, and the header it needs there. */
  async placeOf(
    { accountId }: Credentials,
    signal: AbortSignal,
  ): Promise<{ baseUrl: string; override: string | undefined }> {
    const { origin, override } = await raceAbort(this.#routing.routeOf(accountId), signal);
    return { baseUrl: rerouted(this.options.baseUrl, origin), override };
  }

  /** What an answer that is not good means, read and logged. */
  async refusalOf(answer: Response, log: Log, meaning?: Meaning): Promise<Failure> {
    const { status, headers } = answer;
    const failure = await readRefusal(answer, this.options.nowMs(), meaning);
    log.info('the upstream refused', {
      status,
      code: failure.code,
      upstreamRequestId: requestIdOf(headers),
      cfRay: headers.get('cf-ray') ?? undefined,
    });
    return failure;
  }

  async #accounts(): Promise<unknown> {
    const answer = await this.get('/wham/accounts/check');
    if (answer.status !== 404) return answer.json();
    await answer.body?.cancel();
    return undefined;
  }

  async #open(request: TurnRequest, signal: AbortSignal): Promise<Turn> {
    const controller = new AbortController();
    const release = onAbort(signal, () => controller.abort(abortFailure(signal)));
    try {
      const answer = await this.withLogin(
        (credentials) => this.#post(request, credentials, controller),
        controller.signal,
      );
      this.options.observeHeaders(answer.headers);
      if (!answer.ok || answer.body === null) throw await this.refusalOf(answer, this.#logOf(request));
      const state = answer.headers.get(turnStateHeader);
      if (state && !request.keepsTurnState) this.#states.keep(request.session, request.body.input, state);
      const abort = (reason: Failure) => {
        release();
        controller.abort(reason);
      };
      const turn = new Turn(
        answer.headers,
        answer.body,
        { abort, release },
        {
          ...this.options,
          accumulateText: request.accumulateText,
          observe: this.options.observeEvent,
          follow: request.follow,
        },
      );
      await turn.settle(this.options.settleMs).catch((thrown: unknown) => {
        throw thrown instanceof Failure ? reworded(thrown, { upstreamHeaders: answer.headers }) : thrown;
      });
      return turn;
    } catch (thrown) {
      release();
      controller.abort();
      throw thrown;
    }
  }

  #turnState({ session, body, keepsTurnState }: TurnRequest): Record<string, string> {
    const state = keepsTurnState ? undefined : this.#states.find(session, body.input);
    return state === undefined ? {} : { [turnStateHeader]: state };
  }

  async #post(
    request: TurnRequest,
    credentials: Credentials,
    controller: AbortController,
  ): Promise<Response> {
    const { identity, fetch, compressFromBytes, firstByteMs } = this.options;
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
        passedOn: { ...request.passedOn, ...this.#turnState(request) },
      }),
    };
    const text = wellFormedJson(JSON.stringify(request.body));
    const isCompressed = text.length >= compressFromBytes;
    const payload = isCompressed ? await Bun.zstdCompress(text) : text;
    if (isCompressed) headers['content-encoding'] = 'zstd';
    const startMs = this.options.nowMs();
    const late = setTimeout(() => {
      controller.abort(
        new Failure('timeout', `The upstream did not answer within ${Math.round(firstByteMs / 1000)} s.`, {
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
      throw silentRefusal(thrown, Buffer.byteLength(payload), this.options.nowMs() - startMs) ?? thrown;
    } finally {
      clearTimeout(late);
    }
  }

  #logOf({ requestId }: TurnRequest): Log {
    return requestId === undefined ? this.options.log : this.options.log.with({ requestId });
  }
}

/** Whoever asked must not send the same again by itself: what could be tried was tried here. */
function final(failure: Failure): Failure {
  return failure.retry ? reworded(failure, { retry: false }) : failure;
}

/** The upstream's own name for a request, for whoever has to ask about it. */
export function requestIdOf(headers: Headers): string | undefined {
  return headers.get('x-request-id') ?? headers.get('x-oai-request-id') ?? undefined;
}

function withGatheredTools({ gatheredBody, ...request }: TurnRequest): TurnRequest {
  return gatheredBody === undefined ? request : { ...request, body: gatheredBody };
}

/** A 400 that names the item, its place in the input, or the shape that it is known from. */
function refusesAdditionalTools({ kind, message, param }: Failure): boolean {
  return (
    kind === 'invalid_request' &&
    /additional_tools|responses-lite|input\[\d+\]\.(?:tools|type)/i.test(`${message} ${param}`)
  );
}

function rerouted(baseUrl: string, origin: string | undefined): string {
  return origin === undefined ? baseUrl : `${origin}${new URL(baseUrl).pathname.replace(/\/$/, '')}`;
}
