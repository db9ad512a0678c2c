// How chat completions show reasoning, by configuration and by request (docs/wire/openai.md#reasoning-text).
import { expect, test } from 'bun:test';
import { startDaemon, turnsSent, useWorld } from './daemon.ts';

const world = useWorld();
const turn = { reasoning: ['Look first.'], text: 'A plover.' };
const messages = [{ role: 'user', content: 'Which bird?' }];

async function answerOf(url: string, more: object = {}) {
  const answer = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ model: 'gpt-5.5', messages, ...more }),
  });
  const { choices } = (await answer.json()) as { choices: { message: Record<string, unknown> }[] };
  return choices[0]!.message;
}

test.each([
  ['think-tags', '<think>Look first.</think>'],
  ['none', /^A plover\.$/],
  ['reasoning_content', /^A plover\.$/],
])('reasoning.style = %s', async (style, content) => {
  world.simulator.script(turn, turn);
  await using daemon = await startDaemon({
    simulator: world.simulator,
    env: { CODEXD_REASONING_STYLE: style },
  });
  const message = await answerOf(daemon.url);
  if (content instanceof RegExp) expect(message.content).toMatch(content);
  else expect(message.content).toStartWith(content);
  expect(message.reasoning_content).toBe(style === 'reasoning_content' ? 'Look first.' : undefined);
  // The request overrides the configuration.
  expect(await answerOf(daemon.url, { reasoning_format: 'parsed' })).toMatchObject({
    content: 'A plover.',
    reasoning_content: 'Look first.',
  });
});

test.each([
  ['auto', 'auto'],
  ['on', 'auto'],
  ['detailed', 'detailed'],
  ['off', undefined],
])('reasoning.summary = %s asks the upstream for %p', async (summary, chatParams) => {
  await using daemon = await startDaemon({
    simulator: world.simulator,
    env: { CODEXD_REASONING_SUMMARY: summary },
  });
  await answerOf(daemon.url);
  const { reasoning } = turnsSent(world.simulator)[0]!.body as { reasoning?: { summary?: string } };
  expect(reasoning?.summary).toBe(chatParams);
});
