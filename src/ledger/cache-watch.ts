// Watches the upstream's prompt cache: how much of each turn's input was cached, and where a prompt stopped being the
// continuation of the one before.

import { hashOf, type PromptOutline } from '../turns/prompt-outline.ts';
import type { CallRecord } from '../turns/record.ts';
import { type CountedNames, namesOf } from './counts.ts';
import { commonLength, type Difference, firstDifference, lengthOf } from './prefix.ts';

export interface CacheLoss {
  /** Input tokens that were in the turn before and are not cached now. */
  lostTokens: number;
  /** Undefined if the prompt continues the one before, so that the upstream has dropped it. */
  difference: Difference | undefined;
  /** Since the turn before. */
  idleMs: number;
}

/** A turn of a conversation. */
export interface CacheTurn {
  atMs: number;
  /** A hash. */
  conversation: string;
  names: CountedNames;
  inputTokens: number;
  cachedTokens: number;
  loss: CacheLoss | undefined;
}

interface Thread {
  outline: PromptOutline;
  inputTokens: number;
  cachedTokens: number;
  atMs: number;
}

/** The least recently used are forgotten; the outline of a long conversation takes up to 100 KB. */
const maxConversations = 128;
/** Agents send other prompts in the same session: titles, summaries, subagents. */
const maxThreads = 4;
/** The upstream caches from 1024 tokens on, in steps of 128 (https://platform.openai.com/docs/guides/prompt-caching). */
const leastLoss = 1024;
const leastShare = 0.1;
const recentMs = 3_600_000;

export class CacheWatch {
  /** The least recently used first. */
  readonly #conversations = new Map<string, Thread[]>();

  constructor(
    private readonly nowMs: () => number,
    private readonly sinks: readonly ((turn: CacheTurn) => void)[],
  ) {}

  /** Observes calls. */
  readonly observe = (record: CallRecord): void => {
    const { prompt, usage } = record;
    if (prompt === undefined || usage === undefined || usage.input_tokens === 0) return;
    const atMs = this.nowMs();
    const names = namesOf(record);
    const conversation = idOf(prompt.session, names);
    const thread: Thread = {
      ...{ outline: prompt, atMs, inputTokens: usage.input_tokens },
      cachedTokens: usage.input_tokens_details?.cached_tokens ?? 0,
    };
    const before = this.#replace(conversation, thread);
    const { inputTokens, cachedTokens } = thread;
    const loss = before && lossOf(before, thread);
    for (const note of this.sinks)
      note({ ...{ atMs, conversation, names, inputTokens, cachedTokens, loss } });
  };

  /** The cached share of the input of each conversation's latest turn, in the last hour; undefined without one. */
  share(): number | undefined {
    const since = this.nowMs() - recentMs;
    const recent = [...this.#conversations.values()]
      .flatMap((threads) => threads.slice(-1))
      .filter(({ atMs }) => atMs >= since);
    const input = recent.reduce((sum, { inputTokens }) => sum + inputTokens, 0);
    return input === 0 ? undefined : recent.reduce((sum, { cachedTokens }) => sum + cachedTokens, 0) / input;
  }

  /** Remembers the turn, and returns the one that it continues. */
  #replace(conversation: string, thread: Thread): Thread | undefined {
    const threads = this.#conversations.get(conversation) ?? [];
    const before = continued(threads, thread);
    const kept = [...threads.filter((one) => one !== before), thread].slice(-maxThreads);
    this.#conversations.delete(conversation);
    this.#conversations.set(conversation, kept);
    if (this.#conversations.size > maxConversations) {
      const [oldest] = this.#conversations.keys();
      if (oldest !== undefined) this.#conversations.delete(oldest);
    }
    return before;
  }
}

/** The turn with the longest common beginning. With none, a much shorter prompt is another thread. */
function continued(threads: readonly Thread[], { outline }: Thread): Thread | undefined {
  const [best] = threads
    .map((thread) => ({
      thread,
      common: commonLength(thread.outline, outline),
      length: lengthOf(thread.outline),
    }))
    .sort((a, b) => b.common - a.common || b.length - a.length);
  if (best === undefined) return undefined;
  return best.common > 0 || lengthOf(outline) * 2 >= best.length ? best.thread : undefined;
}

function lossOf(before: Thread, now: Thread): CacheLoss | undefined {
  const expected = Math.min(before.inputTokens, now.inputTokens);
  const lostTokens = expected - now.cachedTokens;
  if (lostTokens < Math.max(leastLoss, expected * leastShare)) return undefined;
  return {
    lostTokens,
    difference: firstDifference(before.outline, now.outline),
    idleMs: Math.max(0, now.atMs - before.atMs),
  };
}

function idOf(session: string, { model, key }: CountedNames): string {
  return hashOf(JSON.stringify([session, model, key]))
    .toString(16)
    .padStart(8, '0');
}
