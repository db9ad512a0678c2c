// What a request asks for: the user's latest text, its attachments, and tool outputs.
import { type Fields, isObject } from '../base/object.ts';

export interface Prompt {
  /** The text of the last user message. */
  text: string;
  /** Descriptions of images and files in that message. */
  attachments: string[];
  /** Outputs of tools after the model's last message. */
  outputs: string[];
  compaction: boolean;
}

export function readPrompt(items: readonly Fields[]): Prompt {
  const user = items.findLast((item) => item.role === 'user');
  const parts = partsOf(user?.content);
  const lastMade = items.findLastIndex((item) => item.role === 'assistant' || isCall(item));
  const outputs = items.slice(lastMade + 1).filter((item) => String(item.type).endsWith('_call_output'));
  return {
    text: textOf(parts),
    attachments: parts.filter((part) => part.type !== 'input_text').map(describe),
    outputs: outputs.map(outputOf),
    compaction: items.at(-1)?.type === 'compaction_trigger',
  };
}

function isCall(item: Fields): boolean {
  return item.type === 'function_call' || item.type === 'custom_tool_call';
}

function partsOf(content: unknown): Fields[] {
  if (typeof content === 'string') return [{ type: 'input_text', text: content }];
  return Array.isArray(content) ? content.filter(isObject) : [];
}

function textOf(parts: Fields[]): string {
  const texts = parts.filter((part) => typeof part.text === 'string').map((part) => part.text);
  return texts.join('\n').trim();
}

/** Its text, with descriptions of other parts in brackets. */
function outputOf(item: Fields): string {
  const parts = partsOf(item.output);
  return parts.map((part) => (typeof part.text === 'string' ? part.text : `[${describe(part)}]`)).join('\n');
}

function describe(part: Fields): string {
  const source = String(part.image_url ?? part.file_data ?? part.file_url ?? part.file_id ?? '');
  const noun = part.type === 'input_image' ? 'an image' : 'a file';
  const [, type, base64] = /^data:([^;,]*);base64,(.*)$/s.exec(source) ?? [];
  if (base64 === undefined) return `${noun} at ${source}`;
  return `${noun} of type ${type}, ${Buffer.from(base64, 'base64').length} bytes`;
}
