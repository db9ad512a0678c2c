// Reads request bodies. The size limit applies while reading, before and after decompression.
import { join } from 'node:path';
import { storageFailure, type WorkDirectories } from '../audio/work-directory.ts';
import { parseExact } from '../base/exact-json.ts';
import { timed } from '../base/timed.ts';
import { Failure } from '../failure.ts';
import type { CallTimes } from '../turns/record.ts';
import { contentEncodings, decodeBody, tooLarge } from './codings.ts';

/** How long a body may take to arrive. The connection's own timeout does not apply. */
const defaultTimeoutMs = 5 * 60_000;
/** How much of a rejected body is still read, and for how long, so that its client can finish sending it. */
const discardLimitBytes = 256 * 1024 * 1024;
const discardMs = 5000;
/** A client that pauses this long has stopped sending and waits for the response. */
const discardQuietMs = 250;
/** More than any schema needs. `JSON.parse` has no limit, but recursive functions that read its result do. */
const maxDepth = 512;

export interface IncomingRequest {
  request: Request;
  /** Waits until there is memory for this many more bytes of the body. */
  reserve?(bytes: number): Promise<void>;
  noteTimes?(times: CallTimes): void;
}

/** The body as JSON with exact numbers. Invalid JSON, an unknown encoding, an empty or an oversized body throws a Failure. */
export async function readJson(
  received: IncomingRequest,
  limitBytes: number,
  timeoutMs = defaultTimeoutMs,
): Promise<unknown> {
  return (await readJsonText(received, limitBytes, timeoutMs)).body;
}

/** Like `readJson`, with the original text. */
export async function readJsonText(
  received: IncomingRequest,
  limitBytes: number,
  timeoutMs = defaultTimeoutMs,
): Promise<{ text: string; body: unknown }> {
  const reading = withTimeout(readText(received, limitBytes), timeoutMs);
  const text = await timed(reading, (body) => received.noteTimes?.({ body }));
  if (text.trim() === '') {
    throw new Failure('invalid_request', 'The request has no body.', { code: 'missing_body' });
  }
  try {
    return { text, body: parseExact(text, maxDepth) };
  } catch (cause) {
    const message =
      cause instanceof RangeError
        ? `The body is nested more than ${maxDepth} levels deep.`
        : 'The body is not valid JSON.';
    throw new Failure('invalid_request', message, { cause });
  }
}

/** The fields of a form without files. Throws if a field is repeated (RFC 6749 3.1). Empty ones are omitted. */
export async function readFields(
  received: IncomingRequest,
  limitBytes: number,
  timeoutMs = defaultTimeoutMs,
): Promise<Record<string, string>> {
  const type = received.request.headers.get('content-type') ?? '';
  if (!/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(type)) {
    throw new Failure('invalid_request', 'The body must be application/x-www-form-urlencoded.', {
      status: 415,
      code: 'unsupported_media_type',
    });
  }
  const fields = [...new URLSearchParams(await withTimeout(readText(received, limitBytes), timeoutMs))];
  if (new Set(fields.map(([name]) => name)).size < fields.length) {
    throw new Failure('invalid_request', 'The body contains a field twice.');
  }
  return Object.fromEntries(fields.filter(([, value]) => value !== ''));
}

/** Larger forms are buffered on disk until they are complete, so that slow uploads use no memory. */
const formInMemoryBytes = 1024 * 1024;
/** A form's memory use by its size: the form itself, and its images as base64 in a JSON body. */
const formFactor = 2.4;

/** The fields and files of a multipart body, in order. Declared lengths are not trusted. */
export async function readForm(
  received: IncomingRequest,
  limitBytes: number,
  directories: WorkDirectories,
  timeoutMs = defaultTimeoutMs,
): Promise<[name: string, value: string | Blob][]> {
  const { request } = received;
  checkDeclaredLength(request, limitBytes);
  const type = request.headers.get('content-type') ?? '';
  await using directory = await directories.open();
  const reading = withTimeout(readSpooled(received, limitBytes, join(directory.path, 'form')), timeoutMs);
  const bytes = await timed(reading, (body) => received.noteTimes?.({ body }));
  try {
    return [...(await new Response(bytes, { headers: { 'content-type': type } }).formData())];
  } catch (cause) {
    throw new Failure('invalid_request', 'The body is not valid multipart form data.', { cause });
  }
}

async function readSpooled(
  received: IncomingRequest,
  limitBytes: number,
  path: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const { request } = received;
  const codings = contentEncodings(request.headers);
  const file = Bun.file(path).writer({ highWaterMark: formInMemoryBytes });
  let length = 0;
  const ended = await readChunks(request, limitBytes, async (chunk) => {
    length += chunk.byteLength;
    await writeDone(file.write(chunk));
  }).finally(() => writeDone(file.end()));
  if (!ended) throw tooLarge(limitBytes);
  await received.reserve?.(Math.ceil(length * formFactor));
  const bytes = length === 0 ? new Uint8Array() : await Bun.file(path).bytes();
  if (codings.length === 0) return bytes;
  const decoded = new Uint8Array(decodeBody(bytes, codings, limitBytes));
  await received.reserve?.(Math.ceil((decoded.byteLength - length) * formFactor));
  return decoded;
}

async function writeDone(writing: number | Promise<number>): Promise<void> {
  try {
    await writing;
  } catch (cause) {
    throw storageFailure(cause);
  }
}

function withTimeout<T>(reading: Promise<T>, timeoutMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      reject(
        new Failure('invalid_request', `The body did not arrive within ${timeoutMs / 1000} s.`, {
          status: 408,
          code: 'request_timeout',
          retry: true,
        }),
      );
    }, timeoutMs);
    reading.then(resolve, reject).finally(() => clearTimeout(late));
  });
}

async function readText(received: IncomingRequest, limitBytes: number): Promise<string> {
  const { request } = received;
  const declared = checkDeclaredLength(request, limitBytes);
  const codings = contentEncodings(request.headers);
  if (Number.isInteger(declared)) await received.reserve?.(declared);
  if (codings.length === 0 && Number.isInteger(declared)) return request.text();
  const bytes = await readBytes(received, limitBytes, Number.isInteger(declared));
  if (codings.length === 0) return new TextDecoder().decode(bytes);
  const decoded = decodeBody(bytes, codings, limitBytes);
  await received.reserve?.(decoded.byteLength - bytes.byteLength);
  return new TextDecoder().decode(decoded);
}

/** The declared length; `NaN` if there is none. Throws if it is over the limit. */
function checkDeclaredLength(request: Request, limitBytes: number): number {
  const declared = Number(request.headers.get('content-length') ?? Number.NaN);
  if (declared > limitBytes) throw tooLarge(limitBytes);
  return declared;
}

/** Memory for a body without a declared length is reserved in steps. */
const stepBytes = 1024 * 1024;

async function readBytes(
  received: IncomingRequest,
  limitBytes: number,
  isReserved: boolean,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let reserved = 0;
  let length = 0;
  const ended = await readChunks(received.request, limitBytes, (chunk) => {
    chunks.push(chunk);
    length += chunk.byteLength;
    if (isReserved || length <= reserved) return;
    reserved += stepBytes;
    return received.reserve?.(stepBytes);
  });
  if (!ended) throw tooLarge(limitBytes);
  return Buffer.concat(chunks);
}

/** Reads at most `limitBytes` and one chunk. False if there is more to read. */
async function readChunks(
  request: Request,
  limitBytes: number,
  take: (chunk: Uint8Array) => unknown,
): Promise<boolean> {
  const reader = request.body?.getReader();
  if (reader === undefined) return true;
  try {
    for (let length = 0; length <= limitBytes; ) {
      const { done, value } = await reader.read();
      if (done) return true;
      length += value.byteLength;
      if (length <= limitBytes) await take(value);
    }
    return false;
  } finally {
    reader.releaseLock();
  }
}

/**
 * Reads and discards the rest of a rejected request's body. Otherwise the connection could not be reused, the daemon could
 * not stop (Bun 1.4.5), and a client that is still sending would not get the response. False if the body does not end in
 * time: then the connection must be closed.
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
    return await Promise.race([discarding.catch(() => true), enough.promise]); // it throws when the client disconnects
  } finally {
    clearTimeout(late);
    clearTimeout(quiet);
  }
}
