// Every upstream turn as a stream and as one answer of both routes, kept in test/golden/ollama-*. `UPDATE=1` rewrites.
import { describe, expect, test } from 'bun:test';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../../src/failure.ts';
import { fold, ollamaOrderFaults } from './order.ts';
import { asked, fixture, fixtures, type Route, streamOf, wholeOf } from './support.ts';

/** 300 KB in one delta: nothing to read in a diff. */
const goldens = fixtures.filter((name) => name !== 'large-item' && name !== 'long-text');

const routes: Route[] = ['chat', 'generate'];

describe.each(routes)('%s', (route) => {
  const goldenDir = join(import.meta.dir, `../../golden/ollama-${route}`);
  const golden = async (file: string, made: string): Promise<string> => {
    const path = join(goldenDir, file);
    if (process.env.UPDATE) await Bun.write(path, made);
    return Bun.file(path).text();
  };

  test.each(goldens)('golden: %s as a stream', async (name) => {
    const made = streamOf(await fixture(name), asked({}, route), route);
    expect(made).toBe(await golden(`${name}.ndjson`, made));
  });

  test.each(goldens)('golden: %s as a whole', async (name) => {
    const turn = await fixture(name);
    if (turn.failure !== undefined)
      return expect(await Bun.file(join(goldenDir, `${name}.json`)).exists()).toBeFalse();
    const made = `${JSON.stringify(wholeOf(turn, asked({}, route), route), null, 2)}\n`;
    expect(made).toBe(await golden(`${name}.json`, made));
  });

  test('no golden outlives its turn', () => {
    const kept = readdirSync(goldenDir).map((file) => file.slice(0, file.indexOf('.')));
    expect(kept.filter((name) => !goldens.includes(name))).toEqual([]);
  });

  const forms: [string, object][] = [
    ['', {}],
    [', thoughts hidden', { think: false }],
    [', with stop texts', { options: { stop: ['e', '**', ' t'] } }],
  ];
  describe.each(forms)('every turn%s', (_, body) => {
    test.each(fixtures)('%s: in order; stream and whole are twins', async (name) => {
      const turn = await fixture(name);
      const wire = streamOf(turn, asked(body, route), route);
      expect(ollamaOrderFaults(wire, route)).toEqual([]);
      if (turn.failure !== undefined) return;
      const streamed = fold(wire, route);
      const whole = wholeOf(turn, asked(body, route), route);
      // Times differ, and an answer that was cut does not wait for the upstream to tell what it cost.
      const timed = ['created_at', ...Object.keys(whole).filter((key) => key.endsWith('_duration'))];
      const apart = 'options' in body ? [...timed, 'prompt_eval_count', 'eval_count'] : timed;
      for (const key of apart) delete streamed[key];
      for (const key of apart) delete whole[key];
      expect(streamed).toEqual(whole);
    });
  });

  test.each(fixtures)('%s: cut after any event, the stream ends with an error and no done', async (name) => {
    const { events } = await fixture(name);
    for (let end = 0; end < Math.min(events.length, 60); end++) {
      const failure = new Failure('upstream_broke', 'The upstream closed the stream.');
      const turn = { events: events.slice(0, end), response: undefined, failure };
      const wire = streamOf(turn, asked({}, route), route);
      expect(ollamaOrderFaults(wire, route)).toEqual([]);
      expect(wire).not.toContain('"done":true');
    }
  });
});
