// Limits the request bodies in memory. Until its request has ended, a body costs about three times its length: the text, the
// parsed value and the upstream request.
import { Semaphore } from '../base/semaphore.ts';
import { Failure } from '../failure.ts';

/** Bodies up to this size are not counted: they are small even at the maximum number of concurrent requests. */
const uncountedBytes = 64 * 1024;
const defaultWaitMs = 5000;
const retryAfterMs = 2000;

export class BodyBudget {
  readonly #bytes: Semaphore;

  constructor(
    limitBytes: number,
    private readonly maxWaitMs = defaultWaitMs,
  ) {
    this.#bytes = new Semaphore(limitBytes);
  }

  get heldBytes(): number {
    return this.#bytes.held;
  }

  set limitBytes(bytes: number) {
    this.#bytes.limit = bytes;
  }

  /**
   * Waits until the bytes fit and resolves to a function that releases them. A body larger than the whole budget fits if
   * it is the only one. Throws `unavailable` after the maximum wait, or the signal's reason.
   */
  async take(bytes: number, signal: AbortSignal): Promise<() => void> {
    if (bytes <= uncountedBytes) return () => {};
    return this.#bytes.acquire(signal, { units: bytes, timeout: { ms: this.maxWaitMs, failure: full } });
  }
}

function full(): Failure {
  return new Failure('unavailable', 'The memory for request bodies is used up.', {
    code: 'body_memory_full',
    retryAfterMs,
    advice: 'Send fewer large requests concurrently, or raise `server.body_memory_mb`.',
  });
}
