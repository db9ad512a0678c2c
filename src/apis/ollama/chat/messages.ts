// Translates the messages of a chat request to input items (docs/wire/ollama.md#messages).
import { type Fields, isObject, isSet } from '../../../responses/fields.ts';
import type { InputItem, InputPart } from '../../../responses/request.ts';
import type { ToolNames } from '../../tool-names.ts';
import { fieldsAt, invalid, listAt, quoted, textAt } from '../check.ts';
import { imageOf, imagesAt } from '../images.ts';
import { Calls } from './calls.ts';

export interface Conversation {
  instructions: string;
  input: InputItem[];
}

export function translateMessages(value: unknown, names: ToolNames): Conversation {
  const calls = new Calls(names);
  const input: InputItem[] = [];
  const instructions: string[] = [];
  const messages = listAt(value, 'messages');
  for (const [index, each] of messages.entries()) {
    const path = `messages[${index}]`;
    const message = fieldsAt(each, path);
    const role = textAt(message.role, `${path}.role`).toLowerCase();
    // Only leading ones: moving a later one to the front would change the cached prefix (docs/wire/ollama.md#late-system).
    if (isSystem(role) && input.length === 0) instructions.push(textOf(message, path));
    else input.push(...itemsOf(role, message, path, calls));
  }
  // A system prompt alone still requests an answer; an empty list does not.
  if (input.length === 0 && messages.length > 0) {
    return { instructions: '', input: [textMessage('developer', instructions.join('\n\n'))] };
  }
  return { instructions: instructions.filter(Boolean).join('\n\n'), input };
}

function isSystem(role: string): boolean {
  return role === 'system' || role === 'developer';
}

function itemsOf(role: string, message: Fields, path: string, calls: Calls): InputItem[] {
  switch (role) {
    case 'system':
    case 'developer':
      return [textMessage('developer', textOf(message, path))];
    case 'user':
      calls.close();
      return [{ type: 'message', role: 'user', content: partsOf(message, path) }];
    case 'assistant':
      return assistantItems(message, path, calls);
    case 'tool':
      return [calls.addResult(message, outputOf(message, path), path)];
    default:
      throw invalid(`${path}.role`, `invalid role: ${quoted(role)}`);
  }
}

function textMessage(role: 'developer', text: string): InputItem {
  return { type: 'message', role, content: [{ type: 'input_text', text }] };
}

/** Thinking cannot be sent back: the upstream accepts only its encrypted form, for which Ollama has no field. */
function assistantItems(message: Fields, path: string, calls: Calls): InputItem[] {
  const text = textOf(message, path);
  const toolCalls = listAt(message.tool_calls, `${path}.tool_calls`);
  return [
    ...(text === ''
      ? []
      : [{ type: 'message', role: 'assistant' as const, content: [{ type: 'output_text', text }] }]),
    ...toolCalls.map((call, index) => calls.add(call, `${path}.tool_calls[${index}]`)),
  ];
}

/** A result that is not a string is written as JSON (docs/wire/ollama.md#json-result). */
function outputOf(message: Fields, path: string): string | InputPart[] {
  const { content } = message;
  const isText = !isSet(content) || typeof content === 'string';
  const text = isText ? textAt(content, path) : JSON.stringify(content);
  const images = imagesAt(message.images, `${path}.images`);
  return images.length === 0 ? text : [{ type: 'input_text', text }, ...images];
}

function textOf(message: Fields, path: string): string {
  return contentParts(message.content, `${path}.content`)
    .flatMap((part) => (part.type === 'input_text' ? part.text : []))
    .join('\n\n');
}

/** Text first, then images in order. */
function partsOf(message: Fields, path: string): InputPart[] {
  const content = contentParts(message.content, `${path}.content`);
  const images = imagesAt(message.images, `${path}.images`);
  const parts = [...content, ...images];
  return parts.length === 0 ? [{ type: 'input_text', text: '' }] : parts;
}

/** Normally a string; some clients send OpenAI's parts. */
function contentParts(content: unknown, path: string): InputPart[] {
  if (!Array.isArray(content)) {
    const text = textAt(content, path);
    return text === '' ? [] : [{ type: 'input_text', text }];
  }
  return content.map((each, index): InputPart => {
    const part = fieldsAt(each, `${path}[${index}]`);
    if (part.type === 'text')
      return { type: 'input_text', text: textAt(part.text, `${path}[${index}].text`) };
    if (part.type === 'image_url') return imagePart(part.image_url, `${path}[${index}].image_url`);
    throw invalid(`${path}[${index}].type`, `invalid content type: ${quoted(part.type)}`);
  });
}

function imagePart(value: unknown, path: string): InputPart {
  const url = isObject(value) ? value.url : value;
  if (typeof url === 'string' && /^https?:/.test(url)) return { type: 'input_image', image_url: url };
  return imageOf(url, path);
}
