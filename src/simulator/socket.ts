// Serves turns over a WebSocket (docs/wire/upstream.md#websocket): one JSON event per text frame, and a chain that
// lasts as long as the connection.
import type { ServerWebSocket } from 'bun';
import { type Fields, isObject } from '../base/object.ts';
import { type Delivery, pause } from './delivery.ts';
import type { Account } from './identity.ts';
import type { RecordedRequest } from './recorder.ts';
import { detail, invalid, Refusal } from './refusal.ts';
import type { ScriptedTurn } from './script.ts';
import type { StartedTurn } from './turns.ts';

/** The state of an upgraded connection. */
export interface Connection {
  account: Account;
  headers: Record<string, string>;
  path: string;
  /** The frame in progress: one response at a time. */
  current?: RecordedRequest;
  /** The last response, and the conversation up to it. */
  chain?: { id: string; items: Fields[] };
  /** Resolves waiters for the socket to drain or close. */
  wake?: () => void;
}

export interface SocketContext {
  record(body: unknown, bytes: number, connection: Connection): RecordedRequest;
  update(request: RecordedRequest, change: Partial<RecordedRequest>): void;
  now(): number;
  /** Takes the next line if it is a complete response. */
  plainLine(): ScriptedTurn | undefined;
  refusalOf(line: ScriptedTurn): Refusal;
  begin(connection: Connection, body: Fields, earlier: Fields[], keep: (item: Fields) => void): StartedTurn;
  /** The frames before `response.created`: limits, and what HTTP sends in headers. */
  preamble(account: Account): Fields[];
  delivery(line: ScriptedTurn | undefined): Delivery;
}

type Socket = ServerWebSocket<Connection>;

export class TurnSocket {
  constructor(private readonly house: SocketContext) {}

  async message(socket: Socket, message: string | Buffer): Promise<void> {
    const connection = socket.data;
    const body = parse(message);
    const request = this.house.record(body, message.length, connection);
    if (connection.current) {
      const busy = invalid('A response is already in progress on this connection.', null);
      return this.refuse(socket, request, busy);
    }
    connection.current = request;
    try {
      await this.turn(socket, body);
      this.house.update(request, { answered: 200 });
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) throw thrown;
      this.refuse(socket, request, thrown);
    } finally {
      delete connection.current;
    }
  }

  close(socket: Socket): void {
    const { current, wake } = socket.data;
    if (current) this.house.update(current, { abortedAtMs: this.house.now() });
    wake?.();
  }

  drain(socket: Socket): void {
    socket.data.wake?.();
  }

  private refuse(socket: Socket, request: RecordedRequest, refusal: Refusal): void {
    socket.send(JSON.stringify(errorFrame(refusal)));
    this.house.update(request, { answered: refusal.status });
  }

  private async turn(socket: Socket, body: Fields | undefined): Promise<void> {
    const line = this.house.plainLine();
    if (line) return this.plain(socket, line);
    if (body?.type !== 'response.create') throw detail('Expected a response.create message');
    const connection = socket.data;
    const earlier = chained(connection, body);
    const items: Fields[] = [];
    const turn = this.house.begin(connection, body, earlier, (item) => items.push(item));
    await this.send(socket, turn);
    connection.chain = { id: turn.id, items: [...earlier, ...(body.input as Fields[]), ...items] };
  }

  private async plain(socket: Socket, line: ScriptedTurn): Promise<void> {
    if (line.delayMs) await pause(line.delayMs);
    if (line.fault === 'stall') await closed(socket);
    else if (line.fault === 'reset' || line.fault === 'silent-close') hangUp(socket);
    else throw this.house.refusalOf(line);
  }

  private async send(socket: Socket, turn: StartedTurn): Promise<void> {
    const { paceMs, cutAfterBytes, afterBytes, fault } = this.house.delivery(turn.line);
    let left = cutAfterBytes ?? afterBytes ?? Infinity;
    if (turn.line?.delayMs) await pause(turn.line.delayMs);
    let first = true;
    for (const event of this.eventsOf(socket.data.account, turn)) {
      const frame = JSON.stringify(event);
      left -= frame.length;
      if (left < 0) break;
      if (!first) await pause(paceMs);
      first = false;
      if (socket.readyState !== WebSocket.OPEN) return;
      if (socket.send(frame) === -1) await drained(socket);
    }
    if (fault === 'stall') await closed(socket);
    else if (fault === 'binary-frame') socket.send(Buffer.from([0, 1, 2]));
    else if (fault === 'reset') hangUp(socket);
    else if (cutAfterBytes !== undefined) hangUp(socket, 1011);
  }

  private *eventsOf(account: Account, turn: StartedTurn): Generator<Fields> {
    yield* this.house.preamble(account);
    yield* turn.events ?? dataOf(turn.sse ?? '');
  }
}

/** Undefined for a binary frame or anything but a JSON object. */
function parse(message: string | Buffer): Fields | undefined {
  try {
    const body: unknown = typeof message === 'string' ? JSON.parse(message) : undefined;
    return isObject(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The items before this request's own: those of the response it continues, which must be the last one on this
 * connection.
 */
function chained({ chain }: Connection, body: Fields): Fields[] {
  const id = body.previous_response_id;
  if (id === undefined || id === null) return [];
  if (chain?.id === id) return chain.items;
  throw invalid(
    `Previous response with id '${id}' not found.`,
    'previous_response_id',
    'previous_response_not_found',
  );
}

/** The events of a stream written for HTTP. */
function dataOf(sse: string): Fields[] {
  const frames = sse.split(/\r?\n\r?\n/).map((frame) => {
    const lines = frame.split(/\r?\n/).filter((line) => line.startsWith('data:'));
    return lines.map((line) => line.slice(5)).join('\n');
  });
  return frames.filter((json) => json.trimStart().startsWith('{')).map((json) => JSON.parse(json));
}

function errorFrame({ status, body, headers }: Refusal): Fields {
  if (typeof body === 'string') return { type: 'error', status, headers };
  const fallback = { type: 'invalid_request_error', code: null, message: body.detail, param: null };
  return { type: 'error', status, error: body.error ?? fallback, headers };
}

/** Waits until the client has read everything or disconnected. */
function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.data.wake = resolve;
  });
}

/** Closed by the simulator, so that it is not recorded as a disconnect of the client. */
function hangUp(socket: Socket, code?: number): void {
  delete socket.data.current;
  if (code === undefined) socket.terminate();
  else socket.close(code);
}

async function closed(socket: Socket): Promise<void> {
  while (socket.readyState === WebSocket.OPEN) await drained(socket);
}
