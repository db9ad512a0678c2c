// Every upstream turn as chat frames and as a chat completion, in test/golden/openai-chat. `UPDATE=1` rewrites them.
import { describe, expect, test } from 'bun:test';
import { Failure } from '../../../../src/failure.ts';
import type { ReasoningStyle } from '../../../../src/responses/translator.ts';
import { cutsOf, describeGoldens } from '../../goldens.ts';
import { fold } from './fold.ts';
import { chatOrderFaults } from './order.ts';
import { fixture, fixtures, streamOf, translate, wholeOf } from './support.ts';

const withUsage = { stream: true, stream_options: { include_usage: true } };

const golden = describeGoldens('openai-chat', {
  fixtures,
  fixture,
  stream: (turn) => streamOf(turn, translate(withUsage)),
  whole: (turn) => wholeOf(turn, translate()),
});

const shown: [string, ReasoningStyle][] = [
  ['reasoning-then-text', 'think-tags'],
  ['reasoning-then-text', 'o3'],
  ['reasoning-then-text', 'none'],
  ['commentary-then-call', 'think-tags'],
];
test.each(shown)('golden: %s with reasoning as %s', async (name, reasoningStyle) => {
  const turn = await fixture(name);
  const translation = translate({ stream: true }, { reasoningStyle });
  const whole = JSON.stringify(wholeOf(turn, translation), null, 2);
  await golden(`${name}.${reasoningStyle}.txt`, `${streamOf(turn, translation)}${whole}\n`);
});

const requests: [string, object][] = [
  ['as asked', {}],
  ['with usage', withUsage],
  ['with functions of 2023', { functions: [{ name: 'get_weather' }] }],
  ['with stop texts', { stop: ['e', '**', ' t'] }],
];
const styles: ReasoningStyle[] = ['reasoning_content', 'think-tags', 'o3', 'none'];
const forms = requests.flatMap(([how, body]) => styles.map((style) => [how, style, body] as const));

describe.each(forms)('every turn %s, reasoning as %s', (_, reasoningStyle, body) => {
  const translation = translate(body, { reasoningStyle });

  test.each(fixtures)('%s: the order is kept', async (name) => {
    expect(chatOrderFaults(streamOf(await fixture(name), translation))).toEqual([]);
  });

  test.each(fixtures)('%s: stream and whole are twins', async (name) => {
    const turn = await fixture(name);
    if (turn.failure !== undefined) return;
    const streamed = fold(streamOf(turn, translation));
    const whole = wholeOf(turn, translation);
    const choice = whole.choices[0];
    expect(streamed.message).toEqual({ ...choice.message });
    expect(streamed.finishReason).toBe(choice.finish_reason);
    if (translation.includeUsage) expect(streamed.usage).toEqual({ ...whole.usage });
  });
});

test.each(fixtures)('%s: cut after any event, the stream is orderly and ends with an error', async (name) => {
  const { events } = await fixture(name);
  const translation = translate({ ...withUsage, stop: ['zzz'] }, { reasoningStyle: 'think-tags' });
  for (const end of cutsOf(events.length)) {
    const failure = new Failure('upstream_broke', 'The upstream closed the stream.');
    const turn = { events: events.slice(0, end), response: undefined, failure };
    expect(chatOrderFaults(streamOf(turn, translation))).toEqual([]);
  }
});
