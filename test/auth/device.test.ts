import { describe, expect, test } from 'bun:test';
import {
  type DeviceCode,
  deviceLimitMs,
  deviceLogin,
  interpretPoll,
  readDeviceCode,
} from '../../src/auth/device.ts';
import { clientId, fakeClock, fakeServer } from './support.ts';

const deviceCode = (more: object = {}) =>
  Response.json({ device_auth_id: 'deviceauth_1', user_code: 'ABCD-12345', interval: '5', ...more });
const waiting = () => new Response('', { status: 403 });
const granted = () =>
  Response.json({ authorization_code: 'ac_1', code_challenge: 'c', code_verifier: 'server-made' });
const tokens = { id_token: 'i', access_token: 'a', refresh_token: 'r' };

function login(...responses: Parameters<typeof fakeServer>) {
  const server = fakeServer(...responses);
  const clock = fakeClock();
  const shown: DeviceCode[] = [];
  const startMs = clock.nowMs;
  const result = deviceLogin({
    server,
    now: clock.now,
    sleep: clock.sleep,
    show: (code) => shown.push(code),
  }).then((exchange) => exchange());
  return { result, server, shown, waitedMs: () => clock.nowMs - startMs };
}

describe('device login', () => {
  test('sends the requests of the Codex CLI, field by field', async () => {
    const { result, server, shown } = login(deviceCode(), waiting(), granted(), Response.json(tokens));
    expect(await result).toEqual(tokens);
    expect(shown[0]).toMatchObject({ userCode: 'ABCD-12345', url: 'https://auth.example/codex/device' });
    const json = { 'content-type': 'application/json', 'user-agent': 'codexd/0.1.0 (linux; x64)' };
    const poll = { body: '{"device_auth_id":"deviceauth_1","user_code":"ABCD-12345"}' };
    expect(server.sent).toEqual([
      {
        url: 'https://auth.example/api/accounts/deviceauth/usercode',
        method: 'POST',
        headers: json,
        body: `{"client_id":"${clientId}"}`,
      },
      { url: 'https://auth.example/api/accounts/deviceauth/token', method: 'POST', headers: json, ...poll },
      { url: 'https://auth.example/api/accounts/deviceauth/token', method: 'POST', headers: json, ...poll },
      {
        url: 'https://auth.example/oauth/token',
        method: 'POST',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          'user-agent': 'codexd/0.1.0 (linux; x64)',
        },
        body: `grant_type=authorization_code&client_id=${clientId}&code=ac_1&redirect_uri=https%3A%2F%2Fauth.example%2Fdeviceauth%2Fcallback&code_verifier=server-made`,
      },
    ]);
  });

  test.each([
    ['a string of seconds', '2', 2_000],
    ['a number', 3, 3_000],
    ['absent', undefined, 5_000],
    ['no number', 'soon', 5_000],
    ['zero, which would be a flood', '0', 1_000],
  ])('interval: %s', async (_, interval, waitMs) => {
    const { result, waitedMs } = login(deviceCode({ interval }), waiting(), granted(), Response.json(tokens));
    await result;
    expect(waitedMs()).toBe(waitMs);
  });

  test('403 and 404 mean not yet; after 15 minutes the login times out', async () => {
    const responses = Array.from({ length: 180 }, (_, n) => new Response('', { status: n % 2 ? 403 : 404 }));
    const { result, server, waitedMs } = login(deviceCode(), ...responses);
    await expect(result).rejects.toMatchObject({ kind: 'timeout' });
    expect(waitedMs()).toBe(deviceLimitMs);
    expect(server.sent).toHaveLength(181);
  });

  test('a brief network failure does not end the login', async () => {
    const down = Object.assign(new TypeError('reset'), { code: 'ECONNRESET' });
    const { result } = login(deviceCode(), down, granted(), Response.json(tokens));
    expect(await result).toEqual(tokens);
  });

  test('404 to the first request says where to enable device login', async () => {
    const { result } = login(new Response('', { status: 404 }));
    await expect(result).rejects.toMatchObject({
      kind: 'upstream_refused',
      advice: expect.stringContaining('Settings → Security'),
    });
  });

  test('accepts the older spelling `usercode`', () => {
    const body = JSON.stringify({ device_auth_id: 'd', usercode: 'OLD-1' });
    expect(readDeviceCode(fakeServer(), { status: 200, body, isHtml: false }).userCode).toBe('OLD-1');
  });

  test.each([
    ['a code without verifier', 200, { authorization_code: 'ac_1' }, false, 'upstream_broke'],
    ['refused', 400, { error: 'expired_token' }, false, 'upstream_refused'],
    ['broken', 500, {}, false, 'upstream_broke'],
    ['a challenge page, which is not "not yet"', 403, '<html>', true, 'upstream_refused'],
  ])('poll: %s ends the login', (_, status, body, isHtml, kind) => {
    expect(() => interpretPoll({ status, body: JSON.stringify(body), isHtml }, [])).toThrow(
      expect.objectContaining({ kind }),
    );
  });
});
