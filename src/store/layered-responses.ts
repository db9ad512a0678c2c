// Looks up responses in several stores, each with an owner of its own: first those of a connection, then the shared ones.
import type { ResponseStore, StoredItem, StoredResponse, StoredResponses } from './response-store.ts';

export interface Layer {
  store: ResponseStore;
  owner: string;
}

export class LayeredResponses implements StoredResponses {
  constructor(private readonly layers: readonly Layer[]) {}

  async find(_owner: string, ids: readonly string[]): Promise<(StoredResponse | undefined)[]> {
    const found: (StoredResponse | undefined)[] = ids.map(() => undefined);
    for (const { store, owner } of this.layers) {
      const missing = [...found.keys()].filter((index) => found[index] === undefined);
      const more = await store.find(
        owner,
        missing.map((index) => ids[index] as string),
      );
      for (const [at, index] of missing.entries()) found[index] = more[at];
    }
    return found;
  }

  async items(_owner: string, ids: readonly string[]): Promise<Map<string, StoredItem>> {
    const found = new Map<string, StoredItem>();
    for (const { store, owner } of this.layers) {
      const more = await store.items(
        owner,
        ids.filter((id) => !found.has(id)),
      );
      for (const [id, item] of more) found.set(id, item);
    }
    return found;
  }
}
