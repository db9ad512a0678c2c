// The official Anthropic SDK against the daemon.
import { describe, expect, test } from 'bun:test';
import Anthropic from '@anthropic-ai/sdk';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { startDaemon, useWorld } from './daemon.ts';
import { expectUpstreamAborted } from './disconnect.ts';

const world = useWorld({ simulator: { strict: { encryptedContent: true } } });
const client = () => clientOf(world.daemon.url);
const clientOf = (baseURL: string, options: object = {}) =>
  new Anthropic({ baseURL, apiKey: 'anything', maxRetries: 0, ...options });

const model = 'claude-opus-5-5';
const max_tokens = 4000;
const hello = [{ role: 'user' as const, content: 'Say hello.' }];
const weather: Anthropic.Tool = {
  name: 'get_weather',
  description: 'Weather of a city',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
const turnBodies = () =>
  world.simulator.requests
    .filter(({ path, method }) => method === 'POST' && path.endsWith('/codex/responses'))
    .map(({ body }) => body as Body);
interface Body {
  model: string;
  input: { type: string; id?: string; encrypted_content?: string; call_id?: string; summary?: unknown[] }[];
  tools?: { name: string }[];
}

describe('messages', () => {
  test('create', async () => {
    const message = await client().messages.create({ model, max_tokens, messages: hello });
    expect(message).toMatchObject({
      type: 'message',
      role: 'assistant',
      model,
      stop_reason: 'end_turn',
      stop_sequence: null,
    });
    const [block] = message.content;
    expect(block?.type === 'text' && block.text).toContain('Say hello.');
    expect(message.id).toStartWith('msg_');
    expect(message._request_id).toStartWith('req_');
    expect(message.usage.input_tokens).toBeGreaterThan(0);
  });

  test('a stream adds up to the same message as the whole answer', async () => {
    const turn = {
      reasoning: ['Look **first**.'],
      text: 'Reading.',
      calls: [{ name: 'get_weather', arguments: { city: 'Oslo' } }],
    };
    const chatParams = {
      model,
      max_tokens,
      messages: hello,
      tools: [weather],
      thinking: { type: 'adaptive' as const },
    };
    world.simulator.script(turn, turn);
    const whole = await client().messages.create(chatParams);
    const streamed = await client().messages.stream(chatParams).finalMessage();
    expect(whole.content.map(({ type }) => type)).toEqual(['thinking', 'text', 'tool_use']);
    const told = ({ content, stop_reason }: Anthropic.Message) =>
      content.map((block) => ({ ...block, id: undefined, signature: undefined, stop_reason }));
    expect(told(streamed)).toEqual(told(whole));
    expect(streamed.usage.output_tokens).toBe(whole.usage.output_tokens);
  });

  test('events come in the SDK order, text as it is made', async () => {
    const seen: string[] = [];
    let text = '';
    const stream = client().messages.stream({ model, max_tokens, messages: hello });
    stream.on('streamEvent', ({ type }) => seen.at(-1) !== type && seen.push(type));
    stream.on('text', (delta) => {
      text += delta;
    });
    expect(text).toBe('');
    const message = await stream.finalMessage();
    expect(seen).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    expect(message.content).toEqual([expect.objectContaining({ type: 'text', text })]);
  });

  test('a tool loop with two calls at once', async () => {
    const messages: Anthropic.MessageParam[] = [
      { role: 'user', content: 'Call get_weather for Oslo and Bergen' },
    ];
    const first = await client().messages.create({ model, max_tokens, messages, tools: [weather] });
    const calls = first.content.filter((block) => block.type === 'tool_use');
    expect(first.stop_reason).toBe('tool_use');
    expect(calls.map(({ input }) => input)).toEqual([{ city: 'Oslo' }, { city: 'Bergen' }]);
    // Out of order, as Claude Code sends them; matched by id.
    const results = calls.toReversed().map(({ id, input }) => ({
      type: 'tool_result' as const,
      tool_use_id: id,
      content: [{ type: 'text' as const, text: `7 degrees in ${(input as { city: string }).city}` }],
    }));
    messages.push({ role: 'assistant', content: first.content }, { role: 'user', content: results });
    const last = await client().messages.create({ model, max_tokens, messages, tools: [weather] });
    expect(last.stop_reason).toBe('end_turn');
    expect(last.content.map((block) => (block.type === 'text' ? block.text : '')).join('')).toContain(
      '7 degrees in Oslo',
    );
  });

  test('thinking over three turns brings the encrypted reasoning back unchanged', async () => {
    const messages: Anthropic.MessageParam[] = [];
    const chatParams = { model, max_tokens, thinking: { type: 'enabled' as const, budget_tokens: 2000 } };
    const signatures: string[] = [];
    for (const content of ['One.', 'Two.', 'Three.']) {
      messages.push({ role: 'user', content });
      const answer = await client()
        .messages.stream({ ...chatParams, messages })
        .finalMessage();
      const [thinking] = answer.content;
      if (thinking?.type !== 'thinking') throw new Error(`no thinking in the answer to ${content}`);
      expect(thinking.thinking).not.toBe('');
      signatures.push(thinking.signature);
      messages.push({ role: 'assistant', content: answer.content });
    }
    // The simulator is strict: it would have refused content that it never issued with invalid_encrypted_content.
    const replayed = turnBodies()
      .at(-1)!
      .input.filter(({ type }) => type === 'reasoning');
    expect(replayed.map(({ encrypted_content }) => `cdx1.${encrypted_content}`)).toEqual(
      signatures.slice(0, 2),
    );
    for (const item of replayed) expect(item).toMatchObject({ summary: [] });
    expect(replayed.every((item) => !('id' in item))).toBe(true);
  });

  test('a foreign signature is dropped, not sent', async () => {
    const messages: Anthropic.MessageParam[] = [
      { role: 'user', content: 'One.' },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'Hm.', signature: 'EqQBCgIYAhIkZm9yZWlnbg==' },
          { type: 'text', text: 'Yes.' },
        ],
      },
      { role: 'user', content: 'Two.' },
    ];
    await client().messages.create({ model, max_tokens, messages });
    expect(turnBodies()[0]!.input.map(({ type }) => type)).toEqual(['message', 'message', 'message']);
  });

  test('stop sequences cut the answer and say which', async () => {
    world.simulator.script({ text: 'one two three four' });
    const message = await client()
      .messages.stream({ model, max_tokens, messages: hello, stop_sequences: ['three'] })
      .finalMessage();
    expect(message).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence: 'three' });
    expect(message.content).toMatchObject([{ type: 'text', text: 'one two ' }]);
  });

  test('a tool name of more than 64 characters comes back as it was', async () => {
    const name = `mcp__${'server'.repeat(8)}__${'tool'.repeat(8)}`;
    world.simulator.script();
    const message = await client().messages.create({
      model,
      max_tokens,
      messages: hello,
      tools: [{ ...weather, name }],
      tool_choice: { type: 'tool', name },
    });
    expect(turnBodies()[0]!.tools![0]!.name.length).toBeLessThanOrEqual(64);
    expect(message.content.find((block) => block.type === 'tool_use')).toMatchObject({ name });
  });

  test('an image in a tool result reaches the upstream inside the output', async () => {
    const data =
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
    await client().messages.create({
      model,
      max_tokens,
      tools: [weather],
      messages: [
        { role: 'user', content: 'Look.' },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: {} }] },
        {
          role: 'user',
          content: [
            {
              type: 'tool_result',
              tool_use_id: 'toolu_1',
              content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data } }],
            },
          ],
        },
      ],
    });
    expect(turnBodies()[0]!.input.at(-1)).toMatchObject({
      type: 'function_call_output',
      output: [{ type: 'input_image', image_url: `data:image/png;base64,${data}` }],
    });
  });

  test('an abort in mid stream ends the turn upstream at once', async () => {
    world.simulator.script({ text: 'word '.repeat(400), paceMs: 20 });
    const stream = client().messages.stream({ model, max_tokens, messages: hello });
    await new Promise<void>((resolve) => stream.once('text', () => resolve()));
    const ended = stream.done().catch(() => {});
    await expectUpstreamAborted(world, () => stream.abort());
    await ended;
  });
});

describe('the rest of the API', () => {
  test('count_tokens counts tools and results, and asks nobody', async () => {
    const small = await client().messages.countTokens({ model, messages: hello });
    const large = await client().messages.countTokens({
      model,
      messages: hello,
      tools: [weather],
      system: 'Be brief. '.repeat(100),
    });
    expect(small.input_tokens).toBeGreaterThan(2);
    expect(large.input_tokens).toBeGreaterThan(small.input_tokens + 200);
    expect(turnBodies()).toEqual([]);
  });

  test('models are listed by page with their windows, and retrieved', async () => {
    const ids: string[] = [];
    for await (const each of client().models.list({ limit: 2 })) {
      ids.push(each.id);
      expect(each.max_input_tokens).toBeGreaterThan(100_000);
    }
    expect(ids.length).toBeGreaterThan(5);
    expect(new Set(ids).size).toBe(ids.length);
    expect(await client().models.retrieve(ids[0]!)).toMatchObject({ type: 'model', id: ids[0] });
    const unknown = await client()
      .models.retrieve('gpt-nope')
      .catch((thrown) => thrown);
    expect(unknown).toBeInstanceOf(Anthropic.NotFoundError);
  });

  test('what Claude Code calls beside the API is answered honestly', async () => {
    const { url } = world.daemon;
    expect((await fetch(`${url}/api/hello`, { method: 'HEAD' })).status).toBe(200);
    expect((await fetch(`${url}/`, { method: 'HEAD' })).status).toBe(200);
    const telemetry = await fetch(`${url}/api/event_logging/batch`, {
      method: 'POST',
      body: '{"events":[]}',
    });
    expect(telemetry.status).toBe(204);
    const batches = await fetch(`${url}/v1/messages/batches`, { method: 'POST', body: '{}' });
    expect(batches.status).toBe(404);
    expect(await batches.json()).toMatchObject({ type: 'error', error: { type: 'not_found_error' } });
  });
});

describe('errors', () => {
  test('an overloaded upstream is 529, after codexd has tried again itself', async () => {
    world.simulator.script(
      ...Array.from({ length: 4 }, () => ({ refusal: 'server_is_overloaded' as const })),
    );
    const failed = await client()
      .messages.create({ model, max_tokens, messages: hello })
      .catch((thrown) => thrown);
    expect(failed).toBeInstanceOf(Anthropic.InternalServerError);
    expect(failed).toMatchObject({
      status: 529,
      error: { type: 'error', error: { type: 'overloaded_error' } },
    });
    expect(failed.error.request_id).toStartWith('req_');
  }, 60_000);

  test('a plan that is used up is asked about once, whatever the SDK would retry', async () => {
    const simulator = startSimulator();
    await using daemon = await startDaemon({ simulator });
    simulator.script({ refusal: 'usage_limit_reached' });
    const failed = await clientOf(daemon.url, { maxRetries: 3 })
      .messages.create({ model, max_tokens, messages: hello })
      .catch((thrown) => thrown);
    expect(failed).toBeInstanceOf(Anthropic.RateLimitError);
    expect(failed.message).toMatch(/usage limit.* resets at/i);
    expect(failed.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(failed.headers.get('anthropic-ratelimit-unified-status')).toBe('rejected');
    expect(failed.headers.get('anthropic-ratelimit-unified-representative-claim')).toBe('seven_day');
    expect(simulator.requests.filter(({ path }) => path.endsWith('/codex/responses'))).toHaveLength(1);
    await simulator.stop();
  });

  test("the plan's windows are on every answer, and on no 429 of codexd's own limits", async () => {
    const simulator = startSimulator({
      limits: { layout: 'both', weeklyUsedPercent: 93, fiveHourUsedPercent: 12 },
    });
    await using daemon = await startDaemon({ simulator, env: { CODEXD_SERVER_RATE_LIMIT_PER_MINUTE: '2' } });
    const { messages } = clientOf(daemon.url);
    const windowsOf = (headers: Headers) => ({
      claim: headers.get('anthropic-ratelimit-unified-representative-claim'),
      fiveHours: headers.get('anthropic-ratelimit-unified-5h-utilization'),
      week: headers.get('anthropic-ratelimit-unified-7d-utilization'),
      warning: headers.get('anthropic-ratelimit-unified-7d-surpassed-threshold'),
    });
    const known = { claim: 'seven_day', fiveHours: '0.12', week: '0.93', warning: '0.9' };
    for (const stream of [true, false]) {
      const { response } = await messages
        .create({ model, max_tokens, messages: hello, stream })
        .withResponse();
      await response.body?.cancel().catch(() => {});
      expect(windowsOf(response.headers)).toEqual(known);
    }
    const limited = await messages
      .create({ model, max_tokens, messages: hello }, { maxRetries: 0 })
      .catch((thrown) => thrown);
    expect(limited).toBeInstanceOf(Anthropic.RateLimitError);
    expect([...limited.headers.keys()].join()).not.toContain('unified');
    await simulator.stop();
  });

  test('an overflow is the 400 that makes Claude Code compact', async () => {
    world.simulator.script({ fixture: `${import.meta.dir}/../fixtures/turns/failed-first.sse` });
    const failed = await client()
      .messages.stream({ model, max_tokens, messages: hello })
      .finalMessage()
      .catch((thrown) => thrown);
    expect(failed).toBeInstanceOf(Anthropic.BadRequestError);
    const [, tokens] = /prompt is too long: (\d+) tokens > 500000 maximum/.exec(failed.message) ?? [];
    const counted = await client().messages.countTokens({ model, messages: hello });
    expect(Number(tokens)).toBe(counted.input_tokens);
  });

  test('a request that is wrong is a 400 before anything is spent', async () => {
    const failed = await client()
      .messages.create({ model, max_tokens, messages: [] })
      .catch((thrown) => thrown);
    expect(failed).toBeInstanceOf(Anthropic.BadRequestError);
    expect(failed.message).toContain('messages: at least one message is required');
    expect(turnBodies()).toEqual([]);
  });

  test('a failure in mid stream is an error of the SDK, and no message_stop', async () => {
    world.simulator.script({ fixture: `${import.meta.dir}/../fixtures/turns/failed-mid-text.sse` });
    const stream = client().messages.stream({ model, max_tokens, messages: hello });
    let text = '';
    stream.on('text', (delta) => {
      text += delta;
    });
    const failed = await stream.finalMessage().catch((thrown) => thrown);
    expect(failed).toBeInstanceOf(Anthropic.APIError);
    expect(failed.error.request_id).toBe(stream.request_id);
    expect(text).not.toBe('');
  });

  test('a wrong local key is 401 and not a login problem; a missing login is 424', async () => {
    const simulator = startSimulator();
    await using keyed = await startDaemon({ simulator, args: ['--api-key', 'a-key-of-its-own'] });
    const wrong = await clientOf(keyed.url)
      .messages.create({ model, max_tokens, messages: hello })
      .catch((thrown) => thrown);
    expect(wrong).toBeInstanceOf(Anthropic.AuthenticationError);
    const right = clientOf(keyed.url, { apiKey: 'a-key-of-its-own' });
    expect((await right.messages.create({ model, max_tokens, messages: hello })).stop_reason).toBe(
      'end_turn',
    );
    await using anonymous = await startDaemon({ simulator, login: false });
    const none = await clientOf(anonymous.url, { maxRetries: 2 })
      .messages.create({ model, max_tokens, messages: hello })
      .catch((thrown) => thrown);
    expect(none.status).toBe(424);
    expect(none.message).toContain('codexd login');
    expect(none.headers.get('x-should-retry')).toBe('false');
    await simulator.stop();
  });
});
