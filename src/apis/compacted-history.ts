// A compacted conversation as a text that a client keeps in place of its history (codex-as-api's checkpoint): a marker line
// and a JSON array of input items. It comes back as a system text. A client can write anything there, so only what
// compaction can yield is read.
import { Failure } from '../failure.ts';
import { type Fields, isObject, parsed } from '../responses/fields.ts';
import type { InputItem } from '../responses/request.ts';
import type { ResponsesResponse } from '../responses/response.ts';

/** Asks the upstream for a compaction in place of an answer: the last item of an ordinary turn. */
export const compactionTrigger = { type: 'compaction_trigger' } as const;

/** What must go upstream beside the trigger. */
export const compactionHeaders = { 'x-codex-beta-features': 'remote_compaction_v2' };

/** The line codexd and codex-as-api both begin it with. */
const historyMarker = '[Remote Responses compacted history]\n';

/** In characters; what the upstream compacts a full window to is far below. */
const lengthLimit = 8 * 1024 * 1024;

/** The compaction in a response to a trigger, which has exactly one. */
export function compactionOf({ output = [] }: ResponsesResponse): {
  id: string | undefined;
  encrypted_content: string;
} {
  const items = output.filter(({ type }) => type === 'compaction') as Fields[];
  const { id, encrypted_content } = items[0] ?? {};
  if (items.length !== 1 || typeof encrypted_content !== 'string') {
    throw new Failure('upstream_broke', 'The upstream did not answer with one compacted history.', {
      code: 'upstream_error',
    });
  }
  return { id: typeof id === 'string' ? id : undefined, encrypted_content };
}

/** What the client keeps in place of its history, and sends back as a system text. */
export function checkpointOf(response: ResponsesResponse): { checkpoint: string } {
  const { encrypted_content } = compactionOf(response);
  return { checkpoint: historyMarker + JSON.stringify([{ type: 'compaction', encrypted_content }]) };
}

/** The items of a system text that is a checkpoint; undefined for any other text. `refuse` makes the failure for one that is not valid. */
export function compactedItems(text: string, refuse: (why: string) => Failure): InputItem[] | undefined {
  if (!text.startsWith(historyMarker)) return undefined;
  if (text.length > lengthLimit) throw refuse('The compacted history is too long');
  const items = parsed(text.slice(historyMarker.length));
  if (Array.isArray(items) && items.length > 0 && items.every(isHistoryItem)) return items;
  throw refuse('The compacted history is not one that a compact route returned');
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
