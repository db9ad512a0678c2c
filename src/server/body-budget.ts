// How many bytes of request bodies may be in memory together. A body costs about three times its length until its request
// has ended: the text, what was parsed of it, and what goes upstream.
import { Failure } from '../failure.ts';

/** Up to here a body is not counted: so many of them as may run at once are no burden. */
const smallBytes = 64 * 1024;
/** Then the client shall try again later. */
const usualPatienceMs = 5000;
const retryAfterMs = 2000;

interface Waiter {
  bytes: number;
  start: () => void;
}

export class BodyBudget {
  #heldBytes = 0;
  /** In the order of their arrival: large bodies are not overtaken for ever. */
  readonly #waiters: Waiter[] = [];

  constructor(
    public limitBytes: number,
    private readonly patienceMs = usualPatienceMs,
  ) {}

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /**
   * Resolves to the function that gives the bytes back, as soon as they fit; a body larger than the whole budget fits
   * when it is alone. Throws `unavailable` after a while, and the signal's reason.
   */
  async take(bytes: number, signal: AbortSignal): Promise<() => void> {
    if (bytes <= smallBytes) return () => {};
    signal.throwIfAborted();
    if (this.#waiters.length > 0 || !this.#fits(bytes)) await this.#wait(bytes, signal);
    else this.#heldBytes += bytes;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#heldBytes -= bytes;
      this.#startWaiters();
    };
  }

  #fits(bytes: number): boolean {
    return this.#heldBytes === 0 || this.#heldBytes + bytes <= this.limitBytes;
  }

  #wait(bytes: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(late);
        signal.removeEventListener('abort', leave);
        const at = this.#waiters.indexOf(waiter);
        if (at >= 0) this.#waiters.splice(at, 1);
        act();
      };
      const leave = () => giveUp(signal.reason);
      const giveUp = (reason: unknown) => {
        settle(() => reject(reason));
        this.#startWaiters();
      };
      const waiter = { bytes, start: () => settle(resolve) };
      const late = setTimeout(() => giveUp(full()), this.patienceMs);
      this.#waiters.push(waiter);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  #startWaiters(): void {
    for (let next = this.#waiters[0]; next && this.#fits(next.bytes); next = this.#waiters[0]) {
      this.#heldBytes += next.bytes;
      next.start();
    }
  }
}

function full(): Failure {
  return new Failure('unavailable', 'The request bodies in memory have reached their limit.', {
    code: 'body_memory_full',
    retryAfterMs,
    advice: 'Send fewer large requests at once, or raise `server.body_memory_mb`.',
  });
}
