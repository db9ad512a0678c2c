// What the official library reads from our streams (docs/wire/openai.md#sdk-accumulators): openai-node's own
// accumulator, for every turn, through its HTTP client with a stubbed fetch.
import { describe, expect, test } from 'bun:test';
import OpenAI, { APIError } from 'openai';
import type { ChatCompletionCreateParamsStreaming } from 'openai/resources/chat/completions';
import { fixture, fixtures, streamOf, translate, wholeOf } from './support.ts';

const params: ChatCompletionCreateParamsStreaming = {
  model: 'gpt-5.5',
  messages: [{ role: 'user', content: 'Hi' }],
  stream: true,
  stream_options: { include_usage: true },
};

function clientOf(body: string): OpenAI {
  const headers = { 'content-type': 'text/event-stream; charset=utf-8' };
  const answer = async () => new Response(body, { headers });
  return new OpenAI({ apiKey: 'sk-none', baseURL: 'http://localhost/v1', fetch: answer, maxRetries: 0 });
}

describe.each(fixtures)('%s', (name) => {
  test('openai-node folds the stream to the whole answer, or throws what the upstream failed with', async () => {
    const turn = await fixture(name);
    const translation = translate(params);
    const stream = clientOf(streamOf(turn, translation)).chat.completions.stream(params);
    if (turn.failure !== undefined) {
      const thrown = await stream.finalChatCompletion().catch((error: unknown) => error);
      expect(thrown).toBeInstanceOf(APIError);
      expect((thrown as APIError).code).toBe(turn.failure.code as string);
      return;
    }
    const folded = await stream.finalChatCompletion();
    const whole = wholeOf(turn, translation);
    const { message, finish_reason } = folded.choices[0]!;
    const expected = whole.choices[0];
    expect(finish_reason).toBe(expected.finish_reason);
    expect(message.content || null).toBe(expected.message.content || null);
    expect(message.refusal).toBe(expected.message.refusal);
    expect(message.tool_calls ?? []).toMatchObject((expected.message.tool_calls ?? []) as never);
    expect(message.annotations ?? []).toEqual(expected.message.annotations);
    expect(folded.usage).toEqual(whole.usage as never);
    expect([folded.id, folded.model, folded.created]).toEqual([whole.id, whole.model, whole.created]);
  });
});

test('a structured answer parses', async () => {
  const turn = await fixture('structured-output');
  const response_format = {
    type: 'json_schema',
    json_schema: { name: 'r', schema: {}, strict: true },
  } as const;
  const body = { ...params, response_format };
  const text = streamOf(turn, translate(body, { reasoningStyle: 'think-tags' }));
  const stream = clientOf(text).chat.completions.stream(body);
  const [choice] = (await stream.finalChatCompletion()).choices;
  expect(choice?.message.parsed).toEqual(JSON.parse(choice?.message.content ?? '') as never);
});
