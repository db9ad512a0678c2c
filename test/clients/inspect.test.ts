// POST /v1/inspect as clients of codex-as-api call it, against a daemon in a separate process.
import { describe, expect, test } from 'bun:test';
import { pngFor } from '../../src/simulator/png.ts';
import { fixture, isTurn, turnsSent, useWorld } from './daemon.ts';

const world = useWorld();
const image_url = `data:image/png;base64,${pngFor('kite')}`;
const question = { prompt: 'Describe what you see', images: [{ image_url }] };

function inspect(body: object): Promise<Response> {
  return fetch(`${world.daemon.url}/v1/inspect`, { method: 'POST', body: JSON.stringify(body) });
}

test('the images and the question reach the default model, and the answer is its text', async () => {
  const answer = await inspect({ ...question, reasoning_effort: 'low' });
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({ content: expect.stringMatching(/\w{3}/) });
  const [sent] = turnsSent(world.simulator);
  expect(sent!.body).toMatchObject({ model: 'gpt-6.2-sol', reasoning: { effort: 'low' } });
  expect(JSON.stringify(sent!.body.input)).toContain(image_url);
});

test('the text of several messages is one, reasoning left out', async () => {
  world.simulator.script(fixture('two-messages'));
  const { content } = (await (await inspect({ ...question, model: 'gpt-5.5' })).json()) as {
    content: string;
  };
  expect(content).toContain('\n\n');
  expect(turnsSent(world.simulator)[0]!.body.model).toBe('gpt-5.5');
});

test('what it does not know is named', async () => {
  const answer = await inspect({ ...question, temperature: 0 });
  expect(answer.headers.get('x-codexd-ignored')).toBe('temperature');
});

describe('refused before the upstream hears of it', () => {
  test.each<[string, object, string]>([
    ['no prompt', { images: question.images }, 'prompt'],
    ['no images', { prompt: 'Hi' }, 'images'],
    [
      'an invalid image',
      { ...question, images: [{ image_url: 'file:///etc/passwd' }] },
      'images[0].image_url',
    ],
    ['an image that is no object', { ...question, images: ['a'] }, 'images[0]'],
    ['a stream', { ...question, stream: true }, 'stream'],
  ])('%s', async (_, body, param) => {
    const answer = await inspect(body);
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: { param } }]);
    expect(world.simulator.requests.filter(isTurn)).toEqual([]);
  });
});

test('a prompt that is too long names the prompt', async () => {
  world.simulator.script(fixture('failed-first'));
  const expected = [400, { error: { code: 'context_length_exceeded', param: 'prompt' } }];
  const answer = await inspect(question);
  expect([answer.status, await answer.json()]).toMatchObject(expected as never);
});
