// What `stream.ts` and `whole.ts` must agree on: the message object, whole or just begun, and how
// the parts of an item become one text.
import type { OutputMessage, Usage } from '../../../responses/response.ts';
import { messagesUsage } from './finish.ts';
import type { Block, Ending, Message, MessagesTranslation } from './types.ts';

interface Contents {
  content: Block[];
  /** Undefined as long as it has not ended. */
  ending: Ending | undefined;
  usage: Usage | null | undefined;
  searches: number;
}

export function messageObject(translation: MessagesTranslation, contents: Contents): Message {
  const { id, model, speed, tellsEdits } = translation;
  const { content, ending, usage, searches } = contents;
  const { output_tokens_details, server_tool_use, ...counts } = messagesUsage(usage, searches);
  return {
    id,
    type: 'message',
    role: 'assistant',
    model,
    content,
    ...(ending ?? { stop_reason: null, stop_sequence: null, stop_details: null }),
    container: null,
    diagnostics: null,
    usage: {
      ...counts,
      cache_creation: {
        ephemeral_5m_input_tokens: counts.cache_creation_input_tokens,
        ephemeral_1h_input_tokens: 0,
      },
      output_tokens_details,
      server_tool_use,
      service_tier: 'standard',
      speed,
      inference_geo: null,
    },
    ...(tellsEdits && ending !== undefined ? { context_management: { applied_edits: [] } } : {}),
  };
}

/** Between two parts of one item. */
export const paragraphBreak = '\n\n';

/** What a message refuses with. */
export function refusalOf({ content }: OutputMessage): string | undefined {
  const refusals = content.flatMap((part) => (part.type === 'refusal' ? part.refusal : []));
  return refusals.length === 0 ? undefined : refusals.join(paragraphBreak);
}
