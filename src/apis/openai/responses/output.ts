// Translates output items and their parts for clients (docs/wire/openai.md#responses-events).
import {
  hasType,
  type OutputItem,
  type OutputPart,
  type OutputTextPart,
  type ReasoningItem,
} from '../../../responses/response.ts';
import type { ResponsesTranslation } from './types.ts';

export function outputItem(item: OutputItem, translation: ResponsesTranslation): OutputItem {
  if (hasType(item, 'message')) return { ...item, content: (item.content ?? []).map(outputPart) };
  if (hasType(item, 'reasoning')) return reasoningItem(item, translation.showEncrypted);
  if (hasType(item, 'function_call') || hasType(item, 'custom_tool_call')) {
    return { ...item, name: translation.toolNames.client(item.name) };
  }
  return item;
}

/** Validating clients require both lists in every text (litellm#37133, #35213). */
export function outputPart(part: OutputPart): OutputPart {
  if (part.type !== 'output_text') return part;
  const { annotations, logprobs } = part as OutputTextPart;
  return { ...part, annotations: annotations ?? [], logprobs: logprobs ?? [] } as OutputTextPart;
}

/** `encrypted_content` and `content` may be absent but not null (Open Responses validates this). */
function reasoningItem(item: ReasoningItem, showEncrypted: boolean): ReasoningItem {
  const { encrypted_content: encrypted, content, ...rest } = item;
  return {
    ...rest,
    summary: item.summary ?? [],
    ...(Array.isArray(content) && { content }),
    ...(showEncrypted && typeof encrypted === 'string' && { encrypted_content: encrypted }),
  };
}
