// Folds a turn's events (after the grammar) into the whole response. The terminal event's own `output` is commonly empty
// (docs/wire/upstream.md#output-empty): the items come from `response.output_item.done`.
import { Failure } from '../failure.ts';
import type { OutputItemEvent, ResponsesEvent, TerminalEvent } from './event.ts';
import type { OutputItem, ResponsesResponse } from './response.ts';

/** Characters of JSON. A response with four large images has about 20 M. */
const defaultLimit = 64 * 1024 * 1024;

export class Collector {
  readonly #output: OutputItem[] = [];
  #length = 0;
  #response: ResponsesResponse | undefined;

  constructor(private readonly limitLength = defaultLimit) {}

  push(event: ResponsesEvent): void {
    switch (event.type) {
      case 'response.output_item.done':
        this.#add((event as OutputItemEvent).item);
        return;
      case 'response.completed':
      case 'response.incomplete':
        this.#response = { ...(event as TerminalEvent).response, output: this.#output };
    }
  }

  /** The items so far, in order. */
  get output(): OutputItem[] {
    return this.#output;
  }

  /** The whole response; undefined before the terminal event. */
  get response(): ResponsesResponse | undefined {
    return this.#response;
  }

  #add(item: OutputItem): void {
    this.#length += JSON.stringify(item).length;
    if (this.#length > this.limitLength) {
      throw new Failure('upstream_broke', `The response is longer than ${this.limitLength} characters.`, {
        code: 'answer_too_large',
        retry: false,
      });
    }
    this.#output.push(item);
  }
}
