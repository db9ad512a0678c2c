// A whole response, for chat and generate (docs/wire/ollama.md#chat-response): what the encoder of stream.ts makes of the same turn.

import type { ResponsesResponse, TurnEnd } from '../../responses/response.ts';
import { emitEvents } from '../../responses/response-events.ts';
import type { TurnTimes } from '../../responses/translator.ts';
import { endingOf } from './finish.ts';
import type { Shape } from './lines.ts';
import { type AnswerOutput, OllamaEncoder } from './stream.ts';
import type { Answer, OllamaTranslation, ToolCall } from './types.ts';

export function wholeAnswer(
  shape: Shape,
  response: ResponsesResponse,
  translation: OllamaTranslation,
  times?: TurnTimes,
): object {
  const output = new WholeOutput();
  const encoder = new OllamaEncoder(output, translation);
  emitEvents(response, (event) => encoder.push(event));
  const nowMs = translation.nowMs();
  return {
    model: translation.model,
    created_at: new Date(nowMs).toISOString(),
    ...shape.whole(output.answer),
    ...endingOf({ ...output.ended, usage: response.usage }, translation, nowMs, times),
  };
}

class WholeOutput implements AnswerOutput {
  readonly answer: Answer = { content: '', thinking: '', calls: [] };
  ended: TurnEnd = {};

  delta(kind: 'content' | 'thinking', json: string): string {
    this.answer[kind] += JSON.parse(json);
    return '';
  }

  calls(calls: ToolCall[]): string {
    this.answer.calls.push(...calls);
    return '';
  }

  end(end: TurnEnd): string {
    this.ended = end;
    return '';
  }

  empty = () => '';
  fail = () => '';
}
