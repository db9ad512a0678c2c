// Reads an HTTP request to its end and decompresses it.
import { parseExact } from '../base/exact-json.ts';
import type { Fields } from '../base/object.ts';
import { readUpload, type Upload } from './upload.ts';

export interface Call {
  method: string;
  path: string;
  query: Record<string, string>;
  /** In lower case. */
  headers: Record<string, string>;
  contentType: string;
  /**
   * JSON with its numbers as sent, the fields of a form, or text; undefined if there is no body, or it is a multipart
   * form.
   */
  body: unknown;
  upload: Upload | undefined;
  /** Decompressed length. */
  bytes: number;
  signal: AbortSignal;
}

export async function readCall(request: Request): Promise<Call> {
  const { pathname, searchParams } = new URL(request.url);
  const headers = Object.fromEntries(request.headers) as Record<string, string>;
  const contentType = headers['content-type'] ?? '';
  const sent = await request.bytes().catch(() => new Uint8Array()); // the client disconnected
  const bytes = decompress(sent, headers['content-encoding']);
  return {
    method: request.method,
    path: pathname,
    query: Object.fromEntries(searchParams),
    headers,
    contentType,
    body: readBody(bytes, contentType),
    upload: contentType.startsWith('multipart/form-data') ? readUpload(bytes, contentType) : undefined,
    bytes: bytes.length,
    signal: request.signal,
  };
}

/** The service accepts zstd and plain bodies; an unreadable body counts as empty. */
function decompress(bytes: Uint8Array, encoding: string | undefined): Uint8Array {
  if (encoding !== 'zstd') return bytes;
  try {
    return Bun.zstdDecompressSync(bytes);
  } catch {
    return new Uint8Array();
  }
}

function readBody(bytes: Uint8Array, contentType: string): unknown {
  if (bytes.length === 0 || contentType.startsWith('multipart/form-data')) return undefined;
  const text = new TextDecoder().decode(bytes);
  if (contentType.startsWith('application/x-www-form-urlencoded')) {
    return Object.fromEntries(new URLSearchParams(text)) satisfies Fields;
  }
  try {
    return parseExact(text);
  } catch {
    return text;
  }
}
