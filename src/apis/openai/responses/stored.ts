// Stored responses and their input as clients read them (docs/wire/openai.md#stored-responses).
import { type Fields, isSet } from '../../../responses/fields.ts';
import type { OutputItem, ResponsesResponse } from '../../../responses/response.ts';
import { invalid, quoted } from '../check.ts';

const encryptedReasoning = 'reasoning.encrypted_content';

/** The values of `include` in a query. SDKs write lists as `include[]=a`, `include[0]=a` or `include=a,b`. */
export function includedBy(query: URLSearchParams): ReadonlySet<string> {
  const named = [...query].filter(([name]) => /^include(\[\d*\])?$/.test(name));
  return new Set(named.flatMap(([, value]) => value.split(',')));
}

export function shownResponse(
  response: ResponsesResponse,
  output: readonly OutputItem[],
  included: ReadonlySet<string>,
): ResponsesResponse {
  return { ...response, output: output.map((item) => shownItem(item as Fields, included) as OutputItem) };
}

function shownItem(item: Fields, included: ReadonlySet<string>): Fields {
  if (item.type !== 'reasoning' || included.has(encryptedReasoning)) return item;
  const { encrypted_content: _, ...rest } = item;
  return rest;
}

const prefixes: Record<string, string> = {
  message: 'msg',
  function_call: 'fc',
  function_call_output: 'fco',
  custom_tool_call: 'ctc',
  custom_tool_call_output: 'ctco',
  reasoning: 'rs',
};

/** An input item in a list. Clients page by ids, so an item without an id always gets the same one. */
export function listedItem(
  item: Fields,
  index: number,
  responseId: string,
  included: ReadonlySet<string>,
): Fields {
  const { type = 'message', id, content, ...rest } = item;
  const prefix = prefixes[String(type)] ?? 'item';
  const own = typeof id === 'string' ? id : `${prefix}_${responseId.replace(/^resp_/, '')}_${index}`;
  const isText = typeof content === 'string';
  const partType = rest.role === 'assistant' ? 'output_text' : 'input_text';
  return shownItem(
    {
      id: own,
      type,
      ...(type === 'message' ? { status: 'completed' } : {}),
      ...rest,
      ...(isSet(content) ? { content: isText ? [{ type: partType, text: content }] : content } : {}),
    },
    included,
  );
}

export interface ItemPage {
  object: 'list';
  data: Fields[];
  first_id: string | null;
  last_id: string | null;
  has_more: boolean;
}

/** A page of items, the newest first unless the query requests otherwise. */
export function pageOf(items: readonly Fields[], query: URLSearchParams): ItemPage {
  const order = choiceOf(query, 'order', ['desc', 'asc']);
  const limit = limitOf(query.get('limit'));
  const sorted = order === 'asc' ? items : items.toReversed();
  const after = query.get('after');
  const at = after === null ? -1 : sorted.findIndex(({ id }) => id === after);
  if (after !== null && at === -1) {
    throw invalid('after', `There is no input item with id '${quoted(after)}'.`, 'invalid_value');
  }
  const data = sorted.slice(at + 1, at + 1 + limit);
  const idOf = (item: Fields | undefined) => (item === undefined ? null : String(item.id));
  return {
    object: 'list',
    data,
    first_id: idOf(data[0]),
    last_id: idOf(data.at(-1)),
    has_more: at + 1 + limit < sorted.length,
  };
}

function limitOf(text: string | null): number {
  const limit = text === null ? 20 : Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= 100) return limit;
  throw invalid('limit', '`limit` must be an integer from 1 to 100.', 'invalid_value');
}

function choiceOf(query: URLSearchParams, name: string, choices: readonly [string, ...string[]]): string {
  const value = query.get(name) ?? choices[0];
  if (choices.includes(value)) return value;
  throw invalid(name, `\`${name}\` must be \`${choices.join('` or `')}\`.`, 'invalid_value');
}
