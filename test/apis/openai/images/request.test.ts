// How each field of an image request is translated (docs/wire/openai.md#image-fields, #image-edits).
import { describe, expect, test } from 'bun:test';
import { translateImageRequest } from '../../../../src/apis/openai/images/request.ts';
import type { ImageAction } from '../../../../src/apis/openai/images/types.ts';
import { Failure } from '../../../../src/failure.ts';
import { pngFor } from '../../../../src/simulator/png.ts';

const png = Buffer.from(pngFor('source'), 'base64');

function dataUrl(bytes: Uint8Array, type = 'image/png'): { image_url: string } {
  return { image_url: `data:${type};base64,${Buffer.from(bytes).toString('base64')}` };
}

function translate(body: object = {}, action: ImageAction = 'generate') {
  return translateImageRequest({ prompt: 'A kite', ...body }, action, 'gpt-5.5');
}

function toolOf(body: object, action: ImageAction = 'generate'): Record<string, unknown> {
  return translate(body, action).request.tools![0] as Record<string, unknown>;
}

function refusal(body: object, action: ImageAction = 'generate') {
  try {
    translate(body, action);
  } catch (thrown) {
    if (thrown instanceof Failure) return { status: thrown.status, param: thrown.param, code: thrown.code };
    throw thrown;
  }
  throw new Error('the request was taken');
}

describe('taken', () => {
  test.each<[string, unknown, string]>([
    ['size', 'auto', 'gpt-image-1.5'],
    ['size', '1536x1024', 'gpt-image-1-mini'],
    ['size', '3840x2160', 'gpt-image-2'],
    ['size', '1024x640', 'gpt-image-2.5-sunburst'],
    ['size', '1536x512', 'gpt-image-2-2026-04-21'],
    ['quality', 'max', 'gpt-image-2.6-x'],
    ['background', 'transparent', 'gpt-image-1.5'],
    ['background', 'transparent', 'gpt-image-2.5-flare'],
    ['background', 'opaque', 'gpt-image-2'],
    ['output_format', 'svg', 'gpt-image-2'],
    ['output_compression', 100, 'gpt-image-2'],
    ['moderation', 'low', 'chatgpt-image-latest'],
    ['complexity', 'high', 'gpt-image-2'],
    ['frame_count', 8, 'gpt-image-2'],
  ])('%s %j with %3$s reaches the tool', (field, value, model) => {
    const translation = translate({ [field]: value, model });
    expect(translation.request.tools![0]).toMatchObject({ [field]: value, model });
    expect(translation.dropped).toEqual([]);
  });

  test('nothing but the prompt: the default model, and no option invented', () => {
    expect(toolOf({})).toEqual({ type: 'image_generation', action: 'generate', model: 'gpt-image-2' });
  });

  test.each([
    'model',
    'n',
    'size',
    'quality',
    'background',
    'stream',
    'partial_images',
    'mask',
    'response_format',
  ])('%s: null is as good as absent', (field) => {
    expect(translate({ [field]: null })).toEqual(translate());
  });

  test('partial images in a stream only, and only when some are wanted', () => {
    expect(toolOf({ stream: true, partial_images: 3 }).partial_images).toBe(3);
    expect(toolOf({ stream: true, partial_images: 0 })).not.toHaveProperty('partial_images');
    expect(toolOf({ partial_images: 2 })).not.toHaveProperty('partial_images');
  });
});

test.each([{ model: 'dall-e-3' }, { model: 'dall-e-2' }, { model: 'gpt-5.5' }, { model: 'openai/gpt-4o' }])(
  '%p draws with the default image model',
  (body) => {
    expect(toolOf(body).model).toBe('gpt-image-2');
  },
);

test('the small sizes of dall-e-2 become the smallest of today, and are named', () => {
  const { dropped } = translate({ model: 'dall-e-2', size: '256x256' });
  expect(toolOf({ model: 'dall-e-2', size: '256x256' }).size).toBe('1024x1024');
  expect(dropped).toMatchObject([{ field: 'size' }]);
});

describe('refused by name', () => {
  test.each<[string, unknown, string | undefined]>([
    ['prompt', undefined, undefined],
    ['prompt', '', undefined],
    ['prompt', 'x'.repeat(32_001), undefined],
    ['size', '640x512', 'dall-e-2'],
    ['n', 0, undefined],
    ['n', 11, undefined],
    ['n', 1.5, undefined],
    ['size', '1024x640', 'gpt-image-1.5'],
    ['size', 'large', 'gpt-image-2'],
    ['size', '0x1024', 'gpt-image-2'],
    ['size', '1000x1024', 'gpt-image-2'],
    ['size', '3856x2048', 'gpt-image-2'],
    ['size', '2048x512', 'gpt-image-2'],
    ['size', '640x640', 'gpt-image-2'],
    ['size', '3840x2176', 'gpt-image-2'],
    ['quality', 'best', undefined],
    ['background', 'transparent', 'gpt-image-2'],
    ['background', 'transparent', 'gpt-image-2-2026-04-21'],
    ['output_format', 'bmp', undefined],
    ['output_compression', 101, undefined],
    ['output_compression', 50, undefined],
    ['moderation', 'none', undefined],
    ['partial_images', 4, undefined],
    ['stream', 'yes', undefined],
    ['response_format', 'url', undefined],
    ['response_format', 'file', undefined],
  ])('%s: %j', (field, value, model) => {
    expect(refusal({ [field]: value, ...(model ? { model } : {}) })).toMatchObject({
      status: 400,
      param: field,
    });
  });

  test('a JPEG cannot be transparent', () => {
    const body = { model: 'gpt-image-1.5', background: 'transparent', output_format: 'jpeg' };
    expect(refusal(body).param).toBe('background');
  });

  test('n with stream', () => {
    expect(refusal({ n: 2, stream: true }).param).toBe('n');
  });
});

describe('dropped and named', () => {
  test.each<[string, unknown]>([
    ['style', 'vivid'],
    ['user', 'u'],
    ['safety_identifier', 's'],
    ['quality', 'hd'],
    ['quality', 'standard'],
    ['partial_images', 1],
    ['input_fidelity', 'high'],
    ['images', [dataUrl(png)]],
    ['nonsense', 1],
  ])('%s: %j', (field, value) => {
    const { dropped } = translate({ [field]: value });
    expect(dropped).toMatchObject([{ field, why: expect.stringMatching(/\.$/) }]);
    const hints = ['user', 'safety_identifier', 'partial_images'];
    expect(dropped[0]?.hint ?? false).toBe(hints.includes(field));
  });
});

describe('edits', () => {
  const edit = (body: object) => translate({ images: [dataUrl(png)], ...body }, 'edit');
  const jpeg = Buffer.from('\xff\xd8\xff\xe0 and so on', 'latin1');
  const webp = Buffer.from('RIFF\x00\x00\x00\x00WEBPVP8 ', 'latin1');

  test.each<[string, Uint8Array, string]>([
    ['a PNG', png, 'image/png'],
    ['a JPEG', jpeg, 'image/jpeg'],
    ['a WebP', webp, 'image/webp'],
  ])('%s is known by its first bytes, whatever it calls itself', (_, bytes, type) => {
    const [message] = edit({ images: [dataUrl(bytes, 'text/plain')] }).request.input;
    expect(message).toMatchObject({
      content: [{ type: 'input_text' }, { image_url: dataUrl(bytes, type).image_url }],
    });
  });

  test('an https URL is the upstream’s to fetch', () => {
    const image_url = 'https://example.com/a.png';
    expect(edit({ images: [{ image_url }] }).request.input[0]).toMatchObject({
      content: [{}, { image_url }],
    });
  });

  test('fidelity for the models that have it', () => {
    const body = { images: [dataUrl(png)], input_fidelity: 'high' };
    expect(toolOf({ ...body, model: 'gpt-image-1.5' }, 'edit').input_fidelity).toBe('high');
    expect(toolOf({ ...body, model: 'gpt-image-2' }, 'edit')).not.toHaveProperty('input_fidelity');
    expect(edit({ input_fidelity: 'high' }).dropped.map(({ field }) => field)).toEqual(['input_fidelity']);
  });

  const wide = Buffer.from(png);
  wide.writeUInt32BE(32, 16);
  test.each<[string, object, string]>([
    ['no image', { images: [] }, 'image'],
    ['seventeen images', { images: Array.from({ length: 17 }, () => dataUrl(png)) }, 'image'],
    ['a file id', { images: [{ file_id: 'file-1' }] }, 'images[0].image_url'],
    ['plain http', { images: [{ image_url: 'http://example.com/a.png' }] }, 'images[0].image_url'],
    ['a URL that is not base64', { images: [{ image_url: 'data:image/png,abc' }] }, 'images[0].image_url'],
    ['something else', { images: [dataUrl(png), dataUrl(Buffer.from('GIF89a'))] }, 'images[1]'],
    ['a mask that is no PNG', { mask: dataUrl(jpeg) }, 'mask'],
    ['a mask of another size', { mask: dataUrl(wide) }, 'mask'],
  ])('%s is refused', (_, body, param) => {
    expect(refusal({ images: [dataUrl(png)], ...body }, 'edit')).toMatchObject({ status: 400, param });
  });

  test.each<[string, object, string]>([
    ['an image', { images: [dataUrl(Buffer.concat([png, Buffer.alloc(50 * 1024 * 1024)]))] }, 'images[0]'],
    ['a mask', { mask: dataUrl(Buffer.concat([png, Buffer.alloc(4 * 1024 * 1024)])) }, 'mask'],
  ])('%s that is too large is refused before the upload', (_, body, param) => {
    const expected = { status: 413, param, code: 'payload_too_large' };
    expect(refusal({ images: [dataUrl(png)], ...body }, 'edit')).toEqual(expected);
  });
});
