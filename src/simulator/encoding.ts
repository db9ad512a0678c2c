// Compresses responses: the real upstream may compress an event stream for a client that accepts it.
import { createGzip, createZstdCompress } from 'node:zlib';

export const encodings = ['zstd', 'gzip'] as const;
export type Encoding = (typeof encodings)[number];

/** Compresses the response if the client accepts it. Each write is readable as soon as it arrives. */
export function encoded(response: Response, encoding: Encoding | undefined, accepted = ''): Response {
  if (encoding === undefined || response.body === null || !accepts(accepted, encoding)) return response;
  const headers = new Headers(response.headers);
  headers.set('content-encoding', encoding);
  headers.delete('content-length');
  return new Response(compressed(response.body, encoding), { status: response.status, headers });
}

function accepts(header: string, encoding: Encoding): boolean {
  return header.split(',').some((each) => each.trim().toLowerCase() === encoding);
}

async function* compressed(body: ReadableStream<Uint8Array>, encoding: Encoding): AsyncGenerator<Uint8Array> {
  const coder = encoding === 'gzip' ? createGzip() : createZstdCompress();
  const ended = Promise.withResolvers<void>();
  let ready: Uint8Array[] = [];
  coder.on('data', (bytes: Uint8Array) => ready.push(bytes));
  coder.on('end', () => ended.resolve());
  const taken = () => {
    const bytes = Buffer.concat(ready);
    ready = [];
    return bytes;
  };
  for await (const chunk of body) {
    coder.write(chunk);
    await new Promise<void>((resolve) => coder.flush(() => resolve()));
    yield taken();
  }
  coder.end();
  await ended.promise;
  yield taken();
}
