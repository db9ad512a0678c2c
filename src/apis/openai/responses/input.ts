// Translates the input of a Responses request, item by item (docs/wire/openai.md#input-normalised, #ids-stripped). Ids are not sent:
// the upstream stores nothing and rejects them with a 404.

import { isLiteInput } from '../../../responses/codex-client.ts';
import { type Fields, isObject, isSet } from '../../../responses/fields.ts';
import type { InputItem, InputMessage } from '../../../responses/request.ts';
import { fields, invalid, optionalString, quoted } from '../check.ts';
import { assistantParts, inputParts } from '../content.ts';
import { callItem, chatCalls, checkPairs, outputItem, withCallId } from './calls.ts';
import { repeatedLength } from './history.ts';
import type { InputOptions } from './types.ts';

export interface ReadInput {
  /** The conversation that the request continues, and its own items. */
  input: InputItem[];
  /** The request's own items, as the client sent them. */
  ownInput: Fields[];
}

export function inputItems(given: unknown, options: InputOptions): ReadInput {
  const { history, areUnknown } = options.earlier;
  const items = listOf(given, history.length > 0 || areUnknown === true);
  const repeated = repeatedLength(history, items);
  const own = items.slice(repeated);
  const paramOf = (index: number) => `input[${index + repeated}]`;
  const ownInput = own.map((item, index) => fields(item, paramOf(index)));
  if (options.codex || isLiteInput([...history, ...own])) {
    return { input: codexItems([...history, ...ownInput]), ownInput };
  }
  const input = withoutDangling([
    ...history.flatMap((item) => orGap(itemsOf(item, historyParam, options))),
    ...ownInput.flatMap((item, index) => orGap(itemsOf(item, paramOf(index), options))),
  ]);
  if (input.length === 0 && areUnknown !== true) {
    throw invalid('input', '`input` contains nothing that can be sent upstream.', 'invalid_value');
  }
  if (areUnknown !== true) checkPairs(input);
  return { input, ownInput };
}

/** The conversation that a request continues, which comes before its messages. */
export function historyItems(options: InputOptions): InputItem[] {
  return options.earlier.history.flatMap((item) => itemsOf(item, historyParam, options));
}

/** The name for a dropped part of an earlier response. */
const historyParam = 'previous_response_id';

function listOf(input: unknown, mayBeEmpty: boolean): unknown[] {
  if (typeof input === 'string' && input !== '') {
    return [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: input }] }];
  }
  if (Array.isArray(input) && (input.length > 0 || mayBeEmpty)) return input;
  throw invalid('input', '`input` must be a text or a list of items, and not empty.', 'invalid_value');
}

/** Items from Codex stay unchanged, with their ids. */
function codexItems(items: Fields[]): InputItem[] {
  const kept = items.filter(({ type }) => type !== configurationUpdate);
  return kept.map((item) => (item.type === undefined ? { type: 'message', ...item } : item) as InputItem);
}

/** Marks an omitted item. */
const gap = Symbol('gap');

function orGap(items: InputItem[]): (InputItem | typeof gap)[] {
  return items.length === 0 ? [gap] : items;
}

/** Removes reasoning at the end if the item after it was omitted: the upstream requires that item. */
function withoutDangling(items: (InputItem | typeof gap)[]): InputItem[] {
  const kept = [...items];
  if (kept.at(-1) === gap) {
    for (let last = kept.at(-1); last === gap || last?.type === 'reasoning'; last = kept.at(-1)) kept.pop();
  }
  return kept.filter((item) => item !== gap);
}

function itemsOf(item: Fields, param: string, options: InputOptions): InputItem[] {
  const type = typeOf(item);
  switch (type) {
    case 'message':
      return message(item, param, options);
    case 'reasoning':
      return reasoning(item, param, options);
    case 'function_call':
    case 'custom_tool_call':
      return [callItem(type, item, param, options)];
    case 'function_call_output':
    case 'custom_tool_call_output':
      return [outputItem(type, item, item.call_id, param)];
    case 'item_reference':
      return reference(item, param, options);
    case 'image_generation_call':
      return generatedImage(item, param, options);
    default:
      return otherItem(item, type, param, options);
  }
}

/** Simple messages and references may have no type. */
function typeOf(item: Fields): string | undefined {
  if (typeof item.type === 'string') return item.type;
  if (typeof item.role === 'string') return 'message';
  return typeof item.id === 'string' ? 'item_reference' : undefined;
}

// --- messages ---

function message(item: Fields, param: string, options: InputOptions): InputItem[] {
  switch (item.role) {
    case 'user':
      return [inputMessage('user', item, param)];
    case 'developer':
    case 'system': // the upstream refuses this role
      return [inputMessage('developer', item, param)];
    case 'assistant':
      return assistantMessage(item, param, options);
    case 'tool': // in chat format
    case 'function':
      return [outputItem('function_call_output', { output: item.content }, item.tool_call_id, param)];
    default:
      throw invalid(
        `${param}.role`,
        `\`${param}.role\` must be \`user\`, \`assistant\`, \`developer\` or \`system\`.`,
        'invalid_value',
      );
  }
}

function inputMessage(role: 'user' | 'developer', item: Fields, param: string): InputMessage {
  return { type: 'message', role, content: inputParts(item.content, `${param}.content`) };
}

function assistantMessage(item: Fields, param: string, options: InputOptions): InputItem[] {
  const calls = chatCalls(item, param, options);
  if (calls.length > 0 && !isSet(item.content)) return calls;
  const content = assistantParts(item.content, `${param}.content`);
  const phase = optionalString(item.phase, `${param}.phase`);
  return [
    { type: 'message', role: 'assistant', content, ...(phase === undefined ? {} : { phase }) },
    ...calls,
  ];
}

// --- reasoning ---

/** The upstream needs the encrypted content, which only works with the same account and model. */
function reasoning(item: Fields, param: string, options: InputOptions): InputItem[] {
  const { id, encrypted_content, summary } = item;
  if (typeof encrypted_content !== 'string' || encrypted_content === '') {
    const known = typeof id === 'string' ? options.earlier.byId.get(id) : undefined;
    if (known !== undefined && known !== item) return itemsOf(known, param, options);
    if (isReasoningId(id)) return [{ type: 'item_reference', id, param }];
    options.dropped.push({ field: param, why: 'Reasoning without `encrypted_content` cannot be sent back.' });
    return [];
  }
  const parts = Array.isArray(summary) ? summary.filter(isObject) : [];
  return [
    {
      type: 'reasoning',
      summary: parts.map(({ text }) => ({
        type: 'summary_text',
        text: typeof text === 'string' ? text : '',
      })),
      encrypted_content,
    },
  ];
}

/** Whether the content may be in memory: clients that did not request `encrypted_content` send back only the id. */
function isReasoningId(id: unknown): id is string {
  return typeof id === 'string' && id.startsWith('rs_');
}

// --- everything else ---

/** Calls and outputs of tools that the client runs itself, also matched by `call_id`. */
const clientRun = new Set([
  'local_shell_call',
  'local_shell_call_output',
  'shell_call',
  'shell_call_output',
  'apply_patch_call',
  'apply_patch_call_output',
]);

/**
 * Repeats `reasoning.effort`. Codex sends it to providers named OpenAI, but not to the upstream itself.
 */
const configurationUpdate = 'configuration_update';

const untouched = new Set(['compaction', 'compaction_trigger', 'program', 'program_output']);

/** Results of tools that the upstream ran. It would need their ids, which it does not store. */
const hosted =
  /^(web_search_call|file_search_call|code_interpreter_call|mcp_\w+|computer_\w+|tool_search_\w+)$/;

function otherItem(
  item: Fields,
  type: string | undefined,
  param: string,
  options: InputOptions,
): InputItem[] {
  if (type !== undefined) {
    if (untouched.has(type)) return [item as InputItem];
    if (type === configurationUpdate) return [];
    if (clientRun.has(type)) return [withCallId(item, param)];
    if (hosted.test(type)) return omit(param, type, options);
  }
  throw invalid(
    `${param}.type`,
    type === undefined ? `\`${param}.type\` is required.` : `Unknown input item type \`${quoted(type)}\`.`,
    type === undefined ? 'missing_required_parameter' : 'invalid_value',
  );
}

function omit(param: string, type: string, { dropped }: InputOptions): InputItem[] {
  dropped.push({ field: param, why: `The upstream does not accept \`${type}\` as input.` });
  return [];
}

/** An image generated earlier is sent as a user image, so that the next turn can edit it. */
function generatedImage(item: Fields, param: string, options: InputOptions): InputItem[] {
  if (typeof item.result !== 'string' || item.result === '') return omit(param, String(item.type), options);
  const format = typeof item.output_format === 'string' ? item.output_format : 'png';
  const image_url = item.result.startsWith('data:')
    ? item.result
    : `data:image/${format};base64,${item.result}`;
  return [{ type: 'message', role: 'user', content: [{ type: 'input_image', image_url }] }];
}

/** Reasoning may also be in the memory of `turns/history.ts`. */
function reference(item: Fields, param: string, options: InputOptions): InputItem[] {
  const { byId, areUnknown } = options.earlier;
  const known = typeof item.id === 'string' ? byId.get(item.id) : undefined;
  if (known !== undefined) return itemsOf(known, param, options);
  if (isReasoningId(item.id)) return [{ type: 'item_reference', id: item.id, param }];
  if (areUnknown) return [];
  throw invalid(
    `${param}.id`,
    `Item with id '${quoted(item.id)}' not found.`,
    'item_not_found',
    'It has expired, was deleted or was made with `store: false`: send the item itself.',
  );
}
