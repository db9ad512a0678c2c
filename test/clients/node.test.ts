// The official client under Node: another fetch, other connections. Skipped without Node.
import { beforeAll, describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import { type RecordedRequest, startSimulator } from '../../src/simulator/simulator.ts';
import { until } from '../support/until.ts';
import { isTurn, startDaemon } from './daemon.ts';

const node = Bun.which('node');

describe.skipIf(node === null)('node', () => {
  const plover = expect.stringContaining('plover');
  // biome-ignore lint/suspicious/noExplicitAny: the object of node-client.mjs
  let told: any;
  let turns: RecordedRequest[];

  beforeAll(async () => {
    const simulator = startSimulator();
    await using daemon = await startDaemon({ simulator });
    const endless = { text: 'one two three '.repeat(2000), paceMs: 2 };
    const child = Bun.spawn([node!, join(import.meta.dir, 'node-client.mjs'), `${daemon.url}/v1`], {
      stdin: 'pipe',
      stdout: 'pipe',
      stderr: 'inherit',
    });
    // It waits for the end of its stdin before the two turns that it aborts.
    await simulator.waitFor((request) => JSON.stringify(request.body ?? '').includes('is sunny'));
    simulator.script(endless, { text: 'late', delayMs: 60_000 });
    await child.stdin.end();
    told = JSON.parse(await child.stdout.text());
    const aborted = () => simulator.requests.filter(({ abortedAtMs }) => abortedAtMs !== undefined);
    await until(() => aborted().length === 2);
    turns = simulator.requests.filter(isTurn);
    expect(await daemon.stop()).toBe(0);
    await simulator.stop();
  }, 60_000);

  test('text, whole and streamed, on both routes', () => {
    expect(told).toMatchObject({ whole: plover, response: plover });
    expect([told.folded, told.foldedResponse]).toEqual([told.whole, told.response]);
  });

  test('a tool loop, and the list of models', () => {
    expect(told.tools.cities).toEqual(['Oslo', 'Rome']);
    expect(told.tools.answer).toContain('Rome is sunny');
    expect(told.models).toBeGreaterThan(5);
  });

  test('errors: an unknown model, and 413 for a body that is still being sent', () => {
    expect(told.unknown).toEqual({ is: 'NotFoundError', api: true, status: 404, code: 'model_not_found' });
    expect(told.tooLarge).toEqual({ is: 'APIError', api: true, status: 413, code: 'payload_too_large' });
  });

  test('aborts reach the upstream, the one in mid stream while its client still runs', () => {
    expect(told.left).toBe(true);
    const [inStream, late] = turns.filter(({ abortedAtMs }) => abortedAtMs !== undefined);
    expect(inStream!.abortedAtMs).toBeLessThanOrEqual(late!.abortedAtMs!);
  });
});
