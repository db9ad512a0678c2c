// What `stream.ts` and `whole.ts` must agree on: how the texts of a turn become the one text of a completion.
import type { ResponsesResponse, TurnEnd } from '../../../responses/response.ts';
import { StopScanner } from '../../stop.ts';
import { paragraphBreak } from '../chat/answer.ts';
import { finishReason } from '../chat/finish.ts';
import type { FinishReason } from '../chat/types.ts';

/** The visible text up to a stop text. A refusal has no field of its own in this shape: it is text as well. */
export class CompletionText {
  readonly #scanner: StopScanner | undefined;
  #hasText = false;
  #refused = false;

  constructor(stop: string[]) {
    if (stop.length > 0) this.#scanner = new StopScanner(stop);
  }

  /** Whether texts inside a part come out as they go in. */
  get isPlain(): boolean {
    return this.#scanner === undefined;
  }

  get stopped(): boolean {
    return this.#scanner?.matched !== undefined;
  }

  /** What becomes visible of a text; `fresh` when it begins a part. */
  push(text: string, fresh: boolean, isRefusal = false): string {
    if (text === '') return '';
    const all = fresh && this.#hasText ? paragraphBreak + text : text;
    this.#hasText = true;
    this.#refused ||= isRefusal;
    return this.#scanner === undefined ? all : this.#scanner.push(all);
  }

  /** What was held back, when no more text can follow. */
  flush(): string {
    return this.#scanner?.flush() ?? '';
  }

  finishReason(response: TurnEnd): FinishReason {
    if (this.stopped) return 'stop';
    if (this.#refused) return 'content_filter';
    return finishReason(response, { count: 0, cut: false }, false);
  }
}

/** What every chunk of an answer and the whole answer are known by. */
export function identity(response: ResponsesResponse): { id: string; created: number } {
  return {
    id: `cmpl-${response.id.replace(/^resp_/, '')}`,
    created: Math.floor(response.created_at ?? 0),
  };
}
