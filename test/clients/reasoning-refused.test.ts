// Reasoning that the upstream can no longer read, for example after it has changed its keys, is omitted permanently;
// otherwise every later step would be refused once.
import { expect, test } from 'bun:test';
import type OpenAI from 'openai';
import { weather } from './chat-support.ts';
import { turnsSent, useWorld } from './daemon.ts';

const world = useWorld();

test('is refused once, and not sent again', async () => {
  const calls = [{ name: 'get_weather', arguments: '{"city":"Oslo"}' }];
  world.simulator.script(
    { reasoning: ['One.'], calls },
    { status: 400, body: { error: { message: 'x', code: 'invalid_encrypted_content' } } },
    { reasoning: ['Two.'], calls },
    { text: 'Done.' },
  );
  const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'The weather?' }];
  for (;;) {
    const { choices } = await world.client.chat.completions.create({
      model: 'gpt-5.5',
      messages,
      tools: [weather],
    });
    const { message } = choices[0]!;
    messages.push(message);
    if (message.tool_calls === undefined) break;
    messages.push({ role: 'tool', tool_call_id: message.tool_calls[0]!.id, content: 'sunny' });
  }
  const thoughts = turnsSent(world.simulator).map(({ body }) =>
    body.input.filter(({ type }) => type === 'reasoning'),
  );
  expect(thoughts.map(({ length }) => length)).toEqual([0, 1, 0, 1]);
  expect(thoughts[3]).not.toEqual(thoughts[1]);
});
