// The HTTP side of a turn, for every API with a translator: a request's body in, a stream or a whole response out.
import type { Failure } from '../failure.ts';
import type { Log } from '../log.ts';
import type { ModelNaming } from '../models/aliases.ts';
import type { ResponsesEvent } from '../responses/event.ts';
import { readyEvents } from '../responses/ready.ts';
import type { Dropped } from '../responses/request.ts';
import type { ResponsesResponse } from '../responses/response.ts';
import type {
  QuotaWindow,
  RequestContext,
  ResponseTranslator,
  Translation,
  Translator,
} from '../responses/translator.ts';
import { type Framing, jsonLines } from '../stream/framing.ts';
import type { Ticker } from '../stream/ticker.ts';
import type { PlannedTurn } from '../turns/plan.ts';
import { outlineOf } from '../turns/prompt-outline.ts';
import type { RunningTurn, TurnRunner } from '../turns/run.ts';
import { codexHeaders } from '../upstream/headers.ts';
import { readJson } from './body.ts';
import type { BodySink } from './direct-stream.ts';
import type { Exchange } from './exchange.ts';
import { ignoredHeader, streamHeaders } from './headers.ts';
import { noteFailure } from './note-failure.ts';
import { type Streamed, streamInto, streamOf } from './streaming.ts';

export interface TurnResponderOptions {
  turns: TurnRunner;
  context: Omit<RequestContext, 'headers'>;
  /** The windows of the plan itself, as far as the upstream has reported them. */
  planWindows: () => readonly QuotaWindow[];
  /** The wall clock. */
  nowMs: () => number;
  ticker: Ticker;
  bodyLimitBytes: number;
  /** Idle time before a keep-alive is sent; 0 disables them. */
  keepaliveMs: number;
  log: Log;
}

/** A turn that is sent over a WebSocket. */
export interface SentTurn<T extends Translation> {
  translation: T;
  translator: ResponseTranslator<T>;
  naming: ModelNaming;
  observer?: TurnObserver;
  opening(headers: Record<string, string>): string;
}

/** Watches a turn, for whoever keeps its response. */
export interface TurnObserver {
  /** Called with every event after the grammar, except deltas. After a failed attempt they start over. */
  follow(event: ResponsesEvent): void;
  /** The client's stream ends with this. */
  failed(failure: Failure): void;
  /** Awaited before the end of a successful response is sent; resolves to what must be reported with it. */
  settle(): Promise<Dropped[]>;
  /** The turn has ended, whatever became of it. */
  end(): void;
}

const jsonType = 'application/json';

export class TurnResponder {
  constructor(private readonly options: TurnResponderOptions) {}

  /** Responds to a POST on a translator's route. */
  async respond<T extends Translation>(
    translator: Translator<T>,
    naming: ModelNaming,
    exchange: Exchange,
  ): Promise<Response> {
    return this.respondTo(await this.translate(translator, exchange), translator, naming, exchange);
  }

  /** The request in the body of a POST. */
  async translate<T extends Translation>(translator: Translator<T>, exchange: Exchange): Promise<T> {
    const body = await readJson(exchange, this.options.bodyLimitBytes);
    return translator.request(body, this.contextOf(exchange));
  }

  /** What a translator may know of the request besides its body. */
  contextOf({ headers, id }: Exchange): RequestContext {
    return { ...this.options.context, headers, requestId: id };
  }

  /** Responds to a request that was translated before. */
  async respondTo<T extends Translation>(
    translation: T,
    translator: ResponseTranslator<T>,
    naming: ModelNaming,
    exchange: Exchange,
    observer?: TurnObserver,
  ): Promise<Response> {
    const planned = observed(await this.#plan(translation, naming, exchange), observer);
    const type = { 'content-type': translator.contentType };
    if (translation.ready !== undefined) {
      return readyResponse(translator, translation, { ...type, ...ignoredHeader(planned.dropped) });
    }
    const accumulateText = !translation.stream || translator.repeatsText || observer !== undefined;
    const turn = await this.#start(planned, exchange, accumulateText).catch((thrown: unknown) => {
      observer?.end();
      throw thrown;
    });
    try {
      const headers = {
        ...type,
        ...codexHeaders(exchange.headers, turn.headers),
        ...translator.windowHeaders?.(this.options.planWindows(), this.options.nowMs()),
        ...ignoredHeader([...planned.dropped, ...turn.leftOut]),
      };
      if (translation.stream) {
        const streamed = this.#streamed(translation, translator, turn, exchange, observer);
        exchange.stream();
        return new Response(streamOf(streamed), { headers: { ...streamHeaders, ...headers } });
      }
      const whole = translator.whole(await collect(turn, exchange), translation, turn.times);
      const dropped = (await observer?.settle()) ?? [];
      const ignored = ignoredHeader([...planned.dropped, ...turn.leftOut, ...dropped]);
      observer?.end();
      return Response.json(whole, { headers: { ...headers, ...ignored, 'content-type': jsonType } });
    } catch (thrown) {
      observer?.end();
      turn.end();
      throw thrown;
    }
  }

  /**
   * Sends a turn's events as lines of JSON. `opening` makes the text before them from the upstream's response headers.
   * Rejects if the turn fails before the first event.
   */
  async send<T extends Translation>(
    { translation, translator, naming, observer, opening }: SentTurn<T>,
    exchange: Exchange,
    sink: BodySink,
  ): Promise<void> {
    const planned = observed(await this.#plan(translation, naming, exchange), observer);
    const turn = await this.#start(planned, exchange, true).catch((thrown: unknown) => {
      observer?.end();
      throw thrown;
    });
    sink.write(opening(codexHeaders(exchange.headers, turn.headers)));
    await streamInto(this.#streamed(translation, translator, turn, exchange, observer, jsonLines), sink);
  }

  /** The response of a turn that no translator encodes, for extensions of an API. */
  async collect(
    translation: Translation,
    naming: ModelNaming,
    exchange: Exchange,
    upstreamHeaders: Record<string, string> = {},
  ): Promise<ResponsesResponse> {
    const planned = await this.#plan(translation, naming, exchange);
    Object.assign(planned.turn.forwardedHeaders, upstreamHeaders);
    return collect(await this.#start(planned, exchange, true), exchange);
  }

  async #plan(translation: Translation, naming: ModelNaming, exchange: Exchange): Promise<PlannedTurn> {
    exchange.note({ modelRequested: translation.model });
    const planned = await this.options.turns.plan(translation, naming, exchange);
    exchange.note({ modelUsed: planned.turn.body.model });
    return planned;
  }

  async #start(planned: PlannedTurn, exchange: Exchange, accumulateText: boolean): Promise<RunningTurn> {
    exchange.noteTimes({ plan: exchange.elapsedMs - (exchange.facts.times?.body ?? 0) });
    const starting = this.options.turns.start(planned, exchange, accumulateText);
    const { body, session } = planned.turn;
    // While the upstream works on its response: hashing a megabyte takes 2 ms.
    setImmediate(() => exchange.note({ prompt: outlineOf(body, session) }));
    const turn = await starting;
    exchange.note({ upstreamRequestId: turn.upstreamRequestId });
    return turn;
  }

  /** From here on the exchange ends when its stream does. */
  #streamed<T extends Translation>(
    translation: T,
    translator: ResponseTranslator<T>,
    turn: RunningTurn,
    exchange: Exchange,
    observer: TurnObserver | undefined,
    framing?: Framing,
  ): Streamed<ResponsesEvent> {
    const { ticker, keepaliveMs, log } = this.options;
    const ended = () => {
      exchange.note({ usage: turn.usage });
      turn.end();
      observer?.end();
      exchange.end();
    };
    const failed = (thrown: unknown) => {
      const failure = noteFailure(thrown, exchange, log);
      observer?.failed(failure);
      return failure;
    };
    return {
      exchange,
      source: turn,
      encoder: translator.stream(translation, turn.times, framing),
      ticker,
      keepaliveMs,
      failed,
      ...(observer === undefined ? {} : { beforeEnd: () => observer.settle() }),
      ended,
    };
  }
}

function observed(planned: PlannedTurn, observer: TurnObserver | undefined): PlannedTurn {
  if (observer === undefined) return planned;
  const { follow } = planned.turn;
  const both = (event: ResponsesEvent) => {
    follow?.(event);
    observer.follow(event);
  };
  return { ...planned, turn: { ...planned.turn, follow: both } };
}

async function collect(turn: RunningTurn, exchange: Exchange): Promise<ResponsesResponse> {
  const response = await turn.collect();
  exchange.note({ usage: response.usage ?? undefined });
  return response;
}

/** The response to a request that needs no turn. */
function readyResponse<T extends Translation>(
  translator: ResponseTranslator<T>,
  translation: T,
  headers: Record<string, string>,
): Response {
  const response = translation.ready as ResponsesResponse;
  if (!translation.stream) {
    return Response.json(translator.whole(response, translation), {
      headers: { ...headers, 'content-type': jsonType },
    });
  }
  const encoder = translator.stream(translation);
  const frames = readyEvents(response).map((event) => encoder.push(event));
  return new Response(frames.join(''), { headers: { ...streamHeaders, ...headers } });
}
