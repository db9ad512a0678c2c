// How image turns are translated (docs/wire/openai.md#image-fields, #image-events).
import { describe, expect, test } from 'bun:test';
import { imagesAnswer } from '../../../../src/apis/openai/images/whole.ts';
import type { Failure } from '../../../../src/failure.ts';
import type { ResponsesResponse } from '../../../../src/responses/response.ts';
import type { Json } from '../chat/order.ts';
import { fixture, message, type Turn, turnWith } from '../chat/support.ts';
import { failureOf, streamOf, translate } from './support.ts';

function image(more: Json): Json[] {
  const item = { id: 'ig_1', type: 'image_generation_call', status: 'in_progress' };
  return [
    { type: 'response.output_item.added', item },
    { type: 'response.output_item.done', item: { ...item, status: 'completed', ...more } },
  ];
}

function drawn(result: string, more: Partial<ResponsesResponse> = {}): ResponsesResponse {
  const item = { id: 'ig_1', type: 'image_generation_call' as const, status: 'completed', result };
  return { id: 'resp_1', created_at: 1_795_187_761.9, output: [item as never], ...more };
}

const tokens = (input: number, output: number) => ({
  image_gen: {
    input_tokens: input,
    output_tokens: output,
    total_tokens: input + output,
    input_tokens_details: { text_tokens: input, image_tokens: 0 },
  },
});

function thrownBy(turn: Turn): Failure {
  const thrown = failureOf(() => imagesAnswer([turn.response!], translate()));
  if (thrown === undefined) throw new Error('the turn gave an answer');
  return thrown;
}

test('several turns are one answer in their order, their tokens added up', () => {
  const responses = ['AAAA', 'BBBB', 'CCCC'].map((result, index) =>
    drawn(result, { tool_usage: tokens(10 + index, 100), usage: { input_tokens: 9999, output_tokens: 9 } }),
  );
  expect(imagesAnswer(responses, translate({ size: '1024x1024' }))).toEqual({
    created: 1_795_187_761,
    output_format: 'png',
    size: '1024x1024',
    data: [{ b64_json: 'AAAA' }, { b64_json: 'BBBB' }, { b64_json: 'CCCC' }],
    usage: {
      input_tokens: 33,
      output_tokens: 300,
      total_tokens: 333,
      input_tokens_details: { text_tokens: 33, image_tokens: 0 },
    },
  });
});

test('without the image’s own usage there is none, never that of the model that called the tool', () => {
  const answer = imagesAnswer([drawn('AAAA', { usage: { input_tokens: 9, output_tokens: 9 } })], translate());
  expect(answer).not.toHaveProperty('usage');
});

test('a turn with an image: the image, its look and its revised prompt', async () => {
  const { response } = await fixture('image-generation');
  expect(imagesAnswer([response!], translate())).toMatchObject({
    background: 'opaque',
    data: [{ b64_json: expect.stringMatching(/^iVBOR/), revised_prompt: expect.any(String) }],
    usage: { total_tokens: (response as Json).tool_usage.image_gen.total_tokens },
  });
});

describe('without an image', () => {
  test.each<[string, Json[], Json, number, string]>([
    ['a text instead', message('msg_1', 'Here is a poem.'), {}, 422, 'image_generation_failed'],
    ['nothing', [], {}, 422, 'image_generation_failed'],
    ['an empty result', image({ result: '' }), {}, 422, 'image_generation_failed'],
    [
      'a failed item',
      image({ status: 'failed', error: { code: 'server_error' } }),
      {},
      422,
      'image_generation_failed',
    ],
    [
      'a moderated item',
      image({ status: 'failed', error: { code: 'moderation_blocked' } }),
      {},
      400,
      'moderation_blocked',
    ],
    [
      'a filtered turn',
      [],
      { type: 'response.incomplete', incomplete_details: { reason: 'content_filter' } },
      400,
      'moderation_blocked',
    ],
  ])('%s', (_, events, terminal, status, code) => {
    const turn = turnWith(events, terminal);
    expect(thrownBy(turn)).toMatchObject({ status, code, retry: false });
    expect(streamOf(turn)).toMatch(new RegExp(`^event: error\\ndata: .*"code":"${code}".*\\n\\n$`));
  });

  test('a refusal', async () => {
    expect(thrownBy(await fixture('refusal'))).toMatchObject({ status: 400, code: 'moderation_blocked' });
  });

  test('no word of the model’s gets into the message', () => {
    expect(thrownBy(turnWith(message('msg_1', 'Here is a poem.'))).message).not.toContain('poem');
  });
});

test('events lack nothing that their types require: what was asked for stands in', () => {
  const partial = {
    type: 'response.image_generation_call.partial_image',
    item_id: 'ig_1',
    partial_image_b64: 'AAAA',
    partial_image_index: 0,
  };
  const [added, done] = image({ result: 'BBBB' }) as [Json, Json];
  const text = streamOf(turnWith([added, partial, done]), { quality: 'high', partial_images: 1 });
  const events = [...text.matchAll(/^data: (.*)$/gm)].map(([, json]) => JSON.parse(json!) as Json);
  const look = { size: 'auto', quality: 'high', background: 'auto', output_format: 'png' };
  const created_at = 1_795_187_761;
  expect(events).toEqual([
    { type: 'image_generation.partial_image', b64_json: 'AAAA', partial_image_index: 0, created_at, ...look },
    { type: 'image_generation.completed', b64_json: 'BBBB', created_at, ...look },
  ]);
});

test('an invalid partial image is left out', () => {
  const [added, done] = image({ result: 'BBBB' }) as [Json, Json];
  const partial = { type: 'response.image_generation_call.partial_image', item_id: 'ig_1' };
  const broken = [{}, { partial_image_b64: '' }, { partial_image_b64: 7 }].map((b64) => ({
    ...partial,
    ...b64,
  }));
  const types = [...streamOf(turnWith([added, ...broken, done])).matchAll(/^event: (.*)$/gm)];
  expect(types.map(([, type]) => type)).toEqual(['image_generation.completed']);
});
