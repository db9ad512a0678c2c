// A recording: one request to the upstream, and its response in the pieces in which it arrived. One JSON file each.
import { type Fields, isObject } from '../base/object.ts';
import { Failure } from '../failure.ts';

/** Text, or bytes that are not text by themselves, such as half a character. */
export type Chunk = string | { base64: string };

export interface Recording {
  request: RecordedRequest;
  response: {
    status: number;
    headers: Record<string, string>;
    chunks: Chunk[];
    /** The connection ended after the last chunk: it broke, the client left, or codexd had read enough. */
    broken?: true;
  };
}

export interface RecordedRequest {
  method: string;
  /** Below the base URL, with its query. */
  path: string;
  /** JSON; null without a body. */
  body: unknown;
}

/** What is recorded, below the base URL: turns, compaction, images, and the catalogue. */
const paths = /\/codex\/(?:responses(?:\/compact)?|images\/(?:generations|edits)|models)$/;

/** The path of a request that is recorded; undefined for any other, such as those of the login. */
export function recordedPath(url: string): string | undefined {
  const { pathname, search } = new URL(url);
  const [path] = paths.exec(pathname) ?? [];
  return path === undefined ? undefined : path + search;
}

/** The JSON of a request's body, decompressed. */
export function bodyOf(init: RequestInit | undefined): unknown {
  const { body } = init ?? {};
  if (body === undefined || body === null) return null;
  if (typeof body === 'string') return JSON.parse(body);
  const bytes = new Uint8Array(body as ArrayBuffer | Uint8Array<ArrayBuffer>);
  const isCompressed = new Headers(init?.headers).get('content-encoding') === 'zstd';
  return JSON.parse(new TextDecoder().decode(isCompressed ? Bun.zstdDecompressSync(bytes) : bytes));
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function chunkOf(bytes: Uint8Array): Chunk {
  try {
    return utf8.decode(bytes);
  } catch {
    return { base64: Buffer.from(bytes).toString('base64') };
  }
}

export function bytesOf(chunk: Chunk): Uint8Array {
  return typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk.base64, 'base64');
}

/** Reads a file's text. Throws a Failure that names the file. */
export function parseRecording(text: string, file: string): Recording {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw invalid(file, 'is not JSON', cause);
  }
  const { request, response } = isObject(json) ? json : ({} as Fields);
  const isComplete =
    isObject(request) &&
    typeof request.method === 'string' &&
    typeof request.path === 'string' &&
    isObject(response) &&
    typeof response.status === 'number' &&
    isObject(response.headers) &&
    Array.isArray(response.chunks) &&
    response.chunks.every(isChunk);
  if (!isComplete) throw invalid(file, 'is not a recording');
  return json as unknown as Recording;
}

function isChunk(value: unknown): boolean {
  return typeof value === 'string' || (isObject(value) && typeof value.base64 === 'string');
}

function invalid(file: string, problem: string, cause?: unknown): Failure {
  return new Failure('invalid_request', `The recording ${file} ${problem}.`, {
    code: 'invalid_recording',
    advice: 'Delete it, or record it again with `codexd serve --record`.',
    cause,
  });
}
