// `serve --strict`: options that would change the answer are a 400; those that clients send by habit and that change
// nothing are not.
import { expect, test } from 'bun:test';
import { turnsSent, useWorld } from './daemon.ts';

const world = useWorld({ args: ['--strict'] });
const messages = [{ role: 'user', content: 'Hi' }];
const cache_control = { type: 'ephemeral', ttl: '1h' };

const post = (path: string, body: object) =>
  fetch(world.daemon.url + path, { method: 'POST', body: JSON.stringify(body) });

const claudeCode = {
  model: 'claude-opus-5-5',
  max_tokens: 32_000,
  system: [{ type: 'text', text: 'Be brief.', cache_control }],
  messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi', cache_control }] }],
  tools: [
    { name: 'Bash', description: 'Runs.', input_schema: { type: 'object' }, eager_input_streaming: true },
  ],
  thinking: { type: 'adaptive', display: 'omitted' },
  output_config: { effort: 'medium' },
  context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
  metadata: { user_id: '{"session_id":"s-1"}' },
  safeguards: [{ type: 'dangerous_tool_use' }],
  stream: true,
};
const habits: [client: string, path: string, body: object, ignored: string | null][] = [
  ['Claude Code', '/v1/messages', claudeCode, 'safeguards, tools.eager_input_streaming, cache_control'],
  [
    'Home Assistant',
    '/api/chat',
    { model: 'gpt-5.5', messages, keep_alive: -1, options: { num_ctx: 8192 }, think: false },
    'keep_alive, options.num_ctx, reasoning effort none',
  ],
  [
    'ollama run',
    '/api/generate',
    { model: 'gpt-5.5', prompt: 'Hi', suffix: '', system: '', template: '' },
    null,
  ],
  [
    'an SDK',
    '/v1/chat/completions',
    { model: 'gpt-5.5', messages, user: 'u', metadata: { a: 'b' }, temperature: 1, store: false },
    'user, metadata',
  ],
];
test.each(habits)('%s is answered', async (_, path, body, ignored) => {
  const answer = await post(path, body);
  expect([answer.status, answer.headers.get('x-codexd-ignored')]).toEqual([200, ignored]);
  await answer.text();
});

const wishes: [string, object, string][] = [
  ['/v1/chat/completions', { messages, user: 'u', temperature: 0.2 }, 'temperature'],
  ['/v1/chat/completions', { messages, max_tokens: 5 }, 'max_tokens'],
  ['/v1/chat/completions', { messages, invented: 1 }, 'invented'],
  ['/v1/completions', { prompt: 'Hi', seed: 7 }, 'seed'],
  ['/v1/responses', { input: 'Hi', truncation: 'auto' }, 'truncation'],
  ['/v1/responses', { input: 'Hi', reasoning: { effort: 'max' } }, 'reasoning effort max'],
  ['/v1/messages', { messages, max_tokens: 9, cache_control, top_k: 40 }, 'top_k'],
  ['/v1/responses', { input: [{ type: 'function_call', call_id: 'c1', name: 'f' }] }, 'tool call c1'],
  ['/v1/responses', { input: [{ type: 'item_reference', id: 'rs_1' }, ...messages] }, 'input[0]'],
  [
    '/api/chat',
    { messages: [{ role: 'assistant', tool_calls: [{ function: { name: 'f' } }] }] },
    'tool call call_0',
  ],
  ['/api/chat', { messages, keep_alive: '5m', options: { temperature: 0.2 } }, 'options.temperature'],
  ['/api/generate', { prompt: 'Hi', options: { num_predict: 20 } }, 'options.num_predict'],
  ['/v1/images/generations', { model: 'gpt-image-2', prompt: 'A kite', style: 'vivid' }, 'style'],
];
test.each(wishes)('%s %j is refused by name', async (path, body, field) => {
  const answer = await post(path, { model: 'gpt-5.5', ...body });
  expect(answer.status).toBe(400);
  expect(await answer.text()).toContain(`\`${field}\` is not supported`);
  expect(turnsSent(world.simulator)).toEqual([]);
});
