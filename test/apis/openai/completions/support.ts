// Helpers for the tests of legacy completions, which use the turns of the chat tests.
import { openaiCompletions } from '../../../../src/apis/openai/completions/index.ts';
import type { Completion, CompletionTranslation } from '../../../../src/apis/openai/completions/types.ts';
import { context, type Turn } from '../chat/support.ts';

export function translate(body: object = {}): CompletionTranslation {
  return openaiCompletions.request({ model: 'gpt-5.5', prompt: 'Once', ...body }, context);
}

export function streamOf(turn: Turn, translation: CompletionTranslation): string {
  const encoder = openaiCompletions.stream(translation);
  let text = '';
  for (const event of turn.events) text += encoder.push(event);
  return turn.failure === undefined ? text : text + encoder.fail(turn.failure);
}

export function wholeOf(turn: Turn, translation: CompletionTranslation): Completion {
  if (turn.response === undefined) throw new Error('the turn failed');
  return openaiCompletions.whole(turn.response, translation) as Completion;
}
