// Legacy completions with the official client, over HTTP, against a daemon in a separate process
// (docs/wire/openai.md#completions).
import { expect, test } from 'bun:test';
import OpenAI from 'openai';
import { fixture, thrownBy, turnsSent, useWorld } from './daemon.ts';

const world = useWorld();
const params = { model: 'gpt-5.5', prompt: 'Say plover.' };

test('whole: one choice with text, a reason to stop, and usage', async () => {
  const completion = await world.client.completions.create(params);
  expect(completion).toEqual({
    id: expect.stringMatching(/^cmpl-\w{8,}$/),
    object: 'text_completion',
    created: expect.any(Number),
    model: 'gpt-5.5',
    choices: [
      { index: 0, text: expect.stringContaining('plover'), logprobs: null, finish_reason: 'stop' },
    ] as never,
    usage: expect.objectContaining({ prompt_tokens: expect.any(Number) }) as never,
  });
  const [{ body }] = turnsSent(world.simulator) as [ReturnType<typeof turnsSent>[0]];
  expect(body.instructions).toMatch(/^Continue the text/);
  expect(body.tools).toBeUndefined();
});

test('streamed: the same text in several chunks, usage when asked for', async () => {
  const stream = await world.client.completions.create({
    ...params,
    stream: true,
    stream_options: { include_usage: true },
  });
  const chunks = await Array.fromAsync(stream);
  const whole = await world.client.completions.create(params);
  expect(chunks.map(({ choices }) => choices[0]?.text ?? '').join('')).toBe(whole.choices[0]!.text);
  expect(chunks.length).toBeGreaterThan(4);
  expect(new Set(chunks.map(({ object }) => object))).toEqual(new Set(['text_completion']));
  expect(chunks.at(-1)!.usage!.total_tokens).toBe(whole.usage!.total_tokens);
});

test('a list of texts is refused before the upstream hears of it', async () => {
  const thrown = await thrownBy(world.client.completions.create({ ...params, prompt: ['a', 'b'] }));
  expect(thrown).toBeInstanceOf(OpenAI.BadRequestError);
  expect(thrown).toMatchObject({ param: 'prompt', code: 'unsupported_value' });
  expect(world.simulator.requests.filter(({ path }) => path.endsWith('/responses'))).toEqual([]);
});

test('a prompt that is too long names the prompt', async () => {
  world.simulator.script(fixture('failed-first'));
  const thrown = await thrownBy(world.client.completions.create(params));
  expect(thrown).toMatchObject({ status: 400, code: 'context_length_exceeded', param: 'prompt' });
});
