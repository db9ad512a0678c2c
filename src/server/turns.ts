// The one handler for every dialect: a client's request becomes a turn, and the turn becomes a stream or a whole answer.

import { asFailure, Failure, redactFailure } from '../failure.ts';
import type { Log } from '../log.ts';
import type { ModelDialect } from '../models/aliases.ts';
import { loadTokenizer } from '../models/tokenizer.ts';
import { Collector } from '../responses/collect.ts';
import type { Dropped } from '../responses/request.ts';
import type { ResponsesResponse } from '../responses/response.ts';
import { requestTokens } from '../responses/token-count.ts';
import type { Dialect, Encoder, QuotaWindow, RequestContext, Translation } from '../responses/translator.ts';
import type { Ticker } from '../stream/ticker.ts';
import type { PlannedTurn } from '../turns/plan.ts';
import type { Queue } from '../turns/queue.ts';
import { requestIdOf, type TurnRequest } from '../upstream/client.ts';
import { codexHeaders } from '../upstream/headers.ts';
import type { Turn } from '../upstream/turn.ts';
import { readJson } from './body.ts';
import type { Call } from './exchange.ts';
import { streamOf } from './streaming.ts';

export interface TurnServiceOptions {
  openTurn: (request: TurnRequest, signal: AbortSignal) => Promise<Turn>;
  plan: (translation: Translation, call: Call, dialect: ModelDialect) => Promise<PlannedTurn>;
  context: Omit<RequestContext, 'headers'>;
  /** The windows of the plan itself, as far as the upstream has reported them. */
  planWindows: () => readonly QuotaWindow[];
  queue: Queue;
  ticker: Ticker;
  bodyLimitBytes: number;
  /** Silence after which a stream gets a heartbeat; 0 for never. */
  keepaliveMs: number;
  /** Whether what cannot be had is a 400 instead of a word in `x-codexd-ignored`; hints are words in both cases. */
  strict: boolean;
  log: Log;
}

/** Headers of every stream (openai-api.md B.3): proxies on the way must neither cache nor buffer it. */
export const streamHeaders = {
  'cache-control': 'no-cache',
  connection: 'keep-alive',
  'x-accel-buffering': 'no',
};

const jsonType = 'application/json';

export class TurnService {
  constructor(private readonly options: TurnServiceOptions) {}

  /** Answers a POST on a dialect's route. */
  async answer<T extends Translation>(
    dialect: Dialect<T>,
    naming: ModelDialect,
    call: Call,
  ): Promise<Response> {
    return this.answerTranslated(dialect, await this.translate(dialect, call), naming, call);
  }

  /** The request that a POST on a dialect's route brings. */
  async translate<T extends Translation>(dialect: Dialect<T>, call: Call): Promise<T> {
    const body = await readJson(call, this.options.bodyLimitBytes);
    return dialect.request(body, {
      ...this.options.context,
      headers: call.request.headers,
      requestId: call.id,
    });
  }

  /** The same for a request that was translated before. */
  async answerTranslated<T extends Translation>(
    dialect: Dialect<T>,
    translation: T,
    naming: ModelDialect,
    call: Call,
  ): Promise<Response> {
    const planned = await this.#plan(translation, naming, call);
    const headers = { 'content-type': dialect.contentType, ...ignoredHeader(planned.dropped) };
    if (translation.ready !== undefined) return readyAnswer(dialect, translation, headers);
    const leave = await this.options.queue.enter(call.signal);
    try {
      const turn = await this.#open(planned, !translation.stream || dialect.repeatsText, call);
      const windows = dialect.windowHeaders?.(this.options.planWindows());
      const ignored = ignoredHeader([...planned.dropped, ...turn.leftOut]);
      Object.assign(headers, codexHeaders(call.request.headers, turn.headers), windows, ignored);
      if (translation.stream) {
        return this.#streamed(dialect.stream(translation, turn.times), turn, call, leave, headers);
      }
      const whole = dialect.whole(await collected(turn, call), translation, turn.times);
      return Response.json(whole, { headers: { ...headers, 'content-type': jsonType } });
    } finally {
      if (!call.streams) leave();
    }
  }

  /** A whole turn that no dialect answers: its response, for extensions of an API. */
  async response(
    translation: Translation,
    naming: ModelDialect,
    call: Call,
    upstreamHeaders: Record<string, string>,
  ): Promise<ResponsesResponse> {
    const planned = await this.#plan(translation, naming, call);
    Object.assign(planned.turn.passedOn, upstreamHeaders);
    const leave = await this.options.queue.enter(call.signal);
    try {
      return await collected(await this.#open(planned, true, call), call);
    } finally {
      leave();
    }
  }

  async #plan(translation: Translation, naming: ModelDialect, call: Call): Promise<PlannedTurn> {
    call.modelAsked = translation.model;
    const planned = await this.options.plan(translation, call, naming);
    call.modelUsed = planned.turn.body.model;
    const dropped = [...translation.dropped, ...planned.dropped];
    if (this.options.strict) refuseDropped(dropped);
    return { ...planned, dropped };
  }

  async #open(planned: PlannedTurn, accumulateText: boolean, call: Call): Promise<Turn> {
    try {
      const asked = { ...planned.turn, accumulateText, requestId: call.id };
      const turn = await this.options.openTurn(asked, call.signal);
      call.upstreamRequestId = requestIdOf(turn.headers);
      return turn;
    } catch (thrown) {
      throw await explained(thrown, planned);
    }
  }

  /** From here on the answer ends when its stream does. */
  #streamed(
    encoder: Encoder,
    turn: Turn,
    call: Call,
    leave: () => void,
    headers: Record<string, string>,
  ): Response {
    const { ticker, keepaliveMs } = this.options;
    const ended = () => {
      call.usage = turn.response?.usage ?? undefined;
      leave();
      call.end();
    };
    const failed = (thrown: unknown) => notedFailure(thrown, call, this.options.log);
    const body = streamOf({ call, source: turn, encoder, ticker, keepaliveMs, failed, ended });
    const response = new Response(body, { headers: { ...streamHeaders, ...headers } });
    call.streams = true;
    return response;
  }
}

async function collected(turn: Turn, call: Call): Promise<ResponsesResponse> {
  const collector = new Collector();
  try {
    await turn.run((event) => collector.push(event));
  } finally {
    turn.cancel();
  }
  const { response } = collector;
  if (response === undefined) throw new Error('the grammar let a turn end without its terminal event');
  call.usage = response.usage ?? undefined;
  return response;
}

/** The answer to a request that needs no turn. */
function readyAnswer<T extends Translation>(
  dialect: Dialect<T>,
  translation: T,
  headers: Record<string, string>,
): Response {
  const response = translation.ready as ResponsesResponse;
  if (!translation.stream) {
    return Response.json(dialect.whole(response, translation), {
      headers: { ...headers, 'content-type': jsonType },
    });
  }
  const encoder = dialect.stream(translation);
  const type = response.status === 'incomplete' ? 'response.incomplete' : 'response.completed';
  const frames = encoder.push({ type: 'response.created', response }) + encoder.push({ type, response });
  return new Response(frames, { headers: { ...streamHeaders, ...headers } });
}

/** What ended the call, noted on it. Clients are shown it: whatever it quotes, it contains no credential. */
export function notedFailure(thrown: unknown, call: Call, log: Log): Failure {
  const failure = redactFailure(
    call.signal.reason instanceof Failure ? call.signal.reason : asFailure(thrown),
    log.redact,
  );
  call.failure = failure;
  if (failure.kind === 'bug') logBug(log, call, failure);
  return failure;
}

/** A bug leaves its stack in the log, never in an answer. */
function logBug(log: Log, call: Call, failure: Failure): void {
  const { cause } = failure;
  log.error('a bug in codexd', {
    requestId: call.id,
    name: cause instanceof Error ? cause.name : typeof cause,
    stack: cause instanceof Error ? cause.stack?.split('\n').slice(1, 6).join(' | ') : undefined,
  });
}

/**
 * Adds what the upstream does not say: by how much a conversation outgrew the window, by which clients compact, and the
 * models that the account has.
 */
async function explained(
  thrown: unknown,
  { turn, contextWindow, otherModels }: PlannedTurn,
): Promise<unknown> {
  if (!(thrown instanceof Failure)) return thrown;
  const { kind, message, code, param, details, upstreamHeaders } = thrown;
  if (code === 'context_length_exceeded') {
    details.context_window = contextWindow;
    details.input_tokens = requestTokens(turn.body, await loadTokenizer());
  }
  if (code !== 'model_not_supported') return thrown;
  const advice = `This account is offered ${otherModels().join(', ') || 'no other model'}.`;
  return new Failure(kind, message, { code, param, details, advice, upstreamHeaders, cause: thrown });
}

/** Names what the request asked for and cannot have. */
export function ignoredHeader(dropped: Dropped[]): Record<string, string> {
  if (dropped.length === 0) return {};
  const fields = [...new Set(dropped.map(({ field }) => field))];
  return { 'x-codexd-ignored': headerText(fields.join(', ')) };
}

/** What a header can carry of a text. */
export function headerText(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 1024);
}

/** In strict mode nothing is dropped that changes the answer. */
export function refuseDropped(dropped: Dropped[]): void {
  const first = dropped.find(({ hint }) => hint !== true);
  if (first === undefined) return;
  throw new Failure('invalid_request', `\`${first.field}\` cannot be had: ${first.why}`, {
    code: 'unsupported_parameter',
    param: first.field,
    advice: 'Leave it out, or set `server.strict = false`.',
  });
}
