// Requests of health checks, proxies and unusual clients, byte for byte, and what happens to the connection.
import { describe, expect, test } from 'bun:test';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../support/until.ts';
import { turnOf } from '../upstream/support.ts';
import { chatPath, connectRaw, httpRequest, responses, responsesPath, testDaemon } from './support.ts';

describe('HTTP/1.0 without a Host, as health checks send it', () => {
  test.each([
    ['GET /healthz HTTP/1.0\r\n\r\n', 200],
    ['GET /health HTTP/1.0\r\n\r\n', 200],
    ['GET /v1/models?limit=1 HTTP/1.0\r\nanthropic-version: 2023-06-01\r\n\r\n', 200],
    ['HEAD /healthz HTTP/1.0\r\n\r\n', 200],
    ['OPTIONS / HTTP/1.0\r\n\r\n', 204],
    ['OPTIONS /healthz HTTP/1.0\r\n\r\n', 204],
    ['GET /healthz HTTP/1.0\r\nhost: evil.example\r\n\r\n', 403],
  ])('%j: %d', async (request, status) => {
    await using daemon = testDaemon();
    const client = await connectRaw(daemon.url);
    client.write(request);
    expect(await client.until(/\r\n\r\n/)).toStartWith(`HTTP/1.1 ${status} `);
    client.leave();
  });
});

test.each([['host: 127.0.0.1\r\nhost: 127.0.0.1\r\n'], ['host: 127.0.0.1\r\nHost: evil.example\r\n']])(
  'two Host headers are refused, with a key as without: %j',
  async (hosts) => {
    const key = { name: 'k', sha256: '0'.repeat(64) };
    for (const keys of [[], [key]]) {
      await using daemon = testDaemon([], { keys });
      const client = await connectRaw(daemon.url);
      client.write(`GET /healthz HTTP/1.1\r\n${hosts}\r\n`);
      expect(await client.until(/invalid_host/)).toStartWith('HTTP/1.1 400 ');
      client.leave();
    }
  },
);

test('a unix socket answers to any name: only its owner can reach it', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'codexd-names-')), 's');
  await using _ = testDaemon([], { listen: [`unix:${path}`] });
  const answer = await fetch('http://any.name.example/v1/models', { unix: path });
  expect(answer.status).toBe(200);
});

describe('a kept connection that is idle is closed', () => {
  const closedAfter = async (request: string, end: RegExp, script = [turnOf('plain-text')]) => {
    await using daemon = testDaemon(script, { idleSeconds: 1 });
    const client = await connectRaw(daemon.url);
    client.write(request);
    await client.until(end);
    expect(client.closed()).toBe(false);
    await until(() => client.closed());
  };
  const stream = JSON.stringify(responses({ stream: true }));
  test.concurrent.each([
    ['a short response', httpRequest('GET', '/healthz'), /"ok"/],
    ['a refusal', httpRequest('POST', chatPath, {}, '{'), /not valid JSON/],
    ['a stream', httpRequest('POST', responsesPath, {}, stream), /\r\n0\r\n\r\n$/],
  ])('after %s', (_, request, end) => closedAfter(request, end), 60_000);
});
