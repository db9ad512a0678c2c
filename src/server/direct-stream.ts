// Bun's direct streams: writes go to the socket immediately, without a queue and two promises per chunk.

/** `write` returns a promise while the socket is full. Awaiting it is all that back-pressure needs. */
export type BodySink = Pick<ReadableStreamDirectController, 'write' | 'flush' | 'close'>;

export interface DirectSource {
  /** Writes the whole body. Called once, or never if the client has already disconnected. */
  pull(sink: BodySink): Promise<void>;
  /** The client has disconnected. */
  cancel(): void;
}

export function directStream(source: DirectSource): ReadableStream {
  return new ReadableStream({
    type: 'direct',
    pull: (sink: ReadableStreamDirectController) => source.pull(sink),
    cancel: () => source.cancel(),
  });
}
