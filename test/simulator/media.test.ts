// Images and the older compaction (docs/wire/upstream.md#image-endpoints, #compaction-v1).
import { afterAll, describe, expect, test } from 'bun:test';
import { functionTool, startClient, user } from './client.ts';

const { simulator, call } = startClient();
afterAll(() => simulator.stop());

// biome-ignore lint/suspicious/noExplicitAny: tests reach into whatever the wire holds
const post = async (path: string, body: object): Promise<[number, any]> => {
  const headers = { 'content-type': 'application/json' };
  const response = await call(path, { method: 'POST', headers, body: JSON.stringify(body) });
  return [response.status, await response.json()];
};

describe('images', () => {
  test('generations', async () => {
    const [status, body] = await post('codex/images/generations', {
      prompt: 'a cat',
      model: 'gpt-image-2',
      background: 'auto',
      quality: 'auto',
      size: 'auto',
      n: 2,
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      background: 'opaque',
      quality: 'medium',
      size: '1024x1024',
      output_format: 'png',
    });
    expect(body.data).toHaveLength(2);
    expect(body.data[0].b64_json).toStartWith('iVBORw0KGgo');
    expect(body.data[1].b64_json).not.toBe(body.data[0].b64_json);
  });

  test('edits take one to five images', async () => {
    const image = { image_url: 'data:image/png;base64,iVBORw0KGgo=' };
    const edit = (images: object[]) =>
      post('codex/images/edits', { prompt: 'bluer', model: 'gpt-image-2', images });
    expect((await edit([image]))[0]).toBe(200);
    expect((await edit([]))[0]).toBe(400);
    expect((await edit(Array(6).fill(image)))[0]).toBe(400);
    expect((await edit([{ url: 'x' }]))[1].error.param).toBe('images[0].image_url');
  });

  test('a prompt is needed', async () => {
    expect((await post('codex/images/generations', { model: 'gpt-image-2' }))[1].error.param).toBe('prompt');
  });
});

describe('compact', () => {
  const body = {
    model: 'gpt-5.5',
    input: [user('one'), { role: 'assistant', content: 'two' }],
    tools: [functionTool('f')],
  };

  test('keeps the user’s words and seals the rest', async () => {
    const [status, answer] = await post('codex/responses/compact', body);
    expect(status).toBe(200);
    expect(answer.object).toBe('response.compaction');
    expect(answer.output.map(({ type }: { type: string }) => type)).toEqual(['message', 'compaction']);
    expect(answer.usage.input_tokens).toBeGreaterThan(0);
  });

  test('refuses what only a turn has', async () => {
    const [status, answer] = await post('codex/responses/compact', { ...body, store: false });
    expect([status, answer.error.message]).toEqual([400, "Unknown parameter: 'store'."]);
  });
});
