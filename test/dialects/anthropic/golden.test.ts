// Every upstream turn as a Messages stream and as one message, kept in test/golden/anthropic-messages. `UPDATE=1` rewrites.
import { describe, expect, test } from 'bun:test';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../../src/failure.ts';
import { fold } from './fold.ts';
import { messagesOrderFaults } from './order.ts';
import { asked, fixture, fixtures, streamOf, wholeOf } from './support.ts';

const goldenDir = join(import.meta.dir, '../../golden/anthropic-messages');
/** 300 KB in one delta: nothing to read in a diff. */
const goldens = fixtures.filter((name) => name !== 'large-item' && name !== 'long-text');

const thinking = { thinking: { type: 'adaptive' } };

async function golden(file: string, made: string): Promise<string> {
  const path = join(goldenDir, file);
  if (process.env.UPDATE) await Bun.write(path, made);
  return Bun.file(path).text();
}

describe('golden', () => {
  test.each(goldens)('%s as a stream', async (name) => {
    const made = streamOf(await fixture(name), asked(thinking));
    expect(made).toBe(await golden(`${name}.sse`, made));
  });

  test.each(goldens)('%s as a whole', async (name) => {
    const turn = await fixture(name);
    if (turn.failure !== undefined)
      return expect(await Bun.file(join(goldenDir, `${name}.json`)).exists()).toBeFalse();
    const made = `${JSON.stringify(wholeOf(turn, asked(thinking)), null, 2)}\n`;
    expect(made).toBe(await golden(`${name}.json`, made));
  });

  const shown: [string, string, object][] = [
    ['reasoning-then-text', 'omitted', { thinking: { type: 'adaptive', display: 'omitted' } }],
    ['reasoning-then-text', 'hidden', {}],
    ['plain-text', 'stopped', { stop_sequences: ['er', 'x'] }],
  ];
  test.each(shown)('%s, %s', async (name, how, body) => {
    const turn = await fixture(name);
    const whole = JSON.stringify(wholeOf(turn, asked(body)), null, 2);
    const made = `${streamOf(turn, asked(body))}${whole}\n`;
    expect(made).toBe(await golden(`${name}.${how}.txt`, made));
  });

  test('no golden outlives its turn', () => {
    const kept = readdirSync(goldenDir).map((file) => file.slice(0, file.indexOf('.')));
    expect(kept.filter((name) => !goldens.includes(name))).toEqual([]);
  });
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
    expect(messagesOrderFaults(streamOf(await fixture(name), asked(body)))).toEqual([]);
  });

  test.each(fixtures)('%s: stream and whole are twins', async (name) => {
    const turn = await fixture(name);
    if (turn.failure !== undefined) return;
    const { usage: streamedUsage, ...streamed } = fold(streamOf(turn, asked(body)));
    const { usage, ...whole } = wholeOf(turn, asked(body));
    expect(streamed).toEqual({ ...whole });
    // An answer that was cut does not wait for the upstream to tell what it cost.
    if (whole.stop_reason !== 'stop_sequence') expect(streamedUsage).toEqual({ ...usage });
  });
});

test.each(fixtures)('%s: cut after any event, the stream is orderly and ends with an error', async (name) => {
  const { events } = await fixture(name);
  const translation = asked({ ...thinking, stop_sequences: ['zzz'] });
  for (const end of cutsOf(events.length)) {
    const failure = new Failure('upstream_broke', 'The upstream closed the stream.');
    const wire = streamOf({ events: events.slice(0, end), response: undefined, failure }, translation);
    expect(messagesOrderFaults(wire)).toEqual([]);
    expect(wire).not.toContain('message_stop');
  }
});

/** Everywhere, but in long turns only near the ends. */
function cutsOf(length: number): number[] {
  const all = Array.from({ length }, (_, cut) => cut);
  return all.filter((cut) => cut < 40 || cut > length - 20);
}
