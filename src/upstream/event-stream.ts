// Where a turn's events come from: a response body of server-sent events, or a WebSocket. It frames and decodes, and no
// more: retries, timeouts and the order of events are the business of whoever reads it.
import type { Failure } from '../failure.ts';
import type { EventSink } from '../responses/event-parser.ts';

export interface EventStream {
  /**
   * Waits until the upstream sends something and passes on the events in it, possibly none. Resolves to false when the
   * stream has ended. Rejects if the connection breaks, if what came is not a stream of events, or if `sink` throws. One
   * read at a time; nothing is taken from the network between reads.
   */
  read(sink: EventSink): Promise<boolean>;
  /** The terminal event has come: what follows is ignored, and the connection may be used for other turns. */
  finish(): void;
  /** Closes the connection, so that the upstream stops generating. The pending read rejects. */
  abort(reason: Failure): void;
}
