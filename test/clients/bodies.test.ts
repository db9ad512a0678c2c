// Request bodies over HTTP: compressed, invalid, too large, rejected while they are still being sent.
import { afterAll, describe, expect, test } from 'bun:test';
import { Agent, type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { deflateSync } from 'node:zlib';
import { type RunningDaemon, startDaemon, turnsSent, useWorld } from './daemon.ts';

const world = useWorld();

function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${world.daemon.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
  });
}

test.each([
  ['gzip', Bun.gzipSync],
  ['deflate', deflateSync],
  ['zstd', Bun.zstdCompressSync],
] as const)('a body in %s', async (coding, compress) => {
  const body = JSON.stringify({ model: 'gpt-5.5', input: 'Say plover.' });
  const answer = await post('/v1/responses', compress(Buffer.from(body)), { 'content-encoding': coding });
  expect(answer.status).toBe(200);
  expect(await answer.text()).toContain('plover');
});

test.each<[string, string, Record<string, string>, number, string | null]>([
  ['broken JSON', '{"model":', {}, 400, null],
  ['no body', '', {}, 400, 'missing_body'],
  ['an unknown coding', '{}', { 'content-encoding': 'lzma' }, 415, 'unsupported_media_type'],
  ['a coding that lies', '{}', { 'content-encoding': 'gzip' }, 400, null],
])('%s is refused in an envelope', async (_, body, headers, status, code) => {
  const answer = await post('/v1/chat/completions', body, headers);
  expect(answer.status).toBe(status);
  expect(await answer.json()).toEqual({
    error: { message: expect.stringMatching(/\w/), type: 'invalid_request_error', param: null, code },
  });
  expect(turnsSent(world.simulator)).toEqual([]);
});

describe('a body that is refused while it is still being sent', () => {
  const text = JSON.stringify({ model: 'gpt-5.5', input: 'a'.repeat(40 * 1024 * 1024) });
  const pieces = text.match(/.{1,1000000}/g)!;

  const agent = new Agent({ keepAlive: true });
  afterAll(() => agent.destroy());

  /** With `node:http`, which continues to send whatever the response is. */
  async function sendAll(daemon: RunningDaemon, headers: Record<string, string | number>) {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const sent = request(`${daemon.url}/v1/responses`, { method: 'POST', headers, agent }, resolve);
    sent.on('error', reject);
    for (const piece of pieces) sent.write(piece);
    sent.end();
    const answer = await promise;
    return { status: answer.statusCode, body: await json(answer) };
  }

  test.each<[string, Record<string, string | number>, string[], number, string]>([
    ['too large, of declared length', { 'content-length': text.length }, [], 413, 'payload_too_large'],
    ['too large, in chunks', { 'transfer-encoding': 'chunked' }, [], 413, 'payload_too_large'],
    ['of nobody we know', {}, ['--api-key', 'a-key-of-this-test'], 401, 'invalid_api_key'],
  ])('%s: the answer arrives, and the daemon can still stop', async (_, headers, args, status, code) => {
    await using daemon = await startDaemon({ simulator: world.simulator, args });
    const answer = await sendAll(daemon, headers);
    expect(answer).toMatchObject({ status, body: { error: { code } } });
    expect(await daemon.stop()).toBe(0);
  });

  test('too large once unpacked', async () => {
    const answer = await post('/v1/responses', Bun.zstdCompressSync(text), { 'content-encoding': 'zstd' });
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ error: { code: 'payload_too_large' } });
  });
});

test('an unknown path and a wrong method are JSON, HEAD is empty, OPTIONS names the methods', async () => {
  const unknown = await fetch(`${world.daemon.url}/v1/nope`);
  expect([unknown.status, await unknown.json()]).toMatchObject([404, { error: { code: 'unknown_url' } }]);
  const wrong = await fetch(`${world.daemon.url}/v1/completions`);
  expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, expect.stringContaining('POST')]);
  expect(await wrong.json()).toMatchObject({ error: { code: 'method_not_allowed' } });
  const options = await fetch(`${world.daemon.url}/v1/models`, { method: 'OPTIONS' });
  expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS']);
});
