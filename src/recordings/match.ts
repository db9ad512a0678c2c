// Which recording answers a request: one of the same request, apart from what differs in every run.
import { isObject } from '../base/object.ts';
import type { RecordedRequest } from './recording.ts';
import { scrubBody } from './scrub.ts';

/** The request without what is new in every run: ids that Codex gives to its items, and its times. */
export function comparable({ method, path, body }: RecordedRequest): unknown {
  const scrubbed = scrubBody(body);
  if (!isObject(scrubbed) || !Array.isArray(scrubbed.input)) return { method, path, body: scrubbed };
  return { method, path, body: { ...scrubbed, input: scrubbed.input.map(withoutOwnId) } };
}

function withoutOwnId(item: unknown): unknown {
  if (!isObject(item)) return item;
  const { id: _, internal_chat_message_metadata_passthrough: __, ...rest } = item;
  return rest;
}

/** Equal for equal values, whatever the order of their keys. */
export function keyOf(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    isObject(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}

/** The paths of the fields that differ, e.g. `body.input[1].content`. */
export function differences(a: unknown, b: unknown, path = ''): string[] {
  if (isObject(a) && isObject(b)) {
    const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
    return keys.flatMap((key) => differences(a[key], b[key], path === '' ? key : `${path}.${key}`));
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    const length = Math.max(a.length, b.length);
    return Array.from({ length }, (_, index) => differences(a[index], b[index], `${path}[${index}]`)).flat();
  }
  return keyOf(a) === keyOf(b) ? [] : [path];
}
