// The finish reason and usage of an answer in the chat format (docs/wire/openai.md#finish-reason, #chat-usage).
import type { OutputItem, TurnEnd, Usage } from '../../../responses/response.ts';
import type { ChatUsage, FinishReason } from './types.ts';

/** The calls that the client sees. */
export interface CallSummary {
  count: number;
  /** One of them is truncated, so its arguments are incomplete. */
  truncated: boolean;
}

export function isTruncatedCall(item: OutputItem): boolean {
  return item.status === 'incomplete';
}

export function finishReason(response: TurnEnd, calls: CallSummary, legacyFunctions: boolean): FinishReason {
  if (response.status !== 'incomplete') {
    if (calls.count === 0) return 'stop';
    return legacyFunctions ? 'function_call' : 'tool_calls';
  }
  switch (response.incomplete_details?.reason) {
    case 'max_output_tokens':
      return 'length';
    case 'content_filter':
      return 'content_filter';
    default:
      return calls.truncated ? 'length' : 'stop';
  }
}

/** Clients require every number, as an integer. Cached tokens are included in the input. */
export function chatUsage(usage: Usage): ChatUsage {
  const prompt = count(usage.input_tokens);
  const completion = count(usage.output_tokens);
  const written = usage.input_tokens_details?.cache_write_tokens;
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: usage.total_tokens === undefined ? prompt + completion : count(usage.total_tokens),
    prompt_tokens_details: {
      cached_tokens: count(usage.input_tokens_details?.cached_tokens),
      ...(written === undefined ? {} : { cache_write_tokens: count(written) }),
      audio_tokens: 0,
    },
    completion_tokens_details: {
      reasoning_tokens: count(usage.output_tokens_details?.reasoning_tokens),
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

function count(value: number | null | undefined): number {
  return typeof value === 'number' && value > 0 ? Math.floor(value) : 0;
}
