// Follows the turn of a response that is stored. Until the turn ends, the response can be retrieved and cancelled. It
// is always stored with its status: completed, incomplete, failed or cancelled.
import { Failure } from '../../../failure.ts';
import type { OutputItemEvent, ResponsesEvent, TerminalEvent } from '../../../responses/event.ts';
import type { Fields } from '../../../responses/fields.ts';
import type { Dropped } from '../../../responses/request.ts';
import type { OutputItem, ResponsesResponse } from '../../../responses/response.ts';
import type { EarlierItems } from '../../../responses/translator.ts';
import type { Exchange } from '../../../server/exchange.ts';
import type { TurnObserver } from '../../../server/turn-responder.ts';
import type { ResponseStore } from '../../../store/response-store.ts';
import type { RunningResponses } from '../../../store/running-responses.ts';
import { openaiResponses } from '../responses/index.ts';
import { failedResponseError } from '../responses/response-object.ts';
import type { ResponsesTranslation } from '../responses/types.ts';

export interface KeptResponseOptions {
  owner: string;
  store: ResponseStore;
  running: RunningResponses;
  /** The request's own items. */
  input: Fields[];
  /** The ids of the responses that it continues, oldest first. */
  previous: readonly string[];
  /** The stored part of the input. */
  previousSize: number;
  /** Whether the client sees `encrypted_content`. */
  showsEncrypted: boolean;
  /** The response with its output as the client gets it, but always with `encrypted_content`. */
  show(response: ResponsesResponse): ResponsesResponse;
  /** Ends the turn. */
  abort(reason: Failure): void;
}

/** The part of the options that does not depend on where the response is stored. `shown` is what the client sees. */
export function keptOptions(
  { ownInput }: { ownInput: Fields[] },
  shown: ResponsesTranslation,
  earlier: EarlierItems | undefined,
  exchange: Exchange,
): Omit<KeptResponseOptions, 'owner' | 'store' | 'running'> {
  return {
    input: ownInput,
    previous: earlier?.previous ?? [],
    previousSize: earlier?.size ?? 0,
    showsEncrypted: shown.showEncrypted,
    show: (response) =>
      openaiResponses.whole(response, { ...shown, showEncrypted: true }) as ResponsesResponse,
    abort: (reason) => exchange.abort(reason),
  };
}

/** Reported if the response could not be stored. */
export const notStored: Dropped = {
  field: 'store',
  why: 'The response store is unavailable, so that the response cannot be referred to later.',
  hint: true,
};

export class KeptResponse implements TurnObserver {
  #created: ResponsesResponse | undefined;
  #output: OutputItem[] = [];
  /** The stored response; set once, however the turn ended. */
  #final: ResponsesResponse | undefined;
  #saved: Promise<boolean> | undefined;

  constructor(private readonly options: KeptResponseOptions) {}

  follow(event: ResponsesEvent): void {
    switch (event.type) {
      case 'response.created':
        this.#begin((event as TerminalEvent).response);
        return;
      case 'response.output_item.done':
        this.#output.push((event as OutputItemEvent).item);
        return;
      case 'response.completed':
      case 'response.incomplete':
        this.#finish((event as TerminalEvent).response);
    }
  }

  failed(failure: Failure): void {
    if (this.#created === undefined) return;
    const isCancelled = failure.kind === 'cancelled';
    this.#finish({
      ...this.#created,
      ...(isCancelled ? { status: 'cancelled' } : { status: 'failed', error: failedResponseError(failure) }),
    });
  }

  async settle(): Promise<Dropped[]> {
    return (await this.#saved) === false ? [notStored] : [];
  }

  end(): void {
    const { running, owner } = this.options;
    if (this.#created !== undefined) running.remove(owner, this.#created.id);
  }

  #begin(created: ResponsesResponse): void {
    const { running, owner } = this.options;
    this.end();
    this.#created = created;
    this.#output = [];
    const shown = () => this.#shown(created);
    running.add(owner, created.id, {
      get response() {
        return shown();
      },
      cancel: () => this.#cancel(created),
    });
  }

  async #cancel(created: ResponsesResponse): Promise<ResponsesResponse> {
    if (this.#final === undefined) {
      this.#finish({ ...created, status: 'cancelled' });
      const message = 'The response was cancelled.';
      this.options.abort(new Failure('cancelled', message, { code: 'response_cancelled' }));
    }
    await this.#saved;
    return this.#final as ResponsesResponse;
  }

  #finish(response: ResponsesResponse): void {
    if (this.#final !== undefined) return;
    const { owner, store, input, previous, previousSize, showsEncrypted } = this.options;
    this.#final = this.#shown(response);
    const { output = [], ...rest } = this.#final;
    const shown = output.map((item) => ({ item, showsEncrypted }));
    this.#saved = store.save(owner, { response: rest, output: shown, input, previous }, previousSize);
    void this.#saved.then(() => this.end()); // a slow client may still be reading it
  }

  #shown(response: ResponsesResponse): ResponsesResponse {
    return this.options.show({ ...response, output: this.#output });
  }
}
