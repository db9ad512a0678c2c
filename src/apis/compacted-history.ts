// A compacted conversation as text that a client keeps instead of its history (codex-as-api's checkpoint): a marker line and a
// JSON array of input items. It comes back as a system message. Since a client can write anything there, only items that a
// compaction can return are accepted.
import { Failure } from '../failure.ts';
import { type Fields, isObject, parsed } from '../responses/fields.ts';
import type { InputItem } from '../responses/request.ts';
import type { ResponsesResponse } from '../responses/response.ts';

/** As the last item of a turn, requests a compaction instead of an answer. */
export const compactionTrigger = { type: 'compaction_trigger' } as const;

/** Required with the trigger. */
export const compactionHeaders = { 'x-codex-beta-features': 'remote_compaction_v2' };

/** The first line, the same as in codex-as-api. */
const historyMarker = '[Remote Responses compacted history]\n';

/** In characters; far above the size of a compacted full window. */
const lengthLimit = 8 * 1024 * 1024;

/** The compaction in a response, which must contain exactly one. */
export function compactionOf({ output = [] }: ResponsesResponse): {
  id: string | undefined;
  encrypted_content: string;
} {
  const items = output.filter(({ type }) => type === 'compaction') as Fields[];
  const { id, encrypted_content } = items[0] ?? {};
  if (items.length !== 1 || typeof encrypted_content !== 'string') {
    throw new Failure('upstream_broke', 'The upstream did not return a compacted history.', {
      code: 'upstream_error',
    });
  }
  return { id: typeof id === 'string' ? id : undefined, encrypted_content };
}

/** What the client keeps instead of its history and sends back as a system message. */
export function checkpointOf(response: ResponsesResponse): { checkpoint: string } {
  const { encrypted_content } = compactionOf(response);
  return { checkpoint: historyMarker + JSON.stringify([{ type: 'compaction', encrypted_content }]) };
}

/** The items of a checkpoint; undefined for any other text. `refuse` creates the failure for an invalid one. */
export function compactedItems(text: string, refuse: (why: string) => Failure): InputItem[] | undefined {
  if (!text.startsWith(historyMarker)) return undefined;
  if (text.length > lengthLimit) throw refuse('The compacted history is too long');
  const items = parsed(text.slice(historyMarker.length));
  if (Array.isArray(items) && items.length > 0 && items.every(isHistoryItem)) return items;
  throw refuse('The compacted history was not returned by a compact route');
}

function isHistoryItem(item: unknown): item is InputItem {
  if (!isObject(item)) return false;
  if (item.type === 'compaction') return hasOnly(item, { type: isText, encrypted_content: isText });
  const isRole = (role: unknown) => role === 'user' || role === 'assistant' || role === 'developer';
  const isContent = (content: unknown) => Array.isArray(content) && content.every(isPart);
  return item.type === 'message' && hasOnly(item, { type: isText, role: isRole, content: isContent });
}

function isPart(part: unknown): boolean {
  if (!isObject(part)) return false;
  if (part.type === 'input_image') return hasOnly(part, { type: isText, image_url: isText });
  return (
    (part.type === 'input_text' || part.type === 'output_text') &&
    hasOnly(part, { type: isText, text: isText })
  );
}

function hasOnly(fields: Fields, allowed: Record<string, (value: unknown) => boolean>): boolean {
  const members = Object.entries(allowed);
  return members.length === Object.keys(fields).length && members.every(([key, is]) => is(fields[key]));
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}
