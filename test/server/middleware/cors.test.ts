// Cross-origin sharing (docs/wire/openai.md#cors, #keyless-local).
import { describe, expect, test } from 'bun:test';
import { corsHeaders, optionsResponse } from '../../../src/server/middleware/cors.ts';

const listed = ['https://app.example'];
const preflight = new Headers({
  origin: 'https://app.example',
  'access-control-request-method': 'POST',
  'access-control-request-headers': 'authorization,content-type,x-stainless-lang',
});

test('a preflight of a listed origin is told everything it asks for', () => {
  const answer = optionsResponse(preflight, ['POST'], listed);
  expect(answer.status).toBe(204);
  expect(Object.fromEntries(answer.headers)).toEqual({
    allow: 'POST, OPTIONS',
    'access-control-allow-origin': 'https://app.example',
    'access-control-allow-methods': 'POST, OPTIONS',
    'access-control-allow-headers': 'authorization,content-type,x-stainless-lang',
    'access-control-expose-headers': expect.stringContaining('x-request-id'),
    'access-control-max-age': '600',
    vary: 'Origin',
  });
});

test('a page on the way into a private network is let in when it asks', () => {
  const asking = new Headers(preflight);
  asking.set('access-control-request-private-network', 'true');
  expect(optionsResponse(asking, ['POST'], listed).headers.get('access-control-allow-private-network')).toBe(
    'true',
  );
  expect(
    optionsResponse(preflight, ['POST'], listed).headers.has('access-control-allow-private-network'),
  ).toBe(false);
});

describe('nobody else is told anything', () => {
  test.each([
    ['another origin', { origin: 'https://evil.example' }, listed],
    ['nothing listed', { origin: 'https://app.example' }, []],
    ['no origin', {}, listed],
    ['a null origin', { origin: 'null' }, listed],
  ])('%s', (_, headers, origins) => {
    const given = new Headers(headers as Record<string, string>);
    expect(corsHeaders(given, origins)).toEqual({});
    const answer = optionsResponse(given, ['GET', 'HEAD'], origins);
    expect(Object.fromEntries(answer.headers)).toEqual({ allow: 'GET, HEAD, OPTIONS' });
    expect(answer.status).toBe(204);
  });
});

test('everybody, when configured: by name, never by a star with credentials', () => {
  const headers = corsHeaders(new Headers({ origin: 'https://any.example' }), ['*']);
  expect(headers['access-control-allow-origin']).toBe('https://any.example');
  expect(headers).not.toHaveProperty('access-control-allow-credentials');
});

test('a page can read what the SDKs decide by', () => {
  const exposed = corsHeaders(preflight, listed)['access-control-expose-headers'] ?? '';
  for (const name of [
    'x-request-id',
    'retry-after',
    'retry-after-ms',
    'x-should-retry',
    'x-codexd-ignored',
  ]) {
    expect(exposed.split(', ')).toContain(name);
  }
});
