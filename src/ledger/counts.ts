// What the ledger counts of a call: numbers and names, never content.
import type { CallRecord } from '../turns/record.ts';

export interface Counts {
  requests: number;
  /** Requests that ended with a failure. */
  failed: number;
  /** All input tokens, cached ones included. */
  inputTokens: number;
  cachedTokens: number;
  /** All output tokens, reasoning included. */
  outputTokens: number;
  reasoningTokens: number;
  audioSeconds: number;
}

/** The model, key and client of a call. */
export interface CountedNames {
  model: string;
  /** Name of the API key; `anonymous` without one. */
  key: string;
  /** The client's program, from its User-Agent. */
  client: string;
}

export const noCounts: Readonly<Counts> = {
  requests: 0,
  failed: 0,
  inputTokens: 0,
  cachedTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  audioSeconds: 0,
};

const fields = Object.keys(noCounts) as (keyof Counts)[];

export function addCounts(to: Counts, more: Readonly<Counts>): void {
  for (const field of fields) to[field] += more[field];
}

export function sumCounts(all: readonly Readonly<Counts>[]): Counts {
  const sum = { ...noCounts };
  for (const counts of all) addCounts(sum, counts);
  return sum;
}

/** Whether the call used a model or failed to; other calls, such as lists of models, are not counted. */
export function isCounted({ modelRequested, modelUsed, usage, audioSeconds, failure }: CallRecord): boolean {
  const hasModel = modelRequested !== undefined || modelUsed !== undefined;
  return hasModel && (usage !== undefined || audioSeconds !== undefined || failure !== undefined);
}

export function countsOf({ usage, audioSeconds = 0, failure }: CallRecord): Counts {
  return {
    requests: 1,
    failed: failure === undefined ? 0 : 1,
    inputTokens: usage?.input_tokens ?? 0,
    cachedTokens: usage?.input_tokens_details?.cached_tokens ?? 0,
    outputTokens: usage?.output_tokens ?? 0,
    reasoningTokens: usage?.output_tokens_details?.reasoning_tokens ?? 0,
    audioSeconds,
  };
}

/**
 * Names from the call. A model that the client named but codexd did not find counts as `unknown`: clients may send any
 * number of different names.
 */
export function namesOf({ modelUsed = 'unknown', caller, agent }: CallRecord): CountedNames {
  return { model: modelUsed, key: caller.name, client: clientName(agent) };
}

/** E.g. `claude-cli` for `claude-cli/2.1.0 (external)`, and `OpenAI/Python` for `OpenAI/Python 1.3`. */
function clientName(agent: string | undefined): string {
  return /^[^\s/]+(?:\/[A-Za-z][^\s/]*)?/.exec(agent ?? '')?.[0] ?? 'unknown';
}
