import { describe, expect, test } from 'bun:test';
import type { LoginServerResponse } from '../../src/auth/login-server.ts';
import {
  authorizeUrl,
  exchangeRequest,
  interpretRefresh,
  readExchange,
  refreshRequest,
  revokeRequest,
} from '../../src/auth/token.ts';
import { Failure } from '../../src/failure.ts';
import { clientId, fakeServer, marker } from './support.ts';

const server = fakeServer();
const response = (status: number, body: unknown, isHtml = false): LoginServerResponse => ({
  status,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  isHtml,
});
const fields = (body: unknown) => [...new URLSearchParams(String(body))];

describe("the Codex CLI's requests, field by field", () => {
  test('the authorize URL has its ten parameters in order', () => {
    const url = new URL(
      authorizeUrl(server, {
        redirectUri: 'http://127.0.0.1:1455/auth/callback',
        challenge: 'challenge',
        state: 'state',
      }),
    );
    expect(`${url.origin}${url.pathname}`).toBe('https://auth.example/oauth/authorize');
    expect([...url.searchParams]).toEqual([
      ['response_type', 'code'],
      ['client_id', clientId],
      ['redirect_uri', 'http://127.0.0.1:1455/auth/callback'],
      ['code_challenge', 'challenge'],
      ['code_challenge_method', 'S256'],
      ['state', 'state'],
      ['scope', 'openid profile email offline_access api.connectors.read api.connectors.invoke'],
      ['id_token_add_organizations', 'true'],
      ['codex_cli_simplified_flow', 'true'],
      ['originator', 'codexd'],
    ]);
    expect(url.search).not.toContain('+');
  });

  test('the exchange is a form without originator', () => {
    const redirectUri = 'http://127.0.0.1:1455/auth/callback';
    const { url, init } = exchangeRequest(server, { code: 'c&d', redirectUri, verifier: 'v' });
    expect(url).toBe('https://auth.example/oauth/token');
    expect(init.method).toBe('POST');
    expect(init.headers).toEqual({
      'content-type': 'application/x-www-form-urlencoded',
      'user-agent': 'codexd/0.1.0 (linux; x64)',
    });
    expect(init.body).toContain('redirect_uri=http%3A%2F%2F127.0.0.1%3A1455%2Fauth%2Fcallback');
    expect(fields(init.body)).toEqual([
      ['grant_type', 'authorization_code'],
      ['client_id', clientId],
      ['code', 'c&d'],
      ['redirect_uri', redirectUri],
      ['code_verifier', 'v'],
    ]);
  });

  test('the refresh is JSON with originator, user-agent and the reason', () => {
    const { url, init } = refreshRequest(server, 'rt.1.x', 'proactive_expiry');
    expect(url).toBe('https://auth.example/oauth/token');
    expect(init.headers).toEqual({
      'content-type': 'application/json',
      originator: 'codexd',
      'user-agent': 'codexd/0.1.0 (linux; x64)',
    });
    expect(init.body).toBe(
      `{"client_id":"${clientId}","grant_type":"refresh_token","refresh_reason":"proactive_expiry","refresh_token":"rt.1.x"}`,
    );
  });

  test('the revocation sends the refresh token; without one, the access token without client_id', () => {
    expect(revokeRequest(server, { access_token: 'a', refresh_token: 'r' })).toMatchObject({
      url: 'https://auth.example/oauth/revoke',
      init: { body: `{"token":"r","token_type_hint":"refresh_token","client_id":"${clientId}"}` },
    });
    expect(revokeRequest(server, { access_token: 'a', refresh_token: '' })).toMatchObject({
      init: { body: '{"token":"a","token_type_hint":"access_token"}' },
    });
    expect(revokeRequest(server, {})).toBeUndefined();
  });

  test('a configured refresh URL is used, and the revocation goes to the same host', () => {
    const elsewhere = { ...server, refreshUrl: 'https://other.example/x/token' };
    expect(refreshRequest(elsewhere, 'r', 'forced').url).toBe('https://other.example/x/token');
    expect(revokeRequest(elsewhere, { refresh_token: 'r' })?.url).toBe('https://other.example/oauth/revoke');
  });
});

describe('the response to a code exchange', () => {
  test('three tokens are a login; other fields are ignored', () => {
    const body = { id_token: 'i', access_token: 'a', refresh_token: 'r', oai_is: 'x', expires_in: 864000 };
    expect(readExchange(response(200, body), [])).toEqual({
      id_token: 'i',
      access_token: 'a',
      refresh_token: 'r',
    });
  });

  test.each([
    ['no refresh token', 200, { id_token: 'i', access_token: 'a' }, 'upstream_broke', 'contained no tokens'],
    ['a web page', 200, '<html>', 'upstream_broke', 'contained no tokens'],
    [
      'error_description',
      400,
      { error: 'e', error_description: 'Bad code.' },
      'upstream_refused',
      '400, Bad code.',
    ],
    ['error.message', 400, { error: { message: 'Said.', code: 'c' } }, 'upstream_refused', '400, Said.'],
    ['error as a word', 403, { error: 'access_denied' }, 'upstream_refused', 'access_denied.'],
    ['error.code alone', 400, { error: { code: 'bad_code' } }, 'upstream_refused', 'bad_code.'],
    ['raw text', 400, 'no\nJSON', 'upstream_refused', '400, no JSON.'],
    ['nothing', 400, '', 'upstream_refused', 'no reason given.'],
    ['a broken server', 502, 'bad', 'upstream_broke', '502'],
    ['too many', 429, {}, 'rate_limited', '429'],
  ])('%s is reported', (_, status, body, kind, message) => {
    const thrown = catchFailure(() => readExchange(response(status, body), []));
    expect(thrown.kind).toBe(kind as Failure['kind']);
    expect(thrown.message).toContain(message);
    expect(thrown.advice).toBe('Run `codexd login` again.');
  });

  test('a challenge page means a blocked network, not a rejected login, and is not quoted', () => {
    const thrown = catchFailure(() => readExchange(response(403, '<html>Just a moment…</html>', true), []));
    expect(thrown.code).toBe('upstream_challenge');
    expect(thrown.message).not.toContain('moment');
  });

  test('sent secrets and anything that looks like a token are not repeated', () => {
    const text = { error_description: `code ${marker} and rt.1.${marker}x and Bearer ${marker}` };
    const thrown = catchFailure(() => readExchange(response(400, text), [marker]));
    expect(thrown.message).not.toContain(marker);
    expect(thrown.message).toContain('[redacted]');
  });
});

describe('the response to a refresh', () => {
  const coded = (code: string) => ({
    error: { message: 'M.', type: 'invalid_request_error', param: null, code },
  });

  test.each([
    [
      'all three',
      { id_token: 'i', access_token: 'a', refresh_token: 'r', extra: 1 },
      ['id_token', 'access_token', 'refresh_token'],
    ],
    ['without id_token', { access_token: 'a', refresh_token: 'r' }, ['access_token', 'refresh_token']],
    ['without refresh_token', { access_token: 'a', refresh_token: null }, ['access_token']],
    ['a rotated token alone', { refresh_token: 'r' }, ['refresh_token']],
  ])('200 with %s: the new tokens are returned', (_, body, keys) => {
    const outcome = interpretRefresh(response(200, body), []);
    expect(outcome.kind === 'refreshed' && Object.keys(outcome.tokens)).toEqual(keys);
  });

  test.each([
    ['expired', 401, coded('refresh_token_expired'), 'refresh_token_expired'],
    ['reused', 401, coded('refresh_token_reused'), 'refresh_token_reused'],
    ['reused with 400', 400, coded('refresh_token_reused'), 'refresh_token_reused'],
    ['invalidated', 401, coded('refresh_token_invalidated'), 'refresh_token_invalidated'],
    ['code as error', 401, { error: 'refresh_token_reused' }, 'refresh_token_reused'],
    ['code on top', 401, { code: 'refresh_token_expired' }, 'refresh_token_expired'],
    ['any other 401', 401, coded('something_new'), 'something_new'],
    ['401 without a body', 401, '', 'http_401'],
    ['invalid_grant', 400, { error: 'invalid_grant' }, 'invalid_grant'],
  ])('%s is final', (_, status, body, code) => {
    expect(interpretRefresh(response(status, body), [])).toMatchObject({ kind: 'final', code });
  });

  test.each([
    ['429', 429, {}],
    ['500', 500, coded('refresh_token_reused')],
    ['502 page', 502, '<html>'],
    ['400 of another kind', 400, { error: 'invalid_request' }],
    ['403 challenge', 403, '<html>'],
    ['200 without JSON', 200, 'OK'],
    ['200 without tokens', 200, {}],
  ])('%s is transient', (_, status, body) => {
    expect(interpretRefresh(response(status, body, String(body).startsWith('<')), []).kind).toBe('transient');
  });
});

function catchFailure(work: () => unknown): Failure {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
    throw thrown;
  }
  throw new Error('nothing was thrown');
}
