// Checks input items.
import { imageType } from '../../base/image-type.ts';
import { type Fields, isObject } from '../../base/object.ts';
import { invalid, missing, Refusal, unknownParameter, wrongType } from '../refusal.ts';
import { arrayAt, checkKeys, checkWord, fieldsAt, textAt, toolNameAt } from './checks.ts';

export interface InputContext {
  /** Namespaces with declared tools. */
  namespaces: (string | undefined)[];
  /** Earlier items on the same WebSocket. */
  earlier: readonly Fields[];
  /** Throws for `encrypted_content` that the simulator did not issue. */
  unseal(content: string): void;
}

/**
 * Fields of each item type besides `type`, `id` and `internal_chat_message_metadata_passthrough`; null: not checked.
 */
const itemKeys: Record<string, readonly string[] | null> = {
  message: ['role', 'content', 'status', 'phase'],
  reasoning: ['summary', 'encrypted_content', 'content', 'status'],
  function_call: ['call_id', 'name', 'arguments', 'namespace', 'status', 'encrypted_function_args'],
  function_call_output: ['call_id', 'output', 'status'],
  custom_tool_call: ['call_id', 'name', 'input', 'namespace', 'status'],
  custom_tool_call_output: ['call_id', 'output', 'name', 'status'],
  local_shell_call: null,
  local_shell_call_output: null,
  web_search_call: null,
  image_generation_call: null,
  tool_search_call: null,
  tool_search_output: null,
  additional_tools: ['role', 'tools'],
  agent_message: null,
  compaction: ['encrypted_content'],
  compaction_summary: ['encrypted_content'],
  context_compaction: ['encrypted_content'],
  compaction_trigger: [],
};

const idPrefixes: Record<string, string> = {
  message: 'msg',
  reasoning: 'rs',
  function_call: 'fc',
  function_call_output: 'fco',
  custom_tool_call: 'ctc',
  custom_tool_call_output: 'ctco',
  image_generation_call: 'ig',
  web_search_call: 'ws',
  additional_tools: 'at',
};

const partKeys: Record<string, readonly string[]> = {
  input_text: ['text'],
  input_image: ['image_url', 'detail', 'file_id'],
  input_audio: ['audio_url'],
  input_file: ['filename', 'file_data', 'file_url', 'file_id'],
  encrypted_content: ['encrypted_content'],
  output_text: ['text', 'annotations', 'logprobs'],
  refusal: ['refusal'],
};
const inputParts = ['input_text', 'input_image', 'input_audio', 'input_file', 'encrypted_content'];
const outputParts = ['output_text', 'refusal'];

export function checkInput(input: unknown[], context: InputContext): void {
  const items = input.map((value, i) => {
    const item = fieldsAt(value, `input[${i}]`);
    checkItem(item, `input[${i}]`, context);
    return item;
  });
  checkPairs([...context.earlier, ...items]);
}

function checkItem(item: Fields, param: string, context: InputContext): void {
  const type = String(item.type ?? (item.role === undefined ? '' : 'message'));
  if (!Object.hasOwn(itemKeys, type)) checkWord(type, Object.keys(itemKeys), `${param}.type`);
  checkId(item, type, param);
  const keys = itemKeys[type];
  if (keys) checkKeys(item, ['type', 'id', 'internal_chat_message_metadata_passthrough', ...keys], param);
  if (type === 'message') checkMessage(item, param);
  if (type === 'reasoning') checkReasoningItem(item, param);
  if (typeof item.encrypted_content === 'string') context.unseal(item.encrypted_content);
  if (type.startsWith('function_call') || type.startsWith('custom_tool_call')) {
    checkCall(item, type, param, context);
  }
}

function checkId(item: Fields, type: string, param: string): void {
  if (item.id === undefined || item.id === null) return;
  const id = textAt(item, 'id', param, 64);
  const prefix = idPrefixes[type];
  if (prefix !== undefined && !id.startsWith(`${prefix}_`)) {
    throw invalid(
      `Invalid '${param}.id': '${id}'. Expected an ID that begins with '${prefix}'.`,
      `${param}.id`,
      'invalid_id_prefix',
    );
  }
}

function checkMessage(item: Fields, param: string): void {
  if (item.role === undefined) throw missing(`${param}.role`);
  checkWord(item.role, ['assistant', 'developer', 'user'], `${param}.role`);
  checkWord(item.phase, ['commentary', 'final_answer'], `${param}.phase`);
  if (item.content === undefined) throw missing(`${param}.content`);
  checkContent(item.content, item.role === 'assistant' ? outputParts : inputParts, `${param}.content`);
}

function checkContent(content: unknown, allowed: readonly string[], param: string): void {
  if (typeof content === 'string') return;
  if (!Array.isArray(content)) throw wrongType(param, 'one of an array of objects or string', content);
  for (const [i, value] of content.entries()) {
    const part = fieldsAt(value, `${param}[${i}]`);
    const type = String(part.type ?? '');
    if (!allowed.includes(type)) checkWord(type, allowed, `${param}[${i}]`);
    checkPart(part, type, `${param}[${i}]`);
  }
}

function checkPart(part: Fields, type: string, param: string): void {
  if ('prompt_cache_breakpoint' in part) {
    throw invalid(
      'prompt_cache_breakpoint is not supported on this model.',
      `${param}.prompt_cache_breakpoint`,
      'unsupported_parameter',
    );
  }
  checkKeys(part, ['type', ...partKeys[type]!], param);
  if (type === 'input_text' || type === 'output_text') textAt(part, 'text', param);
  if (type === 'refusal') textAt(part, 'refusal', param);
  if (type === 'input_image') checkImage(part, param);
  if (type === 'input_file') checkFile(part, param);
}

function checkFile(part: Fields, param: string): void {
  if (part.file_data === undefined) return;
  const data = textAt(part, 'file_data', param);
  if (/^data:[^,;]+(?:;[^,;]+)*;base64,[A-Za-z0-9+/]+=*$/.test(data)) return;
  throw invalid(
    `Invalid '${param}.file_data': expected a base64-encoded data URL.`,
    `${param}.file_data`,
    'invalid_value',
  );
}

function checkImage(part: Fields, param: string): void {
  checkWord(part.detail, ['auto', 'low', 'high', 'original'], `${param}.detail`);
  const url = part.image_url;
  if (url === undefined && part.file_id !== undefined) return;
  if (typeof url !== 'string') throw wrongType(`${param}.image_url`, 'an image URL', url);
  if (/^https?:\/\//.test(url)) return;
  const base64 = /^data:image\/[a-z+.-]+;base64,([A-Za-z0-9+/]+=*)$/.exec(url)?.[1];
  if (imageType(Buffer.from(base64?.slice(0, 16) ?? '', 'base64')) === undefined) {
    throw invalid(
      'The image data you provided does not represent a valid image. Please check your input and try again.',
      'input',
      'invalid_value',
    );
  }
}

function checkReasoningItem(item: Fields, param: string): void {
  if (item.summary === undefined) throw missing(`${param}.summary`);
  for (const [i, part] of arrayAt(item.summary, `${param}.summary`).entries()) {
    textAt(fieldsAt(part, `${param}.summary[${i}]`), 'text', `${param}.summary[${i}]`);
  }
  if (item.id && typeof item.encrypted_content !== 'string') {
    const { body } = invalid(
      `Item with id '${item.id}' not found. Items are not persisted when \`store\` is set to false. Try again with \`store\` set to true, or remove this item from your input.`,
      'input',
    );
    throw new Refusal(404, body);
  }
}

function checkCall(item: Fields, type: string, param: string, { namespaces }: InputContext): void {
  checkCallId(textAt(item, 'call_id', param, 64), param);
  if (type.endsWith('_output')) {
    if (item.output === undefined) throw missing(`${param}.output`);
    checkContent(item.output, inputParts, `${param}.output`);
    return;
  }
  toolNameAt(item, param);
  textAt(item, type === 'function_call' ? 'arguments' : 'input', param);
  if (item.namespace !== undefined && !namespaces.includes(String(item.namespace))) {
    throw unknownParameter(`${param}.namespace`);
  }
}

function checkCallId(id: string, param: string): void {
  if (/^[a-zA-Z0-9_-]+$/.test(id)) return;
  throw invalid(
    `Invalid '${param}.call_id': '${id}'. Expected an ID that contains letters, numbers, underscores, or dashes, but this value contained additional characters.`,
    `${param}.call_id`,
    'invalid_value',
  );
}

/** Every call needs its output and every output its call, of the same kind. */
function checkPairs(items: readonly Fields[]): void {
  for (const [call, output, noun] of [
    ['function_call', 'function_call_output', 'function call'],
    ['custom_tool_call', 'custom_tool_call_output', 'custom tool call'],
  ] as const) {
    const called = idsOf(items, call);
    const answered = idsOf(items, output);
    for (const id of called) {
      if (!answered.has(id)) throw invalid(`No tool output found for ${noun} ${id}.`, 'input');
    }
    for (const id of answered) {
      if (!called.has(id))
        throw invalid(`No tool call found for ${noun} output with call_id ${id}.`, 'input');
    }
  }
}

function idsOf(items: readonly Fields[], type: string): Set<unknown> {
  return new Set(items.filter((item) => isObject(item) && item.type === type).map((item) => item.call_id));
}
