// WebSockets: a handler returns an Upgrade, and its session gets the messages. A message may begin a call of its own, with
// its own exchange; the exchange of the upgrade ends when the socket closes.
import type { Failure } from '../failure.ts';
import type { Exchange } from './exchange.ts';

export interface ClientSocket {
  /** Sends a text message. Awaiting the promise, returned while the client reads too slowly, is all that back-pressure needs. */
  send(text: string): Promise<void> | undefined;
  close(code?: number, reason?: string): void;
  /** Runs a call: it is authenticated, counted and logged like a request with these headers. Never rejects. */
  call(call: SocketCall): Promise<void>;
}

export interface SocketCall {
  headers: Headers;
  handle(exchange: Exchange): Promise<void>;
  /** The call was refused, or failed before `handle` sent anything. */
  failed(failure: Failure): void;
  /** The failure of the call, if it failed at any time. */
  ended(failed: boolean): void;
}

export interface SocketSession {
  message(text: string): void;
  /** The client has sent what is not a message; the socket closes after this. */
  refuse(why: string): void;
  /** The daemon is stopping: close the socket when the running call has ended. */
  stop(): void;
  /** The socket has closed, whoever closed it. */
  closed(): void;
}

/** What a handler returns to accept a WebSocket. */
export class Upgrade {
  constructor(
    readonly open: (socket: ClientSocket) => SocketSession,
    readonly headers: Record<string, string> = {},
  ) {}
}

export interface SocketData {
  exchange: Exchange;
  upgrade: Upgrade;
  /** Runs a call on this socket; `closed` aborts when the client disconnects. */
  call: (call: SocketCall, closed: AbortSignal) => Promise<void>;
  session?: SocketSession;
  closing?: AbortController;
  drained?: PromiseWithResolvers<void> | undefined;
}

/** Silence after which a ping is sent, and the client's answer awaited. */
const idleSeconds = 120;
/** RFC 6455, 7.4.1. */
export const goingAway = 1001;
const unsupportedData = 1003;

export function socketHandlers(maxMessageBytes: number): Bun.WebSocketHandler<SocketData> {
  return {
    idleTimeout: idleSeconds,
    maxPayloadLength: maxMessageBytes,
    perMessageDeflate: true,
    open(socket) {
      const { data } = socket;
      const closing = new AbortController();
      data.closing = closing;
      data.session = data.upgrade.open({
        send(text) {
          if (socket.send(text) !== -1) return undefined;
          data.drained ??= Promise.withResolvers();
          return data.drained.promise;
        },
        close: (code, reason) => socket.close(code, reason),
        call: (call) => data.call(call, closing.signal),
      });
    },
    message(socket, message) {
      if (typeof message === 'string') return socket.data.session?.message(message);
      const why = 'Messages must be text.';
      socket.data.session?.refuse(why);
      socket.close(unsupportedData, why);
    },
    drain: ({ data }) => release(data),
    close({ data }) {
      data.closing?.abort();
      release(data);
      data.session?.closed();
      data.exchange.end();
    },
  };
}

function release(data: SocketData): void {
  data.drained?.resolve();
  data.drained = undefined;
}
