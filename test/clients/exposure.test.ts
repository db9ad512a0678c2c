// Who may call: pages, proxies and other machines cannot use the login of a daemon without a key
// (docs/wire/openai.md#keys-and-cors).
import { afterEach, describe, expect, test } from 'bun:test';
import { mkdirSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { emptyHome, runCodexd } from '../cli/process.ts';
import { until } from '../support/until.ts';
import { type RunningDaemon, startDaemon, turnsSent, useWorld } from './daemon.ts';

const world = useWorld();
const turn = JSON.stringify({ model: 'gpt-5.5', input: 'Hi.' });

function ask(daemon: RunningDaemon, headers: Record<string, string>, method = 'POST'): Promise<Response> {
  const body = method === 'POST' ? { body: turn } : {};
  return fetch(`${daemon.url}/v1/responses`, { method, headers, ...body });
}

describe('a keyless daemon on loopback', () => {
  test.each<[string, Record<string, string>, string]>([
    ['a name that DNS was rebound to', { host: 'evil.example' }, 'host_not_allowed'],
    ['a name that only begins like ours', { host: 'localhost.evil.example' }, 'host_not_allowed'],
    ['a name that only begins like an address', { host: '127.0.0.1.evil.example' }, 'host_not_allowed'],
    ['a web page', { origin: 'https://evil.example' }, 'origin_not_allowed'],
    ['a web page without an origin of its own', { origin: 'null' }, 'origin_not_allowed'],
    ['a page of another port', { origin: 'http://localhost:3000' }, 'origin_not_allowed'],
    ['a reverse proxy', { 'x-forwarded-for': '203.0.113.7' }, 'forwarded_without_key'],
    ['a reverse proxy of the new kind', { forwarded: 'for=203.0.113.7' }, 'forwarded_without_key'],
    ['tailscale serve', { 'tailscale-user-login': 'a@example.com' }, 'forwarded_without_key'],
    // A simple request, which browsers send without a preflight.
    [
      'a form of a page',
      { origin: 'https://evil.example', 'content-type': 'text/plain' },
      'origin_not_allowed',
    ],
  ])('refuses %s', async (_, headers, code) => {
    const answer = await ask(world.daemon, headers);
    expect(answer.status).toBe(403);
    expect(await answer.json()).toEqual({
      error: { message: expect.stringMatching(/\w/), type: 'permission_error', param: null, code },
    });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    expect(turnsSent(world.simulator)).toEqual([]);
  });

  test.each<[string, Record<string, string>]>([
    ['any key', { authorization: 'Bearer sk-anything' }],
    ['localhost', { host: 'localhost:8787' }],
    ['a subdomain of localhost', { host: 'codexd.localhost' }],
    ['IPv6 loopback', { host: '[::1]:8787' }],
  ])('takes %s', async (_, headers) => {
    expect((await ask(world.daemon, headers)).status).toBe(200);
  });

  test('its health is not told to strangers either', async () => {
    const answer = await fetch(`${world.daemon.url}/health`, { headers: { host: 'evil.example' } });
    expect(answer.status).toBe(403);
  });

  test('a preflight of a page gets no permission', async () => {
    const asks = { origin: 'https://evil.example', 'access-control-request-method': 'POST' };
    const answer = await ask(world.daemon, asks, 'OPTIONS');
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('a daemon with other settings', () => {
  let daemon: RunningDaemon | undefined;
  afterEach(async () => {
    await daemon?.stop();
    daemon = undefined;
  });
  const start = (args: string[], env = {}) => startDaemon({ simulator: world.simulator, args, env });

  test('listed origins and hosts may call, with the headers pages need; streams too (docs/wire/openai.md#cors)', async () => {
    const origin = 'https://app.example';
    daemon = await start(['--cors-origins', origin, '--allowed-hosts', 'codexd.lan']);
    expect((await ask(daemon, { host: 'codexd.lan:8787' })).status).toBe(200);
    const preflight = await ask(
      daemon,
      { origin, 'access-control-request-headers': 'authorization,x-stainless-lang' },
      'OPTIONS',
    );
    expect([preflight.status, Object.fromEntries(preflight.headers)]).toMatchObject([
      204,
      {
        'access-control-allow-origin': origin,
        'access-control-allow-headers': 'authorization,x-stainless-lang',
        vary: 'Origin',
      },
    ]);
    const stream = await fetch(`${daemon.url}/v1/responses`, {
      method: 'POST',
      headers: { origin },
      body: JSON.stringify({ model: 'gpt-5.5', input: 'Hi.', stream: true }),
    });
    expect(stream.headers.get('access-control-allow-origin')).toBe(origin);
    expect(stream.headers.get('access-control-allow-credentials')).toBeNull();
    expect(await stream.text()).toContain('response.completed');
    expect((await ask(daemon, { origin: 'https://other.example' })).status).toBe(403);
  });

  test('with a key: proxies and any host may call who have it, nobody else, on no route but health', async () => {
    daemon = await start(['--api-key', 'a-key-of-this-test']);
    const proxied = { host: 'codexd.example', 'x-forwarded-for': '203.0.113.7' };
    expect((await ask(daemon, proxied)).status).toBe(401);
    const keys: Record<string, string>[] = [
      { authorization: 'Bearer a-key-of-this-test' },
      { authorization: 'bearer  a-key-of-this-test ' },
      { 'x-api-key': 'a-key-of-this-test' },
      { 'api-key': 'a-key-of-this-test', authorization: 'Bearer sk-dummy' },
    ];
    for (const key of keys) expect((await ask(daemon, { ...proxied, ...key })).status).toBe(200);
    const paths = ['/v1/models', '/v1/models/gpt-5.5', '/nope', '/health', '/healthz', '/readyz'];
    const statuses = paths.map(async (path) => (await fetch(daemon!.url + path)).status);
    expect(await Promise.all(statuses)).toEqual([401, 401, 401, 200, 200, 200]);
  });

  test('named keys of `config key add`: each with its models', async () => {
    const home = emptyHome();
    const added = await runCodexd(['config', 'key', 'add', 'laptop', '--json'], { home });
    expect(added.exitCode).toBe(0);
    const key = /cdx_[\w-]+/.exec(added.out)![0];
    const file = join(home, '.config/codexd/config.toml');
    const settings = await Bun.file(file).text();
    expect(settings).not.toContain(key);
    daemon = await startDaemon({ simulator: world.simulator, home });
    expect((await ask(daemon, {})).status).toBe(401);
    expect((await ask(daemon, { authorization: `Bearer ${key}` })).status).toBe(200);
    await daemon.says(/ 200 .*laptop/);
    // Removed while the daemon runs. It was the only key, and the daemon stays closed.
    const removed = await runCodexd(['config', 'key', 'remove', 'laptop'], { home });
    expect(removed.exitCode).toBe(0);
    await until(async () => (await ask(daemon!, { authorization: `Bearer ${key}` })).status === 401);
    expect((await ask(daemon, {})).status).toBe(401);
  });

  test('beyond loopback with a key: other machines may call', async () => {
    const address = Object.values(networkInterfaces())
      .flat()
      .find((each) => each !== undefined && !each.internal && each.family === 'IPv4')?.address;
    if (address === undefined) return; // a machine without a network
    daemon = await start(['--listen', '0.0.0.0:0', '--api-key', 'a-key-of-this-test']);
    const url = `http://${address}:${new URL(daemon.url).port}/v1/models`;
    expect((await fetch(url)).status).toBe(401);
    expect((await fetch(url, { headers: { authorization: 'Bearer a-key-of-this-test' } })).status).toBe(200);
  });

  test('beyond loopback without a key, if that is spelled out', async () => {
    daemon = await start(['--listen', '0.0.0.0:0', '--insecure-no-api-key']);
    const url = daemon.url.replace('0.0.0.0', '127.0.0.1');
    expect((await fetch(`${url}/v1/models`)).status).toBe(200);
    // Pages are still refused.
    const page = await fetch(`${url}/v1/models`, { headers: { origin: 'https://evil.example' } });
    expect(page.status).toBe(403);
  });

  test('listed users of a tailnet need no key, and others are refused', async () => {
    const env = {
      CODEXD_TAILSCALE_TRUST_IDENTITY: 'true',
      CODEXD_TAILSCALE_ALLOWED_LOGINS: 'me@example.com',
    };
    daemon = await start([], env);
    const from = (login: string) => ({
      host: 'nas.tail1234.ts.net',
      'tailscale-user-login': login,
      'x-forwarded-for': '100.101.102.103',
    });
    expect((await ask(daemon, from('me@example.com'))).status).toBe(200);
    expect((await ask(daemon, from('you@example.com'))).status).toBe(403);
  });

  test.each([
    ['nobody listed', '[tailscale]\ntrust_identity = true\n', 'no login is allowed'],
    ['an impossible percent', '[quota]\nstop_at = 101\n', 'a number from 0 to 100'],
  ])('does not start with %s', async (_, text, says) => {
    const home = emptyHome();
    mkdirSync(join(home, '.config/codexd'), { recursive: true });
    writeFileSync(join(home, '.config/codexd/config.toml'), text);
    const { err, exitCode } = await runCodexd(['serve', '--listen', '127.0.0.1:0'], { home });
    expect([exitCode, err]).toEqual([2, expect.stringContaining(says)]);
  });
});

describe('does not start', () => {
  const refused = (...args: string[]) =>
    runCodexd(['serve', ...args], { env: { CODEXD_UPSTREAM: 'http://127.0.0.1:9' } });

  test.each([
    [['--listen', '0.0.0.0:0'], 'no API key'],
    [['--listen', '[::]:0'], 'no API key'],
    [['--listen', '127.0.0.1:0', '--listen', '192.0.2.1:0'], 'no API key'],
    [['--listen', '0.0.0.0:0', '--api-key', 'sk-1234'], 'well-known example'],
    [['--listen', '127.0.0.1:0', '--cors-origins', '*'], 'requires an API key'],
    [['--listen', 'nowhere'], 'HOST:PORT or unix:/path'],
  ])('%j', async (args, says) => {
    const { out, err, exitCode } = await refused(...args);
    expect({ out, exitCode }).toEqual({ out: '', exitCode: 2 });
    expect(err).toContain(says);
  });

  test('on a port that another daemon has: Bun would share it', async () => {
    const { host } = new URL(world.daemon.url);
    const { out, err, exitCode } = await refused('--listen', host);
    expect({ out, err, exitCode }).toEqual({
      out: '',
      err: `codexd: Cannot listen on ${host}: it is in use.\nStop the process that uses it, or choose another address with \`--listen\`.\n`,
      exitCode: 1,
    });
  });
});
