// WebSockets: a handler returns an Upgrade, and its session gets the messages. The exchange ends when the socket closes.
import { onAbort } from '../base/abort.ts';
import type { Exchange } from './exchange.ts';

export interface ClientSocket {
  /** Sends a text message. Awaiting the promise, returned while the client reads too slowly, is all that back-pressure needs. */
  send(text: string): Promise<void> | undefined;
  close(code?: number, reason?: string): void;
}

export interface SocketSession {
  message(text: string): void;
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
  session?: SocketSession;
  drained?: PromiseWithResolvers<void> | undefined;
}

/** Silence after which a ping is sent, and the client's answer awaited. */
const idleSeconds = 120;
/** RFC 6455, 7.4.1. */
const goingAway = 1001;
const unsupportedData = 1003;

export function socketHandlers(maxMessageBytes: number): Bun.WebSocketHandler<SocketData> {
  return {
    idleTimeout: idleSeconds,
    maxPayloadLength: maxMessageBytes,
    open(socket) {
      const { data } = socket;
      onAbort(data.exchange.signal, () => socket.close(goingAway));
      data.session = data.upgrade.open({
        send(text) {
          if (socket.send(text) !== -1) return undefined;
          data.drained ??= Promise.withResolvers();
          return data.drained.promise;
        },
        close: (code, reason) => socket.close(code, reason),
      });
    },
    message(socket, message) {
      if (typeof message === 'string') socket.data.session?.message(message);
      else socket.close(unsupportedData, 'Messages must be text.');
    },
    drain: ({ data }) => release(data),
    close({ data }) {
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
