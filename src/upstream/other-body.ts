// A 200 whose body is not an event stream: a page of whoever stands in front of the upstream, or an error as JSON. The
// content type says nothing: the upstream usually sends none. The first character does.
import type { Failure } from '../failure.ts';
import { answerFailure } from './answer.ts';

const less = 0x3c;
const brace = 0x7b;
const isBlank = (byte: number) => byte <= 0x20 || byte === 0xef || byte === 0xbb || byte === 0xbf; // or a byte order mark

/** What the first bytes of a body mean if they are not those of a stream. `blank`: nothing can be said yet. */
export function otherBody(headers: Headers, bytes: Uint8Array, nowMs: number): Failure | 'blank' | undefined {
  const first = bytes.find((byte) => !isBlank(byte));
  if (first === undefined) return 'blank';
  if (first !== less && first !== brace) return undefined;
  return answerFailure(200, headers, new TextDecoder().decode(bytes), nowMs);
}
