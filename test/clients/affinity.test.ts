// The upstream's prompt cache and routing depend on the session and the turn. Checks what the upstream receives from
// concurrent conversations on every API.
import { describe, expect, test } from 'bun:test';
import { turnsSent, useWorld } from './daemon.ts';

const world = useWorld();

type Said = { user: string } | { assistant: string } | { call: string } | { result: string };

interface ClientApi {
  path: string;
  /** A request of a client that sends its whole history. */
  body(history: readonly Said[]): object;
}

const tool = { name: 'look', description: 'Looks.', parameters: { type: 'object', properties: {} } };
const model = 'gpt-5.5';
const system = 'You are terse.';

const apis: Record<string, ClientApi> = {
  chat: {
    path: '/v1/chat/completions',
    body: (history) => ({
      model,
      tools: [{ type: 'function', function: tool }],
      messages: [
        { role: 'system', content: system },
        ...history.map((said) => {
          if ('user' in said) return { role: 'user', content: said.user };
          if ('assistant' in said) return { role: 'assistant', content: said.assistant };
          if ('result' in said) return { role: 'tool', tool_call_id: 'call_1', content: said.result };
          const call = { id: 'call_1', type: 'function', function: { name: said.call, arguments: '{}' } };
          return { role: 'assistant', content: null, tool_calls: [call] };
        }),
      ],
    }),
  },
  responses: {
    path: '/v1/responses',
    body: (history) => ({
      model,
      instructions: system,
      tools: [{ type: 'function', ...tool }],
      input: history.map((said) => {
        if ('user' in said) return { role: 'user', content: said.user };
        if ('assistant' in said) return { role: 'assistant', content: said.assistant };
        if ('call' in said)
          return { type: 'function_call', call_id: 'call_1', name: said.call, arguments: '{}' };
        return { type: 'function_call_output', call_id: 'call_1', output: said.result };
      }),
    }),
  },
  messages: {
    path: '/v1/messages',
    body: (history) => ({
      model,
      max_tokens: 1000,
      system,
      tools: [{ name: tool.name, description: tool.description, input_schema: tool.parameters }],
      messages: history.map((said) => {
        if ('user' in said) return { role: 'user', content: said.user };
        if ('assistant' in said) return { role: 'assistant', content: said.assistant };
        if ('call' in said) {
          return {
            role: 'assistant',
            content: [{ type: 'tool_use', id: 'call_1', name: said.call, input: {} }],
          };
        }
        const result = { type: 'tool_result', tool_use_id: 'call_1', content: said.result };
        return { role: 'user', content: [result] };
      }),
    }),
  },
  ollama: {
    path: '/api/chat',
    body: (history) => ({
      model,
      stream: false,
      tools: [{ type: 'function', function: tool }],
      messages: [
        { role: 'system', content: system },
        ...history.map((said) => {
          if ('user' in said) return { role: 'user', content: said.user };
          if ('assistant' in said) return { role: 'assistant', content: said.assistant };
          if ('result' in said) return { role: 'tool', tool_name: 'look', content: said.result };
          const call = { function: { name: said.call, arguments: {} } };
          return { role: 'assistant', content: '', tool_calls: [call] };
        }),
      ],
    }),
  },
  completions: {
    path: '/v1/completions',
    body: (history) => ({ model, prompt: history.map((said) => Object.values(said)[0]).join('\n') }),
  },
  'ollama generate': {
    path: '/api/generate',
    body: (history) => ({
      model,
      stream: false,
      system,
      prompt: history.map((said) => Object.values(said)[0]).join('\n'),
    }),
  },
};

/** Sends one request and returns it as the upstream received it. */
async function send(api: ClientApi, history: readonly Said[], headers: Record<string, string> = {}) {
  const before = turnsSent(world.simulator).length;
  const body = JSON.stringify(api.body(history));
  const all = { 'content-type': 'application/json', ...headers };
  const response = await fetch(world.daemon.url + api.path, { method: 'POST', headers: all, body });
  expect([response.status, await response.text()]).toEqual([200, expect.any(String)]);
  const turn = turnsSent(world.simulator)[before]!;
  const { 'session-id': session, 'thread-id': thread, 'x-codex-turn-state': state } = turn.headers;
  expect([thread, turn.headers['x-client-request-id']]).toEqual([session, session]);
  return { session: session!, state, cacheKey: turn.body.prompt_cache_key };
}

const first = (name: string): Said[] => [{ user: `I am ${name}.` }];
const step = (name: string): Said[] => [...first(name), { call: 'look' }, { result: 'Sunny.' }];
const second = (name: string): Said[] => [...step(name), { assistant: 'Sunny.' }, { user: 'And now?' }];

/** These send a history, not one prompt. */
const conversing = Object.entries(apis).filter(
  ([name]) => !['completions', 'ollama generate'].includes(name),
);

describe.each(conversing)('%s', (_, api) => {
  test('conversations that take turns keep a session each', async () => {
    const names = ['Ada', 'Bob', 'Eve'];
    const sessions: string[][] = [];
    for (const history of [first, step, second]) {
      const sent: string[] = [];
      for (const name of names) {
        const { session, cacheKey } = await send(api, history(name));
        expect(cacheKey).toBe(session);
        sent.push(session);
      }
      sessions.push(sent);
    }
    expect(new Set(sessions[0]).size).toBe(names.length);
    expect(sessions).toEqual([sessions[0]!, sessions[0]!, sessions[0]!]);
  });

  test('the state of a turn comes back in its next step, and ends with the user’s next message', async () => {
    for (const name of ['Ida', 'Max']) expect((await send(api, first(name))).state).toBeUndefined();
    const { state } = await send(api, step('Ida'));
    const { state: other } = await send(api, step('Max'));
    expect([state, other]).toEqual([expect.any(String), expect.any(String)]);
    expect(state).not.toBe(other!);
    expect((await send(api, second('Ida'))).state).toBeUndefined();
  });

  test('sub-agents of a session share its cache, and each keeps the state of its own turn', async () => {
    const headers = { 'x-claude-code-session-id': crypto.randomUUID() };
    const started = [
      await send(api, first('the root'), headers),
      await send(api, first('a helper'), headers),
    ];
    const continued = [
      await send(api, step('the root'), headers),
      await send(api, step('a helper'), headers),
    ];
    const sessions = [...started, ...continued].map(({ session }) => session);
    expect(new Set(sessions)).toEqual(new Set([headers['x-claude-code-session-id']]));
    const [key, ...others] = [...started, ...continued].map(({ cacheKey }) => cacheKey);
    expect(others).toEqual([key, key, key]);
    const [root, helper] = continued.map(({ state }) => state);
    expect([root, helper]).toEqual([expect.any(String), expect.any(String)]);
    expect(root).not.toBe(helper!);
  });
});

test.each(['completions', 'ollama generate'])('%s: one session per prompt', async (name) => {
  const sent = [];
  for (const prompt of ['Ada', 'Bob', 'Ada']) sent.push((await send(apis[name]!, first(prompt))).session);
  expect(sent[0]).toBe(sent[2]!);
  expect(sent[0]).not.toBe(sent[1]!);
});

test('the upstream’s cache is hit from the second request of a conversation on', async () => {
  const usage = async (history: readonly Said[]) => {
    const body = JSON.stringify(apis.responses!.body(history));
    const response = await fetch(`${world.daemon.url}/v1/responses`, { method: 'POST', body });
    const { usage } = (await response.json()) as {
      usage: { input_tokens_details: { cached_tokens: number } };
    };
    return usage.input_tokens_details.cached_tokens;
  };
  const long: Said[] = [{ user: 'word '.repeat(2000) }];
  expect(await usage(long)).toBe(0);
  expect(await usage([...long, { assistant: 'Yes.' }, { user: 'More.' }])).toBeGreaterThan(1000);
});
