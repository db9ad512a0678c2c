// The stop reason and usage of an answer in Anthropic's format.
import type { TurnEnd, Usage } from '../../../responses/response.ts';
import type { Ending, MessagesUsage, StopReason } from './types.ts';

/** What determines an answer's stop reason. */
export interface AnswerSummary {
  calls: number;
  searches: number;
  /** The text of a refusal. */
  refusal: string | undefined;
  /** The stop sequence that ended it. */
  stop: string | undefined;
}

export function emptySummary(): AnswerSummary {
  return { calls: 0, searches: 0, refusal: undefined, stop: undefined };
}

/** Calls take precedence over everything except truncation, because tool runners check only the stop reason. */
export function endingOf(response: TurnEnd, { calls, refusal, stop }: AnswerSummary): Ending {
  if (stop !== undefined) return { ...ending('stop_sequence'), stop_sequence: stop };
  if (response.status === 'incomplete') {
    if (response.incomplete_details?.reason !== 'content_filter') return ending('max_tokens');
    return refused('The upstream stopped the answer because of its content.');
  }
  if (calls > 0) return ending('tool_use');
  return refusal === undefined ? ending('end_turn') : refused(refusal);
}

function ending(reason: StopReason): Ending {
  return { stop_reason: reason, stop_sequence: null, stop_details: null };
}

export function refused(explanation: string): Ending {
  return { ...ending('refusal'), stop_details: { type: 'refusal', category: null, explanation } };
}

/** Anthropic's `input_tokens` exclude tokens read from and written to the cache; the upstream's include both. */
export function messagesUsage(usage: Usage | null | undefined, searches: number): MessagesUsage {
  const { cached_tokens, cache_write_tokens } = usage?.input_tokens_details ?? {};
  const read = count(cached_tokens);
  const written = count(cache_write_tokens);
  return {
    input_tokens: count(count(usage?.input_tokens) - read - written),
    cache_creation_input_tokens: written,
    cache_read_input_tokens: read,
    output_tokens: count(usage?.output_tokens),
    output_tokens_details: { thinking_tokens: count(usage?.output_tokens_details?.reasoning_tokens) },
    server_tool_use: searches === 0 ? null : { web_search_requests: searches, web_fetch_requests: 0 },
  };
}

/** Clients require every number, as an integer. */
function count(value: number | null | undefined): number {
  return typeof value === 'number' && value > 0 ? Math.floor(value) : 0;
}
