// The text around each event of a stream to a client. Encoders produce events; the sender chooses the framing.

export interface Framing {
  /** The text before the JSON of an event. The events of some APIs have no type. */
  before(type?: string): string;
  readonly after: string;
  /** A text that is not an event, such as a comment or the mark at the end of a stream; empty where only events may be sent. */
  aside(text: string): string;
}

/** https://html.spec.whatwg.org/multipage/server-sent-events.html */
export const serverSentEvents: Framing = {
  before: (type) => (type === undefined ? 'data: ' : `event: ${type}\ndata: `),
  after: '\n\n',
  aside: (text) => `${text}\n\n`,
};

/** A JSON text per line. A WebSocket sends each line as a message: there are no line ends inside JSON. */
export const jsonLines: Framing = { before: () => '', after: '\n', aside: () => '' };

export function framed({ before, after }: Framing, type: string | undefined, event: unknown): string {
  return before(type) + JSON.stringify(event) + after;
}
