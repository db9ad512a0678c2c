// What the official library reads from our streams and responses (docs/wire/anthropic.md#accumulate): its own
// accumulator, for every turn, through its HTTP client with a stubbed fetch.
import { describe, expect, test } from 'bun:test';
import Anthropic, { APIError } from '@anthropic-ai/sdk';
import type { MessageCreateParamsNonStreaming } from '@anthropic-ai/sdk/resources/messages';
import { modelPage } from '../../../../src/apis/anthropic/models.ts';
import { fixture, fixtures, streamOf, translate, translator, wholeOf } from './support.ts';

const params: MessageCreateParamsNonStreaming = {
  model: 'gpt-5.5',
  max_tokens: 1000,
  messages: [{ role: 'user', content: 'Hi' }],
  thinking: { type: 'adaptive' },
};

function clientOf(answer: (url: URL) => Response): Anthropic {
  return new Anthropic({
    apiKey: 'local-key',
    baseURL: 'http://localhost',
    fetch: async (url) => answer(new URL(String(url))),
    maxRetries: 0,
  });
}

const streaming = (body: string) =>
  clientOf(() => new Response(body, { headers: { 'content-type': translator.contentType } }));

describe.each(fixtures)('%s', (name) => {
  test('is folded to the whole answer, or throws what the upstream failed with', async () => {
    const turn = await fixture(name);
    const translation = translate(params);
    const stream = streaming(streamOf(turn, translation)).messages.stream(params);
    if (turn.failure !== undefined) {
      const thrown = await stream.finalMessage().catch((error: unknown) => error);
      expect(thrown).toBeInstanceOf(APIError);
      expect((thrown as APIError).message).toContain(
        (translator.failure(turn.failure).body as { error: { message: string } }).error.message,
      );
      return;
    }
    const folded = await stream.finalMessage();
    const { usage, ...whole } = wholeOf(turn, translation);
    expect(JSON.parse(JSON.stringify(folded))).toMatchObject(JSON.parse(JSON.stringify(whole)));
    expect(folded.usage.input_tokens).toBe(usage.input_tokens);
    expect(folded.usage.output_tokens).toBe(usage.output_tokens);
  });
});

test('a whole answer', async () => {
  const whole = wholeOf(await fixture('function-call'), translate(params));
  const message = await clientOf(() => Response.json(whole)).messages.create(params);
  expect(message).toMatchObject(JSON.parse(JSON.stringify(whole)));
});

test('models, page by page', async () => {
  const models = ['a', 'b', 'c'].map((slug) => ({ slug, displayName: slug, contextWindow: 272_000 }));
  const client = clientOf(({ searchParams }) => Response.json(modelPage(models, searchParams)));
  const ids: string[] = [];
  for await (const { id, display_name } of client.models.list({ limit: 2 })) ids.push(id + display_name);
  expect(ids).toEqual(['aa', 'bb', 'cc']);
});
