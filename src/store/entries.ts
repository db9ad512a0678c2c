// Texts stored by key: in memory, in a SQLite file or in Redis. Each is stored until it expires or its space is needed.

export interface Entry {
  key: string;
  text: string;
}

export interface EntryLimits {
  /** Since the last use. */
  ttlMs: number;
  entries: number;
  bytes: number;
}

/** Rejects with a Failure if it cannot be used. */
export interface Entries {
  /** Whether the store can be used now; never rejects. */
  isReady(): Promise<boolean>;
  /** Replaces entries with the same keys. If it fails, the last entry is not stored. */
  set(entries: readonly Entry[]): Promise<void>;
  /** The texts in the order of the keys; undefined for unknown ones. Counts as a use of each. */
  get(keys: readonly string[]): Promise<(string | undefined)[]>;
  delete(keys: readonly string[]): Promise<void>;
  close(): Promise<void>;
}
