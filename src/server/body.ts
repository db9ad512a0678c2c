// Reads request bodies within their limit: counted while reading, before and after decompression (product.md 5).
import { Failure } from '../failure.ts';
import { parseExact } from '../stream/exact-json.ts';
import { codingsOf, decodeBody, tooLarge } from './codings.ts';

/** A body that is longer under way is given up: answers lift the connection's own time-out (bun-notes.md 3). */
const usualPatienceMs = 5 * 60_000;
/** How much and how long of a refused body is read on, for the sake of a client that is still sending it. */
const discardLimitBytes = 256 * 1024 * 1024;
const discardMs = 5000;
/** A client that pauses for so long waits for the answer. */
const discardQuietMs = 250;
/** Deeper than any schema; `JSON.parse` goes on for ever, all who walk through its result do not. */
const deepest = 512;

/** The body as JSON, its numbers exact. Bad JSON, an unknown coding and too many bytes are Failures, and so is an empty body. */
export async function readJson(
  request: Request,
  limitBytes: number,
  patienceMs = usualPatienceMs,
): Promise<unknown> {
  return (await readJsonText(request, limitBytes, patienceMs)).body;
}

/** The same, with the text that was parsed, for whoever passes it on. */
export async function readJsonText(
  request: Request,
  limitBytes: number,
  patienceMs = usualPatienceMs,
): Promise<{ text: string; body: unknown }> {
  const text = await inTime(readText(request, limitBytes), patienceMs);
  if (text.trim() === '') {
    throw new Failure('invalid_request', 'The request has no body.', { code: 'missing_body' });
  }
  try {
    return { text, body: parseExact(text, deepest) };
  } catch (cause) {
    const message =
      cause instanceof RangeError
        ? `The body is nested more than ${deepest} levels deep.`
        : 'The body is not valid JSON.';
    throw new Failure('invalid_request', message, { cause });
  }
}

/**
 * The fields and files of a multipart body, in order. What it says of its length and of its parts is not believed. It is
 * held in memory whatever its size: only images come this way, and they go on as base64 inside one JSON body, so that a
 * file on disk would be read back at once. The limit is that of JSON bodies.
 */
export async function readForm(
  request: Request,
  limitBytes: number,
  patienceMs = usualPatienceMs,
): Promise<[name: string, value: string | Blob][]> {
  refuseDeclared(request, limitBytes);
  const bytes = await inTime(readDecoded(request, limitBytes), patienceMs);
  const type = request.headers.get('content-type') ?? '';
  try {
    return [...(await new Response(bytes, { headers: { 'content-type': type } }).formData())];
  } catch (cause) {
    throw new Failure('invalid_request', 'The body is not valid multipart form data.', { cause });
  }
}

function inTime<T>(reading: Promise<T>, patienceMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      reject(
        new Failure('invalid_request', `The body did not arrive within ${patienceMs / 1000} s.`, {
          status: 408,
          code: 'request_timeout',
          retry: true,
        }),
      );
    }, patienceMs);
    reading.then(resolve, reject).finally(() => clearTimeout(late));
  });
}

async function readText(request: Request, limitBytes: number): Promise<string> {
  const declared = refuseDeclared(request, limitBytes);
  if (codingsOf(request.headers).length === 0 && Number.isInteger(declared)) return request.text();
  return new TextDecoder().decode(await readDecoded(request, limitBytes));
}

/** The length the request declares, `NaN` when it does not. */
function refuseDeclared(request: Request, limitBytes: number): number {
  const declared = Number(request.headers.get('content-length') ?? Number.NaN);
  if (declared > limitBytes) throw tooLarge(limitBytes);
  return declared;
}

async function readDecoded(request: Request, limitBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const codings = codingsOf(request.headers);
  const bytes = await readBytes(request, limitBytes);
  return codings.length === 0 ? bytes : new Uint8Array(decodeBody(bytes, codings, limitBytes));
}

async function readBytes(request: Request, limitBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  const ended = await readChunks(request, limitBytes, (chunk) => chunks.push(chunk));
  if (!ended) throw tooLarge(limitBytes);
  return Buffer.concat(chunks);
}

/** Reads at most `limitBytes` and one chunk; false when there is more, which can still be read. */
async function readChunks(
  request: Request,
  limitBytes: number,
  take: (chunk: Uint8Array) => void,
): Promise<boolean> {
  const reader = request.body?.getReader();
  if (reader === undefined) return true;
  try {
    for (let length = 0; length <= limitBytes; ) {
      const { done, value } = await reader.read();
      if (done) return true;
      length += value.byteLength;
      if (length <= limitBytes) take(value);
    }
    return false;
  } finally {
    reader.releaseLock();
  }
}

/**
 * Reads on what is left of a refused request's body. Unread, it would keep the connection from being used again and the
 * daemon from stopping (Bun 1.4.5), and closing it would cut off the answer from a client that is still sending. False
 * when it does not end: then the connection has to be closed.
 */
export async function discardBody(request: Request): Promise<boolean> {
  const { body } = request;
  if (body === null || body.locked) return true; // read by `text()`
  const enough = Promise.withResolvers<false>();
  const giveUp = () => enough.resolve(false);
  const late = setTimeout(giveUp, discardMs);
  const quiet = setTimeout(giveUp, discardQuietMs);
  const discarding = readChunks(request, discardLimitBytes, () => quiet.refresh());
  try {
    return await Promise.race([discarding.catch(() => true), enough.promise]); // it throws when the client leaves
  } finally {
    clearTimeout(late);
    clearTimeout(quiet);
  }
}
