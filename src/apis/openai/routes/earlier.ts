// Looks up the earlier responses that a request refers to: the conversation it continues, and items by their ids.
import { Failure } from '../../../failure.ts';
import { type Fields, isObject, isSet } from '../../../responses/fields.ts';
import type { EarlierItems, RequestContext } from '../../../responses/translator.ts';
import type { Exchange } from '../../../server/exchange.ts';
import type { StoredItem, StoredResponse, StoredResponses } from '../../../store/response-store.ts';
import type { RunningResponses } from '../../../store/running-responses.ts';
import type { ApiServices } from '../../services.ts';
import { previousIdOf, previousNotFound, referencedIds, replayedItem } from '../responses/history.ts';

/** What a translator may know about a request, including the earlier responses it refers to. */
export async function contextWithEarlier(
  body: unknown,
  exchange: Exchange,
  { turns, responses, bodyLimitBytes }: Pick<ApiServices, 'turns' | 'responses' | 'bodyLimitBytes'>,
): Promise<RequestContext> {
  const owner = responses.ownerOf(exchange.caller);
  const earlier = await findEarlier(body, owner, responses, bodyLimitBytes);
  return { ...turns.contextOf(exchange), ...(earlier === undefined ? {} : { earlier }) };
}

/** Undefined if the body refers to nothing or the translator refuses it. Rejects with a Failure. */
export async function findEarlier(
  body: unknown,
  owner: string,
  { store, running }: { store: StoredResponses | undefined; running: RunningResponses },
  limit: number,
): Promise<EarlierItems | undefined> {
  if (!isObject(body) || store === undefined) return undefined;
  const id = previousIdOf(body);
  if (id === undefined && isSet(body.previous_response_id)) return undefined;
  if (id !== undefined && running.find(owner, id) !== undefined) throw previousNotFound(id, 'is in progress');
  const chain = id === undefined ? [] : await chainOf(id, owner, store, limit);
  const references = [...chain.flatMap(({ input }) => referencedIds(input)), ...referencedIds(body.input)];
  if (id === undefined && references.length === 0) return undefined;
  const items = await store.items(owner, references);
  const size = chain.at(-1)?.size ?? 0;
  checkSize(size + sizeOf(references, items), limit);
  const byId = new Map([...items].map(([itemId, stored]): [string, Fields] => [itemId, replayed(stored)]));
  return {
    history: chain.flatMap(({ input, output }) => [...input, ...output.map(replayed)]),
    byId,
    previous: chain.map(({ response }) => response.id),
    size,
  };
}

async function chainOf(
  id: string,
  owner: string,
  store: StoredResponses,
  limit: number,
): Promise<StoredResponse[]> {
  const [last] = await store.find(owner, [id]);
  if (last === undefined) throw previousNotFound(id);
  const { status } = last.response;
  if (status !== 'completed' && status !== 'incomplete') {
    throw previousNotFound(id, status === 'failed' ? 'failed, so nothing can follow it' : `was ${status}`);
  }
  checkSize(last.size, limit);
  const before = await store.find(owner, last.previous);
  const missing = before.indexOf(undefined);
  if (missing !== -1) throw previousNotFound(id, `continues '${last.previous[missing]}', which is not found`);
  return [...(before as StoredResponse[]), last];
}

/** Counts every reference: a short request must not become an endless one. */
function sizeOf(references: readonly string[], items: ReadonlyMap<string, StoredItem>): number {
  const sizes = new Map([...items].map(([id, { item }]) => [id, JSON.stringify(item).length]));
  return references.reduce((sum, id) => sum + (sizes.get(id) ?? 0), 0);
}

/** Same limit as for the body of a client that sends the whole conversation. */
function checkSize(size: number, limit: number): void {
  if (size <= limit) return;
  throw new Failure('too_large', `The stored conversation is larger than ${limit} bytes.`, {
    code: 'payload_too_large',
    advice: 'Compact it or start a new one, or raise `server.json_limit_mb`.',
  });
}

function replayed({ item, showsEncrypted }: StoredItem): Fields {
  return replayedItem(item, showsEncrypted);
}
