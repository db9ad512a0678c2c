// The shared `fetch`: proxy, certificate authorities, redirects and the connect timeout (docs/bun.md#fetch).
import { afterAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../src/failure.ts';
import type { Address, Probe } from '../../src/upstream/connect.ts';
import { createFetch, isLoopback, type TransportOptions } from '../../src/upstream/transport.ts';
import { until } from '../support/until.ts';

type Sent = RequestInit & { url: string; proxy?: unknown; tls?: { ca?: string[] } };

/** A fetch that records its arguments. */
function noting() {
  const sent: Sent[] = [];
  const fetch = async (url: string, init?: RequestInit) => {
    sent.push({ ...init, url });
    return new Response('ok');
  };
  return { sent, fetch };
}

describe('every request', () => {
  const cases: [name: string, options: Partial<TransportOptions>, url: string, proxy: unknown][] = [
    ['without a proxy of ours Bun follows the variables', {}, 'https://chatgpt.com/x', undefined],
    ['a configured proxy is used', { proxy: 'http://p:3128' }, 'https://chatgpt.com/x', 'http://p:3128'],
    ['never for this machine', { proxy: 'http://p:3128' }, 'http://127.0.0.1:1/x', false],
    ['nor by the variables', {}, 'http://[::1]:1/x', false],
  ];
  test.each(cases)('%s', async (_, options, url, proxy) => {
    const { sent, fetch } = noting();
    await createFetch({ proxy: undefined, ca: undefined, ...options, fetch })(url, { method: 'POST' });
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({ url, method: 'POST', redirect: 'error' });
    expect(sent[0]?.proxy).toBe(proxy as never);
  });

  test('a redirect is an error, so that no token follows it', async () => {
    const server = Bun.serve({
      hostname: '127.0.0.1',
      port: 0,
      fetch: (request) =>
        new URL(request.url).pathname === '/away'
          ? new Response('followed')
          : Response.redirect('/away', 307),
    });
    const fetch = createFetch({ proxy: undefined, ca: undefined });
    await expect(fetch(`${server.url}x`)).rejects.toMatchObject({ code: 'UnexpectedRedirect' });
    await server.stop(true);
  });

  test.each([
    ['localhost', true],
    ['127.0.0.1', true],
    ['127.8.9.1', true],
    ['[::1]', true],
    ['127.0.0.1.evil.example', false],
    ['localhost.evil.example', false],
    ['10.0.0.1', false],
  ])('%s is this machine: %p', (host, local) => {
    expect(isLoopback(host)).toBe(local);
  });
});

describe('an additional certificate authority', () => {
  const folder = mkdtempSync(join(tmpdir(), 'codexd-ca-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const certificate = (name: string) => {
    const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
    Bun.spawnSync([
      'openssl',
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '2',
      '-keyout',
      key,
      '-out',
      cert,
      '-subj',
      `/CN=${name}`,
      '-addext',
      'subjectAltName=DNS:localhost',
    ]);
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  };
  const hasOpenssl = Bun.which('openssl') !== null;

  test.if(hasOpenssl)('is taken beside the usual ones, not instead of them', async () => {
    const own = certificate('own');
    const server = Bun.serve({ hostname: 'localhost', port: 0, tls: own, fetch: () => new Response('ok') });
    const url = `https://localhost:${server.port}/`;
    const without = createFetch({ proxy: undefined, ca: undefined });
    const withOwn = createFetch({ proxy: undefined, ca: own.cert });
    await expect(without(url)).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    expect(await (await withOwn(url)).text()).toBe('ok');

    const { sent, fetch } = noting();
    await createFetch({ proxy: undefined, ca: own.cert, fetch })('https://chatgpt.com/');
    const list = sent[0]?.tls?.ca ?? [];
    expect(list.at(-1)).toBe(own.cert);
    expect(list.length).toBeGreaterThan(50);
    await server.stop(true);
  });
});

describe('the limit on connecting', () => {
  const url = 'https://chatgpt.com/backend-api/codex/responses';
  const never = () => new Promise<Response>(() => {});
  /** Rejects with the signal's reason, as Bun's fetch does. */
  const hanging = (_url: string, init?: RequestInit) =>
    new Promise<Response>((_, reject) => {
      const { signal } = init ?? {};
      if (signal?.aborted) reject(signal.reason);
      signal?.addEventListener('abort', () => reject(signal.reason));
    });

  function limited(options: Partial<TransportOptions> & { late?: boolean | Promise<boolean> } = {}) {
    const probed: Address[] = [];
    const clock = { nowMs: 0 };
    const probe: Probe = async (address) => {
      probed.push(address);
      return options.late ?? false;
    };
    const fetch = createFetch({
      proxy: undefined,
      ca: undefined,
      connectTimeoutMs: 30_000,
      fetch: async () => new Response('ok'),
      probe,
      nowMs: () => clock.nowMs,
      ...options,
    });
    return { fetch, probed, clock };
  }

  test('a host that does not take connections is told as such', async () => {
    const { fetch } = limited({ late: true, fetch: hanging });
    const failure = await fetch(url).catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({
      kind: 'upstream_unreachable',
      code: 'upstream_unavailable',
      message: 'Connecting to chatgpt.com:443 timed out after 30 s.',
    });
  });

  test('an answer that comes although the probe got none stays good, its body too', async () => {
    let tell: (late: boolean) => void = () => {};
    const late = new Promise<boolean>((resolve) => {
      tell = resolve;
    });
    const aborted: unknown[] = [];
    const { fetch } = limited({
      late,
      fetch: async (_, init) => {
        init?.signal?.addEventListener('abort', () => aborted.push(init.signal?.reason));
        return new Response('ok');
      },
    });
    const answer = await fetch(url);
    tell(true);
    await late;
    await Bun.sleep(1);
    expect(await answer.text()).toBe('ok');
    expect(aborted).toEqual([]);
  });

  test('a connection that is refused is for fetch to report', async () => {
    const { fetch } = limited({ fetch: () => Promise.reject(new TypeError('refused')) });
    await expect(fetch(url)).rejects.toThrow('refused');
  });

  test('no probe while the origin has answered within the last minute', async () => {
    const { fetch, probed, clock } = limited();
    await fetch(url);
    clock.nowMs = 59_999;
    await fetch(url);
    expect(probed).toHaveLength(1);
    clock.nowMs = 59_999 + 60_000;
    await fetch(url);
    expect(probed).toHaveLength(2);
    await fetch('https://auth.openai.com/oauth/token');
    expect(probed.map(({ host }) => host)).toEqual(['chatgpt.com', 'chatgpt.com', 'auth.openai.com']);
  });

  test('a failed request vouches for nothing', async () => {
    const { fetch, probed } = limited({ fetch: () => Promise.reject(new TypeError('reset')) });
    await fetch(url).catch(() => {});
    await fetch(url).catch(() => {});
    expect(probed).toHaveLength(2);
  });

  test('requests that start together share one probe', async () => {
    const { fetch, probed } = limited({ fetch: never, late: new Promise<boolean>(() => {}) });
    for (let count = 0; count < 20; count++) void fetch(url);
    expect(probed).toHaveLength(1);
  });

  test("the caller's signal still rules, before the head and after it", async () => {
    const caller = new AbortController();
    const gone = new Failure('cancelled', 'gone');
    let inner: AbortSignal | null | undefined;
    const { fetch } = limited({
      fetch: (requested, init) => {
        inner = init?.signal;
        return requested.endsWith('head') ? Promise.resolve(new Response('ok')) : hanging(requested, init);
      },
    });
    const waiting = fetch(url, { signal: caller.signal }).catch((thrown: unknown) => thrown);
    await fetch(`${url}/head`, { signal: caller.signal });
    const ofBody = inner;
    caller.abort(gone);
    expect(await waiting).toBe(gone);
    expect(ofBody?.reason).toBe(gone);
    await expect(fetch(`${url}/2`, { signal: caller.signal })).rejects.toBe(gone);
  });

  const hops: [name: string, options: Partial<TransportOptions>, url: string, hop: Address | undefined][] = [
    ['the origin', {}, 'https://a.example/x', { host: 'a.example', port: 443 }],
    ['with its port', {}, 'https://a.example:8443/x', { host: 'a.example', port: 8443 }],
    ['an IPv6 address', {}, 'http://[::1]:81/x', { host: '::1', port: 81 }],
    ['the configured proxy', { proxy: 'http://p' }, 'https://a.example/x', { host: 'p', port: 80 }],
    [
      'never a proxy for this machine',
      { proxy: 'http://p' },
      'http://localhost:9/x',
      { host: 'localhost', port: 9 },
    ],
    [
      'the proxy of the environment',
      { env: { HTTPS_PROXY: 'https://p:1' } },
      'https://a.example',
      { host: 'p', port: 1 },
    ],
    ['in lower case', { env: { https_proxy: 'http://p:1' } }, 'https://a.example', { host: 'p', port: 1 }],
    [
      'the one for everything',
      { env: { ALL_PROXY: 'http://p:1' } },
      'https://a.example',
      { host: 'p', port: 1 },
    ],
    [
      'an empty variable counts as absent',
      { env: { HTTPS_PROXY: '' } },
      'https://a.example',
      { host: 'a.example', port: 443 },
    ],
    [
      'http has a variable of its own',
      { env: { HTTPS_PROXY: 'http://p:1' } },
      'http://a.example',
      { host: 'a.example', port: 80 },
    ],
    [
      'NO_PROXY is read by Bun alone',
      { proxy: 'http://p', env: { NO_PROXY: 'a' } },
      'https://a.example',
      undefined,
    ],
    [
      'NO_PROXY without a proxy says nothing',
      { env: { NO_PROXY: '*' } },
      'https://a.example',
      { host: 'a.example', port: 443 },
    ],
    ['a variable that is no URL', { env: { HTTPS_PROXY: 'p:3128' } }, 'https://a.example', undefined],
  ];
  test.each(hops)('it watches the first hop: %s', async (_, options, requested, hop) => {
    const { fetch, probed } = limited(options);
    await fetch(requested);
    expect(probed).toEqual(hop === undefined ? [] : [hop]);
  });

  test('without a limit nothing is probed', async () => {
    const { fetch, probed } = limited({ connectTimeoutMs: 0 });
    await fetch(url);
    expect(probed).toEqual([]);
  });

  test('the real probe connects, sends nothing and closes; a refused connection is not late', async () => {
    const seen: string[] = [];
    const server = Bun.listen({
      hostname: '127.0.0.1',
      port: 0,
      socket: {
        open: () => void seen.push('open'),
        data: (socket, bytes) => {
          seen.push(bytes.toString().split(' ')[0] ?? '');
          socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok');
        },
        close: () => void seen.push('close'),
      },
    });
    const fetch = createFetch({ proxy: undefined, ca: undefined, connectTimeoutMs: 2000 });
    expect(await (await fetch(`http://127.0.0.1:${server.port}/`)).text()).toBe('ok');
    await until(() => seen.filter((event) => event === 'close').length >= 2);
    expect(seen.filter((event) => event === 'open')).toHaveLength(2);
    expect(seen.filter((event) => event === 'GET')).toHaveLength(1);
    server.stop(true);
    await expect(fetch(`http://127.0.0.1:${server.port}/`)).rejects.toMatchObject({
      code: expect.any(String),
    });
  });
});
