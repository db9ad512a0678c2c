// The upstream may compress its responses: each chunk is forwarded as it arrives, uncompressed.
import { expect, test } from 'bun:test';
import { isTurn, useWorld } from './daemon.ts';

const world = useWorld();

test.each(['zstd', 'gzip'] as const)('%s', async (encoding) => {
  world.simulator.script({ text: 'One two three four five six.', encoding, paceMs: 20 });
  const stream = await world.client.chat.completions.create({
    model: 'gpt-5.5',
    messages: [{ role: 'user', content: 'Count.' }],
    stream: true,
  });
  const arrivedAtMs: number[] = [];
  let text = '';
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? '';
    arrivedAtMs.push(performance.now());
  }
  expect(text).toBe('One two three four five six.');
  expect(arrivedAtMs.at(-1)! - arrivedAtMs[0]!).toBeGreaterThan(20);
  const [turn] = world.simulator.requests.filter(isTurn);
  expect(turn?.headers['accept-encoding']).toBe('zstd, gzip');
});

test('a client that reads no compressed answers gets none', async () => {
  world.simulator.script({ text: 'Plain.', encoding: 'zstd' });
  const answer = await fetch(`${world.daemon.url}/v1/responses`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'accept-encoding': 'identity',
      'user-agent': 'codex_exec/0.171.0',
    },
    body: JSON.stringify({ model: 'gpt-5.5', input: 'x', stream: true }),
  });
  expect(answer.headers.get('content-encoding')).toBeNull();
  expect(await answer.text()).toContain('Plain.');
});
