// Reads request bodies within their limit: counted while reading, before and after decompression (product.md 5).
import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import { Failure } from '../failure.ts';

/** The body as JSON. Bad JSON, an unknown coding and too many bytes are Failures; an empty body is bad JSON. */
export async function readJson(request: Request, limitBytes: number): Promise<unknown> {
  const text = await readText(request, limitBytes);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Failure('invalid_request', 'The body is not valid JSON.', { cause });
  }
}

async function readText(request: Request, limitBytes: number): Promise<string> {
  const declared = Number(request.headers.get('content-length') ?? Number.NaN);
  if (declared > limitBytes) throw tooLarge(limitBytes);
  const coding = request.headers.get('content-encoding')?.trim().toLowerCase() ?? 'identity';
  if (coding === 'identity' && Number.isInteger(declared)) return request.text();
  const bytes = await readBytes(request, limitBytes);
  return new TextDecoder().decode(coding === 'identity' ? bytes : decoded(bytes, coding, limitBytes));
}

async function readBytes(request: Request, limitBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.byteLength;
    if (length > limitBytes) throw tooLarge(limitBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const decoders: Record<string, (bytes: Uint8Array, options: { maxOutputLength: number }) => Uint8Array> = {
  zstd: zstdDecompressSync,
  gzip: gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
};

function decoded(bytes: Uint8Array, coding: string, limitBytes: number): Uint8Array {
  const decode = Object.hasOwn(decoders, coding) ? decoders[coding] : undefined;
  if (decode === undefined) {
    throw new Failure('invalid_request', `The content encoding ${JSON.stringify(coding)} is not known.`, {
      status: 415,
      code: 'unsupported_media_type',
      next: 'Use zstd, gzip, deflate, br or none.',
    });
  }
  try {
    return decode(bytes, { maxOutputLength: limitBytes });
  } catch (cause) {
    if (cause instanceof RangeError || (cause as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE') {
      throw tooLarge(limitBytes);
    }
    throw new Failure('invalid_request', `The body is not valid ${coding}.`, { cause });
  }
}

function tooLarge(limitBytes: number): Failure {
  return new Failure('too_large', `The body is larger than ${limitBytes} bytes.`, {
    code: 'payload_too_large',
  });
}
