// Images with the official client, over HTTP, against a daemon in a separate process (docs/wire/openai.md#image-api).
import { describe, expect, test } from 'bun:test';
import OpenAI, { toFile } from 'openai';
import type { ImageGenerateParamsNonStreaming } from 'openai/resources/images';
import { pngFor } from '../../src/simulator/png.ts';
import { fixture, isTurn, startDaemon, thrownBy, turnsSent, useWorld } from './daemon.ts';

const world = useWorld();
const kite: ImageGenerateParamsNonStreaming = { prompt: 'A red kite over dunes' };
const png = Buffer.from(pngFor('source'), 'base64');

function toolsSent(): Record<string, unknown>[] {
  return turnsSent(world.simulator).map(({ body }) => (body.tools as Record<string, unknown>[])[0]!);
}

function postForm(form: FormData): Promise<Response> {
  return fetch(`${world.daemon.url}/v1/images/edits`, { method: 'POST', body: form });
}

describe('generate', () => {
  test('a PNG under b64_json, and the tokens of the image rather than of the model that called the tool', async () => {
    const { data: answer, response } = await world.client.images.generate(kite).withResponse();
    expect(answer).toEqual({
      created: expect.any(Number),
      background: 'opaque',
      output_format: 'png',
      quality: 'medium',
      size: '1024x1024',
      data: [{ b64_json: pngFor(kite.prompt), revised_prompt: expect.any(String) }],
      usage: expect.objectContaining({ output_tokens: 1056 }) as never,
    });
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(response.headers.get('x-codexd-ignored')).toBeNull();
  });

  test('the upstream is asked through a classic model that must call the tool', async () => {
    await world.client.images.generate({
      ...kite,
      model: 'openai/gpt-image-2.5-flare',
      size: '1280x768',
      quality: 'high',
      background: 'transparent',
      output_format: 'webp',
      output_compression: 80,
      moderation: 'low',
    });
    expect(turnsSent(world.simulator)[0]!.body).toMatchObject({
      model: 'gpt-5.5',
      tool_choice: { type: 'image_generation' },
      input: [{ role: 'user', content: [{ type: 'input_text', text: kite.prompt }] }],
    });
    expect(toolsSent()).toEqual([
      {
        type: 'image_generation',
        action: 'generate',
        model: 'gpt-image-2.5-flare',
        size: '1280x768',
        quality: 'high',
        background: 'transparent',
        output_format: 'webp',
        output_compression: 80,
        moderation: 'low',
      },
    ]);
  });

  test('n images are n turns, and their tokens are added up', async () => {
    const { data, usage } = await world.client.images.generate({ ...kite, n: 3 });
    expect(data).toHaveLength(3);
    expect(turnsSent(world.simulator)).toHaveLength(3);
    expect(usage!.output_tokens).toBe(3 * 1056);
    expect(usage!.output_tokens_details).toEqual({ image_tokens: 3 * 1056, text_tokens: 0 });
  });

  test('when one of n fails, the request does', async () => {
    world.simulator.script(fixture('failed-first'));
    const thrown = await thrownBy(world.client.images.generate({ ...kite, n: 2 }));
    expect(thrown).toMatchObject({ status: 400, code: 'context_length_exceeded', param: 'prompt' });
  });

  test('a turn that draws nothing is an error, not an empty list', async () => {
    world.simulator.script(fixture('plain-text'));
    const thrown = await thrownBy(world.client.images.generate(kite));
    expect(thrown).toMatchObject({ status: 422, code: 'image_generation_failed' });
    expect((thrown as InstanceType<typeof OpenAI.APIError>).headers?.get('x-should-retry')).toBe('false');
  });

  test('what is wrong is refused before the upstream hears of it, by name', async () => {
    const thrown = await thrownBy(world.client.images.generate({ ...kite, response_format: 'url' }));
    expect(thrown).toBeInstanceOf(OpenAI.BadRequestError);
    expect(thrown).toMatchObject({ param: 'response_format', code: 'unsupported_value' });
    expect(world.simulator.requests.filter(isTurn)).toEqual([]);
  });

  test.each([1, 2])('what is dropped is named, with n = %d', async (n) => {
    const { response } = await world.client.images.generate({ ...kite, n, style: 'vivid' }).withResponse();
    expect(response.headers.get('x-codexd-ignored')).toBe('style');
  });
});

describe('streamed', () => {
  test('partial images, then the whole one with its usage, without [DONE]', async () => {
    const params = { ...kite, stream: true, partial_images: 2 } as const;
    const events = await Array.fromAsync(await world.client.images.generate(params));
    const look = { background: 'opaque', output_format: 'png', quality: 'medium', size: '1024x1024' };
    expect(events).toEqual([
      ...[0, 1].map((index) => ({
        type: 'image_generation.partial_image' as const,
        b64_json: pngFor(`${index} ${kite.prompt}`),
        partial_image_index: index,
        created_at: expect.any(Number),
        ...look,
      })),
      {
        type: 'image_generation.completed',
        b64_json: pngFor(kite.prompt),
        created_at: expect.any(Number),
        ...look,
        usage: expect.objectContaining({ output_tokens: 1056 }),
      },
    ] as never);
    expect(toolsSent()[0]!.partial_images).toBe(2);
  });

  test('the events of an edit have its name', async () => {
    const image = await toFile(png, 'a.png', { type: 'image/png' });
    const stream = await world.client.images.edit({ image, prompt: 'Bluer', stream: true });
    const events = await Array.fromAsync(stream);
    expect(events.map(({ type }) => type)).toEqual(['image_edit.completed']);
  });

  test('a turn that draws nothing ends with an error event', async () => {
    world.simulator.script(fixture('plain-text'));
    const answer = await fetch(`${world.daemon.url}/v1/images/generations`, {
      method: 'POST',
      body: JSON.stringify({ ...kite, stream: true }),
    });
    expect(answer.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const text = await answer.text();
    expect(text).toMatch(/event: error\ndata: \{"type":"error","error":\{.*"code":"image_generation_failed"/);
    expect(text).not.toContain('[DONE]');
  });

  test('one failure of the upstream before anything is drawn is still a status', async () => {
    world.simulator.script(fixture('failed-first'));
    const thrown = await thrownBy(world.client.images.generate({ ...kite, stream: true }));
    expect(thrown).toMatchObject({ status: 400, code: 'context_length_exceeded' });
  });
});

describe('edit', () => {
  test('multipart: files of any name and type become images by their content, the mask a mask', async () => {
    const answer = await world.client.images.edit({
      image: [
        await toFile(png, 'photo.bin', { type: 'application/octet-stream' }),
        await toFile(png, 'b.jpg'),
      ],
      mask: await toFile(png, 'mask.png'),
      prompt: 'Bluer',
      n: 1,
      output_format: 'jpeg',
      output_compression: 50,
    });
    expect(answer.data![0]!.b64_json).toBeString();
    const url = `data:image/png;base64,${png.toString('base64')}`;
    const image = { type: 'input_image', image_url: url };
    expect(turnsSent(world.simulator)[0]!.body.input).toEqual([
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Bluer' }, image, image] },
    ]);
    expect(toolsSent()).toEqual([
      {
        type: 'image_generation',
        action: 'edit',
        model: 'gpt-image-2',
        output_format: 'jpeg',
        output_compression: 50,
        input_image_mask: { image_url: url },
      },
    ]);
  });

  test('JSON: images by URL', async () => {
    const url = `data:image/png;base64,${png.toString('base64')}`;
    const answer = await fetch(`${world.daemon.url}/images/edits`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ prompt: 'Bluer', images: [{ image_url: url }] }),
    });
    expect(await answer.json()).toMatchObject({ data: [{ b64_json: expect.any(String) }] });
  });

  test('a file that is no image is refused before the upload', async () => {
    const form = new FormData();
    form.set('prompt', 'Bluer');
    form.set('image', new File(['GIF89a and so on'], 'a.png', { type: 'image/png' }));
    const answer = await postForm(form);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { param: 'images[0]', code: 'invalid_value' } });
    expect(world.simulator.requests.filter(isTurn)).toEqual([]);
  });

  test('a mask that is too large is refused before the upload, by name', async () => {
    const form = new FormData();
    form.set('prompt', 'Bluer');
    form.set('image', new File([png], 'a.png'));
    form.set('mask', new File([png, Buffer.alloc(4 * 1024 * 1024)], 'mask.png'));
    const answer = await postForm(form);
    expect([answer.status, await answer.json()]).toMatchObject([
      413,
      { error: { param: 'mask', code: 'payload_too_large' } },
    ]);
    expect(world.simulator.requests.filter(isTurn)).toEqual([]);
  });

  test('no image is a 400 that says so, a broken form as well', async () => {
    const form = new FormData();
    form.set('prompt', 'Bluer');
    expect(await (await postForm(form)).json()).toMatchObject({ error: { param: 'image' } });
    const broken = await fetch(`${world.daemon.url}/v1/images/edits`, {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
      body: 'nothing of the kind',
    });
    expect([broken.status, await broken.json()]).toMatchObject([
      400,
      { error: { message: expect.stringContaining('multipart') } },
    ]);
  });

  test('more bytes than the limit are 413, whatever the length header says or leaves out', async () => {
    await using daemon = await startDaemon({
      simulator: world.simulator,
      env: { CODEXD_SERVER_JSON_LIMIT_MB: '1' },
    });
    const form = new FormData();
    form.set('prompt', 'Bluer');
    form.set('image', new File([png, Buffer.alloc(1_100_000)], 'a.png'));
    const whole = new Response(form);
    const type = whole.headers.get('content-type')!;
    const bytes = await whole.bytes();
    const chunks = new ReadableStream({
      start(controller) {
        for (let at = 0; at < bytes.length; at += 65_536) controller.enqueue(bytes.subarray(at, at + 65_536));
        controller.close();
      },
    });
    for (const body of [bytes, chunks]) {
      const answer = await fetch(`${daemon.url}/v1/images/edits`, {
        method: 'POST',
        headers: { 'content-type': type },
        body,
      });
      expect([answer.status, await answer.json()]).toMatchObject([
        413,
        { error: { code: 'payload_too_large' } },
      ]);
    }
    expect(world.simulator.requests.filter(isTurn)).toEqual([]);
  });
});

test('where no classic model is allowed nothing is drawn', async () => {
  await using daemon = await startDaemon({
    simulator: world.simulator,
    env: { CODEXD_MODELS_ALLOWED: 'gpt-6*' },
  });
  const answer = await fetch(`${daemon.url}/v1/images/generations`, {
    method: 'POST',
    body: JSON.stringify(kite),
  });
  expect([answer.status, await answer.json()]).toMatchObject([404, { error: { code: 'model_not_found' } }]);
});
