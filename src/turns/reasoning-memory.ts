// Keeps the encrypted reasoning of recent answers in memory, for APIs that have no field for it: without it, agents lose
// their train of thought with every tool call. Never written to disk.
import type { Step } from './step.ts';

export interface MemoryLimits {
  steps: number;
  bytes: number;
  /** Since a step was last used. */
  ttlMs: number;
}

/** A step's reasoning takes a few KB; a coding agent makes several hundred steps in an afternoon. */
export const memoryLimits: MemoryLimits = { steps: 10_000, bytes: 32 * 1024 * 1024, ttlMs: 6 * 3_600_000 };

/** The upstream refuses reasoning of another account or model, and callers must not see each other's. */
export interface ReasoningOwner {
  account: string;
  /** The name of the API key. */
  caller: string;
  model: string;
}

/** The reasoning of one owner. */
export interface ReasoningStore {
  find(key: string): Step | undefined;
  /** `ids` are the upstream's and unique. A `position` that already has a step keeps it. */
  add(step: Step, ids: string[], position: string | undefined): void;
  forget(step: Step): void;
}

interface Entry {
  step: Step;
  keys: string[];
  bytes: number;
  usedAtMs: number;
}

/** An entry's memory besides its texts. */
const overheadBytes = 500;

export class ReasoningMemory {
  readonly #byKey = new Map<string, Entry>();
  /** Least recently used first. */
  readonly #entries = new Set<Entry>();
  #bytes = 0;

  constructor(
    private readonly limits: MemoryLimits,
    private readonly nowMs: () => number,
  ) {}

  get size(): number {
    return this.#entries.size;
  }

  storeFor({ account, caller, model }: ReasoningOwner): ReasoningStore {
    const owner = JSON.stringify([account, caller, model]);
    const scoped = (key: string) => owner + key;
    return {
      find: (key) => this.#find(scoped(key)),
      add: (step, ids, position) => {
        const taken = position === undefined || this.#find(scoped(position)) !== undefined;
        this.#add(step, [...ids, ...(taken ? [] : [position])].map(scoped));
      },
      forget: (step) => {
        for (const entry of this.#entries) if (entry.step === step) this.#remove(entry);
      },
    };
  }

  #find(key: string): Step | undefined {
    const entry = this.#byKey.get(key);
    if (entry === undefined) return undefined;
    if (this.#isExpired(entry)) {
      this.#remove(entry);
      return undefined;
    }
    entry.usedAtMs = this.nowMs();
    this.#entries.delete(entry);
    this.#entries.add(entry);
    return entry.step;
  }

  #add(step: Step, keys: string[]): void {
    const texts = [...keys, ...[...step.byId.values()].map((item) => item.encrypted_content)];
    const bytes = texts.reduce((sum, text) => sum + text.length, overheadBytes);
    const entry: Entry = { step, keys, bytes, usedAtMs: this.nowMs() };
    this.#entries.add(entry);
    this.#bytes += bytes;
    for (const key of keys) this.#byKey.set(key, entry);
    for (const oldest of this.#entries) {
      const isFull = this.#entries.size > this.limits.steps || this.#bytes > this.limits.bytes;
      if (!isFull && !this.#isExpired(oldest)) return;
      this.#remove(oldest);
    }
  }

  #remove(entry: Entry): void {
    this.#entries.delete(entry);
    this.#bytes -= entry.bytes;
    for (const key of entry.keys) if (this.#byKey.get(key) === entry) this.#byKey.delete(key);
  }

  #isExpired({ usedAtMs }: Entry): boolean {
    return this.nowMs() - usedAtMs > this.limits.ttlMs;
  }
}
