// Encodes a whole response, for chat and generate (docs/wire/ollama.md#chat-response), equivalent to the stream of
// stream.ts.
import {
  hasType,
  type OutputItem,
  type OutputPart,
  type ResponsesResponse,
} from '../../responses/response.ts';
import type { TurnTimes } from '../../responses/translator.ts';
import { StopScanner } from '../stop.ts';
import { toolCall } from './call.ts';
import { endingOf } from './finish.ts';
import type { Shape } from './lines.ts';
import { paragraphBreak } from './stream.ts';
import type { Answer, OllamaTranslation, ToolCall } from './types.ts';

export function wholeAnswer(
  shape: Shape,
  response: ResponsesResponse,
  translation: OllamaTranslation,
  times?: TurnTimes,
): object {
  const { answer, cut } = collectAnswer(response.output ?? [], translation);
  const nowMs = translation.nowMs();
  const ending = cut ? { status: 'completed', usage: response.usage } : response;
  return {
    model: translation.model,
    created_at: new Date(nowMs).toISOString(),
    ...shape.whole(answer),
    ...endingOf(ending, translation, nowMs, times),
  };
}

/** `cut`: the answer ended at a stop text. */
function collectAnswer(
  output: OutputItem[],
  translation: OllamaTranslation,
): { answer: Answer; cut: boolean } {
  const { stop, showsThinking, toolNames } = translation;
  const scanner = new StopScanner(stop);
  const thoughts: string[] = [];
  const calls: ToolCall[] = [];
  let content = '';
  let said = false;
  for (const item of output) {
    if (hasType(item, 'message')) {
      for (const text of item.content.flatMap(textOf)) {
        content += scanner.push(said ? paragraphBreak + text : text);
        said = true;
      }
    } else if (hasType(item, 'reasoning')) {
      const raw = (item.content ?? []).flatMap((part) => (part.type === 'reasoning_text' ? part.text : []));
      if (showsThinking) thoughts.push(...[...item.summary.map(({ text }) => text), ...raw].filter(Boolean));
    } else if (hasType(item, 'function_call')) {
      const call = toolCall(item, calls.length, toolNames);
      if (call === undefined) continue;
      content += scanner.flush();
      calls.push(call);
    }
    if (scanner.matched !== undefined) break;
  }
  content += scanner.flush();
  return {
    answer: { content, thinking: thoughts.join(paragraphBreak), calls },
    cut: scanner.matched !== undefined,
  };
}

function textOf(part: OutputPart): string | [] {
  const text = part.type === 'refusal' ? part.refusal : part.type === 'output_text' ? part.text : '';
  return text === '' ? [] : text;
}
