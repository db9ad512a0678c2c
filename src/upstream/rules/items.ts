// Repairs input items so that the upstream accepts them. Reads only ids and the beginnings of parts, never whole texts.
// Valid items are not copied.
import { sha256 } from '../../base/sha256.ts';
import { isObject } from '../../responses/fields.ts';
import type { Dropped, InputItem } from '../../responses/request.ts';
import { normalizeDataUrl } from './data-url.ts';

export interface CheckedItems {
  input: InputItem[];
  dropped: Dropped[];
}

export function checkItems(given: InputItem[]): CheckedItems {
  const dropped: Dropped[] = [];
  let changed = false;
  const input = given.map((item, index) => {
    const checked = withParts(withPhase(withCallId(item), `input[${index}]`, dropped));
    changed ||= checked !== item;
    return checked;
  });
  return { input: changed ? input : given, dropped };
}

const legalId = /^[A-Za-z0-9_-]{1,64}$/;

/** Pure, so that a call and its output get the same id in every turn. */
function withCallId(item: InputItem): InputItem {
  const { call_id: id } = item as { call_id?: unknown };
  if (typeof id !== 'string' || legalId.test(id)) return item;
  const hash = sha256(id);
  return { ...item, call_id: `call_${hash.slice(0, 48)}` } as InputItem;
}

const phases = new Set<unknown>(['commentary', 'final_answer']);

function withPhase(item: InputItem, param: string, dropped: Dropped[]): InputItem {
  if (item.type !== 'message' || !('phase' in item) || phases.has(item.phase)) return item;
  const { phase, ...rest } = item;
  if (phase)
    dropped.push({ field: `${param}.phase`, why: 'The upstream does not know this phase.', hint: true });
  return rest as InputItem;
}

/** The data URLs of images and files. */
function withParts(item: InputItem): InputItem {
  const key = 'output' in item ? 'output' : 'content';
  const parts = (item as Record<string, unknown>)[key];
  if (!Array.isArray(parts)) return item;
  const checked = parts.map(withDataUrl);
  return checked.some((part, index) => part !== parts[index])
    ? ({ ...item, [key]: checked } as InputItem)
    : item;
}

function withDataUrl(part: unknown): unknown {
  if (!isObject(part)) return part;
  const key = part.type === 'input_image' ? 'image_url' : 'file_data';
  const url = part[key];
  if (typeof url !== 'string') return part;
  const plain = normalizeDataUrl(url);
  return plain === url ? part : { ...part, [key]: plain };
}
