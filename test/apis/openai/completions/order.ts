// Checks the order of frames in a stream of legacy completions, from its bytes alone (docs/wire/openai.md#completions).
import { chatChunks, type Json } from '../chat/order.ts';

/** The problems of a stream, one sentence each. */
export function completionOrderFaults(text: string): string[] {
  const frames = text.split('\n\n').filter((frame) => frame !== '' && !frame.startsWith(':'));
  const chunks = chatChunks(text);
  const errors = chunks.filter((chunk) => 'error' in chunk);
  const choices = chunks.flatMap((chunk): Json[] => chunk.choices ?? []);
  const ends = choices.map((choice) => choice.finish_reason !== null);
  const usageAt = chunks.findIndex((chunk) => chunk.choices?.length === 0);
  const rules: [string, boolean][] = [
    ['the last frame is whole', text.endsWith('\n\n')],
    ['every frame is one line of data', frames.every((frame) => /^data: [^\n]+$/.test(frame))],
    ['[DONE] is last, and once', frames.indexOf('data: [DONE]') === frames.length - 1],
    ['there is an end or an error, not both', ends.filter(Boolean).length + errors.length === 1],
    ['the end is the last choice', errors.length === 1 || ends.indexOf(true) === ends.length - 1],
    ['an error is the last chunk', errors.length === 0 || 'error' in chunks.at(-1)!],
    ['usage is the last chunk', usageAt === -1 || usageAt === chunks.length - 1],
    [
      'the object is text_completion',
      chunks.every((chunk) => 'error' in chunk || chunk.object === 'text_completion'),
    ],
    ['one answer', new Set(chunks.flatMap(({ id, created }) => (id ? `${id} ${created}` : []))).size <= 1],
    ['text is a string', choices.every((choice) => typeof choice.text === 'string' && choice.index === 0)],
  ];
  return rules.filter(([, kept]) => !kept).map(([rule]) => rule);
}
