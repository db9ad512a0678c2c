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
   * Resolves to the function that gives the bytes back, as soon as they fit; a body larger than the whole budget fits
   * when it is alone. Throws `unavailable` after a while, and the signal's reason.
   */
  async take(bytes: number, signal: AbortSignal): Promise<() => void> {
    if (bytes <= smallBytes) return () => {};
    return this.#bytes.acquire(signal, { units: bytes, timeout: { ms: this.patienceMs, failure: full } });
  }
}

function full(): Failure {
  return new Failure('unavailable', 'The request bodies in memory have reached their limit.', {
    code: 'body_memory_full',
    retryAfterMs,
    advice: 'Send fewer large requests at once, or raise `server.body_memory_mb`.',
  });
}
