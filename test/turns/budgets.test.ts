// What a turn costs the budget of its caller.
import { expect, test } from 'bun:test';
import { Failure } from '../../src/failure.ts';
import { responses, responsesPath, type TestDaemon, testDaemon } from '../server/support.ts';
import { until } from '../support/until.ts';
import { Body, created, refusal, type ScriptedResponse, text, turnOf } from '../upstream/support.ts';

/** A daemon that notes what is spent. */
function counting(script: ScriptedResponse[], admit = () => {}): { daemon: TestDaemon; spent: number[] } {
  const spent: number[] = [];
  const spend = (_: unknown, tokens: number) => void spent.push(tokens);
  return { daemon: testDaemon(script, { turns: { budgets: { admit, spend } } }), spent };
}

const turn = turnOf('plain-text');

test.each([true, false])('a turn costs its tokens, once; streamed: %p', async (stream) => {
  const { daemon, spent } = counting([turn]);
  await using _ = daemon;
  const answer = await daemon.post(responsesPath, responses({ stream }));
  await answer.text();
  const [record] = await until(() => daemon.records.length > 0).then(() => daemon.records);
  const { input_tokens, output_tokens } = record!.usage!;
  expect(spent).toEqual([input_tokens + output_tokens]);
  expect(input_tokens).toBeGreaterThan(0);
});

test('a turn that was cut off costs what was sent', async () => {
  const { daemon, spent } = counting([
    ({ signal }) => new Response(new Body(signal).push(created, text('How')).stream),
  ]);
  await using _ = daemon;
  const controller = new AbortController();
  const input = 'word '.repeat(800);
  const answer = await daemon.post(responsesPath, responses({ stream: true, input }), {
    signal: controller.signal,
  });
  await answer.body!.getReader().read();
  controller.abort();
  await until(() => spent.length > 0);
  expect(spent[0]).toBeGreaterThan(1000);
  expect(spent[0]).toBeLessThan(1500);
});

test('a turn that the upstream refuses costs nothing', async () => {
  const { daemon, spent } = counting([refusal(400, { error: { message: 'No.', code: 'invalid_value' } })]);
  await using _ = daemon;
  expect((await daemon.post(responsesPath, responses())).status).toBe(400);
  expect(spent).toEqual([]);
});

test('a caller without a budget left sends nothing upstream', async () => {
  const { daemon, spent } = counting([], () => {
    throw new Failure('rate_limited', 'Used up.', { code: 'key_limit_reached', retry: false });
  });
  await using _ = daemon;
  expect((await daemon.post(responsesPath, responses())).status).toBe(429);
  expect([daemon.world.sent, spent]).toEqual([[], []]);
});
