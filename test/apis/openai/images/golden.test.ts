// Upstream turns as image events and as a whole response, in test/golden/openai-images. `UPDATE=1` rewrites them. Most turns
// contain no image: those all have one outcome.
import { describe, expect, test } from 'bun:test';
import type { ImageAction } from '../../../../src/apis/openai/images/types.ts';
import { Failure } from '../../../../src/failure.ts';
import { cutsOf, describeGoldens } from '../../goldens.ts';
import { fixture, fixtures } from '../chat/support.ts';
import { imageOrderFaults } from './order.ts';
import { streamOf, wholeOf } from './support.ts';

const isSpecial = (name: string) => /^(image|refusal|incomplete-content|cut|failed|overload)/.test(name);

describeGoldens('openai-images', {
  fixtures: fixtures.filter(isSpecial),
  fixture,
  stream: (turn) => streamOf(turn, { partial_images: 1 }),
  whole: wholeOf,
});

test.each(fixtures.filter((name) => !isSpecial(name)))('%s: no image', async (name) => {
  const error = {
    message: 'The upstream did not return an image. Describe the image in the prompt, or try again.',
    type: 'invalid_request_error',
    param: null,
    code: 'image_generation_failed',
  };
  const turn = await fixture(name);
  expect(streamOf(turn)).toBe(`event: error\ndata: ${JSON.stringify({ type: 'error', error })}\n\n`);
  expect(wholeOf(turn)).toEqual({ error });
});

const actions: ImageAction[] = ['generate', 'edit'];
describe.each(actions)('%s', (action) => {
  const prefix = action === 'edit' ? 'image_edit' : 'image_generation';

  test.each(fixtures)('%s: in order, and ends with the image or an error', async (name) => {
    const wire = streamOf(await fixture(name), {}, action);
    expect(imageOrderFaults(wire, action)).toEqual([]);
    const ending = name === 'image-generation' ? `${prefix}.completed` : 'error';
    expect(wire.split('event: ').at(-1)).toStartWith(`${ending}\n`);
  });

  test('cut after any event, the stream is orderly and ends with an error', async () => {
    const { events } = await fixture('image-generation');
    for (const end of cutsOf(events.length)) {
      const failure = new Failure('upstream_broke', 'The upstream closed the stream.');
      const wire = streamOf({ events: events.slice(0, end), response: undefined, failure }, {}, action);
      expect(imageOrderFaults(wire, action)).toEqual([]);
      expect(wire).toContain('event: error\n');
    }
  });
});
