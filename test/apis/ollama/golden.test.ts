// Every upstream turn as a stream and as a whole response of both endpoints, in test/golden/ollama-*. `UPDATE=1`
// rewrites them.
import { describe, expect, test } from 'bun:test';
import { Failure } from '../../../src/failure.ts';
import { cutsOf, describeGoldens } from '../goldens.ts';
import { fold, ollamaOrderFaults } from './order.ts';
import { fixture, fixtures, type Route, streamOf, translate, wholeOf } from './support.ts';

const routes: Route[] = ['chat', 'generate'];

describe.each(routes)('%s', (route) => {
  describeGoldens(`ollama-${route}`, {
    fixtures,
    fixture,
    stream: (turn) => streamOf(turn, translate({}, route), route),
    whole: (turn) => wholeOf(turn, translate({}, route), route),
    extension: 'ndjson',
  });

  const forms: [string, object][] = [
    ['', {}],
    [', thoughts hidden', { think: false }],
    [', with stop texts', { options: { stop: ['e', '**', ' t'] } }],
  ];
  describe.each(forms)('every turn%s', (_, body) => {
    test.each(fixtures)('%s: in order; stream and whole are twins', async (name) => {
      const turn = await fixture(name);
      const wire = streamOf(turn, translate(body, route), route);
      expect(ollamaOrderFaults(wire, route)).toEqual([]);
      if (turn.failure !== undefined) return;
      const streamed = fold(wire, route);
      const whole = wholeOf(turn, translate(body, route), route);
      // Times differ, and an answer that ends at a stop text does not wait for the upstream's usage.
      const timed = ['created_at', ...Object.keys(whole).filter((key) => key.endsWith('_duration'))];
      const apart = 'options' in body ? [...timed, 'prompt_eval_count', 'eval_count'] : timed;
      for (const key of apart) delete streamed[key];
      for (const key of apart) delete whole[key];
      expect(streamed).toEqual(whole);
    });
  });

  test.each(fixtures)('%s: cut after any event, the stream ends with an error and no done', async (name) => {
    const { events } = await fixture(name);
    for (const end of cutsOf(events.length)) {
      const failure = new Failure('upstream_broke', 'The upstream closed the stream.');
      const turn = { events: events.slice(0, end), response: undefined, failure };
      const wire = streamOf(turn, translate({}, route), route);
      expect(ollamaOrderFaults(wire, route)).toEqual([]);
      expect(wire).not.toContain('"done":true');
    }
  });
});
