// The history a client had compacted (reference/anthropic-api.md 15.2): it comes back as a system text, a marker line and
// a JSON array of input items. A client can write anything there, so only what compaction can yield is read.
import { type Fields, isObject, parsed } from '../../../responses/fields.ts';
import type { InputItem } from '../../../responses/request.ts';
import { invalid } from '../check.ts';

/** The line codexd and codex-as-api both begin it with. */
export const historyMarker = '[Remote Responses compacted history]\n';

/** In characters; what the upstream compacts a full window to is far below. */
const lengthLimit = 8 * 1024 * 1024;

/** The items of a system text that is a checkpoint; undefined for any other text. */
export function compactedItems(text: string, path: string): InputItem[] | undefined {
  if (!text.startsWith(historyMarker)) return undefined;
  if (text.length > lengthLimit) throw invalid(path, 'The compacted history is too long');
  const items = parsed(text.slice(historyMarker.length));
  if (Array.isArray(items) && items.length > 0 && items.every(isHistoryItem)) return items;
  throw invalid(path, 'The compacted history is not what `/v1/messages/compact` answered');
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
