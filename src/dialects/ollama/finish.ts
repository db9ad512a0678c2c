// Why an answer ended, how long it took and what it cost, in Ollama's words (reference/ollama-api.md 4.7).
import type { ResponsesResponse, Usage } from '../../responses/response.ts';
import type { DoneReason, Ending, Numbers, OllamaTranslation } from './types.ts';

/** When the steps of an answer were, as far as they were seen. */
export interface Times {
  acceptedAtMs: number;
  firstAtMs: number;
  lastAtMs: number;
}

export function endingOf(
  response: Pick<ResponsesResponse, 'status' | 'incomplete_details' | 'usage'>,
  { idle, startedAtMs }: OllamaTranslation,
  times: Times,
): Ending {
  if (idle !== undefined) return { done: true, done_reason: idle };
  return { done: true, done_reason: doneReason(response), ...numbers(response.usage, startedAtMs, times) };
}

/** Calls end with `stop`, too: clients know no other reason for them (trap 9). */
function doneReason({
  status,
  incomplete_details,
}: Pick<ResponsesResponse, 'status' | 'incomplete_details'>): DoneReason {
  return status === 'incomplete' && incomplete_details?.reason !== 'content_filter' ? 'length' : 'stop';
}

function numbers(usage: Usage | null | undefined, startedAtMs: number, times: Times): Numbers {
  const { acceptedAtMs, firstAtMs, lastAtMs } = times;
  return {
    total_duration: nanoseconds(lastAtMs - startedAtMs),
    load_duration: nanoseconds(acceptedAtMs - startedAtMs),
    prompt_eval_count: count(usage?.input_tokens),
    prompt_eval_duration: nanoseconds(firstAtMs - acceptedAtMs),
    eval_count: count(usage?.output_tokens),
    eval_duration: nanoseconds(lastAtMs - firstAtMs),
  };
}

/** At least 1: clients divide by it for tokens per second (trap 11). */
function nanoseconds(ms: number): number {
  return Math.max(1, Math.round(ms * 1e6));
}

/** Clients need every number to be there, and to be a whole one. */
function count(value: number | null | undefined): number {
  return typeof value === 'number' && value > 0 ? Math.floor(value) : 0;
}
