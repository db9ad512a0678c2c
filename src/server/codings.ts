// Decodes the content encodings of a request's body (RFC 9110 8.4).
import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import { Failure } from '../failure.ts';

type Decoder = (bytes: Uint8Array, options: { maxOutputLength: number }) => Uint8Array;

const decoders = new Map<string, Decoder>([
  ['zstd', zstdDecompressSync],
  ['gzip', gunzipSync],
  ['x-gzip', gunzipSync],
  ['deflate', inflate],
  ['br', brotliDecompressSync],
]);

/** `deflate` means zlib (RFC 9110 8.4.1.2), but some clients omit its header. */
function inflate(bytes: Uint8Array, options: { maxOutputLength: number }): Uint8Array {
  const hasHeader = (bytes[0]! & 0x0f) === 8 && ((bytes[0]! << 8) | bytes[1]!) % 31 === 0;
  return hasHeader ? inflateSync(bytes, options) : inflateRawSync(bytes, options);
}

/** More than any client needs. */
const maxCodings = 4;

/** In the order they were applied. Some clients send an empty list. */
export function contentEncodings(headers: Headers): string[] {
  const given = headers.get('content-encoding') ?? '';
  const names = given.split(',').map((name) => name.trim().toLowerCase());
  return names.filter((name) => name !== '' && name !== 'identity');
}

/** Throws a Failure for an unknown encoding, for invalid bytes, and if any step yields more than `limitBytes`. */
export function decodeBody(bytes: Uint8Array, codings: string[], limitBytes: number): Uint8Array {
  const unknown = codings.find((coding) => !decoders.has(coding));
  if (unknown !== undefined) throw unsupported(`Unknown content encoding ${JSON.stringify(unknown)}.`);
  if (codings.length > maxCodings)
    throw unsupported(`The body has more than ${maxCodings} content encodings.`);
  return codings.reduceRight((encoded, coding) => decode(encoded, coding, limitBytes), bytes);
}

function decode(bytes: Uint8Array, coding: string, limitBytes: number): Uint8Array {
  try {
    return decoders.get(coding)!(bytes, { maxOutputLength: limitBytes });
  } catch (cause) {
    if (cause instanceof RangeError || (cause as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE') {
      throw tooLarge(limitBytes);
    }
    throw new Failure('invalid_request', `The body is not valid ${coding}.`, { cause });
  }
}

function unsupported(message: string): Failure {
  return new Failure('invalid_request', message, {
    status: 415,
    code: 'unsupported_media_type',
    advice: 'Use zstd, gzip, deflate or br, or send the body uncompressed.',
  });
}

export function tooLarge(limitBytes: number): Failure {
  return new Failure('too_large', `The body is larger than ${limitBytes} bytes.`, {
    code: 'payload_too_large',
  });
}
