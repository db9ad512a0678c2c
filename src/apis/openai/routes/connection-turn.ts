// Follows a turn whose response is not stored, for a later turn on the same WebSocket that continues it.
import type { OutputItemEvent, ResponsesEvent, TerminalEvent } from '../../../responses/event.ts';
import type { Fields } from '../../../responses/fields.ts';
import type { OutputItem } from '../../../responses/response.ts';
import type { TurnObserver } from '../../../server/turn-responder.ts';

export interface ConnectionTurnOptions {
  /** An output item as the client would send it again. */
  replay(item: OutputItem): Fields;
  save(id: string, output: Fields[]): Promise<void>;
}

export class ConnectionTurn implements TurnObserver {
  #output: Fields[] = [];
  #saved: Promise<void> | undefined;

  constructor(private readonly options: ConnectionTurnOptions) {}

  follow(event: ResponsesEvent): void {
    switch (event.type) {
      case 'response.created':
        this.#output = [];
        return;
      case 'response.output_item.done':
        this.#output.push(this.options.replay((event as OutputItemEvent).item));
        return;
      case 'response.completed':
      case 'response.incomplete':
        this.#saved = this.options.save((event as TerminalEvent).response.id, this.#output);
    }
  }

  failed(): void {}

  /** A client may send the next turn as soon as it has the end of this one. */
  async settle(): Promise<[]> {
    await this.#saved;
    return [];
  }

  end(): void {}
}
