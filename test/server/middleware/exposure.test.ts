// Only this machine can use a server without a key (docs/wire/openai.md#cors, #keyless-local).
import { describe, expect, test } from 'bun:test';
import { Failure } from '../../../src/failure.ts';
import { checkExposure, checkHost, type ExposureOptions } from '../../../src/server/middleware/exposure.ts';

const keyless: ExposureOptions = {
  keyed: false,
  open: false,
  allowedHosts: ['MyNas.lan'],
  corsOrigins: ['https://app.example'],
};

function codeOf(headers: Record<string, string>, options: Partial<ExposureOptions> = {}): string | undefined {
  try {
    checkExposure(new Headers({ host: '127.0.0.1:8787', ...headers }), { ...keyless, ...options });
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    expect(thrown).toMatchObject({ kind: 'forbidden', status: 403 });
    expect(thrown.advice).toContain('server.');
    return thrown.code;
  }
  return undefined;
}

describe('the host, against DNS rebinding', () => {
  test.each([
    ['127.0.0.1:8787', undefined],
    ['127.1.2.3', undefined],
    ['localhost:8787', undefined],
    ['LocalHost', undefined],
    ['codexd.localhost:1', undefined],
    ['[::1]:8787', undefined],
    ['mynas.lan:8787', undefined],
    ['MYNAS.LAN', undefined],
    ['evil.example', 'host_not_allowed'],
    ['localhost.evil.example', 'host_not_allowed'],
    ['evil.example:8787', 'host_not_allowed'],
    ['127.0.0.1.evil.example', 'host_not_allowed'],
    ['192.168.1.5:8787', 'host_not_allowed'],
    ['[::2]:8787', 'host_not_allowed'],
    ['[', 'host_not_allowed'],
  ])('%s: %p', (host, code) => {
    expect(codeOf({ host })).toBe(code as string);
  });
});

test.each([
  ['host.docker.internal:8787', '--allowed-hosts host.docker.internal`'],
  ['a$(x)', '--allowed-hosts NAME`'],
])('%s: the refusal says how to allow it', (host, advice) => {
  const act = () => checkExposure(new Headers({ host }), keyless);
  expect(act).toThrow(expect.objectContaining({ advice: expect.stringContaining(advice) }));
});

describe('the origin, against web pages', () => {
  test.each([
    ['https://app.example', undefined],
    ['http://127.0.0.1:8787', undefined],
    ['https://evil.example', 'origin_not_allowed'],
    ['http://127.0.0.1:9999', 'origin_not_allowed'],
    ['http://localhost:8787', 'origin_not_allowed'],
    ['https://app.example.evil.example', 'origin_not_allowed'],
    ['null', 'origin_not_allowed'],
    ['', 'origin_not_allowed'],
  ])('%s: %p', (origin, code) => {
    expect(codeOf({ origin })).toBe(code as string);
  });

  test('a page cannot make itself ours by rebinding its name', () => {
    expect(codeOf({ host: 'evil.example', origin: 'http://evil.example' })).toBe('host_not_allowed');
  });
});

describe('forwarding headers, against reverse proxies', () => {
  test.each([
    ...['X-Forwarded-For', 'X-Forwarded-Host', 'X-Forwarded-Proto', 'X-Forwarded-Port', 'X-Forwarded'],
    ...['Forwarded', 'Via', 'X-Real-IP', 'X-Client-IP', 'X-Cluster-Client-IP', 'True-Client-IP'],
    ...['CF-Connecting-IP', 'CF-Connecting-IPv6', 'CF-Ray', 'Fastly-Client-IP', 'X-Original-Forwarded-For'],
    ...['Tailscale-User-Login', 'Tailscale-User-Name', 'CF-Visitor', 'CDN-Loop', 'X-Amzn-Trace-Id'],
  ])('%s', (name) => {
    expect(codeOf({ [name]: 'x' })).toBe('forwarded_without_key');
  });

  test.each(['X-Forward', 'Viable', 'X-Real-IPs', 'X-Request-Id'])('%s is not one of them', (name) => {
    expect(codeOf({ [name]: 'x' })).toBeUndefined();
  });
});

describe('Fetch Metadata, against pages whose requests carry no Origin', () => {
  test.each([
    [{ 'sec-fetch-site': 'cross-site' }, 'origin_not_allowed'],
    [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, 'origin_not_allowed'],
    [{ 'sec-fetch-site': 'cross-site', origin: 'https://app.example' }, undefined],
    [{ 'sec-fetch-site': 'same-origin' }, undefined],
    [{ 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }, undefined],
  ])('%j: %p', (headers, code) => {
    expect(codeOf(headers as Record<string, string>)).toBe(code as string);
  });
});

test('HTTP/1.0 without a Host: no browser sends that', () => {
  expect(() => checkExposure(new Headers(), keyless)).not.toThrow();
});

test('on a unix socket the Host says nothing, a proxy still does', () => {
  expect(codeOf({ host: 'x' }, { allowedHosts: 'any' })).toBeUndefined();
  expect(codeOf({ host: 'x', via: '1.1 nginx' }, { allowedHosts: 'any' })).toBe('forwarded_without_key');
});

test.each([
  ['127.0.0.1', true],
  ['127.0.0.1, evil.example', false],
  ['127.0.0.1, 127.0.0.1', false],
])('Host %s, as Bun joins several: %p', (host, good) => {
  const act = () => checkHost(new Headers({ host }));
  if (good) expect(act).not.toThrow();
  else expect(act).toThrow('The request has more than one Host header.');
});

test('with a key none of this matters', () => {
  const foreign = { host: 'evil.example', origin: 'https://evil.example', 'x-forwarded-for': '1.2.3.4' };
  expect(codeOf(foreign, { keyed: true })).toBeUndefined();
});

describe('opened to other machines without a key, as spelled out', () => {
  test.each([
    [{ host: '192.168.1.5:8787' }, undefined],
    [{ host: '[fd00::5]:8787' }, undefined],
    [{ 'x-forwarded-for': '1.2.3.4' }, undefined],
    [{ host: 'evil.example' }, 'host_not_allowed'],
    [{ host: '192.168.1.5.evil.example' }, 'host_not_allowed'],
    [{ origin: 'https://evil.example' }, 'origin_not_allowed'],
  ])('%j: %p', (headers, code) => {
    expect(codeOf(headers as Record<string, string>, { open: true })).toBe(code as string);
  });
});
