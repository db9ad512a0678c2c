// Earlier responses, for requests that refer to them by id. Only its owner can read a response. A response is one entry
// and each of its output items another, because items are referred to by their own ids.
import { asFailure } from '../failure.ts';
import type { Log } from '../log.ts';
import { type Fields, isObject, parsed } from '../responses/fields.ts';
import type { OutputItem, ResponsesResponse } from '../responses/response.ts';
import type { Entries, Entry } from './entries.ts';

export interface StoredItem {
  item: OutputItem;
  /** Whether its client sees `encrypted_content`, which is always stored. */
  showsEncrypted: boolean;
}

export interface StoredResponse {
  /** As its client got it, without the output. */
  response: ResponsesResponse;
  output: StoredItem[];
  /** The request's own items. Earlier output may appear as `item_reference`. */
  input: Fields[];
  /** The ids of the responses that it continues, oldest first. */
  previous: readonly string[];
  /** Characters of JSON, including the responses that it continues. */
  size: number;
}

/** A response's entry. Its output items have their own entries. */
interface StoredRecord extends Omit<StoredResponse, 'output'> {
  outputIds: string[];
}

/** No response has a longer id. */
const longestId = 256;

/** Looks up earlier responses in one store, or in several, one after another. */
export type StoredResponses = Pick<ResponseStore, 'find' | 'items'>;

export class ResponseStore {
  constructor(
    private readonly entries: Entries,
    private readonly log: Log,
  ) {}

  /** Whether responses can be stored now. */
  isReady(): Promise<boolean> {
    return this.entries.isReady();
  }

  /** Whether it was stored. A failure is logged: the turn itself has succeeded. */
  async save(owner: string, stored: Omit<StoredResponse, 'size'>, previousSize: number): Promise<boolean> {
    try {
      await this.entries.set(entriesOf(owner, stored, previousSize));
      return true;
    } catch (thrown) {
      const { id } = stored.response;
      this.log.warn('a response could not be stored', { response: id, why: asFailure(thrown).message });
      return false;
    }
  }

  /** In the order of the ids; undefined for an unknown id. */
  async find(owner: string, ids: readonly string[]): Promise<(StoredResponse | undefined)[]> {
    const records = await this.#read<StoredRecord>(ids, (id) => responseKey(owner, id));
    const items = await this.items(
      owner,
      [...records.values()].flatMap(({ outputIds }) => outputIds),
    );
    return ids.map((id) => {
      const { outputIds, ...rest } = records.get(id) ?? {};
      const output = outputIds?.flatMap((itemId) => items.get(itemId) ?? []);
      const isWhole = output !== undefined && output.length === outputIds?.length;
      return isWhole ? ({ ...rest, output } as StoredResponse) : undefined;
    });
  }

  /** Output items by their ids. */
  items(owner: string, ids: readonly string[]): Promise<Map<string, StoredItem>> {
    return this.#read<StoredItem>(ids, (id) => itemKey(owner, id));
  }

  /** Whether the response existed. */
  async remove(owner: string, id: string): Promise<boolean> {
    const [stored] = await this.find(owner, [id]);
    if (stored === undefined) return false;
    const items = stored.output.map(({ item }) => itemKey(owner, item.id));
    await this.entries.delete([responseKey(owner, id), ...items]);
    return true;
  }

  close(): Promise<void> {
    return this.entries.close();
  }

  async #read<T>(ids: readonly string[], keyOf: (id: string) => string): Promise<Map<string, T>> {
    const uniqueIds = [...new Set(ids)].filter((id) => id.length <= longestId);
    if (uniqueIds.length === 0) return new Map();
    const texts = await this.entries.get(uniqueIds.map(keyOf));
    return new Map(
      uniqueIds.flatMap((id, index): [string, T][] => {
        const value = parsed(texts[index] ?? '');
        return isObject(value) ? [[id, value as T]] : [];
      }),
    );
  }
}

/** The response is written last: if it exists, so do its items. */
function entriesOf(owner: string, stored: Omit<StoredResponse, 'size'>, previousSize: number): Entry[] {
  const { output, ...rest } = stored;
  const items = output.map((each) => entryOf(itemKey(owner, each.item.id), each));
  const ownSize = items.reduce((sum, { text }) => sum + text.length, JSON.stringify(rest).length);
  const record: StoredRecord = {
    ...rest,
    outputIds: output.map(({ item }) => item.id),
    size: previousSize + ownSize,
  };
  return [...items, entryOf(responseKey(owner, rest.response.id), record)];
}

function entryOf(key: string, value: object): Entry {
  return { key, text: JSON.stringify(value) };
}

function responseKey(owner: string, id: string): string {
  return `${owner}:response:${id}`;
}

function itemKey(owner: string, id: string): string {
  return `${owner}:item:${id}`;
}
