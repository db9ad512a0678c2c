// Every upstream turn as image events and as a whole response, in test/golden/openai-images; most contain no image and
// fail. `UPDATE=1` rewrites them.
import { describe, expect, test } from 'bun:test';
import type { ImageAction } from '../../../../src/apis/openai/images/types.ts';
import { Failure } from '../../../../src/failure.ts';
import { cutsOf, describeGoldens } from '../../goldens.ts';
import { fixture, fixtures } from '../chat/support.ts';
import { imageOrderFaults } from './order.ts';
import { streamOf, wholeOf } from './support.ts';

describeGoldens('openai-images', {
  fixtures,
  fixture,
  stream: (turn) => streamOf(turn, { partial_images: 1 }),
  whole: wholeOf,
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
