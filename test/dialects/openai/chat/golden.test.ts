// Every upstream turn as chat frames and as one chat completion, kept in test/golden/openai-chat. `UPDATE=1` rewrites.
import { describe, expect, test } from 'bun:test';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ReasoningStyle } from '../../../../src/dialects/dialect.ts';
import { Failure } from '../../../../src/failure.ts';
import { chatOrderFaults } from '../chat-order.ts';
import { fold } from './fold.ts';
import { asked, fixture, fixtures, streamOf, wholeOf } from './support.ts';

const goldenDir = join(import.meta.dir, '../../../golden/openai-chat');
/** 300 KB in one delta: nothing to read in a diff. */
const goldens = fixtures.filter((name) => name !== 'large-item' && name !== 'long-text');

const withUsage = { stream: true, stream_options: { include_usage: true } };

async function golden(file: string, made: string): Promise<string> {
  const path = join(goldenDir, file);
  if (process.env.UPDATE) await Bun.write(path, made);
  return Bun.file(path).text();
}

describe('golden', () => {
  test.each(goldens)('%s as a stream', async (name) => {
    const made = streamOf(await fixture(name), asked(withUsage));
    expect(made).toBe(await golden(`${name}.sse`, made));
  });

  test.each(goldens)('%s as a whole', async (name) => {
    const turn = await fixture(name);
    if (turn.failure !== undefined)
      return expect(await Bun.file(join(goldenDir, `${name}.json`)).exists()).toBeFalse();
    const made = `${JSON.stringify(wholeOf(turn, asked()), null, 2)}\n`;
    expect(made).toBe(await golden(`${name}.json`, made));
  });

  const shown: [string, ReasoningStyle][] = [
    ['reasoning-then-text', 'think-tags'],
    ['reasoning-then-text', 'o3'],
    ['reasoning-then-text', 'none'],
    ['commentary-then-call', 'think-tags'],
  ];
  test.each(shown)('%s with reasoning as %s', async (name, reasoningStyle) => {
    const turn = await fixture(name);
    const translation = asked({ stream: true }, { reasoningStyle });
    const whole = JSON.stringify(wholeOf(turn, translation), null, 2);
    const made = `${streamOf(turn, translation)}${whole}\n`;
    expect(made).toBe(await golden(`${name}.${reasoningStyle}.txt`, made));
  });

  test('no golden outlives its turn', () => {
    const kept = readdirSync(goldenDir).map((file) => file.slice(0, file.indexOf('.')));
    expect(kept.filter((name) => !goldens.includes(name))).toEqual([]);
  });
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
  const translation = asked(body, { reasoningStyle });

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
  const translation = asked({ ...withUsage, stop: ['zzz'] }, { reasoningStyle: 'think-tags' });
  for (const end of cutsOf(events.length)) {
    const failure = new Failure('upstream_broke', 'The upstream closed the stream.');
    const turn = { events: events.slice(0, end), response: undefined, failure };
    expect(chatOrderFaults(streamOf(turn, translation))).toEqual([]);
  }
});

/** Everywhere, but in long turns only near the ends. */
function cutsOf(length: number): number[] {
  const all = Array.from({ length }, (_, cut) => cut);
  return all.filter((cut) => cut < 40 || cut > length - 20);
}
