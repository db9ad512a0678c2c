// Every upstream turn as completion frames and as a whole completion, in test/golden/openai-completions. `UPDATE=1`
// rewrites them.
import { describe, expect, test } from 'bun:test';
import { Failure } from '../../../../src/failure.ts';
import { cutsOf, describeGoldens } from '../../goldens.ts';
import { chatChunks } from '../chat/order.ts';
import { fixture, fixtures } from '../chat/support.ts';
import { completionOrderFaults } from './order.ts';
import { streamOf, translate, wholeOf } from './support.ts';

const withUsage = { stream: true, stream_options: { include_usage: true } };

describeGoldens('openai-completions', {
  fixtures,
  fixture,
  stream: (turn) => streamOf(turn, translate({ ...withUsage, echo: true })),
  whole: (turn) => wholeOf(turn, translate()),
});

const requests: [string, object][] = [
  ['as asked', {}],
  ['with usage and the prompt before it', { ...withUsage, echo: true }],
  ['with stop texts', { stop: ['e', '**', ' t'] }],
];

describe.each(requests)('every turn %s', (_, body) => {
  const translation = translate(body);

  test.each(fixtures)('%s: the order is kept', async (name) => {
    expect(completionOrderFaults(streamOf(await fixture(name), translation))).toEqual([]);
  });

  test.each(fixtures)('%s: stream and whole are twins', async (name) => {
    const turn = await fixture(name);
    if (turn.failure !== undefined) return;
    const chunks = chatChunks(streamOf(turn, translation));
    const [choice] = wholeOf(turn, translation).choices;
    expect(chunks.map(({ choices }) => choices[0]?.text ?? '').join('')).toBe(choice.text);
    expect(chunks.flatMap(({ choices }) => choices[0]?.finish_reason ?? [])).toEqual([choice.finish_reason]);
  });
});

test.each(fixtures)('%s: cut after any event, the stream is orderly and ends with an error', async (name) => {
  const { events } = await fixture(name);
  for (const end of cutsOf(events.length)) {
    const failure = new Failure('upstream_broke', 'The upstream closed the stream.');
    const turn = { events: events.slice(0, end), response: undefined, failure };
    expect(completionOrderFaults(streamOf(turn, translate({ ...withUsage, stop: ['zzz'] })))).toEqual([]);
  }
});
