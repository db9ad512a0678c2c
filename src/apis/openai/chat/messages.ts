// Translates chat messages to instructions and input items (docs/wire/openai.md#messages). A message may become several items.
// Only known keys are copied, because the upstream rejects others with a 400.
import { type Fields, isObject } from '../../../responses/fields.ts';
import type {
  InputCustomToolCall,
  InputFunctionCall,
  InputItem,
  InputMessage,
  InputPart,
  InputReasoning,
  InputText,
} from '../../../responses/request.ts';
import { compactedItems } from '../../compacted-history.ts';
import type { ToolNames } from '../../tool-names.ts';
import { fields, invalid, optionalArray, optionalString, requiredString } from '../check.ts';
import { type AssistantPart, assistantParts, inputParts } from '../content.ts';
import { repeatedLength } from '../responses/history.ts';
import { CallPairs } from './calls.ts';

export interface Conversation {
  instructions?: string;
  /** The conversation that the request continues, and its own messages. */
  input: InputItem[];
  /** The latter, with the client's names of tools. */
  ownInput: Fields[];
}

export interface MessageOptions {
  names: ToolNames;
  /** The conversation that the request continues. */
  history: readonly InputItem[];
  /** That conversation is stored elsewhere. */
  historyIsUnknown: boolean;
  /** Keeps system texts in `input`: `json_object` requires the word JSON there. */
  systemInInput: boolean;
}

export function translateMessages(value: unknown, options: MessageOptions): Conversation {
  const messages = optionalArray(value, 'messages') ?? [];
  if (messages.length === 0) {
    throw invalid('messages', '`messages` must contain at least one message.', 'missing_required_parameter');
  }
  const reader = new MessageReader(options.names, options.history, options.historyIsUnknown);
  for (const [index, message] of messages.entries()) {
    if (!isObject(message)) throw invalid('messages', 'Each message must be an object.', 'invalid_type');
    reader.read(message, `messages[${index}]`);
  }
  const { input: read, ...instructions } = reader.finish(options.systemInInput);
  const own = read.slice(repeatedLength(options.history as readonly Fields[], read));
  const ownInput = own.map((item): Fields => {
    return 'name' in item ? { ...item, name: options.names.client(String(item.name)) } : { ...item };
  });
  return { ...instructions, input: [...options.history, ...own], ownInput };
}

class MessageReader {
  /** System messages before any other. */
  readonly #leading: InputMessage[] = [];
  readonly #input: InputItem[] = [];
  readonly #calls = new CallPairs();
  #begun = false;

  constructor(
    private readonly names: ToolNames,
    history: readonly InputItem[],
    historyIsUnknown: boolean,
  ) {
    this.#calls.continue(history, historyIsUnknown);
  }

  read(message: Fields, param: string): void {
    const { role } = message;
    if (role === 'system' || role === 'developer') {
      this.#system(message, param);
      return;
    }
    this.#begun = true;
    switch (role) {
      case 'user':
        this.#user(message, param);
        return;
      case 'assistant':
        this.#assistant(message, param);
        return;
      case 'tool':
        this.#toolResult(message, param);
        return;
      case 'function':
        this.#functionResult(message, param);
        return;
      default:
        throw invalid(
          `${param}.role`,
          `\`${param}.role\` must be \`system\`, \`developer\`, \`user\`, \`assistant\` or \`tool\`.`,
          'invalid_value',
        );
    }
  }

  /** A conversation with only system messages is sent as input, which the upstream requires. */
  finish(systemInInput: boolean): Omit<Conversation, 'ownInput'> {
    if (systemInInput || this.#input.length === 0) this.#input.unshift(...this.#leading.splice(0));
    if (this.#input.length === 0) {
      throw invalid('messages', 'All `messages` are empty.', 'invalid_value');
    }
    if (this.#leading.length === 0) return { input: this.#input };
    const texts = this.#leading.flatMap((item) => item.content as InputText[]).map((part) => part.text);
    return { instructions: texts.join('\n\n'), input: this.#input };
  }

  #system(message: Fields, param: string): void {
    const parts = inputParts(message.content, `${param}.content`);
    const other = parts.findIndex((part) => part.type !== 'input_text');
    if (other !== -1) {
      throw invalid(`${param}.content[${other}]`, 'A system message can only contain text.', 'invalid_value');
    }
    const compacted = compactedHistory(parts.filter(hasContent), `${param}.content`);
    if (compacted !== undefined) this.#input.push(...compacted);
    else pushMessage(this.#begun ? this.#input : this.#leading, 'developer', parts.filter(hasContent));
  }

  #user(message: Fields, param: string): void {
    pushMessage(this.#input, 'user', inputParts(message.content, `${param}.content`).filter(hasContent));
  }

  #assistant(message: Fields, param: string): void {
    const parts = contentParts(message, param);
    const calls = this.#callsOf(message, param);
    if (parts.length === 0 && calls.length === 0 && isObject(message.audio)) {
      throw invalid(
        `${param}.audio`,
        'Earlier audio answers are not stored; send their text.',
        'unsupported_value',
      );
    }
    this.#input.push(...replayedReasoning(message));
    pushMessage(this.#input, 'assistant', parts);
    this.#input.push(...calls);
  }

  #callsOf(message: Fields, param: string): InputItem[] {
    const given = optionalArray(message.tool_calls, `${param}.tool_calls`) ?? [];
    const calls: InputItem[] = given.map((call, index) => this.#call(call, param, `tool_calls[${index}]`));
    if (isObject(message.function_call)) calls.push(this.#legacyCall(message.function_call, param));
    return calls;
  }

  #call(value: unknown, messageParam: string, place: string): InputFunctionCall | InputCustomToolCall {
    const param = `${messageParam}.${place}`;
    const call = fields(value, param);
    const id = requiredString(call.id, `${param}.id`);
    const type = call.type ?? (isObject(call.custom) ? 'custom' : 'function');
    switch (type) {
      case 'function': {
        this.#calls.add(id, 'function', `${param}.id`);
        return {
          type: 'function_call',
          call_id: id,
          ...this.#calledFunction(call.function, `${param}.function`),
        };
      }
      case 'custom': {
        this.#calls.add(id, 'custom', `${param}.id`);
        const custom = fields(call.custom, `${param}.custom`);
        const name = this.#name(custom.name, `${param}.custom.name`);
        const input = optionalString(custom.input, `${param}.custom.input`) ?? '';
        return { type: 'custom_tool_call', call_id: id, name, input };
      }
      default:
        throw invalid(
          `${param}.type`,
          `\`${param}.type\` must be \`function\` or \`custom\`.`,
          'invalid_value',
        );
    }
  }

  #legacyCall(called: Fields, messageParam: string): InputFunctionCall {
    const param = `${messageParam}.function_call`;
    const call_id = this.#calls.addLegacy(requiredString(called.name, `${param}.name`));
    return { type: 'function_call', call_id, ...this.#calledFunction(called, param) };
  }

  #calledFunction(value: unknown, param: string): { name: string; arguments: string } {
    const called = fields(value, param);
    const name = this.#name(called.name, `${param}.name`);
    return { name, arguments: argumentsText(called.arguments, `${param}.arguments`) };
  }

  #name(value: unknown, param: string): string {
    return this.names.upstream(requiredString(value, param), param);
  }

  #toolResult(message: Fields, param: string): void {
    const idParam = `${param}.tool_call_id`;
    const id = requiredString(message.tool_call_id, idParam);
    const kind = this.#calls.addResult(id, idParam);
    const type = kind === 'custom' ? 'custom_tool_call_output' : 'function_call_output';
    this.#input.push({ type, call_id: id, output: resultOf(message, param) });
  }

  #functionResult(message: Fields, param: string): void {
    const nameParam = `${param}.name`;
    const call_id = this.#calls.addLegacyResult(requiredString(message.name, nameParam), nameParam);
    this.#input.push({ type: 'function_call_output', call_id, output: resultOf(message, param) });
  }
}

/** A message without content is left out. */
function pushMessage(input: InputItem[], role: InputMessage['role'], content: InputMessage['content']): void {
  if (content.length > 0) input.push({ type: 'message', role, content });
}

function hasContent(part: InputPart | AssistantPart): boolean {
  return !('text' in part && part.text === '') && !('refusal' in part && part.refusal === '');
}

/** Text and refusals, without the visible reasoning that some clients send back (docs/wire/openai.md#replayed-reasoning). */
function contentParts(message: Fields, param: string): AssistantPart[] {
  const parts = assistantParts(message.content ?? [], `${param}.content`);
  const refusal = optionalString(message.refusal, `${param}.refusal`);
  if (refusal !== undefined) parts.push({ type: 'refusal', refusal });
  return parts.filter(hasContent);
}

/** Only encrypted reasoning can be sent back, and few clients keep it. */
function replayedReasoning(message: Fields): InputReasoning[] {
  const details: unknown[] = Array.isArray(message.reasoning_details) ? message.reasoning_details : [];
  return details.filter(isObject).flatMap(({ encrypted_content, summary }) => {
    if (typeof encrypted_content !== 'string' || encrypted_content === '') return [];
    const texts = typeof summary === 'string' ? [{ type: 'summary_text' as const, text: summary }] : [];
    return [{ type: 'reasoning', summary: texts, encrypted_content }];
  });
}

/** Unchanged, as the model wrote them (docs/wire/openai.md#arguments-verbatim). Some clients send an object instead. */
function argumentsText(value: unknown, param: string): string {
  if (isObject(value)) return JSON.stringify(value);
  return optionalString(value, param) || '{}';
}

function resultOf(message: Fields, param: string): string | InputPart[] {
  const { content } = message;
  if (content === undefined || content === null) return '';
  if (typeof content === 'string') return content;
  const parts = inputParts(content, `${param}.content`);
  return parts.length === 0 ? '' : parts;
}

/** A conversation compacted by `/v1/compact`, which clients keep as a system message. */
function compactedHistory(parts: InputPart[], param: string): InputItem[] | undefined {
  const [part] = parts;
  if (parts.length !== 1 || part?.type !== 'input_text') return undefined;
  return compactedItems(part.text, (why) => invalid(param, `${why}.`, 'invalid_value'));
}
