// Names that every JavaScript object has as members (`constructor`, `__proto__`) are not found in tables.
import { expect, test } from 'bun:test';
import { turnsSent, useWorld } from './daemon.ts';

const world = useWorld();
const inherited = ['hasOwnProperty', '__proto__', 'constructor', 'toString', 'valueOf'];
const messages = [{ role: 'user', content: 'Hi.' }];
const tool = (name: string) => ({
  type: 'function',
  function: { name, parameters: { type: 'object', properties: {} } },
});

/** Bodies with such a name in each place that is looked up in a table. */
const places: Record<string, (word: string) => [path: string, body: object]> = {
  'chat effort': (word) => ['/v1/chat/completions', { model: 'gpt-5.5', messages, reasoning_effort: word }],
  'chat verbosity': (word) => ['/v1/chat/completions', { model: 'gpt-5.5', messages, verbosity: word }],
  'chat tier': (word) => ['/v1/chat/completions', { model: 'gpt-5.5', messages, service_tier: word }],
  'chat model': (word) => ['/v1/chat/completions', { model: word, messages }],
  'chat role': (word) => [
    '/v1/chat/completions',
    { model: 'gpt-5.5', messages: [{ role: word, content: 'x' }] },
  ],
  'chat tool choice': (word) => [
    '/v1/chat/completions',
    { model: 'gpt-5.5', messages, tools: [tool('f')], tool_choice: word },
  ],
  'chat tool choice type': (word) => [
    '/v1/chat/completions',
    { model: 'gpt-5.5', messages, tools: [tool('f')], tool_choice: { type: word } },
  ],
  'chat tool name': (word) => ['/v1/chat/completions', { model: 'gpt-5.5', messages, tools: [tool(word)] }],
  'chat field': (word) => [
    '/v1/chat/completions',
    Object.fromEntries([
      ['model', 'gpt-5.5'],
      ['messages', messages],
      [word, 1],
    ]),
  ],
  'chat reasoning format': (word) => [
    '/v1/chat/completions',
    { model: 'gpt-5.5', messages, reasoning_format: word },
  ],
  'responses effort': (word) => [
    '/v1/responses',
    { model: 'gpt-5.5', input: 'Hi.', reasoning: { effort: word } },
  ],
  'responses summary': (word) => [
    '/v1/responses',
    { model: 'gpt-5.5', input: 'Hi.', reasoning: { summary: word } },
  ],
  'responses item': (word) => ['/v1/responses', { model: 'gpt-5.5', input: [{ type: word }] }],
  'responses tool': (word) => ['/v1/responses', { model: 'gpt-5.5', input: 'Hi.', tools: [{ type: word }] }],
  'messages block': (word) => [
    '/v1/messages',
    { model: 'gpt-5.5', max_tokens: 9, messages: [{ role: 'user', content: [{ type: word }] }] },
  ],
  'messages effort': (word) => [
    '/v1/messages',
    { model: 'gpt-5.5', max_tokens: 9, messages, output_config: { effort: word } },
  ],
  'messages thinking': (word) => [
    '/v1/messages',
    { model: 'gpt-5.5', max_tokens: 9, messages, thinking: { type: word } },
  ],
  'ollama think': (word) => ['/api/chat', { model: 'gpt-5.5', messages, think: word, stream: false }],
  'ollama option': (word) => [
    '/api/chat',
    { model: 'gpt-5.5', messages, options: { [word]: 1 }, stream: false },
  ],
  'image quality': (word) => ['/v1/images/generations', { prompt: 'x', quality: word, background: word }],
  'image model': (word) => ['/v1/images/generations', { prompt: 'x', model: word }],
};

test.each(Object.keys(places))('%s', async (place) => {
  for (const word of inherited) {
    const [path, body] = places[place]!(word);
    const answer = await fetch(`${world.daemon.url}${path}`, { method: 'POST', body: JSON.stringify(body) });
    const seen = [await answer.text(), ...answer.headers.values()].join('\n');
    expect([word, answer.status < 500, /native code|\[object|\[Function/.exec(seen)]).toEqual([
      word,
      true,
      null,
    ]);
  }
  for (const { body } of turnsSent(world.simulator)) {
    expect(JSON.stringify(body)).not.toMatch(/native code|\[object|\[Function/);
  }
});

test('in the query and the path', async () => {
  for (const word of inherited) {
    for (const path of [
      `/v1/models/${word}`,
      `/${word}`,
      `/v1/${word}`,
      `/api/${word}`,
      `/v1/models?${word}=1`,
    ]) {
      const answer = await fetch(`${world.daemon.url}${path}`);
      expect(answer.status).toBeLessThan(500);
      expect(await answer.text()).not.toMatch(/native code|\[object/);
    }
  }
});
