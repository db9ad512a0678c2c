// `codexd ask` in a pipeline, straight to a simulated upstream: no daemon, no file of a login.
import { afterAll, expect, test } from 'bun:test';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { runCodexd } from '../cli/process.ts';

const upstream = startSimulator();
afterAll(() => upstream.stop());

function ask(words: string[], stdin?: string) {
  const env = { CODEXD_UPSTREAM: upstream.upstream, CODEXD_BEARER: upstream.login().access_token };
  return runCodexd(['ask', ...words], { env, ...(stdin === undefined ? {} : { stdin }) });
}

test('the answer is on stdout and nothing else is', async () => {
  const { out, err, exitCode } = await ask(['Say plover.']);
  expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
  expect(out).toContain('plover');
  expect(out).toEndWith('\n');
});

test('field-notes 3.15: what is piped in is appended to the prompt', async () => {
  const { out } = await ask(['Repeat this:'], 'whimbrel');
  expect(out).toContain('whimbrel');
});

test('product 11: an unknown model is status 1, no login is status 3', async () => {
  expect((await ask(['-m', 'nope', 'x'])).exitCode).toBe(1);
  const { exitCode, err } = await runCodexd(['ask', 'x'], { env: { CODEXD_UPSTREAM: upstream.upstream } });
  expect(exitCode).toBe(3);
  expect(err).toContain('codexd login');
});
