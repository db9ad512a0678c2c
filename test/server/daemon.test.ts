// What every request has in common, over a socket: routes, keys, exposure, limits, ids, the access log.

import { describe, expect, test } from 'bun:test';
import { lookup } from 'node:dns/promises';
import { hostname } from 'node:os';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { sha256 } from '../../src/base/sha256.ts';
import { createKeyring } from '../../src/keys/keyring.ts';
import { plainApiKey } from '../../src/server/middleware/api-key.ts';
import { until } from '../support/until.ts';
import { type ScriptedResponse, turnOf } from '../upstream/support.ts';
import { chat, chatPath, connectRaw, httpRequest, responses, responsesPath, testDaemon } from './support.ts';

const good = turnOf('plain-text');
const often = Array<ScriptedResponse>(50).fill(good);

describe('routes', () => {
  const answered: [method: string, path: string, status: number][] = [
    ['GET', '/v1/models', 200],
    ['GET', '/models', 200],
    ['GET', '//v1//models/', 200],
    ['GET', '/v1/v1/models', 200],
    ['GET', '/v1/models/gpt-5.5', 200],
    ['GET', '/v1/models/openai%2Fgpt-5.5', 200],
    ['GET', '/v1/models/gpt-nope', 404],
    ['HEAD', '/v1/models', 200],
    ['HEAD', '/v1/models/gpt-5.5', 200],
    ['HEAD', '/health', 200],
    ['OPTIONS', '/v1/models', 204],
    ['OPTIONS', '/anything', 204],
    ['GET', '/health', 200],
    ['GET', '/nope', 404],
    ['GET', '/', 200],
    ['POST', '/v1/models', 405],
    ['GET', '/v1/completions', 405],
    ['DELETE', '/v1/models/gpt-5.5', 403],
    ['DELETE', '/v1/models/gpt-nope', 404],
    ['GET', '/v1', 200],
    ['PUT', '/v1/models/gpt-5.5', 405],
    ['HEAD', '/v1/completions', 405],
  ];
  test.each(answered)('%s %s: %d', async (method, path, status) => {
    await using daemon = testDaemon();
    const answer = await daemon.fetch(path, { method });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('x-request-id')).toBe('req_1');
    const body = await answer.text();
    if (method === 'HEAD' || status === 204) expect(body).toBe('');
    else expect(answer.headers.get('content-type')).toStartWith('application/json');
    expect(await daemon.accessLines()).toEqual([expect.objectContaining({ status, method })]);
  });

  test.each([
    '/v1/chat/completions',
    '/chat/completions',
    '/v1/v1/chat/completions',
    '//v1/chat/completions/',
    '/v1/chat/completions?x=1',
  ])('POST %s is a chat completion', async (path) => {
    await using daemon = testDaemon([good]);
    expect(await (await daemon.post(path, chat())).json()).toMatchObject({ object: 'chat.completion' });
    expect((await daemon.accessLines())[0]?.path).toBe(
      '/v1/chat/completions'.slice(path.startsWith('/chat') ? 3 : 0),
    );
  });

  test('what is not there is told in the envelope, what is not allowed with what is', async () => {
    await using daemon = testDaemon();
    expect(await (await daemon.fetch('/v1/nope')).json()).toEqual({
      error: {
        message: expect.stringContaining('GET /v1/nope does not exist.'),
        type: 'invalid_request_error',
        param: null,
        code: 'unknown_url',
      },
    });
    const refused = await daemon.fetch('/v1/models', { method: 'PATCH' });
    expect(refused.headers.get('allow')).toBe('GET, HEAD');
    expect(await refused.json()).toMatchObject({ error: { code: 'method_not_allowed' } });
  });

  test('a HEAD of an error has no body on the wire', async () => {
    await using daemon = testDaemon();
    const client = await connectRaw(daemon.url);
    client.write(httpRequest('HEAD', '/v1/models/gpt-nope') + httpRequest('GET', '/healthz'));
    const received = await client.until(/"status":"ok"/);
    expect(received.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 404', 'HTTP/1.1 200']);
    expect(received).not.toContain('model_not_found');
    client.leave();
  });

  test('a Host header that is none is a 400 in the envelope', async () => {
    await using daemon = testDaemon();
    for (const host of ['[', 'a b', '']) {
      const client = await connectRaw(daemon.url);
      client.write(httpRequest('GET', '/v1/models', { host }));
      const received = await client.until(/invalid_host/);
      expect(received).toStartWith('HTTP/1.1 400');
      expect(received).toContain('x-request-id: req_');
      client.leave();
    }
  });

  test('a body nobody wants does not get in the way of the next request', async () => {
    await using daemon = testDaemon();
    const answer = await daemon.fetch('/v1/nope', { method: 'POST', body: 'x'.repeat(1_000_000) });
    expect(answer.status).toBe(404);
    await answer.text();
    expect((await daemon.fetch('/health')).status).toBe(200);
  });
});

describe('bodies', () => {
  const json = JSON.stringify(chat());

  test.each([
    ['zstd', zstdCompressSync],
    ['gzip', gzipSync],
  ])('%s is understood', async (coding, compress) => {
    await using daemon = testDaemon([good]);
    const answer = await daemon.fetch(chatPath, {
      method: 'POST',
      body: compress(Buffer.from(json)),
      headers: { 'content-encoding': coding },
    });
    expect(answer.status).toBe(200);
  });

  test('without a content type, as curl sends it', async () => {
    await using daemon = testDaemon([good]);
    const client = await connectRaw(daemon.url);
    client.write(httpRequest('POST', chatPath, {}, json));
    expect(await client.until(/chat\.completion/)).toStartWith('HTTP/1.1 200');
    client.leave();
  });

  const refused: [
    name: string,
    status: number,
    code: string | null,
    headers: Record<string, string>,
    body: string | Uint8Array,
  ][] = [
    ['bad JSON', 400, null, {}, '{"model":'],
    ['no body', 400, 'missing_body', {}, ''],
    ['an array', 400, 'invalid_type', {}, '[]'],
    ['nested too deep', 400, null, {}, '['.repeat(10_000) + ']'.repeat(10_000)],
    ['an unknown coding', 415, 'unsupported_media_type', { 'content-encoding': 'compress' }, json],
    ['a coding it has not', 400, null, { 'content-encoding': 'zstd' }, json],
    ['larger than the limit', 413, 'payload_too_large', {}, 'x'.repeat(1_000_001)],
    [
      'a bomb',
      413,
      'payload_too_large',
      { 'content-encoding': 'zstd' },
      zstdCompressSync(Buffer.alloc(5_000_000)),
    ],
  ];
  for (const path of [chatPath, responsesPath]) {
    test.each(refused)(`${path}: %s is a %d`, async (_, status, code, headers, body) => {
      await using daemon = testDaemon();
      const answer = await daemon.fetch(path, { method: 'POST', body, headers });
      expect(answer.status).toBe(status);
      const { error } = (await answer.json()) as { error: Record<string, unknown> };
      expect(error).toMatchObject({ type: 'invalid_request_error', message: expect.any(String) });
      expect(error.code ?? null).toBe(code);
      expect(daemon.world.sent).toHaveLength(0);
      expect(await daemon.accessLines()).toEqual([expect.objectContaining({ status })]);
    });
  }

  test('413 for a body that comes in pieces without a length', async () => {
    await using daemon = testDaemon();
    const client = await connectRaw(daemon.url);
    client.write(
      'POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ntransfer-encoding: chunked\r\n\r\n',
    );
    const chunk = `${(100_000).toString(16)}\r\n${'x'.repeat(100_000)}\r\n`;
    for (let sent = 0; sent < 12 && client.received() === ''; sent++) {
      client.write(chunk);
      await Bun.sleep(1);
    }
    expect(await client.until(/payload_too_large/)).toStartWith('HTTP/1.1 413');
    client.leave();
  });

  test('a client that leaves in the middle of its body is logged as gone', async () => {
    await using daemon = testDaemon();
    const client = await connectRaw(daemon.url);
    client.write(httpRequest('POST', chatPath, { 'content-length': '1000' }, '{"model":'));
    await until(() => daemon.daemon.running > 0);
    client.leave();
    expect(await daemon.accessLines()).toEqual([
      expect.objectContaining({ status: 499, failure: 'cancelled' }),
    ]);
    expect(daemon.daemon.running).toBe(0);
  });
});

describe('keys', () => {
  const keys = [
    { name: 'laptop', sha256: sha256('cdx_laptop'), models: ['gpt-5*'] },
    { name: 'slow', sha256: sha256('cdx_slow'), perMinute: 1 },
  ];

  test.each([
    [{ authorization: 'Bearer cdx_laptop' }, 'laptop'],
    [{ 'x-api-key': 'cdx_laptop' }, 'laptop'],
    [{ 'api-key': 'cdx_laptop' }, 'laptop'],
    [{ authorization: 'Bearer sk-dummy', 'x-api-key': 'cdx_slow' }, 'slow'],
  ])('%j is let in as %s', async (headers, client) => {
    await using daemon = testDaemon(often, { keys });
    expect((await daemon.post(chatPath, chat(), { headers: headers as Record<string, string> })).status).toBe(
      200,
    );
    expect(await daemon.accessLines()).toEqual([expect.objectContaining({ client })]);
  });

  test.each([{}, { authorization: 'Bearer sk-dummy' }, { 'x-api-key': 'cdx_Laptop' }])(
    '%j is a 401',
    async (headers) => {
      await using daemon = testDaemon(often, { keys });
      for (const path of [chatPath, '/v1/models', '/nope']) {
        const answer = await daemon.post(path, chat(), { headers: headers as Record<string, string> });
        expect(answer.status).toBe(401);
        expect(await answer.json()).toMatchObject({
          error: { code: 'invalid_api_key', type: 'invalid_request_error' },
        });
      }
      expect(daemon.world.sent).toHaveLength(0);
      expect((await daemon.accessLines(3))[0]).toMatchObject({ client: 'anonymous', failure: 'bad_api_key' });
    },
  );

  test('the key of the daemon never goes upstream', async () => {
    await using daemon = testDaemon(often, { keys });
    await daemon.post(chatPath, chat(), {
      headers: { authorization: 'Bearer cdx_laptop', 'x-api-key': 'cdx_laptop' },
    });
    expect(JSON.stringify([...(daemon.world.sent[0]?.headers ?? [])])).not.toContain('cdx_');
  });

  test('health and preflights need none', async () => {
    await using daemon = testDaemon([], { keys });
    for (const path of ['/health', '/healthz', '/readyz'])
      expect((await daemon.fetch(path)).status).toBe(200);
    expect((await daemon.fetch(chatPath, { method: 'OPTIONS' })).status).toBe(204);
  });

  test('the models of a key: the rest is not listed, not found and not answered', async () => {
    await using daemon = testDaemon(often, { keys });
    const headers = { 'x-api-key': 'cdx_laptop' };
    const list = (await (await daemon.fetch('/v1/models', { headers })).json()) as { data: { id: string }[] };
    expect(list.data.length).toBeGreaterThan(0);
    expect(list.data.every(({ id }) => id.startsWith('gpt-5'))).toBe(true);
    expect((await daemon.fetch('/v1/models/gpt-6-luna', { headers })).status).toBe(404);
    const refused = await daemon.post(chatPath, chat({ model: 'gpt-6-luna' }), { headers });
    expect(refused.status).toBe(404);
    expect(await refused.json()).toMatchObject({ error: { code: 'model_not_found' } });
    expect(
      (await daemon.post(chatPath, chat({ model: 'gpt-6-luna' }), { headers: { 'x-api-key': 'cdx_slow' } }))
        .status,
    ).toBe(200);
    expect(daemon.world.sent).toHaveLength(1);
  });

  test('a key has a rate of its own, everybody else the common one', async () => {
    await using daemon = testDaemon(often, { keys, rateLimitPerMinute: 2 });
    const ask = async (key: string) =>
      (await daemon.fetch('/v1/models', { headers: { 'x-api-key': key } })).status;
    expect([await ask('cdx_slow'), await ask('cdx_slow')]).toEqual([200, 429]);
    expect([await ask('cdx_laptop'), await ask('cdx_laptop'), await ask('cdx_laptop')]).toEqual([
      200, 200, 429,
    ]);
    daemon.world.clock.nowMs += 30_000;
    expect([await ask('cdx_slow'), await ask('cdx_laptop')]).toEqual([429, 200]);
  });

  test('429 of a rate says how long to wait', async () => {
    await using daemon = testDaemon([], { rateLimitPerMinute: 1 });
    await daemon.fetch('/v1/models');
    const answer = await daemon.fetch('/v1/models');
    expect(answer.headers.get('retry-after')).toBe('60');
    expect(await answer.json()).toMatchObject({
      error: { type: 'rate_limit_error', code: 'rate_limit_exceeded' },
    });
    expect((await daemon.fetch('/health')).status).toBe(200);
  });
});

describe('a keyless daemon is this machine’s alone', async () => {
  const foreign: [name: string, headers: Record<string, string>, code: string][] = [
    ['a rebound host name', { host: 'evil.example' }, 'host_not_allowed'],
    ['a web page', { origin: 'https://evil.example' }, 'origin_not_allowed'],
    [
      'a web page that posts plain text',
      { origin: 'https://evil.example', 'content-type': 'text/plain' },
      'origin_not_allowed',
    ],
    ['a reverse proxy', { 'x-forwarded-for': '10.0.0.1' }, 'forwarded_without_key'],
    ['tailscale serve', { 'tailscale-user-login': 'a@example.com' }, 'forwarded_without_key'],
  ];
  test.each(foreign)('%s is refused with an explanation', async (_, headers, code) => {
    await using daemon = testDaemon(often);
    for (const path of [chatPath, '/health']) {
      const client = await connectRaw(daemon.url);
      client.write(httpRequest('POST', path, headers, JSON.stringify(chat())));
      const received = await client.until(/"error"/);
      expect(received).toStartWith('HTTP/1.1 403');
      expect(received).toContain(code);
      expect(received).toContain('permission_error');
      expect(received).toContain('server.');
      client.leave();
    }
    expect(daemon.world.sent).toHaveLength(0);
  });

  test('with a key the same requests are let in', async () => {
    await using daemon = testDaemon(often, { keys: [plainApiKey('a key of ours')] });
    for (const [, headers] of foreign) {
      const client = await connectRaw(daemon.url);
      client.write(
        httpRequest('POST', chatPath, { ...headers, 'x-api-key': 'a key of ours' }, JSON.stringify(chat())),
      );
      expect(await client.until(/chat\.completion/)).toStartWith('HTTP/1.1 200');
      client.leave();
    }
  });

  const ownName = hostname();
  const resolves = await lookup(ownName).then(
    () => true,
    () => false,
  );
  test.if(resolves)('a listening address that is a name may be called by it', async () => {
    await using daemon = testDaemon([], { listen: [`${ownName}:0`] });
    const client = await connectRaw(daemon.url);
    client.write(httpRequest('GET', '/v1/models', { host: `${ownName.toUpperCase()}:8787` }));
    expect(await client.until(/\r\n\r\n/)).toStartWith('HTTP/1.1 200');
    client.leave();
  });

  test('opened to other machines without a key: by address yes, by a rebound name no', async () => {
    await using daemon = testDaemon([], { listen: ['0.0.0.0:0'] });
    const ask = async (host: string) => {
      const client = await connectRaw(daemon.url.replace('0.0.0.0', '127.0.0.1'));
      client.write(httpRequest('GET', '/v1/models', { host }));
      const received = await client.until(/\r\n\r\n/);
      client.leave();
      return received.slice(9, 12);
    };
    expect([await ask('192.168.1.5:8787'), await ask('evil.example')]).toEqual(['200', '403']);
  });
});

describe('pages of listed origins', () => {
  const options = { corsOrigins: ['https://app.example'], keys: [plainApiKey('a key of ours')] };
  const origin = { origin: 'https://app.example' };

  test('their preflight is answered without a key, also on unknown paths', async () => {
    await using daemon = testDaemon([], options);
    for (const path of [chatPath, '/nope']) {
      const answer = await daemon.fetch(path, {
        method: 'OPTIONS',
        headers: {
          ...origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization',
        },
      });
      expect(answer.status).toBe(204);
      expect(answer.headers.get('access-control-allow-origin')).toBe('https://app.example');
      expect(answer.headers.get('access-control-allow-headers')).toBe('authorization');
    }
  });

  test('answers, streams and refusals alike can be read by them', async () => {
    await using daemon = testDaemon(often, options);
    const headers = { ...origin, authorization: 'Bearer a key of ours' };
    const answers = [
      await daemon.post(chatPath, chat(), { headers }),
      await daemon.post(chatPath, chat({ stream: true }), { headers }),
      await daemon.post(chatPath, '{', { headers }),
      await daemon.post(chatPath, chat(), { headers: origin }),
      await daemon.fetch('/nope', { headers }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 400, 401, 404]);
    for (const answer of answers) {
      expect(answer.headers.get('access-control-allow-origin')).toBe('https://app.example');
      expect(answer.headers.get('access-control-expose-headers')).toContain('x-request-id');
      expect(answer.headers.get('vary')).toBe('Origin');
      await answer.text();
    }
  });

  test('others get no such header', async () => {
    await using daemon = testDaemon(often, options);
    const answer = await daemon.post(chatPath, chat(), {
      headers: { origin: 'https://evil.example', 'x-api-key': 'a key of ours' },
    });
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

describe('the access line', () => {
  test('one for every request, whatever came of it, with an id of its own', async () => {
    await using daemon = testDaemon([good], { keys: [plainApiKey('a key of ours')] });
    const headers = { 'x-api-key': 'a key of ours' };
    const answers = [
      await daemon.post(chatPath, chat(), { headers }),
      await daemon.post(chatPath, chat()),
      await daemon.post(chatPath, 'no', { headers }),
      await daemon.fetch('/v1/models', { headers }),
      await daemon.fetch('/nope', { headers }),
      await daemon.fetch('/v1/models', { method: 'OPTIONS' }),
    ];
    await Promise.all(answers.map((answer) => answer.text()));
    const lines = await daemon.accessLines(6);
    expect(lines.map(({ requestId }) => requestId)).toEqual(
      answers.map(({ headers }) => headers.get('x-request-id')),
    );
    expect(lines.map(({ status }) => status)).toEqual(answers.map(({ status }) => status));
    expect(new Set(lines.map(({ requestId }) => requestId)).size).toBe(6);
    expect(daemon.daemon.running).toBe(0);
  });

  test('what a client writes is cut to size', async () => {
    await using daemon = testDaemon();
    const long = 'x'.repeat(5000);
    await daemon.post(`/${long}`, chat({ model: long }), {
      headers: { 'user-agent': long, 'x-request-id': long },
    });
    await daemon.post(chatPath, chat({ model: long }));
    for (const line of await daemon.accessLines(2)) expect(JSON.stringify(line).length).toBeLessThan(1000);
  });
});

describe('settings that change while it runs (SIGHUP)', () => {
  test('keys, rates, hosts, origins and routes count from the next request on', async () => {
    await using daemon = testDaemon();
    const status = async (path: string, headers: Record<string, string> = {}) =>
      (await daemon.fetch(path, { headers })).status;
    expect([await status('/v1/models'), await status('/new')]).toEqual([200, 404]);
    daemon.daemon.reload({
      ...daemon.settings,
      keyring: createKeyring([plainApiKey('a key of ours')]),
      rateLimitPerMinute: 3,
      corsOrigins: ['https://app.example'],
      routes: [...daemon.settings.routes, { path: '/new', methods: { GET: () => new Response('new') } }],
    });
    const key = { 'x-api-key': 'a key of ours' };
    expect([await status('/v1/models'), await status('/new', key), await status('/v1/models', key)]).toEqual([
      401, 200, 200,
    ]);
    const answer = await daemon.fetch('/new', { headers: { ...key, origin: 'https://app.example' } });
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://app.example');
    expect(await status('/new', key)).toBe(429);
    daemon.daemon.reload({ ...daemon.settings, allowedHosts: ['evil.example'] });
    const client = await connectRaw(daemon.url);
    client.write(httpRequest('GET', '/v1/models', { host: 'evil.example' }));
    expect(await client.until(/\r\n\r\n/)).toStartWith('HTTP/1.1 200');
    client.leave();
  });

  test('a request under way ends as it began', async () => {
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await using daemon = testDaemon([], {
      moreRoutes: [{ path: '/slow', methods: { GET: async () => held.then(() => new Response('done')) } }],
    });
    const slow = daemon.fetch('/slow');
    await until(() => daemon.daemon.running > 0);
    daemon.daemon.reload({
      ...daemon.settings,
      routes: [],
      keyring: createKeyring([plainApiKey('a key of ours')]),
    });
    release();
    expect(await (await slow).text()).toBe('done');
    expect((await daemon.fetch('/slow')).status).toBe(401);
  });
});

test('responses and chat wear their own envelope for the same failure', async () => {
  await using daemon = testDaemon([turnOf('failed-first'), turnOf('failed-first')]);
  const params = [];
  for (const [path, body] of [
    [chatPath, chat()],
    [responsesPath, responses()],
  ] as const) {
    const { error } = (await (await daemon.post(path, body)).json()) as { error: { param: string } };
    params.push(error.param);
  }
  expect(params).toEqual(['messages', 'input']);
});
