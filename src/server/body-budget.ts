// How many bytes of request bodies may be in memory together. A body costs about three times its length until its request
// has ended: the text, what was parsed of it, and what goes upstream.
import { Semaphore } from '../base/semaphore.ts';
import { Failure } from '../failure.ts';

/** Bodies up to this size are not counted: as many as may run at once are no burden. */
const smallBytes = 64 * 1024;
/** After that the client is asked to try again later. */
const usualPatienceMs = 5000;
const retryAfterMs = 2000;

export class BodyBudget {
  readonly #bytes: Semaphore;

  constructor(
    limitBytes: number,
    private readonly patienceMs = usualPatienceMs,
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
    if (bytes <= smallBytes) return () => {};
    return this.#bytes.acquire(signal, { units: bytes, timeout: { ms: this.patienceMs, failure: full } });
  }
}

function full(): Failure {
  return new Failure('unavailable', 'The memory for request bodies is used up.', {
    code: 'body_memory_full',
    retryAfterMs,
    advice: 'Send fewer large requests concurrently, or raise `server.body_memory_mb`.',
  });
}
