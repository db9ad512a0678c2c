// One request of a client, and what is known of it so far. The access line is written from it when the answer has ended.
import { Failure } from '../failure.ts';
import type { Usage } from '../responses/response.ts';

export interface Caller {
  /** Name of the API key, or `anonymous` where none is needed. */
  name: string;
  /** Globs of the models this key may use; all when absent. */
  models: string[] | undefined;
}

export interface CallHooks {
  /** The last byte of the response is about to be handed to Bun, which then forgets the request. */
  closing(): void;
  /** Resolves to what gives the memory back. */
  reserve(bytes: number, signal: AbortSignal): Promise<() => void>;
  /** The response has ended, whatever became of it. */
  ended(call: Call): void;
}

export class Call {
  readonly receivedAtMs: number;
  /** Aborts when the client leaves or the daemon gives up; a Failure as its reason says which. */
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  readonly #releases: (() => void)[] = [];
  #hasEnded = false;
  /** The answer goes on after the handler has returned; whoever writes it calls `end`. */
  streams = false;
  caller: Caller = { name: 'anonymous', models: undefined };

  /** As routed: one slash between segments, none at the end. */
  path = '';
  query = new URLSearchParams();

  // What the access line says.
  status = 0;
  modelAsked: string | undefined;
  modelUsed: string | undefined;
  usage: Usage | undefined;
  /** Length of the recording that was transcribed. */
  audioSeconds: number | undefined;
  firstByteAtMs: number | undefined;
  upstreamRequestId: string | undefined;
  failure: Failure | undefined;

  constructor(
    readonly id: string,
    readonly request: Request,
    readonly nowMs: () => number,
    private readonly hooks: CallHooks,
  ) {
    this.receivedAtMs = nowMs();
    this.signal = this.#controller.signal;
    request.signal.addEventListener('abort', () => this.leave(), { once: true });
  }

  /** The client has gone. */
  leave(): void {
    this.abort(new Failure('cancelled', 'The client went away.'));
  }

  abort(reason: Failure): void {
    this.#controller.abort(reason);
  }

  /** Memory for so many bytes of the body, until the call ends. */
  async reserve(bytes: number): Promise<void> {
    const release = await this.hooks.reserve(bytes, this.signal);
    if (this.#hasEnded) release();
    else this.#releases.push(release);
  }

  /** Whoever streams the response calls this before closing the stream. */
  closing(): void {
    this.hooks.closing();
  }

  /** The answer's last byte is written or given up. */
  end(): void {
    this.#hasEnded = true;
    for (const release of this.#releases.splice(0)) release();
    this.hooks.ended(this);
  }

  get clientLeft(): boolean {
    return this.request.signal.aborted;
  }
}
