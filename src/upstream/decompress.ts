// Decompresses responses: turns accept zstd and gzip, as Codex does. Bun's own `fetch` (1.4.5) decompresses too, but prints
// "Decompression error: ZlibError" to stderr, in the middle of our JSON log, when a body is damaged.
import { clip } from '../base/clip.ts';
import { Failure } from '../failure.ts';

type Format = ConstructorParameters<typeof DecompressionStream>[0];

const formats = new Map<string, Format>([
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
  ['br', 'brotli' as Format],
  ['zstd', 'zstd' as Format],
]);

/** The response with its body decompressed. Throws a Failure for an unknown coding. */
export function decompress(response: Response): Response {
  const codings = (response.headers.get('content-encoding') ?? '')
    .split(',')
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => coding !== '' && coding !== 'identity');
  if (codings.length === 0 || response.body === null) return response;
  let body: ReadableStream<Uint8Array> = response.body;
  for (const coding of codings.reverse()) {
    const format = formats.get(coding);
    if (format === undefined) {
      void response.body.cancel().catch(() => {});
      throw damaged(`The upstream's response uses an unsupported compression (${clip(coding, 40)}).`);
    }
    body = body.pipeThrough(new DecompressionStream(format) as ReadableWritablePair<Uint8Array, Uint8Array>);
  }
  const headers = new Headers(response.headers);
  headers.delete('content-encoding');
  headers.delete('content-length');
  const { status, statusText } = response;
  return new Response(withFailures(body), { status, statusText, headers });
}

function withFailures(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (cause) {
        controller.error(
          isDecompressionError(cause)
            ? damaged("The upstream's compressed response is damaged.", cause)
            : cause,
        );
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

/** Broken connections have a `code` and aborts have a name of their own; the decompressor's errors have neither. */
function isDecompressionError(thrown: unknown): boolean {
  return (
    thrown instanceof TypeError &&
    (!('code' in thrown) || /^ERR_(?:_|BROTLI|ZSTD|Z_)/.test(String(thrown.code)))
  );
}

function damaged(message: string, cause?: unknown): Failure {
  return new Failure('upstream_broke', message, { code: 'invalid_answer', cause });
}
