// Every dialect's wire output stays well formed whatever happens upstream: every prefix of every turn, and 10,000 damaged
// ones, each end in the dialect's own order or in its own words of failure.
import { describe, expect, test } from 'bun:test';
import { anthropicMessages } from '../../src/apis/anthropic/messages/index.ts';
import { ollamaChat } from '../../src/apis/ollama/chat/index.ts';
import { ollamaGenerate } from '../../src/apis/ollama/generate/index.ts';
import { openaiChat } from '../../src/apis/openai/chat/index.ts';
import { openaiCompletions } from '../../src/apis/openai/completions/index.ts';
import { openaiImages } from '../../src/apis/openai/images/index.ts';
import { openaiResponses } from '../../src/apis/openai/responses/index.ts';
import type { Translator } from '../../src/responses/translator.ts';
import { messagesOrderFaults } from '../apis/anthropic/order.ts';
import { ollamaOrderFaults } from '../apis/ollama/order.ts';
import { chatOrderFaults } from '../apis/openai/chat-order.ts';
import { completionOrderFaults } from '../apis/openai/completions/order.ts';
import { imageOrderFaults } from '../apis/openai/images/order.ts';
import { responsesOrderFaults } from '../apis/openai/responses-order.ts';
import { cutPositions, fixtures, mutated, play, randomFrom } from './turns.ts';

const context = {
  headers: new Headers(),
  reasoningStyle: 'reasoning_content',
  reasoningSummary: 'auto',
} as const;

interface Checked {
  name: string;
  /** The wire text of a turn with these bytes. */
  stream(bytes: Uint8Array): string;
  /** What is wrong with a wire text; nothing when it is well formed. */
  faults(text: string): string[];
}

function checked<T extends Translator>(dialect: T, body: object, faults: Checked['faults']): Checked {
  const translation = dialect.request({ model: 'gpt-5.5', stream: true, ...body }, context);
  return {
    name: dialect.name,
    faults,
    stream(bytes) {
      const encoder = dialect.stream(translation);
      let text = '';
      const { failure } = play([bytes], dialect.repeatsText, (event) => {
        text += encoder.push(event);
      });
      if (failure !== undefined) text += encoder.fail(failure);
      else if (!encoder.finished) throw new Error('a whole turn left its encoder unfinished');
      return text;
    },
  };
}

const dialects: Checked[] = [
  checked(
    anthropicMessages as unknown as Translator,
    { max_tokens: 1000, thinking: { type: 'adaptive' }, messages: [{ role: 'user', content: 'x' }] },
    (text) => messagesOrderFaults(text),
  ),
  checked(ollamaChat as unknown as Translator, { messages: [{ role: 'user', content: 'x' }] }, (text) =>
    ollamaOrderFaults(text, 'chat'),
  ),
  checked(ollamaGenerate as unknown as Translator, { prompt: 'x' }, (text) =>
    ollamaOrderFaults(text, 'generate'),
  ),
  checked(openaiChat as unknown as Translator, { messages: [{ role: 'user', content: 'x' }] }, (text) =>
    chatOrderFaults(text),
  ),
  checked(openaiCompletions as unknown as Translator, { prompt: 'x' }, (text) => completionOrderFaults(text)),
  checked(
    openaiImages('generate', 'gpt-5.5') as unknown as Translator,
    { model: 'gpt-image-2', prompt: 'x', partial_images: 2 },
    (text) => imageOrderFaults(text, 'generate'),
  ),
  checked(openaiResponses as unknown as Translator, { input: 'x' }, (text) =>
    // A text that was told twice is longer than its end says; nothing of it is missing, so it passes.
    responsesOrderFaults(text).filter(
      (fault) => !/add up to response\.(?!function|custom)|is what was streamed/.test(fault),
    ),
  ),
];

describe.each(dialects)('$name', ({ stream, faults }) => {
  test('every prefix of every turn ends in order', () => {
    for (const { name, bytes } of fixtures().filter((each) => each.bytes.length < 20_000)) {
      for (const at of cutPositions(bytes).filter((position) => position % 7 === 0)) {
        const found = faults(stream(bytes.subarray(0, at)));
        if (found.length > 0) throw new Error(`${name} cut at ${at}: ${found[0]}`);
      }
    }
  }, 120_000);

  test('10,000 damaged turns end in order', () => {
    const seed = 3;
    const random = randomFrom(seed);
    const all = fixtures().filter(({ bytes }) => bytes.length < 20_000);
    for (let round = 0; round < 10_000; round++) {
      const { name, bytes } = all[Math.floor(random() * all.length)] as (typeof all)[number];
      let damaged = mutated(bytes, random);
      if (random() < 0.3) damaged = mutated(damaged, random);
      const found = faults(stream(damaged));
      if (found.length > 0) throw new Error(`seed ${seed}, round ${round}, fixture ${name}: ${found[0]}`);
    }
    expect(all.length).toBeGreaterThan(25);
  }, 120_000);
});
