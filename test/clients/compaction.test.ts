// Compacting a conversation and counting its tokens: the routes of codex-as-api, of OpenAI, and of older Codex CLIs.
import { describe, expect, test } from 'bun:test';
import { turnsSent, useWorld } from './daemon.ts';

const world = useWorld();

async function post(path: string, body: unknown): Promise<{ status: number; json: Record<string, unknown> }> {
  const answer = await fetch(`${world.daemon.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: answer.status, json: (await answer.json()) as Record<string, unknown> };
}

const messages = [
  { role: 'system', content: 'You are a helpful assistant.' },
  { role: 'user', content: 'Summarize our conversation so far.' },
  { role: 'assistant', content: 'We discussed the project architecture.' },
];

describe('POST /v1/compact', () => {
  test.each(['/v1/compact', '/compact'])(
    '%s: a checkpoint, by the upstream’s own compaction',
    async (path) => {
      const { status, json } = await post(path, { messages });
      expect(status).toBe(200);
      expect(json).toEqual({
        checkpoint: expect.stringMatching(
          /^\[Remote Responses compacted history\]\n\[\{"type":"compaction",/,
        ),
      });
      const [turn] = turnsSent(world.simulator);
      expect(turn?.headers['x-codex-beta-features']).toBe('remote_compaction_v2');
      expect(turn?.body.input.at(-1)).toEqual({ type: 'compaction_trigger' });
      expect(turn?.body.instructions).toBe('You are a helpful assistant.');
    },
  );

  test('a chat goes on from the checkpoint', async () => {
    const { json } = await post('/v1/compact', { model: 'gpt-5.5', messages });
    world.simulator.requests.length = 0;
    const next = await post('/v1/chat/completions', {
      model: 'gpt-5.5',
      messages: [
        messages[0],
        { role: 'system', content: json.checkpoint },
        { role: 'user', content: 'And?' },
      ],
    });
    expect(next.status).toBe(200);
    const [turn] = turnsSent(world.simulator);
    expect(turn?.body.instructions).toBe('You are a helpful assistant.');
    expect(turn?.body.input.map(({ type }) => type)).toEqual(['compaction', 'message']);
  });

  test.each<[object, string | null]>([
    [{ messages: [] }, 'messages'],
    [{ messages, stream: true }, 'stream'],
    [
      { messages: [{ role: 'system', content: '[Remote Responses compacted history]\n[{"type":"x"}]' }] },
      'messages[0].content',
    ],
  ])('%j is a 400', async (body, param) => {
    expect(await post('/v1/compact', body)).toMatchObject({ status: 400, json: { error: { param } } });
  });
});

describe('POST /v1/responses/compact', () => {
  test('by the official client: the user’s messages and one item for all the rest', async () => {
    const compacted = await world.client.responses.compact({
      model: 'gpt-5.5',
      instructions: 'Be brief.',
      input: [
        { role: 'user', content: 'A long story.' },
        { role: 'assistant', content: 'Indeed.' },
      ],
    });
    expect(structuredClone(compacted)).toMatchObject({
      object: 'response.compaction',
      id: expect.stringMatching(/^resp_/),
      created_at: expect.any(Number),
      output: [
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'A long story.' }] },
        { type: 'compaction', id: expect.any(String), encrypted_content: expect.any(String) },
      ],
      usage: { total_tokens: expect.any(Number) },
    });
    const next = await world.client.responses.create({
      model: 'gpt-5.5',
      input: [...(compacted.output as never[]), { role: 'user', content: 'And then?' }],
    });
    expect(next.status).toBe('completed');
    const [first, second] = turnsSent(world.simulator);
    expect(first?.body.instructions).toBe('Be brief.');
    expect(second?.body.input.map(({ type }) => type)).toEqual(['message', 'compaction', 'message']);
  });

  test('the tools of an old Codex CLI are left out', async () => {
    const tools = [{ type: 'function', name: 'shell', parameters: { type: 'object', properties: {} } }];
    const body = { model: 'gpt-5.5', input: [{ type: 'message', role: 'user', content: [] }], tools };
    const input = [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi.' }] }];
    const { status } = await post('/responses/compact', { ...body, input, parallel_tool_calls: false });
    expect(status).toBe(200);
    const [turn] = turnsSent(world.simulator);
    expect(Object.keys(turn!.body)).not.toContain('tools');
  });

  test.each<[object, string]>([
    [{ input: 'Hi.' }, 'model'],
    [{ model: 'gpt-5.5' }, 'input'],
    [{ model: 'gpt-5.5', input: 'Hi.', stream: true }, 'stream'],
    [{ model: 'gpt-5.5', input: 'Hi.', previous_response_id: 'resp_1' }, 'previous_response_id'],
  ])('%j is a 400 about %s', async (body, param) => {
    expect(await post('/v1/responses/compact', body)).toMatchObject({
      status: 400,
      json: { error: { param } },
    });
  });
});

describe('POST /v1/responses/input_tokens', () => {
  test('by the official client: counted here, without a turn', async () => {
    const count = async (input: string, more: object = {}) =>
      (await world.client.responses.inputTokens.count({ model: 'gpt-5.5', input, ...more })).input_tokens;
    const few = await count('Hello there.');
    expect(few).toBeGreaterThan(3);
    expect(few).toBeLessThan(40);
    expect(await count('Hello there. '.repeat(100))).toBeGreaterThan(300);
    const tools = [{ type: 'function', name: 'f', parameters: { type: 'object', properties: {} } }];
    expect(await count('Hello there.', { tools })).toBeGreaterThan(few);
    expect(turnsSent(world.simulator)).toEqual([]);
  });

  test('without a model, which that route does not require', async () => {
    const { status, json } = await post('/v1/responses/input_tokens', { input: 'Hello.' });
    expect([status, json.object]).toEqual([200, 'response.input_tokens']);
  });

  test.each<[object, number]>([
    [{ model: 'nobody-knows-this', input: 'Hi.' }, 404],
    [{ model: 'gpt-5.5', input: 7 }, 400],
  ])('%j: %d', async (body, status) => {
    expect((await post('/v1/responses/input_tokens', body)).status).toBe(status);
  });
});
