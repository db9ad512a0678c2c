// Bun's direct streams: what is written goes to the socket at once, without a queue and two promises per chunk.

/** `write` returns a promise while the socket is full; awaiting it is the whole flow control. */
export type BodySink = Pick<ReadableStreamDirectController, 'write' | 'flush' | 'close'>;

export interface DirectSource {
  /** Writes the whole body. Called once, or never if the client has left before. */
  pull(sink: BodySink): Promise<void>;
  /** The client has left. */
  cancel(): void;
}

export function directStream(source: DirectSource): ReadableStream {
  return new ReadableStream({
    type: 'direct',
    pull: (sink: ReadableStreamDirectController) => source.pull(sink),
    cancel: () => source.cancel(),
  });
}
