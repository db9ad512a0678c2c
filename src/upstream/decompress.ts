// Answers that come compressed: turns say that they accept zstd and gzip, as Codex does. Bun's `fetch` (1.4.5) would
// decompress them too, and print "Decompression error: ZlibError" on stderr where one is damaged: into a log of JSON lines.
import { Failure } from '../failure.ts';

type Format = ConstructorParameters<typeof DecompressionStream>[0];

const formats = new Map<string, Format>([
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
  ['br', 'brotli' as Format],
  ['zstd', 'zstd' as Format],
]);

/** The answer as it was before its content codings were applied. */
export function decompressed(answer: Response): Response {
  const codings = (answer.headers.get('content-encoding') ?? '')
    .split(',')
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => coding !== '' && coding !== 'identity');
  if (codings.length === 0 || answer.body === null) return answer;
  let body: ReadableStream<Uint8Array> = answer.body;
  for (const coding of codings.reverse()) {
    const format = formats.get(coding);
    if (format === undefined) {
      void answer.body.cancel().catch(() => {});
      throw damaged(
        `The upstream's answer is compressed in a way codexd cannot read (${coding.slice(0, 40)}).`,
      );
    }
    body = body.pipeThrough(new DecompressionStream(format) as ReadableWritablePair<Uint8Array, Uint8Array>);
  }
  const headers = new Headers(answer.headers);
  headers.delete('content-encoding');
  headers.delete('content-length');
  const { status, statusText } = answer;
  return new Response(withNamedErrors(body), { status, statusText, headers });
}

function withNamedErrors(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (cause) {
        controller.error(
          isOurs(cause) ? damaged("The upstream's compressed answer is damaged.", cause) : cause,
        );
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

/** A connection that broke has a code and an abort its own name; the decompressor has neither. */
function isOurs(thrown: unknown): boolean {
  return (
    thrown instanceof TypeError &&
    (!('code' in thrown) || /^ERR_(?:_|BROTLI|ZSTD|Z_)/.test(String(thrown.code)))
  );
}

function damaged(message: string, cause?: unknown): Failure {
  return new Failure('upstream_broke', message, { code: 'invalid_answer', cause });
}
