// Entries in memory, outside the heap: the bytes counted are the bytes used.
import type { Entries, Entry, EntryLimits } from './entries.ts';
import { checkFits } from './limits.ts';

interface Kept {
  bytes: Uint8Array;
  usedAtMs: number;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class MemoryEntries implements Entries {
  /** Least recently used first. */
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  constructor(
    private readonly limits: EntryLimits,
    private readonly nowMs: () => number,
  ) {}

  get size(): { entries: number; bytes: number } {
    return { entries: this.#kept.size, bytes: this.#bytes };
  }

  async isReady(): Promise<boolean> {
    return true;
  }

  async set(entries: readonly Entry[]): Promise<void> {
    const encoded = entries.map(({ key, text }) => ({ key, bytes: encoder.encode(text) }));
    checkFits(
      encoded.map(({ bytes }) => bytes.length),
      this.limits,
    );
    for (const { key, bytes } of encoded) {
      this.#remove(key);
      this.#kept.set(key, { bytes, usedAtMs: this.nowMs() });
      this.#bytes += bytes.length;
    }
    this.#makeRoom();
  }

  async get(keys: readonly string[]): Promise<(string | undefined)[]> {
    return keys.map((key) => {
      const kept = this.#kept.get(key);
      if (kept === undefined) return undefined;
      this.#kept.delete(key);
      if (this.#isExpired(kept)) {
        this.#bytes -= kept.bytes.length;
        return undefined;
      }
      this.#kept.set(key, { ...kept, usedAtMs: this.nowMs() });
      return decoder.decode(kept.bytes);
    });
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.#remove(key);
  }

  async close(): Promise<void> {
    this.#kept.clear();
    this.#bytes = 0;
  }

  #makeRoom(): void {
    for (const [key, oldest] of this.#kept) {
      const isFull = this.#kept.size > this.limits.entries || this.#bytes > this.limits.bytes;
      if (!isFull && !this.#isExpired(oldest)) return;
      this.#remove(key);
    }
  }

  #remove(key: string): void {
    this.#bytes -= this.#kept.get(key)?.bytes.length ?? 0;
    this.#kept.delete(key);
  }

  #isExpired({ usedAtMs }: Kept): boolean {
    return this.nowMs() - usedAtMs > this.limits.ttlMs;
  }
}
