// Every upstream turn as completion frames and as one completion, kept in test/golden/openai-completions. `UPDATE=1` rewrites.
import { describe, expect, test } from 'bun:test';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../../../src/failure.ts';
import { fixture, fixtures } from '../chat/support.ts';
import { chatChunks } from '../chat-order.ts';
import { completionOrderFaults } from './order.ts';
import { asked, streamOf, wholeOf } from './support.ts';

const goldenDir = join(import.meta.dir, '../../../golden/openai-completions');
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
    const made = streamOf(await fixture(name), asked({ ...withUsage, echo: true }));
    expect(made).toBe(await golden(`${name}.sse`, made));
  });

  test.each(goldens)('%s as a whole', async (name) => {
    const turn = await fixture(name);
    if (turn.failure !== undefined)
      return expect(await Bun.file(join(goldenDir, `${name}.json`)).exists()).toBeFalse();
    const made = `${JSON.stringify(wholeOf(turn, asked()), null, 2)}\n`;
    expect(made).toBe(await golden(`${name}.json`, made));
  });

  test('no golden outlives its turn', () => {
    const kept = readdirSync(goldenDir).map((file) => file.slice(0, file.indexOf('.')));
    expect(kept.filter((name) => !goldens.includes(name))).toEqual([]);
  });
});

const requests: [string, object][] = [
  ['as asked', {}],
  ['with usage and the prompt before it', { ...withUsage, echo: true }],
  ['with stop texts', { stop: ['e', '**', ' t'] }],
];

describe.each(requests)('every turn %s', (_, body) => {
  const translation = asked(body);

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
  const cuts = events.map((_, cut) => cut).filter((cut) => cut < 40 || cut > events.length - 20);
  for (const end of cuts) {
    const failure = new Failure('upstream_broke', 'The upstream closed the stream.');
    const turn = { events: events.slice(0, end), response: undefined, failure };
    expect(completionOrderFaults(streamOf(turn, asked({ ...withUsage, stop: ['zzz'] })))).toEqual([]);
  }
});
