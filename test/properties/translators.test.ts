// Every translator in the list of APIs, with a request for it and the checker of its order.
import { expect, test } from 'bun:test';
import { apis } from '../../src/apis/index.ts';
import { openaiImages } from '../../src/apis/openai/images/index.ts';
import { translateImageRequest } from '../../src/apis/openai/images/request.ts';
import type { ImageTranslation } from '../../src/apis/openai/images/types.ts';
import type { Translator } from '../../src/responses/translator.ts';
import { messagesOrderFaults } from '../apis/anthropic/messages/order.ts';
import { ollamaOrderFaults } from '../apis/ollama/order.ts';
import { chatOrderFaults } from '../apis/openai/chat/order.ts';
import { completionOrderFaults } from '../apis/openai/completions/order.ts';
import { imageOrderFaults } from '../apis/openai/images/order.ts';
import { responsesOrderFaults } from '../apis/openai/responses/order.ts';
import { type Checks, describeTranslator } from './translator.ts';

const messages = [{ role: 'user', content: 'x' }];

const checks: Record<string, Checks> = {
  'anthropic-messages': {
    body: { max_tokens: 1000, thinking: { type: 'adaptive' }, messages },
    faults: (text) => messagesOrderFaults(text),
  },
  'ollama-chat': { body: { messages }, faults: (text) => ollamaOrderFaults(text, 'chat') },
  'ollama-generate': { body: { prompt: 'x' }, faults: (text) => ollamaOrderFaults(text, 'generate') },
  'openai-chat': { body: { messages }, faults: (text) => chatOrderFaults(text) },
  'openai-completions': { body: { prompt: 'x' }, faults: (text) => completionOrderFaults(text) },
  'openai-images': {
    body: { model: 'gpt-image-2', prompt: 'x', partial_images: 2 },
    faults: (text) => imageOrderFaults(text, 'generate'),
  },
  'openai-responses': {
    body: { input: 'x' },
    faults: (text) =>
      // A text that was sent twice is longer than its final value; nothing is missing, so it passes.
      responsesOrderFaults(text).filter(
        (fault) => !/add up to response\.(?!function|custom)|is what was streamed/.test(fault),
      ),
  },
};

/** Its route chooses the chat model that generates the images. */
const images: Translator<ImageTranslation> = {
  ...openaiImages,
  request: (body) => translateImageRequest(body, 'generate', 'gpt-5.5'),
};

const listed = apis.flatMap(({ endpoints }) => endpoints.flatMap(({ translator }) => translator ?? []));
const byName = new Map(listed.toReversed().map((translator) => [translator.name, translator]));

for (const [name, translator] of byName) {
  const known = checks[name];
  if (known !== undefined) {
    describeTranslator('request' in translator ? (translator as Translator) : images, known);
  }
}

test('every translator of the list is checked', () => {
  expect([...byName.keys()].sort()).toEqual(Object.keys(checks).sort());
});
