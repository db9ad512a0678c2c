// The identity that `tailscale serve` adds, and who else could claim one.
import { afterEach, describe, expect, test } from 'bun:test';
import { networkInterfaces } from 'node:os';
import { sha256 } from '../../../src/base/sha256.ts';
import { isAllowedLogin, isLoopbackAddress, tailnetLogin } from '../../../src/server/middleware/tailscale.ts';
import { responsesPath, type TestDaemon, type TestOptions, testDaemon } from '../support.ts';

/** As `tailscale serve` sends it. */
const served = {
  host: 'nas.tail1234.ts.net',
  'tailscale-user-login': 'Me@Example.com',
  'tailscale-user-name': 'Me',
  'x-forwarded-for': '100.101.102.103',
  'x-forwarded-host': 'nas.tail1234.ts.net',
  'x-forwarded-proto': 'https',
};
const loginOf = (headers: Record<string, string>, peer: string | undefined = '127.0.0.1') =>
  tailnetLogin(new Headers(headers), peer);

describe('an identity', () => {
  test.each([
    ['from tailscale serve', served],
    ['over IPv6', { ...served, 'x-forwarded-for': 'fd7a:115c:a1e0::1' }],
    ['without a forwarded address', { 'tailscale-user-login': 'me@example.com' }],
  ])('%s', (_, headers) => {
    expect(loginOf(headers)).toBe('me@example.com');
  });

  test('counts on a unix socket, too', () => {
    expect(tailnetLogin(new Headers(served), undefined)).toBe('me@example.com');
  });

  test.each([
    ['of a request from the internet', { ...served, 'tailscale-funnel-request': '?1' }],
    ['that another proxy passed on', { ...served, 'x-forwarded-for': '203.0.113.7' }],
    ['that a proxy appended an address to', { ...served, 'x-forwarded-for': '100.101.102.103, 203.0.113.7' }],
    ['that came through a CDN', { ...served, 'cf-connecting-ip': '203.0.113.7' }],
    ['that came through a gateway', { ...served, via: '1.1 proxy' }],
    ['of nobody', { ...served, 'tailscale-user-login': '' }],
    ['just outside the addresses of tailnets', { ...served, 'x-forwarded-for': '100.128.0.1' }],
  ])('%s does not count', (_, headers) => {
    expect(loginOf(headers)).toBeUndefined();
  });

  test.each(['192.0.2.1', '::2', '::ffff:10.0.0.1', '128.0.0.1', 'unknown'])(
    'does not count from %s, which anybody on the network could be',
    (peer) => {
      expect(isLoopbackAddress(peer)).toBe(false);
      expect(loginOf(served, peer)).toBeUndefined();
    },
  );

  test('is allowed by its name or a glob', () => {
    expect(isAllowedLogin('me@example.com', ['ME@example.com'])).toBe(true);
    expect(isAllowedLogin('me@example.com', ['*@example.com'])).toBe(true);
    expect(isAllowedLogin('me@example.com.evil', ['*@example.com'])).toBe(false);
    expect(isAllowedLogin('me@example.com, you@example.com', ['me@example.com'])).toBe(false);
  });
});

describe('a daemon that trusts identities', () => {
  let daemon: TestDaemon | undefined;
  afterEach(async () => {
    await daemon?.[Symbol.asyncDispose]();
    daemon = undefined;
  });
  const keys = [{ name: 'laptop', sha256: sha256('cdx_laptop') }];
  const ask = async (headers: Record<string, string>, options: TestOptions = {}) => {
    daemon ??= testDaemon([], { tailscaleLogins: ['me@example.com'], ...options });
    return daemon.fetch('/v1/models', { headers });
  };
  const codeOf = async (answer: Response) =>
    ((await answer.json()) as { error: { code: string } }).error.code;

  test.each([
    ['without keys', {}],
    ['with keys', { keys }],
  ])('%s: an allowed user needs no key, also with the dummy key of an SDK', async (_, options) => {
    expect((await ask(served, options)).status).toBe(200);
    expect((await ask({ ...served, authorization: 'Bearer sk-dummy' })).status).toBe(200);
    await daemon!.accessLines(2);
    const names = daemon!.records.map(({ caller }) => caller.name);
    expect(names).toEqual(['me@example.com', 'me@example.com']);
  });

  test('another user is refused, or needs a key where there are some', async () => {
    const other = { ...served, 'tailscale-user-login': 'you@example.com' };
    const refused = await ask(other);
    expect([refused.status, await codeOf(refused)]).toEqual([403, 'identity_not_allowed']);
    await daemon![Symbol.asyncDispose]();
    daemon = undefined;
    expect((await ask(other, { keys })).status).toBe(401);
    expect((await ask({ ...other, authorization: 'Bearer cdx_laptop' })).status).toBe(200);
  });

  test('a key that is sent besides decides about models and limits', async () => {
    await ask({ ...served, authorization: 'Bearer cdx_laptop' }, { keys });
    expect((await daemon!.accessLines(1))[0]).toMatchObject({ client: 'laptop' });
  });

  test.each([
    [
      'a page of another site in the browser of an allowed user',
      { origin: 'https://evil.example' },
      'origin_not_allowed',
    ],
    ['its image or link', { 'sec-fetch-site': 'cross-site' }, 'origin_not_allowed'],
    ['a page whose name was rebound to this machine', { host: 'evil.example' }, 'host_not_allowed'],
    ['a name that only contains that of a tailnet', { host: 'a.ts.net.evil.example' }, 'host_not_allowed'],
  ])('%s is refused, with keys or without', async (_, headers, code) => {
    for (const options of [{}, { keys }]) {
      const answer = await ask({ ...served, ...headers }, options);
      expect([answer.status, await codeOf(answer)]).toEqual([403, code]);
      await daemon![Symbol.asyncDispose]();
      daemon = undefined;
    }
  });

  test('its own page may call', async () => {
    expect((await ask({ ...served, origin: `https://${served.host}` })).status).toBe(200);
  });

  test('a request from the network cannot claim an identity', async () => {
    const address = Object.values(networkInterfaces())
      .flat()
      .find((each) => each !== undefined && !each.internal && each.family === 'IPv4')?.address;
    if (address === undefined) return; // a machine without a network
    daemon = testDaemon([], { tailscaleLogins: ['me@example.com'], keys, listen: ['0.0.0.0:0'] });
    const url = `http://${address}:${new URL(daemon.url).port}/v1/models`;
    const answer = await fetch(url, { headers: served, proxy: false } as RequestInit);
    expect([answer.status, await codeOf(answer)]).toEqual([401, 'invalid_api_key']);
    expect((await daemon.fetch('/v1/models', { headers: served })).status).toBe(200);
  });

  test('without the setting, the headers are those of a proxy', async () => {
    const answer = await ask(served, { tailscaleLogins: undefined });
    expect([answer.status, await codeOf(answer)]).toEqual([403, 'forwarded_without_key']);
  });

  test('a WebSocket goes through the same checks', async () => {
    const upgrade = { upgrade: 'websocket', connection: 'Upgrade', 'sec-websocket-version': '13' };
    daemon = testDaemon([], { tailscaleLogins: ['me@example.com'], keys });
    const key = { 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' };
    for (const [more, status] of [
      [{}, 401],
      [{ ...served, 'tailscale-user-login': 'you@example.com' }, 401],
      [{ ...served, origin: 'https://evil.example' }, 403],
    ] as const) {
      const answer = await daemon.fetch(responsesPath, { headers: { ...upgrade, ...key, ...more } });
      expect(answer.status).toBe(status);
    }
  });
});
