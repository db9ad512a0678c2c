// The one handler for every dialect: a client's request becomes a turn, and the turn becomes a stream or a whole answer.
import type { Dialect, RequestContext, Translation } from '../dialects/dialect.ts';
import { asFailure, Failure } from '../failure.ts';
import type { Log } from '../log.ts';
import type { ModelDialect } from '../models/aliases.ts';
import { Collector } from '../responses/collect.ts';
import type { ResponsesEvent } from '../responses/event.ts';
import type { Dropped } from '../responses/request.ts';
import type { Ticker } from '../stream/ticker.ts';
import type { TurnRequest } from '../upstream/client.ts';
import type { Turn } from '../upstream/turn.ts';
import { readJson } from './body.ts';
import type { Call } from './call.ts';
import type { PlannedTurn } from './plan.ts';
import type { Queue } from './queue.ts';

export interface TurnServiceOptions {
  openTurn: (request: TurnRequest, signal: AbortSignal) => Promise<Turn>;
  plan: (translation: Translation, call: Call, dialect: ModelDialect) => Promise<PlannedTurn>;
  context: Omit<RequestContext, 'headers'>;
  queue: Queue;
  ticker: Ticker;
  bodyLimitBytes: number;
  /** Silence after which a stream gets a heartbeat; 0 for never. */
  keepaliveMs: number;
  /** Whether what cannot be had is a 400 instead of a line in `x-codexd-ignored`. */
  strict: boolean;
  log: Log;
}

/** Headers of every stream (openai-api.md B.3): proxies on the way must neither cache nor buffer it. */
const streamHeaders = {
  'cache-control': 'no-cache',
  connection: 'keep-alive',
  'x-accel-buffering': 'no',
};

/** 560 ns per event fall to 380 when a read of 512 KB is decoded and written in pieces of this size. */
const pieceLength = 64 * 1024;

export class TurnService {
  constructor(private readonly options: TurnServiceOptions) {}

  /** Answers a POST on a dialect's route. */
  async answer<T extends Translation>(
    dialect: Dialect<T>,
    naming: ModelDialect,
    call: Call,
  ): Promise<Response> {
    const body = await readJson(call.request, this.options.bodyLimitBytes);
    const translation = dialect.request(body, { ...this.options.context, headers: call.request.headers });
    call.modelAsked = translation.model;
    const planned = await this.options.plan(translation, call, naming);
    call.modelUsed = planned.turn.body.model;
    const dropped = [...translation.dropped, ...planned.dropped];
    if (this.options.strict) refuseDropped(dropped);
    const leave = await this.options.queue.enter(call.signal);
    let turn: Turn;
    try {
      const keepText = !translation.stream || dialect.repeatsText;
      turn = await this.options.openTurn({ ...planned.turn, keepText }, call.signal);
      call.upstreamRequestId =
        turn.headers.get('x-request-id') ?? turn.headers.get('x-oai-request-id') ?? undefined;
    } catch (thrown) {
      leave();
      throw thrown;
    }
    const headers = ignoredHeader(dropped);
    if (translation.stream) return this.#stream(dialect, translation, turn, call, headers, leave);
    try {
      return Response.json(await this.#whole(dialect, translation, turn, call), { headers });
    } finally {
      leave();
    }
  }

  async #whole<T extends Translation>(
    dialect: Dialect<T>,
    translation: T,
    turn: Turn,
    call: Call,
  ): Promise<unknown> {
    const collector = new Collector();
    try {
      await turn.run((event) => collector.push(event));
    } finally {
      turn.cancel();
    }
    const { response } = collector;
    if (response === undefined) throw new Error('the grammar let a turn end without its terminal event');
    call.usage = response.usage ?? undefined;
    return dialect.whole(response, translation);
  }

  #stream<T extends Translation>(
    dialect: Dialect<T>,
    translation: T,
    turn: Turn,
    call: Call,
    headers: Record<string, string>,
    leave: () => void,
  ): Response {
    call.streams = true;
    const { ticker, keepaliveMs } = this.options;
    const encoder = dialect.stream(translation);
    const finish = () => {
      call.usage = turn.response?.usage ?? undefined;
      turn.cancel();
      leave();
      call.end();
    };
    const body = new ReadableStream({
      type: 'direct',
      // Runs once. Awaiting `write` when it returns a promise is the whole flow control (bun-notes.md 3): while the
      // client does not read, neither do we.
      pull: async (sink: ReadableStreamDirectController) => {
        let out = '';
        let quietTicks = 0;
        let blocked = false;
        const stopTicking = ticker.add(() => {
          quietTicks += 1;
          if (blocked || keepaliveMs === 0 || quietTicks * ticker.tickMs < keepaliveMs) return;
          quietTicks = 0;
          sink.write(encoder.heartbeat());
        });
        // Large reads are written in pieces that fit the cache; how full the socket is, the last piece tells.
        const encode = (event: ResponsesEvent) => {
          out += encoder.push(event);
          if (out.length < pieceLength) return;
          sink.write(out);
          out = '';
        };
        const send = () => {
          if (encoder.finished) turn.cancel(); // a stop string: the rest is not wanted
          if (out === '') return undefined;
          call.firstByteAtMs ??= call.nowMs();
          quietTicks = 0;
          const written = sink.write(out);
          out = '';
          if (typeof written === 'number') return undefined;
          blocked = true;
          return written.then(() => {
            blocked = false;
          });
        };
        try {
          await turn.run(encode, send);
        } catch (thrown) {
          const failure = this.#failed(thrown, call);
          // What came before the failure in the same read is the client's too.
          if (!call.clientLeft) sink.write(out + encoder.fail(failure));
        } finally {
          stopTicking();
          sink.close();
          finish();
        }
      },
      // Comes before or after the abort of the request's signal; the access line is written here.
      cancel: () => {
        call.leave();
        this.#failed(call.signal.reason, call);
        finish();
      },
    });
    return new Response(body, {
      headers: { 'content-type': dialect.contentType, ...streamHeaders, ...headers },
    });
  }

  #failed(thrown: unknown, call: Call): Failure {
    const failure = call.signal.reason instanceof Failure ? call.signal.reason : asFailure(thrown);
    call.failure = failure;
    if (failure.kind === 'bug') logBug(this.options.log, call, failure);
    return failure;
  }
}

/** A bug leaves its stack in the log, never in an answer. */
export function logBug(log: Log, call: Call, failure: Failure): void {
  const { cause } = failure;
  log.error('a bug in codexd', {
    requestId: call.id,
    name: cause instanceof Error ? cause.name : typeof cause,
    stack: cause instanceof Error ? cause.stack?.split('\n').slice(1, 6).join(' | ') : undefined,
  });
}

function ignoredHeader(dropped: Dropped[]): Record<string, string> {
  if (dropped.length === 0) return {};
  const fields = [...new Set(dropped.map(({ field }) => field))];
  return {
    'x-codexd-ignored': fields
      .join(', ')
      .replace(/[^\x20-\x7e]/g, '?')
      .slice(0, 1024),
  };
}

function refuseDropped(dropped: Dropped[]): void {
  const [first] = dropped;
  if (first === undefined) return;
  throw new Failure('invalid_request', `\`${first.field}\` cannot be had: ${first.why}`, {
    code: 'unsupported_parameter',
    param: first.field,
    next: 'Leave it out, or set `server.strict = false`.',
  });
}
