// Every upstream turn as a Messages stream and as a whole message, in test/golden/anthropic-messages. `UPDATE=1`
// rewrites them.
import { describe, expect, test } from 'bun:test';
import { Failure } from '../../../../src/failure.ts';
import { cutsOf, describeGoldens } from '../../goldens.ts';
import { fold } from './fold.ts';
import { messagesOrderFaults } from './order.ts';
import { fixture, fixtures, streamOf, translate, wholeOf } from './support.ts';

const thinking = { thinking: { type: 'adaptive' } };

const golden = describeGoldens('anthropic-messages', {
  fixtures,
  fixture,
  stream: (turn) => streamOf(turn, translate(thinking)),
  whole: (turn) => wholeOf(turn, translate(thinking)),
});

const shown: [string, string, object][] = [
  ['reasoning-then-text', 'omitted', { thinking: { type: 'adaptive', display: 'omitted' } }],
  ['reasoning-then-text', 'hidden', {}],
  ['plain-text', 'stopped', { stop_sequences: ['er', 'x'] }],
];
test.each(shown)('golden: %s, %s', async (name, how, body) => {
  const turn = await fixture(name);
  const whole = JSON.stringify(wholeOf(turn, translate(body)), null, 2);
  await golden(`${name}.${how}.txt`, `${streamOf(turn, translate(body))}${whole}\n`);
});

const displays: [string, object][] = [
  ['thinking shown', thinking],
  ['thinking omitted', { thinking: { type: 'adaptive', display: 'omitted' } }],
  ['no thinking', {}],
];
const stops: [string, object][] = [
  ['', {}],
  [' and stop sequences', { stop_sequences: ['e', '**', ' t'] }],
];
const forms = displays.flatMap(([display, body]) =>
  stops.map(([stop, further]) => [display + stop, { ...body, ...further }] as const),
);

describe.each(forms)('every turn with %s', (_, body) => {
  test.each(fixtures)('%s: the order is kept', async (name) => {
    expect(messagesOrderFaults(streamOf(await fixture(name), translate(body)))).toEqual([]);
  });

  test.each(fixtures)('%s: stream and whole are twins', async (name) => {
    const turn = await fixture(name);
    if (turn.failure !== undefined) return;
    const { usage: streamedUsage, ...streamed } = fold(streamOf(turn, translate(body)));
    const { usage, ...whole } = wholeOf(turn, translate(body));
    expect(streamed).toEqual({ ...whole });
    // An answer that ends at a stop text does not wait for the upstream's usage.
    if (whole.stop_reason !== 'stop_sequence') expect(streamedUsage).toEqual({ ...usage });
  });
});

test.each(fixtures)('%s: cut after any event, the stream is orderly and ends with an error', async (name) => {
  const { events } = await fixture(name);
  const translation = translate({ ...thinking, stop_sequences: ['zzz'] });
  for (const end of cutsOf(events.length)) {
    const failure = new Failure('upstream_broke', 'The upstream closed the stream.');
    const wire = streamOf({ events: events.slice(0, end), response: undefined, failure }, translation);
    expect(messagesOrderFaults(wire)).toEqual([]);
    expect(wire).not.toContain('message_stop');
  }
});
