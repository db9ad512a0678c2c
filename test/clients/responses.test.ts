// Responses with the official client, over HTTP, against a daemon in a separate process
// (docs/wire/openai.md#responses-api).
import { describe, expect, test } from 'bun:test';
import type {
  ResponseCreateParamsNonStreaming,
  ResponseInput,
  ResponseStreamEvent,
  Tool,
} from 'openai/resources/responses/responses';
import { fixture, turnsSent, useWorld } from './daemon.ts';

const world = useWorld();

type Params = Omit<ResponseCreateParamsNonStreaming, 'stream'>;

function chatParams(input: string | ResponseInput, more: Partial<Params> = {}): Params {
  return { model: 'gpt-5.5', input, ...more };
}

async function eventsOf(params: Params): Promise<ResponseStreamEvent[]> {
  return Array.fromAsync(await world.client.responses.create({ ...params, stream: true }));
}

const weather: Tool = {
  type: 'function',
  name: 'get_weather',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  strict: false,
};
const patch: Tool = { type: 'custom', name: 'apply_patch' };

describe('responses.create', () => {
  test('whole: text, status and usage; the object is complete', async () => {
    const { data, request_id } = await world.client.responses
      .create(chatParams('Say plover.'))
      .withResponse();
    expect(data.output_text).toContain('plover');
    expect(data).toMatchObject({
      object: 'response',
      status: 'completed',
      error: null,
      model: 'gpt-5.5',
      tools: [],
      store: true,
    });
    expect(data.usage!.total_tokens).toBe(data.usage!.input_tokens + data.usage!.output_tokens);
    expect(request_id).toMatch(/^req_[0-9a-f]{32}$/);
  });

  test('streamed: from `created` to `completed`, numbered without holes, the end holds all that was told', async () => {
    const events = await eventsOf(chatParams('Say plover.'));
    expect(events[0]!.type).toBe('response.created');
    expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, index) => index));
    const deltas = events.filter((event) => event.type === 'response.output_text.delta');
    expect(deltas.length).toBeGreaterThan(3);
    const last = events.at(-1)!;
    if (last.type !== 'response.completed') throw new Error(last.type);
    const [message] = last.response.output.filter((item) => item.type === 'message');
    expect(message!.content).toMatchObject([
      { type: 'output_text', text: deltas.map(({ delta }) => delta).join('') },
    ]);
  });

  test('.stream(): the final response is the whole answer', async () => {
    const params = chatParams('What is the weather in Oslo and Rome?', {
      tools: [weather],
      reasoning: { effort: 'high' },
    });
    const folded = await world.client.responses.stream(params).finalResponse();
    const whole = await world.client.responses.create(params);
    const told = (output: typeof whole.output) =>
      output.map((item) => {
        if (item.type === 'function_call') return [item.name, item.arguments];
        return item.type === 'reasoning' ? item.summary : item.type;
      });
    expect(told(folded.output)).toEqual(told(whole.output));
    expect(whole.output.map(({ type }) => type)).toEqual(['reasoning', 'function_call', 'function_call']);
    expect(folded.status).toBe('completed');
  });

  test('`completed.output: []` upstream is filled, whole, streamed and in the helper', async () => {
    expect(await Bun.file(fixture('parallel-calls').fixture).text()).toMatch(
      /"type":"response.completed".*"output":\[\]/,
    );
    const lines = Array.from({ length: 3 }, () => fixture('parallel-calls'));
    world.simulator.script(...lines);
    const params = chatParams('Both, please.', { tools: [weather] });
    const whole = await world.client.responses.create(params);
    const last = (await eventsOf(params)).at(-1)!;
    const folded = await world.client.responses.stream(params).finalResponse();
    if (last.type !== 'response.completed') throw new Error(last.type);
    const calls = whole.output.filter(({ type }) => type === 'function_call');
    expect(calls.length).toBe(2);
    expect(last.response.output).toEqual(whole.output);
    expect(folded.output).toMatchObject(whole.output as never);
  });

  test('a private event or one that nobody knows breaks no helper (docs/wire/openai.md#closed-event-list)', async () => {
    world.simulator.script(fixture('keepalives-and-private-events'));
    const folded = await world.client.responses.stream(chatParams('Hello.')).finalResponse();
    expect(folded.output_text).toMatch(/\w/);
  });
});

describe('tools', () => {
  test('a function and a custom tool in one answer, then their outputs', async () => {
    world.simulator.script({
      calls: [
        { name: 'get_weather', arguments: { city: 'Oslo' } },
        { name: 'apply_patch', input: '*** Begin Patch\n*** End Patch\n' },
      ],
    });
    const tools = [weather, patch];
    const first = await world.client.responses.create(chatParams('Both, please.', { tools }));
    const [call, custom] = first.output.filter(({ type }) => type !== 'reasoning');
    if (call?.type !== 'function_call' || custom?.type !== 'custom_tool_call')
      throw new Error('not the calls');
    expect(JSON.parse(call.arguments)).toEqual({ city: 'Oslo' });
    expect(custom.input).toBe('*** Begin Patch\n*** End Patch\n');
    expect([call.status, custom.call_id]).toEqual(['completed', expect.stringMatching(/^call_/)]);

    const second = await world.client.responses.create(
      chatParams(
        [
          { role: 'user', content: 'Both, please.' },
          ...(first.output as ResponseInput),
          { type: 'function_call_output', call_id: call.call_id, output: 'sunny' },
          { type: 'custom_tool_call_output', call_id: custom.call_id, output: 'patched' },
        ],
        { tools },
      ),
    );
    expect(second.output_text).toContain('sunny');
    expect(second.output_text).toContain('patched');
  });

  test('the deltas of both kinds of call are told in their own events', async () => {
    world.simulator.script({
      calls: [
        { name: 'get_weather', arguments: { city: 'Oslo' } },
        { name: 'apply_patch', input: 'some free text' },
      ],
    });
    const events = await eventsOf(chatParams('Both, please.', { tools: [weather, patch] }));
    const said = (type: string) =>
      events.flatMap((event) => (event.type === type && 'delta' in event ? [event.delta] : [])).join('');
    expect(said('response.function_call_arguments.delta')).toBe('{"city":"Oslo"}');
    expect(said('response.custom_tool_call_input.delta')).toBe('some free text');
  });
});

describe('conversations', () => {
  test('output items go back as they came, reasoning included, but without ids the upstream lacks', async () => {
    const params = chatParams('Say plover.', {
      include: ['reasoning.encrypted_content'],
      reasoning: { effort: 'high', summary: 'auto' },
      store: false,
    });
    const first = await world.client.responses.create(params);
    const [thought] = first.output;
    if (thought?.type !== 'reasoning') throw new Error('no reasoning');
    expect(thought.encrypted_content).toMatch(/^gAAAA/);
    const second = await world.client.responses.create({
      ...params,
      input: [
        { role: 'user', content: 'Say plover.' },
        ...(first.output as ResponseInput),
        { role: 'user', content: 'Say whimbrel.' },
      ],
    });
    expect(second.output_text).toContain('whimbrel');
    expect(second.usage!.input_tokens_details.cached_tokens).toBeGreaterThan(0);

    const [one, two] = turnsSent(world.simulator);
    expect(two!.headers['session-id']).toBe(one!.headers['session-id']!);
    const [, reasoning, message] = two!.body.input;
    expect(reasoning).toEqual({
      type: 'reasoning',
      summary: thought.summary as never,
      encrypted_content: thought.encrypted_content!,
    });
    expect(message).not.toContainKey('id');
    expect(two!.body).toMatchObject({ store: false, stream: true });
  });

  test('instructions and system messages arrive, and the client’s own instructions are echoed', async () => {
    const response = await world.client.responses.create(
      chatParams(
        [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'Say plover.' },
        ],
        {
          instructions: 'Like waders.',
        },
      ),
    );
    expect(response.instructions).toBe('Like waders.');
    const { body } = turnsSent(world.simulator)[0]!;
    expect(body.instructions).toBe('Like waders.');
    expect(body.input[0]).toMatchObject({ role: 'developer' });
  });
});

describe('in and out', () => {
  test('images in, as data URLs and as the output of a tool', async () => {
    const png =
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
    const image = {
      type: 'input_image',
      image_url: `data:image/png;base64,${png}`,
      detail: 'auto',
    } as const;
    const response = await world.client.responses.create(
      chatParams([{ role: 'user', content: [{ type: 'input_text', text: 'What is this?' }, image] }]),
    );
    expect(response.output_text).toContain('an image of type image/png, 70 bytes');

    const call = { type: 'function_call', call_id: 'call_1', name: 'shoot', arguments: '{}' } as const;
    const shot = await world.client.responses.create(
      chatParams([
        { role: 'user', content: 'Take a picture of it.' },
        call,
        { type: 'function_call_output', call_id: 'call_1', output: [image] },
      ]),
    );
    expect(shot.output_text).toContain('an image of type image/png, 70 bytes');
  });

  test('responses.parse gives what a JSON schema asks for', async () => {
    const response = await world.client.responses.parse(
      chatParams('I saw 3 birds of the kind "plover".', {
        text: {
          format: {
            type: 'json_schema',
            name: 'sighting',
            strict: true,
            schema: {
              type: 'object',
              properties: { bird: { type: 'string' }, count: { type: 'integer' } },
              required: ['bird', 'count'],
              additionalProperties: false,
            },
          },
        },
      }),
    );
    expect(response.output_parsed as unknown).toEqual({ bird: 'plover', count: 3 });
  });

  test('an answer that was cut is `incomplete`, whole and streamed (docs/wire/openai.md#incomplete-forwarded)', async () => {
    world.simulator.script(fixture('incomplete-max-tokens'), fixture('incomplete-max-tokens'));
    const whole = await world.client.responses.create(chatParams('Count.'));
    expect([whole.status, whole.incomplete_details]).toEqual(['incomplete', { reason: 'max_output_tokens' }]);
    expect((await eventsOf(chatParams('Count.'))).at(-1)!.type).toBe('response.incomplete');
  });

  test('what the upstream refuses is dropped and named', async () => {
    const { response } = await world.client.responses
      .create(chatParams('Say plover.', { temperature: 0.5, max_output_tokens: 100, metadata: { a: 'b' } }))
      .withResponse();
    expect(response.headers.get('x-codexd-ignored')).toMatch(/temperature/);
    expect(response.headers.get('x-codexd-ignored')).toMatch(/max_output_tokens/);
    const { body } = turnsSent(world.simulator)[0]!;
    expect(body).not.toContainAnyKeys(['temperature', 'max_output_tokens', 'metadata']);
  });
});
