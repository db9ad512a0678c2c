// Resolves references to earlier responses. Their items are sent again exactly as by a client that keeps the history
// itself (docs/wire/openai.md#previous-response).
import type { Failure } from '../../../failure.ts';
import { type Fields, isObject, isSet } from '../../../responses/fields.ts';
import { hasType, type OutputItem } from '../../../responses/response.ts';
import { invalid, quoted } from '../check.ts';

/**
 * The response that the request continues. A chat completion and its response have the same id, with different
 * prefixes.
 */
export function previousIdOf(body: Fields): string | undefined {
  const id = body.previous_response_id;
  return typeof id === 'string' && id !== '' ? id.replace(/^chatcmpl-/, 'resp_') : undefined;
}

export function previousNotFound(id: unknown, why = 'not found'): Failure {
  return invalid(
    'previous_response_id',
    `Previous response with id '${quoted(id)}' ${why}.`,
    'previous_response_not_found',
    'Send the whole history in `input`.',
  );
}

/** The ids by which items refer to earlier ones: references, and reasoning without its content. */
export function referencedIds(items: unknown): string[] {
  if (!Array.isArray(items)) return [];
  return items.flatMap((item: unknown) => {
    if (!isObject(item) || typeof item.id !== 'string') return [];
    const isReference =
      item.type === 'item_reference' ||
      (item.type === undefined && item.role === undefined) ||
      (item.type === 'reasoning' && !item.encrypted_content);
    return isReference ? [item.id] : [];
  });
}

/**
 * An output item as its client would send it again. Without `encrypted_content` a client sends only the id of its
 * reasoning, which is then restored without a summary.
 */
export function replayedItem(item: OutputItem, showsEncrypted: boolean): Fields {
  if (hasType(item, 'reasoning')) {
    const { id, type, encrypted_content } = item;
    return { id, type, summary: showsEncrypted ? (item.summary ?? []) : [], encrypted_content };
  }
  if (!hasType(item, 'message')) return { ...item };
  const { id, type, role, content, phase } = item;
  const parts = (content ?? []).map((part) =>
    part.type === 'output_text' ? { type: part.type, text: part.text } : part,
  );
  return { id, type, role, content: parts, ...(isSet(phase) ? { phase } : {}) };
}

/** An output item as Codex sends it again over HTTP, with the turn that it belongs to. */
export function codexItem(item: OutputItem, turnId: string | undefined): Fields {
  if (turnId === undefined || item.type === 'compaction') return { ...item };
  const kinds = hasType(item, 'message') ? { content_item_kinds: ['unknown'] } : {};
  const own = hasType(item, 'reasoning') ? replayedItem(item, true) : item;
  return { ...own, internal_chat_message_metadata_passthrough: { ...kinds, turn_id: turnId } };
}

/**
 * How many items at the beginning of the input repeat the history: some clients send the whole history and the id.
 * Reasoning does not count, because clients may omit it.
 */
export function repeatedLength(history: readonly Fields[], input: readonly unknown[]): number {
  const expected = history.filter(({ type }) => type !== 'reasoning').map(essence);
  if (expected.length === 0) return 0;
  let matched = 0;
  for (const [index, item] of input.entries()) {
    if (!isObject(item)) return 0;
    if (item.type === 'reasoning') continue;
    if (essence(item) !== expected[matched]) return 0;
    matched += 1;
    if (matched === expected.length) return index + 1;
  }
  return 0;
}

/** The part of an item that is the same however a client writes it. */
function essence(item: Fields): string {
  const { type = 'message', role, content, call_id, output, id } = item;
  if (type !== 'message') return JSON.stringify([type, call_id ?? id, output]);
  const parts = typeof content === 'string' ? [content] : Array.isArray(content) ? content : [];
  return JSON.stringify([role, parts.map((part: unknown) => (isObject(part) ? (part.text ?? part) : part))]);
}
