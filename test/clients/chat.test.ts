// Chat completions with the official client, over HTTP, against a daemon in a separate process
// (docs/wire/openai.md#chat-response).
import { describe, expect, test } from 'bun:test';
import type { ChatCompletion } from 'openai/resources/chat/completions';
import { chatParams, chunksOf, type Params, weather } from './chat-support.ts';
import { turnsSent, useWorld } from './daemon.ts';

const world = useWorld();

describe('text', () => {
  test('whole: one choice with text, a reason to stop, usage, and the id of the request', async () => {
    const { data, response, request_id } = await world.client.chat.completions
      .create(chatParams('Say plover.'))
      .withResponse();
    expect(data).toEqual({
      id: expect.stringMatching(/^chatcmpl-\w{8,}$/),
      object: 'chat.completion',
      created: expect.any(Number),
      model: 'gpt-5.5',
      choices: [
        {
          index: 0,
          message: expect.objectContaining({
            role: 'assistant',
            content: expect.stringContaining('plover'),
            refusal: null,
          }),
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage: expect.objectContaining({ prompt_tokens: expect.any(Number) }),
      service_tier: 'default',
    } as never);
    expect(data.usage!.total_tokens).toBe(data.usage!.prompt_tokens + data.usage!.completion_tokens);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(request_id).toMatch(/^req_[0-9a-f]{32}$/);
  });

  test('streamed: several deltas that are the whole answer, one end, no usage unless asked', async () => {
    const chunks = await chunksOf(world, chatParams('Say plover.'));
    const whole = await world.client.chat.completions.create(chatParams('Say plover.'));
    const text = chunks.map(({ choices }) => choices[0]!.delta.content ?? '');
    expect(text.filter(Boolean).length).toBeGreaterThan(3);
    expect(text.join('')).toBe(whole.choices[0]!.message.content!);
    expect(chunks.flatMap(({ choices }) => choices[0]!.finish_reason ?? [])).toEqual(['stop']);
    expect(new Set(chunks.map(({ id, created }) => `${id} ${created}`)).size).toBe(1);
    expect(chunks.some((chunk) => 'usage' in chunk)).toBe(false);
  });

  test('usage comes when asked for, once, last, without a choice', async () => {
    const chunks = await chunksOf(
      world,
      chatParams('Say plover.', { stream_options: { include_usage: true } }),
    );
    const last = chunks.at(-1)!;
    expect(last).toMatchObject({ choices: [], usage: { total_tokens: expect.any(Number) } });
    expect(chunks.slice(0, -1).map(({ usage }) => usage)).toEqual(chunks.slice(1).map(() => null));
  });

  test('a client’s own model name is echoed, and the model it means is asked for', async () => {
    const params = chatParams('Say plover.', { model: 'openai/gpt-5.5-high' });
    const { model } = await world.client.chat.completions.create(params);
    expect(model).toBe('openai/gpt-5.5-high');
    expect(turnsSent(world.simulator)[0]!.body).toMatchObject({
      model: 'gpt-5.5',
      reasoning: { effort: 'high' },
    });
  });
});

describe('.stream()', () => {
  test.each<[string, Params]>([
    ['text', chatParams('Say plover.')],
    ['reasoning in two parts', chatParams('Say plover.', { reasoning_effort: 'high' })],
    ['a tool call', chatParams('What is the weather in Oslo?', { tools: [weather] })],
    ['two tool calls', chatParams('What is the weather in Oslo and Rome?', { tools: [weather] })],
    ['JSON', chatParams('Say plover in JSON.', { response_format: { type: 'json_object' } })],
  ])('finalChatCompletion equals the whole answer: %s', async (_, params) => {
    const stream = world.client.chat.completions.stream({
      ...params,
      stream_options: { include_usage: true },
    });
    const folded = await stream.finalChatCompletion();
    const whole = await world.client.chat.completions.create(params);
    const calls = (completion: ChatCompletion) =>
      (completion.choices[0]!.message.tool_calls ?? []).map((call) =>
        'function' in call ? call.function : call,
      );
    expect(calls(folded)).toMatchObject(calls(whole));
    const [{ message, ...choice }] = folded.choices as never as [(typeof whole.choices)[0]];
    const { message: expected, ...expectedChoice } = whole.choices[0]!;
    expect(choice).toEqual(expectedChoice);
    expect({ content: message.content || null, refusal: message.refusal }).toEqual({
      content: expected.content || null,
      refusal: expected.refusal,
    });
    // The second of two equal prompts is cached; everything else costs the same.
    const { prompt_tokens_details: _cached, ...usage } = folded.usage!;
    expect(whole.usage).toMatchObject(usage as never);
    expect(folded.model).toBe(whole.model);
  });
});

describe('.parse()', () => {
  const response_format = {
    type: 'json_schema',
    json_schema: {
      name: 'sighting',
      strict: true,
      schema: {
        type: 'object',
        properties: { bird: { type: 'string' }, count: { type: 'integer' } },
        required: ['bird', 'count'],
        additionalProperties: false,
      },
    },
  } as const;

  test('gives the object, and the schema reaches the upstream flat', async () => {
    const completion = await world.client.chat.completions.parse({
      ...chatParams('I saw 3 birds of the kind "plover".'),
      response_format,
    });
    expect(completion.choices[0]!.message.parsed as unknown).toEqual({ bird: 'plover', count: 3 });
    const { name, strict, schema } = response_format.json_schema;
    expect(turnsSent(world.simulator)[0]!.body.text).toEqual({
      format: { type: 'json_schema', name, strict, schema },
    });
  });

  test('streamed too, with what is parsed so far on the way', async () => {
    const stream = world.client.chat.completions.stream({
      ...chatParams('I saw 3 birds of the kind "plover".'),
      response_format,
    });
    const partial: unknown[] = [];
    stream.on('content.delta', ({ parsed }) => partial.push(parsed));
    const completion = await stream.finalChatCompletion();
    expect(completion.choices[0]!.message.parsed as unknown).toEqual({ bird: 'plover', count: 3 });
    expect(partial.length).toBeGreaterThan(2);
  });
});

describe('the prompt cache', () => {
  test('a conversation keeps its session-id and prompt_cache_key, so its second turn is cached', async () => {
    const messages: Params['messages'] = [
      { role: 'system', content: 'You like waders. '.repeat(40) },
      { role: 'user', content: 'Say plover, for the cache.' },
    ];
    const first = await world.client.chat.completions.create({ model: 'gpt-5.5', messages });
    expect(first.usage!.prompt_tokens_details!.cached_tokens).toBe(0);
    const second = await world.client.chat.completions.create({
      model: 'gpt-5.5',
      messages: [...messages, first.choices[0]!.message, { role: 'user', content: 'Again.' }],
    });
    expect(second.usage!.prompt_tokens_details!.cached_tokens).toBeGreaterThan(100);

    const [one, two] = turnsSent(world.simulator);
    expect(one!.headers['session-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(two!.headers['session-id']).toBe(one!.headers['session-id']!);
    expect(two!.body.prompt_cache_key).toBe(one!.body.prompt_cache_key);
  });

  test('another conversation has other ones; a client’s own key is kept', async () => {
    await world.client.chat.completions.create(chatParams('Say plover.'));
    await world.client.chat.completions.create(chatParams('Say whimbrel.'));
    await world.client.chat.completions.create(chatParams('Say plover.', { prompt_cache_key: 'mine' }));
    const [plover, whimbrel, mine] = turnsSent(world.simulator);
    expect(whimbrel!.headers['session-id']).not.toBe(plover!.headers['session-id']!);
    expect(whimbrel!.body.prompt_cache_key).not.toBe(plover!.body.prompt_cache_key);
    expect([mine!.headers['session-id'], mine!.body.prompt_cache_key]).toEqual(['mine', 'mine']);
  });
});
