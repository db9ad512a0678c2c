// The done reason, durations and token counts of an answer in Ollama's format (docs/wire/ollama.md#done-reason, #durations).
import type { TurnEnd } from '../../responses/response.ts';
import type { TurnTimes } from '../../responses/translator.ts';
import type { DoneReason, Ending, OllamaTranslation } from './types.ts';

export function endingOf(
  response: TurnEnd,
  { idle, startedAtMs }: OllamaTranslation,
  lastAtMs: number,
  times: TurnTimes = { acceptedAtMs: startedAtMs, firstAtMs: startedAtMs },
): Ending {
  if (idle !== undefined) return { done: true, done_reason: idle };
  const { acceptedAtMs, firstAtMs = lastAtMs } = times;
  return {
    done: true,
    done_reason: doneReason(response),
    total_duration: nanoseconds(lastAtMs - startedAtMs),
    load_duration: nanoseconds(acceptedAtMs - startedAtMs),
    prompt_eval_count: count(response.usage?.input_tokens),
    prompt_eval_duration: nanoseconds(firstAtMs - acceptedAtMs),
    eval_count: count(response.usage?.output_tokens),
    eval_duration: nanoseconds(lastAtMs - firstAtMs),
  };
}

/** `stop` also after calls, for which Ollama has no separate reason (docs/wire/ollama.md#done-reason). */
function doneReason({ status, incomplete_details }: TurnEnd): DoneReason {
  return status === 'incomplete' && incomplete_details?.reason !== 'content_filter' ? 'length' : 'stop';
}

/** At least 1: clients divide by it for tokens per second (docs/wire/ollama.md#eval-duration). */
function nanoseconds(ms: number): number {
  return Math.max(1, Math.round(ms * 1e6));
}

/** Clients require every number, as an integer. */
function count(value: number | null | undefined): number {
  return typeof value === 'number' && value > 0 ? Math.floor(value) : 0;
}
