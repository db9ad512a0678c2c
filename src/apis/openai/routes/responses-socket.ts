// The WebSocket of /v1/responses (docs/wire/openai.md#websocket). Each `response.create` is a turn like a streamed POST; they
// run one after another. What `store: false` does not store can be continued while the connection lasts.
import { Failure } from '../../../failure.ts';
import { type Fields, isSet } from '../../../responses/fields.ts';
import { readyEvents } from '../../../responses/ready.ts';
import type { ResponsesResponse } from '../../../responses/response.ts';
import { type EarlierItems, nothingEarlier, type RequestContext } from '../../../responses/translator.ts';
import type { Exchange } from '../../../server/exchange.ts';
import { MessageSink } from '../../../server/message-sink.ts';
import type { SocketHandler } from '../../../server/router.ts';
import { type ClientSocket, goingAway, type SocketSession, Upgrade } from '../../../server/web-socket.ts';
import { LayeredResponses } from '../../../store/layered-responses.ts';
import { jsonLines } from '../../../stream/framing.ts';
import { codexHeaders } from '../../../upstream/headers.ts';
import type { ApiServices } from '../../services.ts';
import { optionalBoolean } from '../check.ts';
import { codexItem, previousIdOf, replayedItem } from '../responses/history.ts';
import { openaiResponses } from '../responses/index.ts';
import {
  type CreateMessage,
  errorEvent,
  headersOfMessage,
  metadataEvent,
  readCreateMessage,
  turnIdOf,
  turnState,
} from '../responses/socket-message.ts';
import type { ResponsesTranslation } from '../responses/types.ts';
import { ConnectionTurn } from './connection-turn.ts';
import { findEarlier } from './earlier.ts';
import { KeptResponse, keptOptions } from './kept-response.ts';

type Services = Pick<ApiServices, 'turns' | 'bodyLimitBytes' | 'responses' | 'newId' | 'nowMs'>;

/** The protocol that Codex names in `openai-beta`. */
const knownBeta = 'responses_websockets=2026-02-06';
/** Turns that may wait for those before them. */
const maxWaiting = 16;
/** As upstream. Codex connects again without showing an error. */
const maxAgeMs = 60 * 60_000;
const maxTurns = 1000;

export function responsesSocket(services: Services): SocketHandler {
  return (exchange) => {
    const beta = exchange.headers.get('openai-beta') ?? '';
    if (/responses_websockets=/.test(beta) && !beta.includes(knownBeta)) return useHttp();
    return new Upgrade((socket) => new ResponsesSession(socket, exchange, services));
  };
}

/** With this status Codex continues over HTTP at once; with any other, it retries for seven seconds. */
function useHttp(): Response {
  return new Response(null, { status: 426, headers: { 'content-length': '0' } });
}

class ResponsesSession implements SocketSession {
  readonly #openedAtMs: number;
  readonly #waiting: string[] = [];
  #waitingLength = 0;
  #isRunning = false;
  #isStopping = false;
  #turns = 0;
  /** The ids of the responses that only this connection has. */
  readonly #own = new Set<string>();
  /** The first of Codex's current turn. Over HTTP, Codex returns it until that turn ends. */
  #turnState: { turnId: unknown; state: string | undefined } | undefined;

  constructor(
    private readonly socket: ClientSocket,
    private readonly upgrade: Exchange,
    private readonly services: Services,
  ) {
    this.#openedAtMs = services.nowMs();
  }

  message(text: string): void {
    const refusal = this.#refusalOf(text);
    if (refusal !== undefined) {
      this.#report(refusal);
      return;
    }
    this.#waiting.push(text);
    this.#waitingLength += text.length;
    if (!this.#isRunning) void this.#runAll();
  }

  refuse(why: string): void {
    this.#report(new Failure('invalid_request', why, { code: 'invalid_type' }));
  }

  stop(): void {
    this.#isStopping = true;
    if (!this.#isRunning) this.socket.close(goingAway, 'codexd is shutting down.');
  }

  closed(): void {
    this.#waiting.length = 0;
    const { connections } = this.services.responses;
    for (const id of this.#own) void connections.remove(this.upgrade.id, id);
  }

  #refusalOf({ length }: string): Failure | undefined {
    const limit = this.services.bodyLimitBytes;
    if (this.#isStopping) {
      return new Failure('unavailable', 'codexd is shutting down.', { code: 'shutting_down' });
    }
    if (length > limit) {
      return new Failure('too_large', `The message is larger than ${limit} bytes.`, {
        code: 'payload_too_large',
        advice: 'Send less, or raise `server.json_limit_mb`.',
      });
    }
    const isFull = this.#waiting.length >= maxWaiting || this.#waitingLength + length > limit;
    if (!this.#isRunning || !isFull) return undefined;
    return new Failure('rate_limited', 'Too many turns are waiting on this connection.', {
      code: 'too_many_turns',
      advice: 'Wait for the response before you send more, or open another connection.',
    });
  }

  async #runAll(): Promise<void> {
    this.#isRunning = true;
    for (let text = this.#waiting.shift(); text !== undefined; text = this.#waiting.shift()) {
      this.#waitingLength -= text.length;
      await this.#run(text);
    }
    this.#isRunning = false;
    if (this.#isStopping) this.stop();
  }

  async #run(text: string): Promise<void> {
    let create: CreateMessage | undefined;
    const headers = headersOfMessage(this.upgrade.headers, text, this.#turnState);
    await this.socket.call({
      headers,
      handle: async (exchange) => {
        await exchange.reserve(text.length);
        create = readCreateMessage(text);
        this.#checkAge();
        await this.#turn(create, exchange);
      },
      failed: (failure) => this.#report(failure, create?.streamId),
      ended: (failed) => {
        if (failed && create !== undefined) this.#forget(create.body);
      },
    });
  }

  #checkAge(): void {
    this.#turns += 1;
    if (this.#turns <= maxTurns && this.services.nowMs() - this.#openedAtMs < maxAgeMs) return;
    throw new Failure(
      'invalid_request',
      'The connection has reached its limit of 60 minutes or 1000 turns.',
      {
        code: 'websocket_connection_limit_reached',
        advice: 'Open a new connection, and send the whole history in `input`.',
      },
    );
  }

  async #turn({ body, generates, streamId }: CreateMessage, exchange: Exchange): Promise<void> {
    const { turns, responses } = this.services;
    const context = await this.#context(body, exchange);
    const sink = new MessageSink(streamId === undefined ? this.socket : labelled(this.socket, streamId));
    if (!generates) return this.#prewarm(body, context, sink);
    const translation = openaiResponses.request(body, context);
    const { store, running } = responses;
    const isStored = (optionalBoolean(body.store, 'store') ?? true) && (await store?.isReady()) === true;
    const shown = isStored ? translation : unstored(translation);
    const { earlier } = context;
    const observer =
      isStored && store !== undefined
        ? new KeptResponse({
            ...{ owner: responses.ownerOf(exchange.caller), store, running },
            ...keptOptions(translation, shown, earlier, exchange),
          })
        : new ConnectionTurn({
            replay: (item) =>
              translation.codex ? codexItem(item, turnIdOf(body)) : replayedItem(item, true),
            save: (id, output) => this.#keep(id, [...translation.ownInput, ...output], earlier),
          });
    const opening = (headers: Record<string, string>) => {
      this.#noteTurnState(turnIdOf(body), headers[turnState]);
      return lineOf(metadataEvent(headers));
    };
    await turns.send(
      { translation: shown, translator: openaiResponses, naming: 'strict', observer, opening },
      exchange,
      sink,
    );
  }

  async #context(body: Fields, exchange: Exchange): Promise<RequestContext> {
    const { turns, responses, bodyLimitBytes } = this.services;
    const { store } = responses;
    const owner = responses.ownerOf(exchange.caller);
    const layered = new LayeredResponses([
      { store: responses.connections, owner: this.upgrade.id },
      ...(store === undefined ? [] : [{ store, owner }]),
    ]);
    const known = { store: layered, running: responses.running };
    const earlier = await findEarlier(body, owner, known, bodyLimitBytes);
    return { ...turns.contextOf(exchange), ...(earlier === undefined ? {} : { earlier }) };
  }

  #noteTurnState(turnId: string | undefined, state: string | undefined): void {
    if (this.#turnState?.turnId !== turnId) this.#turnState = { turnId, state };
  }

  /** Keeps the input for the turn that continues it. The upstream's own prewarm exists only on its WebSocket. */
  async #prewarm(body: Fields, context: RequestContext, sink: MessageSink): Promise<void> {
    const { newId, nowMs } = this.services;
    const { earlier } = context;
    // Codex's prewarm for Responses Lite has no input.
    const mayBeEmpty: EarlierItems = { ...nothingEarlier, ...earlier, areUnknown: true };
    const translation = openaiResponses.request(body, { ...context, earlier: mayBeEmpty });
    const response: ResponsesResponse = {
      id: newId('resp'),
      created_at: Math.floor(nowMs() / 1000),
      status: 'completed',
      model: translation.model,
      output: [],
      usage: { input_tokens: 0, output_tokens: 0, total_tokens: 0 },
    };
    await this.#keep(response.id, translation.ownInput, earlier);
    const encoder = openaiResponses.stream(unstored(translation), undefined, jsonLines);
    await sink.write(
      readyEvents(response)
        .map((event) => encoder.push(event))
        .join(''),
    );
  }

  /** Keeps a conversation up to and including a response that only this connection has. */
  async #keep(id: string, input: Fields[], earlier: EarlierItems | undefined): Promise<void> {
    const response = { id, status: 'completed' } as const;
    const stored = { response, output: [], input, previous: earlier?.previous ?? [] };
    const { connections } = this.services.responses;
    if (await connections.save(this.upgrade.id, stored, earlier?.size ?? 0)) this.#own.add(id);
  }

  /** As upstream: after a failure, the connection has forgotten the response that was to be continued. */
  #forget(body: Fields): void {
    const id = previousIdOf(body);
    if (id === undefined || !this.#own.delete(id)) return;
    void this.services.responses.connections.remove(this.upgrade.id, id);
  }

  #report(failure: Failure, streamId?: string): void {
    const upstream =
      failure.upstreamHeaders === undefined
        ? {}
        : codexHeaders(this.upgrade.headers, failure.upstreamHeaders);
    const event = { ...errorEvent(failure, upstream), ...(isSet(streamId) ? { stream_id: streamId } : {}) };
    void this.socket.send(JSON.stringify(event));
  }
}

function unstored(translation: ResponsesTranslation): ResponsesTranslation {
  return { ...translation, echo: { ...translation.echo, store: false } };
}

function lineOf(event: Fields | undefined): string {
  return event === undefined ? '' : `${JSON.stringify(event)}\n`;
}

/** Adds the stream's id to each event. */
function labelled(socket: ClientSocket, streamId: string): ClientSocket {
  const label = `,"stream_id":${JSON.stringify(streamId)}}`;
  return {
    send: (event) => socket.send(event.slice(0, -1) + label),
    close: (code, reason) => socket.close(code, reason),
    call: (call) => socket.call(call),
  };
}
