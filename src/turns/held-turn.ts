// A turn that waits before it is opened, while its client already gets heartbeats.
import type { EventSink } from '../responses/event-parser.ts';
import type { Dropped } from '../responses/request.ts';
import type { ResponsesResponse } from '../responses/response.ts';
import type { TurnTimes } from '../responses/translator.ts';
import type { Turn } from '../upstream/turn.ts';

/** A turn, as seen by the code that runs it. */
export type UpstreamTurn = Pick<
  Turn,
  'headers' | 'leftOut' | 'settled' | 'response' | 'times' | 'run' | 'cancel'
>;

export interface HeldTurnOptions {
  /** Rejects if the client disconnects. */
  wait: () => Promise<void>;
  open: () => Promise<UpstreamTurn>;
  nowMs: () => number;
}

export class HeldTurn implements UpstreamTurn {
  readonly times: TurnTimes;
  #turn: UpstreamTurn | undefined;
  #isCancelled = false;

  constructor(private readonly options: HeldTurnOptions) {
    const heldAtMs = options.nowMs();
    const turn = () => this.#turn;
    this.times = {
      get acceptedAtMs() {
        return turn()?.times.acceptedAtMs ?? heldAtMs;
      },
      get firstAtMs() {
        return turn()?.times.firstAtMs;
      },
    };
  }

  get headers(): Headers {
    return this.#turn?.headers ?? new Headers();
  }

  get leftOut(): Dropped[] {
    return this.#turn?.leftOut ?? [];
  }

  get settled(): boolean {
    return this.#turn?.settled ?? false;
  }

  get response(): ResponsesResponse | undefined {
    return this.#turn?.response;
  }

  async run(sink: EventSink, afterRead?: () => Promise<void> | undefined): Promise<void> {
    await this.options.wait();
    const turn = await this.options.open();
    this.#turn = turn;
    if (this.#isCancelled) turn.cancel();
    await turn.run(sink, afterRead);
  }

  cancel(): void {
    this.#isCancelled = true;
    this.#turn?.cancel();
  }
}
