// Recognises a 200 response that is not an event stream: the page of a proxy, or an error in JSON. The upstream usually
// sends no content type, so the first character decides.
import { httpFailure } from './http-failure.ts';

const lessThan = 0x3c;
const brace = 0x7b;
/** White space, or part of a byte order mark. */
const isBlank = (byte: number) => byte <= 0x20 || byte === 0xef || byte === 0xbb || byte === 0xbf;

/** Whether a body that begins with `bytes` is a stream; false while they are blank. Throws a Failure if it is not one. */
export function checkStreamStart(headers: Headers, bytes: Uint8Array, nowMs: number): boolean {
  const first = bytes.find((byte) => !isBlank(byte));
  if (first === undefined) return false;
  if (first !== lessThan && first !== brace) return true;
  throw httpFailure(200, headers, new TextDecoder().decode(bytes), nowMs);
}
