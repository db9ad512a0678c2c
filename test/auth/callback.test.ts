import { afterEach, describe, expect, test } from 'bun:test';
import { type Callback, openCallback } from '../../src/auth/callback.ts';
import { interpretCallback, parsePastedUrl } from '../../src/auth/callback-query.ts';
import type { Fetch } from '../../src/auth/login-server.ts';
import { Failure } from '../../src/failure.ts';
import { marker } from './support.ts';

const query = (text: string) => new URLSearchParams(text);
const localFetch: Fetch = (url, init) => fetch(url, { ...init, redirect: 'manual' });
const tokens = { id_token: marker, access_token: marker, refresh_token: marker };

const open: Callback<string>[] = [];
afterEach(async () => {
  for (const callback of open.splice(0)) await callback.close();
});

async function start(
  options: {
    ports?: number[];
    exchange?: () => Promise<typeof tokens>;
    save?: (exchange: () => Promise<typeof tokens>) => Promise<string>;
  } = {},
) {
  const exchanged: string[][] = [];
  const slept: number[] = [];
  const notes: string[] = [];
  const callback = await openCallback({
    ports: options.ports ?? [0],
    state: 'right',
    exchange: async (code, redirectUri) => {
      exchanged.push([code, redirectUri]);
      return (await options.exchange?.()) ?? tokens;
    },
    save: options.save ?? ((exchange) => exchange().then(() => 'saved')),
    fetch: localFetch,
    sleep: async (ms) => {
      slept.push(ms);
    },
    note: (text) => notes.push(text),
  });
  open.push(callback);
  const get = (path: string) => localFetch(`http://127.0.0.1:${callback.port}${path}`);
  return { callback, exchanged, slept, notes, get };
}

describe('interpreting a callback', () => {
  test.each([
    ['code=c&state=right', { kind: 'granted', code: 'c' }],
    ['code=c&state=right.onboarding_entrypoint=life_sciences', { kind: 'granted', code: 'c' }],
    ['code=c&state=wrong', { kind: 'mismatch' }],
    ['code=c', { kind: 'mismatch' }],
    ['code=c&state=right.other', { kind: 'mismatch' }],
    ['error=access_denied&state=wrong', { kind: 'mismatch' }],
    ['error=access_denied&state=right', { kind: 'refused', code: 'access_denied', message: 'access_denied' }],
    [
      'error=access_denied&error_description=You+said+no&state=right',
      { kind: 'refused', code: 'access_denied', message: 'You said no' },
    ],
    [
      'error=access_denied&error_description=x+missing_codex_entitlement&state=right',
      { kind: 'refused', message: 'Codex is not enabled for this workspace. Ask its admin to enable it.' },
    ],
    ['state=right', { kind: 'refused', code: 'missing_authorization_code' }],
    ['code=&state=right', { kind: 'refused', code: 'missing_authorization_code' }],
  ])('%s', (text, outcome) => {
    expect(interpretCallback(query(text), 'right')).toMatchObject(outcome);
  });

  test.each([
    ['http://127.0.0.1:1455/auth/callback?code=c&state=s', 'c'],
    ['  http://localhost:1455/auth/callback?code=c&state=s#fragment\n', 'c'],
    ['?code=c&state=s', 'c'],
    ['code=c&state=s', 'c'],
    ['http://127.0.0.1:1455/success', undefined],
    ['c', undefined],
    ['', undefined],
  ])('pasted: %s', (text, code) => {
    expect(parsePastedUrl(text)?.get('code') ?? undefined).toBe(code);
  });
});

describe('callback server', () => {
  test("a valid code is exchanged with this server's redirect URI, then 302 to /success without any token", async () => {
    const { callback, exchanged, get } = await start();
    const response = await get('/auth/callback?code=c&state=right');
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe(`http://127.0.0.1:${callback.port}/success`);
    expect(exchanged).toEqual([['c', `http://127.0.0.1:${callback.port}/auth/callback`]]);
    const page = await get('/success');
    expect(page.status).toBe(200);
    expect(page.headers.get('connection')).toBe('close');
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(await page.text()).not.toContain(marker);
    expect(await callback.result).toBe('saved');
  });

  test('a wrong state gets 400 "State mismatch" as text, and the server keeps waiting', async () => {
    const { callback, exchanged, get } = await start();
    const wrong = await get('/auth/callback?code=x&state=wrong');
    expect([wrong.status, await wrong.text()]).toEqual([400, 'State mismatch']);
    expect(wrong.headers.get('content-type')).toStartWith('text/plain');
    expect(exchanged).toEqual([]);
    await get('/auth/callback?code=c&state=right');
    await get('/success');
    expect(await callback.result).toBe('saved');
  });

  test('an error with the right state gets an escaped error page with status 200, and the login fails', async () => {
    const { callback, get } = await start();
    const page = await get(
      `/auth/callback?error=access_denied&error_description=${encodeURIComponent('<b>no</b>')}&state=right`,
    );
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('&lt;b&gt;no&lt;/b&gt;');
    await expect(callback.result).rejects.toMatchObject({
      code: 'access_denied',
      message: 'Login refused: <b>no</b>',
    });
  });

  test.each([
    [
      'token_exchange_failed',
      { exchange: async () => Promise.reject(new Failure('upstream_refused', 'Bad code.')) },
    ],
    ['persist_failed', { save: async () => Promise.reject(new Failure('forbidden', 'Disk full.')) }],
  ])('%s is shown in the browser and ends the login', async (code, options) => {
    const { callback, get } = await start(options);
    const page = await get('/auth/callback?code=c&state=right');
    expect(page.status).toBe(200);
    expect(await page.text()).toContain(code);
    await expect(callback.result).rejects.toMatchObject({ code });
  });

  test('a code that arrives twice (reload, prefetch) is exchanged once', async () => {
    const { exchanged, get } = await start();
    const path = '/auth/callback?code=c&state=right';
    const responses = await Promise.all([get(path), get(path)]);
    expect(responses.map(({ status }) => status)).toEqual([302, 302]);
    expect(exchanged).toHaveLength(1);
  });

  test('/cancel ends the login; other paths, and /success before the callback, are 404', async () => {
    const { callback, get } = await start();
    expect((await get('/favicon.ico')).status).toBe(404);
    expect((await get('/success')).status).toBe(404);
    const cancelled = await get('/cancel');
    expect([cancelled.status, await cancelled.text()]).toEqual([200, 'Login cancelled']);
    await expect(callback.result).rejects.toMatchObject({ kind: 'cancelled' });
  });

  test('the redirected URL can be pasted instead', async () => {
    const { callback, exchanged } = await start();
    expect(callback.paste('hello')).toContain('code=');
    expect(callback.paste('http://127.0.0.1:1455/auth/callback?code=c&state=wrong')).toContain(
      'another login',
    );
    expect(exchanged).toEqual([]);
    expect(callback.paste(`${callback.redirectUri}?code=c&state=right`)).toBeUndefined();
    expect(await callback.result).toBe('saved');
  });

  test('a pasted refusal ends the login', async () => {
    const { callback } = await start();
    expect(callback.paste('error=access_denied&state=right')).toBeUndefined();
    await expect(callback.result).rejects.toMatchObject({ code: 'access_denied' });
  });
});

describe('a busy port', () => {
  test('the other login is cancelled and its port reused', async () => {
    const requests: string[] = [];
    const other = Bun.serve({
      hostname: '127.0.0.1',
      port: 0,
      async fetch(request) {
        requests.push(
          `${request.method} ${new URL(request.url).pathname} ${request.headers.get('connection')}`,
        );
        setTimeout(() => other.stop(true), 0);
        return new Response('Login cancelled');
      },
    });
    const port = other.port!;
    const callback = await openCallback({
      ports: [port, 0],
      state: 's',
      exchange: async () => tokens,
      save: async () => '',
      fetch: localFetch,
      sleep: () => Bun.sleep(2),
      note: () => {},
    });
    open.push(callback);
    expect(requests).toEqual(['GET /cancel close']);
    expect(callback.port).toBe(port);
  });

  test('another login that keeps its port is retried ten times, 200 ms apart, then the next port is used', async () => {
    using other = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response('Login cancelled') });
    const { callback, slept, notes } = await start({ ports: [other.port!, 0] });
    expect(slept).toEqual(Array(10).fill(200));
    expect(notes).toEqual([`Port ${other.port} is in use. Asking the other login to stop…`]);
    expect(callback.port).not.toBe(other.port);
  });

  test.each([
    ['another page', () => new Response('mine')],
    ['an error', () => new Response('no such login to cancel', { status: 404 })],
  ])('a program that responds with %s is not retried', async (_, response) => {
    using other = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: response });
    const { callback, slept } = await start({ ports: [other.port!, 0] });
    expect(slept).toEqual([]);
    expect(callback.port).not.toBe(other.port);
  });

  test('nor a server that never responds', async () => {
    using other = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Promise<Response>(() => {}) });
    const { slept } = await start({ ports: [other.port!, 0] });
    expect(slept).toEqual([]);
  });

  test('if no port is free, the Failure names them and suggests --device', async () => {
    using one = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response('mine') });
    using two = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response('mine') });
    await expect(start({ ports: [one.port!] })).rejects.toMatchObject({
      code: 'port_in_use',
      exitCode: 1,
      message: `Cannot receive the browser's redirect: port ${one.port} is in use.`,
      advice: expect.stringContaining('--device'),
    });
    await expect(start({ ports: [one.port!, two.port!] })).rejects.toMatchObject({
      message: `Cannot receive the browser's redirect: ports ${one.port} and ${two.port} are in use.`,
    });
  });
});
