// Shared by `stream.ts` and `whole.ts`: the message object, at the start and at the end, and how the parts of an item are
// joined.
import type { OutputMessage, Usage } from '../../../responses/response.ts';
import { messagesUsage } from './finish.ts';
import type { Block, Ending, Message, MessagesTranslation } from './types.ts';

interface Contents {
  content: Block[];
  /** Undefined until the message has ended. */
  ending: Ending | undefined;
  usage: Usage | null | undefined;
  searches: number;
}

export function messageObject(translation: MessagesTranslation, contents: Contents): Message {
  const { id, model, speed, reportsEdits } = translation;
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
    ...(reportsEdits && ending !== undefined ? { context_management: { applied_edits: [] } } : {}),
  };
}

/** Between two parts of one item. */
export const paragraphBreak = '\n\n';

/** The text of a refusal; undefined if the message is not one. */
export function refusalOf({ content }: OutputMessage): string | undefined {
  const refusals = content.flatMap((part) => (part.type === 'refusal' ? part.refusal : []));
  return refusals.length === 0 ? undefined : refusals.join(paragraphBreak);
}
