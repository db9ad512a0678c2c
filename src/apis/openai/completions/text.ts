// Shared by `stream.ts` and `whole.ts`: joins the texts of a turn to the text of a completion.
import type { ResponsesResponse, TurnEnd } from '../../../responses/response.ts';
import { StopScanner } from '../../stop.ts';
import { paragraphBreak } from '../chat/answer.ts';
import { finishReason } from '../chat/finish.ts';
import type { FinishReason } from '../chat/types.ts';

/** The text up to a stop text. Includes refusals, for which completions have no field. */
export class CompletionText {
  readonly #scanner: StopScanner | undefined;
  #hasText = false;
  #refused = false;

  constructor(stop: string[]) {
    if (stop.length > 0) this.#scanner = new StopScanner(stop);
  }

  /** Whether texts inside a part pass unchanged. */
  get isPlain(): boolean {
    return this.#scanner === undefined;
  }

  get stopped(): boolean {
    return this.#scanner?.matched !== undefined;
  }

  /** The text to output; `isPartStart`: it begins a part. */
  push(text: string, isPartStart: boolean, isRefusal = false): string {
    if (text === '') return '';
    const all = isPartStart && this.#hasText ? paragraphBreak + text : text;
    this.#hasText = true;
    this.#refused ||= isRefusal;
    return this.#scanner === undefined ? all : this.#scanner.push(all);
  }

  /** Text that was held back, at the end of the answer. */
  flush(): string {
    return this.#scanner?.flush() ?? '';
  }

  finishReason(response: TurnEnd): FinishReason {
    if (this.stopped) return 'stop';
    if (this.#refused) return 'content_filter';
    return finishReason(response, { count: 0, truncated: false }, false);
  }
}

/** The fields that identify an answer, the same in every chunk and in the whole answer. */
export function completionIdentity(response: ResponsesResponse): { id: string; created: number } {
  return {
    id: `cmpl-${response.id.replace(/^resp_/, '')}`,
    created: Math.floor(response.created_at ?? 0),
  };
}
