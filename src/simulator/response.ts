// The response object (docs/wire/upstream.md#response-object), and the usage of a turn.

import { type Fields, isObject } from '../base/object.ts';
import type { CatalogModel } from './catalog.ts';
import type { ModelOutput } from './events.ts';
import type { Account } from './identity.ts';

/** As in `response.created`. */
export function responseFor(
  body: Fields,
  { id, nowMs, account, model }: { id: string; nowMs: number; account: Account; model: CatalogModel },
): Fields {
  const reasoning = isObject(body.reasoning) ? body.reasoning : {};
  const text = isObject(body.text) ? body.text : {};
  return {
    id,
    object: 'response',
    created_at: Math.floor(nowMs / 1000),
    status: 'in_progress',
    background: false,
    completed_at: null,
    error: null,
    frequency_penalty: 0,
    ...(body.generate === undefined ? {} : { generate: body.generate }),
    incomplete_details: null,
    instructions: body.instructions ?? null,
    max_output_tokens: null,
    max_tool_calls: null,
    model: model.slug,
    moderation: null,
    output: [],
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    presence_penalty: 0,
    previous_response_id: body.previous_response_id ?? null,
    prompt_cache_key: body.prompt_cache_key ?? null,
    prompt_cache_retention: '24h',
    reasoning: {
      effort: reasoning.effort ?? model.default_reasoning_level,
      mode: 'standard',
      summary: reasoning.summary ?? null,
    },
    safety_identifier: account.userId,
    service_tier: 'auto',
    store: false,
    temperature: 1,
    text: { format: text.format ?? { type: 'text' }, verbosity: text.verbosity ?? model.default_verbosity },
    tool_choice: body.tool_choice ?? 'auto',
    tool_usage: { image_gen: imageUsage(0), web_search: { num_requests: 0 } },
    tools: body.tools ?? [],
    top_logprobs: 0,
    top_p: 0.98,
    truncation: 'disabled',
    usage: null,
    user: null,
    metadata: {},
  };
}

export function imageUsage(outputTokens: number): Fields {
  const details = { image_tokens: 0, text_tokens: 0 };
  return {
    input_tokens: outputTokens === 0 ? 0 : 60,
    input_tokens_details: details,
    output_tokens: outputTokens,
    output_tokens_details: { ...details, image_tokens: outputTokens },
    total_tokens: outputTokens === 0 ? 0 : outputTokens + 60,
  };
}

/** About four characters per token, and at least one. */
export function countTokens(value: unknown): number {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return Math.max(1, Math.ceil(text.length / 4));
}

/** In characters: 16 tokens. */
const cachedStep = 64;

/** Earlier prompts by cache key. What a prompt has in common with the beginning of the one before is cached. */
export class PromptCache {
  private readonly seen = new Map<string, number[]>();
  private static readonly limit = 1000;

  /** How many tokens of the prompt are cached. Stores it for the next request. */
  use(key: string | undefined, prompt: string): number {
    if (key === undefined) return 0;
    const before = this.seen.get(key) ?? [];
    const now = hashesOf(prompt);
    this.seen.delete(key);
    this.seen.set(key, now);
    if (this.seen.size > PromptCache.limit) this.seen.delete(this.seen.keys().next().value!);
    const other = before.findIndex((hash, at) => hash !== now[at]);
    const steps = other < 0 ? before.length : other;
    return Math.floor(Math.min(steps * cachedStep, prompt.length) / 4);
  }
}

/** Of each step of the text. */
function hashesOf(text: string): number[] {
  const steps = Math.ceil(text.length / cachedStep);
  return Array.from({ length: steps }, (_, at) =>
    Bun.hash.xxHash32(text.slice(at * cachedStep, (at + 1) * cachedStep)),
  );
}

const thoughtTokens: Record<string, number> = { low: 16, medium: 32, high: 64, xhigh: 128, max: 256 };

export function usageFor(
  inputTokens: number,
  cachedTokens: number,
  made: ModelOutput[],
  effort: unknown,
): Fields {
  const thought = made.some(({ kind }) => kind === 'reasoning') ? (thoughtTokens[String(effort)] ?? 32) : 0;
  const shown = made.filter(({ kind }) => kind !== 'reasoning');
  const output = thought + (shown.length === 0 ? 0 : countTokens(shown.map(wordsOf).join(' ')));
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cache_write_tokens: 0, cached_tokens: cachedTokens },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: thought },
    total_tokens: inputTokens + output,
  };
}

function wordsOf(made: ModelOutput): string {
  switch (made.kind) {
    case 'message':
      return made.text;
    case 'function_call':
    case 'custom_tool_call':
      return `${made.name} ${made.input}`;
    case 'web_search_call':
      return made.query;
    default:
      return made.kind;
  }
}
