// Reads request bodies within their limit: counted while reading, before and after decompression.
import { join } from 'node:path';
import { storageFailure, type WorkDirectories } from '../audio/work-directory.ts';
import { parseExact } from '../base/exact-json.ts';
import { Failure } from '../failure.ts';
import { codingsOf, decodeBody, tooLarge } from './codings.ts';

/** A body that is longer under way is given up: responses lift the connection's own time-out. */
const usualPatienceMs = 5 * 60_000;
/** How much and how long of a refused body is read on, for the sake of a client that is still sending it. */
const discardLimitBytes = 256 * 1024 * 1024;
const discardMs = 5000;
/** A client that pauses for so long waits for the answer. */
const discardQuietMs = 250;
/** Deeper than any schema; `JSON.parse` goes on for ever, all who walk through its result do not. */
const deepest = 512;

export interface Received {
  request: Request;
  /** Resolves when there is memory for so many bytes more of the body. */
  reserve?(bytes: number): Promise<void>;
}

/** The body as JSON, its numbers exact. Bad JSON, an unknown coding and too many bytes are Failures, and so is an empty body. */
export async function readJson(
  received: Received,
  limitBytes: number,
  patienceMs = usualPatienceMs,
): Promise<unknown> {
  return (await readJsonText(received, limitBytes, patienceMs)).body;
}

/** The same, with the text that was parsed, for whoever passes it on. */
export async function readJsonText(
  received: Received,
  limitBytes: number,
  patienceMs = usualPatienceMs,
): Promise<{ text: string; body: unknown }> {
  const text = await inTime(readText(received, limitBytes), patienceMs);
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

/** Larger forms are on disk until all of them is there: slow uploads take no memory. */
const formInMemoryBytes = 1024 * 1024;
/** Images go on as base64 in a JSON body, beside the form itself. */
const formFactor = 2.4;

/** The fields and files of a multipart body, in order. What it says of its length and of its parts is not believed. */
export async function readForm(
  received: Received,
  limitBytes: number,
  directories: WorkDirectories,
  patienceMs = usualPatienceMs,
): Promise<[name: string, value: string | Blob][]> {
  const { request } = received;
  refuseDeclared(request, limitBytes);
  const type = request.headers.get('content-type') ?? '';
  await using directory = await directories.open();
  const bytes = await inTime(readSpooled(received, limitBytes, join(directory.path, 'form')), patienceMs);
  try {
    return [...(await new Response(bytes, { headers: { 'content-type': type } }).formData())];
  } catch (cause) {
    throw new Failure('invalid_request', 'The body is not valid multipart form data.', { cause });
  }
}

async function readSpooled(
  received: Received,
  limitBytes: number,
  path: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const { request } = received;
  const codings = codingsOf(request.headers);
  const file = Bun.file(path).writer({ highWaterMark: formInMemoryBytes });
  let length = 0;
  const ended = await readChunks(request, limitBytes, async (chunk) => {
    length += chunk.byteLength;
    await stored(file.write(chunk));
  }).finally(() => stored(file.end()));
  if (!ended) throw tooLarge(limitBytes);
  await received.reserve?.(Math.ceil(length * formFactor));
  const bytes = length === 0 ? new Uint8Array() : await Bun.file(path).bytes();
  if (codings.length === 0) return bytes;
  const decoded = new Uint8Array(decodeBody(bytes, codings, limitBytes));
  await received.reserve?.(Math.ceil((decoded.byteLength - length) * formFactor));
  return decoded;
}

async function stored(writing: number | Promise<number>): Promise<void> {
  try {
    await writing;
  } catch (cause) {
    throw storageFailure(cause);
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

async function readText(received: Received, limitBytes: number): Promise<string> {
  const { request } = received;
  const declared = refuseDeclared(request, limitBytes);
  const codings = codingsOf(request.headers);
  if (Number.isInteger(declared)) await received.reserve?.(declared);
  if (codings.length === 0 && Number.isInteger(declared)) return request.text();
  const bytes = await readBytes(received, limitBytes, Number.isInteger(declared));
  if (codings.length === 0) return new TextDecoder().decode(bytes);
  const decoded = decodeBody(bytes, codings, limitBytes);
  await received.reserve?.(decoded.byteLength - bytes.byteLength);
  return new TextDecoder().decode(decoded);
}

/** The length the request declares, `NaN` when it does not. */
function refuseDeclared(request: Request, limitBytes: number): number {
  const declared = Number(request.headers.get('content-length') ?? Number.NaN);
  if (declared > limitBytes) throw tooLarge(limitBytes);
  return declared;
}

/** Memory for a body that did not declare its length is reserved in steps of this. */
const stepBytes = 1024 * 1024;

async function readBytes(
  received: Received,
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

/** Reads at most `limitBytes` and one chunk; false when there is more, which can still be read. */
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
