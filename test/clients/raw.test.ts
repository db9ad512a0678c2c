// Bodies as sent by tools other than the official libraries (docs/wire/openai.md#responses-body-on-chat,
// #keys-and-cors), with plain fetch.
import { describe, expect, test } from 'bun:test';
import { turnsSent, useWorld } from './daemon.ts';

const world = useWorld();

function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${world.daemon.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
  });
}

/** The JSON of each `data:` line; only the last one may be a sentinel. */
function framesOf(stream: string): Record<string, unknown>[] {
  const lines = stream.split('\n').filter((line) => line.startsWith('data: '));
  if (lines.at(-1) === 'data: [DONE]') lines.pop();
  return lines.map((line) => JSON.parse(line.slice(6)));
}

const user = (text: string) => ({ role: 'user', content: [{ type: 'input_text', text }] });

describe('the Codex CLI', () => {
  const thread = '0199c0de-0000-7000-8000-000000000001';
  const headers = {
    version: '0.169.0',
    accept: 'text/event-stream',
    'session-id': thread,
    'thread-id': thread,
    'x-client-request-id': thread,
    'x-codex-beta-features': 'remote_compaction_v2',
    'x-codex-window-id': `${thread}:0`,
    'x-codex-turn-metadata': '{"turn_id":"1"}',
    originator: 'codex_exec',
    'user-agent': 'codex_exec/0.169.0 (Debian 12.0.0; x86_64) xterm (codex_exec; 0.169.0)',
  };
  const internal_chat_message_metadata_passthrough = { turn_id: '1' };
  const body = {
    model: 'gpt-5.5',
    stream: true,
    input: [
      {
        type: 'message',
        id: 'msg_1',
        role: 'developer',
        content: user('Be brief.').content,
        internal_chat_message_metadata_passthrough,
      },
      { type: 'message', id: 'msg_2', ...user('Say plover.'), internal_chat_message_metadata_passthrough },
      {
        type: 'function_call',
        id: 'fc_1',
        call_id: 'call_1',
        name: 'exec_command',
        arguments: '{"cmd":"ls"}',
      },
      {
        type: 'function_call_output',
        id: 'fco_1',
        call_id: 'call_1',
        output: 'a.txt',
        internal_chat_message_metadata_passthrough,
      },
    ],
    tools: [
      {
        type: 'function',
        name: 'exec_command',
        strict: false,
        parameters: { type: 'object', properties: {} },
      },
      {
        type: 'custom',
        name: 'apply_patch',
        format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' },
      },
      {
        type: 'namespace',
        name: 'mcp',
        description: '',
        tools: [{ type: 'function', name: 'find', parameters: { type: 'object', properties: {} } }],
      },
      {
        type: 'tool_search',
        execution: 'client',
        description: '',
        parameters: { type: 'object', properties: {} },
      },
      { type: 'web_search', external_web_access: true },
    ],
    tool_choice: 'auto',
    parallel_tool_calls: true,
    reasoning: { effort: 'medium' },
    store: false,
    include: ['reasoning.encrypted_content'],
    prompt_cache_key: thread,
    text: { verbosity: 'low' },
    client_metadata: { turn: '1' },
  };

  test.each(['none', 'zstd'])('content-encoding %s: everything it says arrives upstream', async (coding) => {
    const sent = JSON.stringify(body);
    const answer = await (coding === 'zstd'
      ? post('/v1/responses', Bun.zstdCompressSync(sent), { ...headers, 'content-encoding': 'zstd' })
      : post('/v1/responses', sent, headers));
    expect(answer.status).toBe(200);
    const events = framesOf(await answer.text());
    expect(events[0]!.type).toBe('response.created');
    expect(events.at(-1)!.type).toBe('response.completed');

    const [turn] = turnsSent(world.simulator);
    const { input, ...rest } = body;
    expect(turn!.body).toMatchObject(rest);
    expect(turn!.body.input).toEqual(input);
    const { 'user-agent': _agent, originator: _originator, accept: _accept, ...own } = headers;
    expect(turn!.headers).toMatchObject(own);
    expect(turn!.headers.originator).toBe('codexd');
  });

  test('a Responses Lite request keeps its shape and its header', async () => {
    const lite = {
      model: 'gpt-6.1-sol',
      stream: true,
      input: [
        {
          type: 'additional_tools',
          id: 'at_1',
          role: 'developer',
          tools: [{ type: 'namespace', name: 'functions', description: '', tools: [body.tools[0]] }],
        },
        ...body.input.slice(0, 2),
      ],
      tool_choice: 'auto',
      parallel_tool_calls: false,
      reasoning: { effort: 'low', context: 'all_turns' },
      store: false,
      include: ['reasoning.encrypted_content'],
      prompt_cache_key: thread,
    };
    const answer = await post('/v1/responses', lite, {
      ...headers,
      'x-openai-internal-codex-responses-lite': 'true',
    });
    expect(answer.status).toBe(200);
    expect(framesOf(await answer.text()).at(-1)!.type).toBe('response.completed');
    const [turn] = turnsSent(world.simulator);
    expect(turn!.body).toEqual(lite as never);
    expect(turn!.headers['x-openai-internal-codex-responses-lite']).toBe('true');
  });

  test('its question for models is answered in its own shape', async () => {
    const answer = await fetch(`${world.daemon.url}/v1/models?client_version=0.169.0`, { headers });
    const { models } = (await answer.json()) as { models: Record<string, unknown>[] };
    expect(models.map(({ slug }) => slug)).toContain('gpt-5.5');
    for (const key of ['display_name', 'supported_reasoning_levels', 'visibility', 'base_instructions']) {
      expect(models[0]).toContainKey(key);
    }
  });

  test('a failure in the stream is `response.failed` with its code, and no `error` event', async () => {
    world.simulator.script({ text: 'one two three '.repeat(100), cutAfterBytes: 20_000, paceMs: 1 });
    const events = framesOf(await (await post('/v1/responses', body, headers)).text());
    expect(events.map(({ type }) => type)).not.toContain('error');
    expect(events.at(-1)).toMatchObject({ type: 'response.failed', response: { status: 'failed' } });
  });
});

describe('Cursor', () => {
  test('a Responses body on the chat route is answered with chat chunks', async () => {
    const body = {
      model: 'gpt-5.5-high-fast',
      input: [{ role: 'system', content: 'You are an editor.' }, user('Call apply_patch, please.')],
      tools: [
        {
          type: 'custom',
          name: 'apply_patch',
          format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' },
        },
        { type: 'function', name: 'read_file', parameters: { type: 'object', properties: {} } },
      ],
      reasoning: { summary: 'auto' },
      text: { verbosity: 'low' },
      include: ['reasoning.encrypted_content'],
      prompt_cache_retention: '24h',
      metadata: { cursorConversationId: 'c' },
      user: 'me',
      stream: true,
      stream_options: { include_usage: true },
      store: false,
    };
    const answer = await post('/v1/chat/completions', body);
    expect(answer.status).toBe(200);
    const frames = framesOf(await answer.text());
    expect(frames.every(({ object }) => object === 'chat.completion.chunk')).toBe(true);
    const deltas = frames.flatMap(({ choices }) => choices as { delta: Record<string, unknown> }[]);
    const calls = deltas.flatMap(({ delta }) => (delta.tool_calls ?? []) as Record<string, unknown>[]);
    expect(calls[0]).toMatchObject({ index: 0, type: 'custom', custom: { name: 'apply_patch' } });
    expect(frames.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: expect.any(Number) } });

    const [turn] = turnsSent(world.simulator);
    expect(turn!.body).toMatchObject({
      model: 'gpt-5.5',
      reasoning: { effort: 'high', summary: 'auto' },
      service_tier: 'priority',
      text: { verbosity: 'low' },
      tools: body.tools,
      store: false,
    });
    expect(turn!.body).not.toContainAnyKeys(['prompt_cache_retention', 'metadata', 'user']);
    expect(turn!.body.input[0]).toMatchObject({ role: 'developer' });
  });

  test('its check of the key', async () => {
    expect((await fetch(`${world.daemon.url}/models`)).status).toBe(200);
  });
});

describe('LiteLLM', () => {
  test('its health check, and what it adds to a chat request', async () => {
    const answer = await post('/chat/completions', {
      model: 'openai/gpt-5.5',
      messages: [{ role: 'user', content: 'Hey how are you?' }],
      max_tokens: 5,
      metadata: { user_api_key: 'hash' },
      user: 'default_user_id',
      extra_body: { a: 1 },
      stream: null,
      tools: null,
      stop: null,
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-codexd-ignored')).toContain('max_tokens');
    expect(await answer.json()).toMatchObject({ model: 'openai/gpt-5.5', object: 'chat.completion' });
    const [turn] = turnsSent(world.simulator);
    expect(Object.keys(turn!.body).toSorted()).toEqual(
      [
        'include',
        'input',
        'instructions',
        'model',
        'prompt_cache_key',
        'reasoning',
        'store',
        'stream',
      ].filter((key) => key in turn!.body),
    );
  });

  test('chat-style tools on the Responses route are flattened', async () => {
    const tool = { name: 'get_weather', parameters: { type: 'object', properties: {} } };
    const answer = await post('/v1/responses', {
      model: 'gpt-5.5',
      input: 'What is the weather?',
      tools: [{ type: 'function', function: tool }],
    });
    expect(answer.status).toBe(200);
    const { output } = (await answer.json()) as { output: Record<string, unknown>[] };
    expect(output.at(-1)).toMatchObject({ type: 'function_call', name: 'get_weather' });
    expect(turnsSent(world.simulator)[0]!.body.tools).toMatchObject([{ type: 'function', ...tool }]);
  });
});

describe('others', () => {
  test('Zed and Roo: replayed reasoning text, cache_control, effort, tool results as parts', async () => {
    const answer = await post('/v1/chat/completions', {
      model: 'gpt-5.5',
      messages: [
        {
          role: 'system',
          content: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }],
        },
        { role: 'user', content: [{ type: 'text', text: 'Look.', cache_control: { type: 'ephemeral' } }] },
        {
          role: 'assistant',
          content: null,
          reasoning_content: 'secretly thought',
          tool_calls: [
            { id: 'call_1', index: 0, type: 'function', function: { name: 'look', arguments: '{"a":  1}' } },
          ],
        },
        { role: 'tool', tool_call_id: 'call_1', content: [{ type: 'text', text: 'seen' }] },
      ],
      tools: [
        { type: 'function', function: { name: 'look', parameters: { type: 'object', properties: {} } } },
      ],
      temperature: 0,
      max_completion_tokens: 1000,
      parallel_tool_calls: true,
      prompt_cache_key: 'zed',
      reasoning_effort: 'low',
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(answer.status).toBe(200);
    framesOf(await answer.text());
    const [turn] = turnsSent(world.simulator);
    expect(JSON.stringify(turn!.body)).not.toMatch(/secretly thought|cache_control/);
    expect(turn!.body).toMatchObject({
      instructions: 'Be brief.',
      reasoning: { effort: 'low' },
      prompt_cache_key: 'zed',
      parallel_tool_calls: true,
      input: [
        { role: 'user', content: [{ type: 'input_text', text: 'Look.' }] },
        { type: 'function_call', call_id: 'call_1', name: 'look', arguments: '{"a":  1}' },
        { type: 'function_call_output', call_id: 'call_1' },
      ],
    });
  });

  test('Continue: three keys at once, none of them goes upstream', async () => {
    const keys = { authorization: 'Bearer sk-c', 'x-api-key': 'sk-c', 'api-key': 'sk-c' };
    const body = { model: 'gpt-5.5', messages: [{ role: 'user', content: 'Hi.' }] };
    expect((await post('/v1/chat/completions', body, keys)).status).toBe(200);
    const [turn] = turnsSent(world.simulator);
    expect(JSON.stringify(turn!.headers)).not.toContain('sk-c');
    expect(turn!.headers).not.toContainAnyKeys(['x-api-key', 'api-key']);
  });
});
