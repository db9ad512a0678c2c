// A daemon in this process, created from a configuration: no command line, no output.
import { expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { until } from '../support/until.ts';
import { demoDaemon } from './support.ts';

const ask = (url: string, headers: Record<string, string> = {}) =>
  fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'gpt-5.5', messages: [{ role: 'user', content: 'Hi.' }] }),
    proxy: false,
  } as RequestInit);

test('it answers, and writes the access line through its log', async () => {
  await using running = await demoDaemon();
  const response = await ask(running.url);
  expect(response.status).toBe(200);
  await response.text();
  expect(running.daemon.login.ok).toBe(true);
  await until(() => running.log.some((line) => line.includes('"request"')));
});

test('it is given another configuration while it runs', async () => {
  await using running = await demoDaemon();
  running.daemon.reload(running.setup({ 'api-key': 'a-long-secret-key-1234' }));
  expect((await ask(running.url)).status).toBe(401);
  expect((await ask(running.url, { authorization: 'Bearer a-long-secret-key-1234' })).status).toBe(200);
});

test('a configuration that opens the login to others changes nothing', async () => {
  await using running = await demoDaemon();
  expect(() => running.daemon.reload(running.setup({ 'cors-origins': ['*'] }))).toThrow('API key');
  expect((await ask(running.url)).status).toBe(200);
});

test('it counts what clients use, in demo mode only in memory', async () => {
  await using running = await demoDaemon();
  await (await ask(running.url, { 'user-agent': 'curl/8.5.0' })).text();
  const day = { sinceMs: 0, untilMs: Number.MAX_SAFE_INTEGER };
  await until(() => running.daemon.ledger?.usage({ ...day, by: 'client' })[0]?.name === 'curl');
  expect(running.daemon.ledger?.usage({ ...day, by: 'model' })).toMatchObject([
    { name: 'gpt-5.5', requests: 1, failed: 0 },
  ]);
  expect(existsSync(`${running.setup({}).paths.stateDir}/ledger.sqlite`)).toBe(false);
});

test('stopping ends it', async () => {
  const running = await demoDaemon();
  await running[Symbol.asyncDispose]();
  expect(await ask(running.url).catch(() => 'refused')).toBe('refused');
});
