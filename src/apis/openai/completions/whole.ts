// Encodes a whole text_completion (docs/wire/openai.md#completions), equivalent to the stream of stream.ts.
import { hasType, type ResponsesResponse } from '../../../responses/response.ts';
import { chatUsage } from '../chat/finish.ts';
import { CompletionText, completionIdentity } from './text.ts';
import type { Completion, CompletionTranslation } from './types.ts';

export function textCompletion(
  response: ResponsesResponse,
  { model, stop, echo }: Pick<CompletionTranslation, 'model' | 'stop' | 'echo'>,
): Completion {
  const text = new CompletionText(stop);
  let visible = echo;
  for (const part of partsOf(response)) {
    if (text.stopped) break;
    if (part.type === 'refusal') visible += text.push(part.refusal, true, true);
    else visible += text.push(part.text, true);
  }
  visible += text.flush();
  const { id, created } = completionIdentity(response);
  return {
    id,
    object: 'text_completion',
    created,
    model,
    choices: [{ index: 0, text: visible, logprobs: null, finish_reason: text.finishReason(response) }],
    ...(response.usage ? { usage: chatUsage(response.usage) } : {}),
  };
}

function partsOf({ output = [] }: ResponsesResponse) {
  return output.flatMap((item) => (hasType(item, 'message') ? item.content : []));
}
