// Logins that wait for consent: codes, their expiry, and what programs get for them.
import { describe, expect, test } from 'bun:test';
import { codeLifetimeSeconds, createDeviceCodes, pollSeconds } from '../../src/gateway/device-codes.ts';

function codesAt() {
  const clock = { ms: 1_000_000 };
  return { clock, codes: createDeviceCodes(() => clock.ms) };
}

test('an approved code is worth one login, once', () => {
  const { codes } = codesAt();
  const { deviceCode, userCode } = codes.start(undefined);
  expect(codes.poll(deviceCode, undefined)).toBe('authorization_pending');
  codes.waitingFor(userCode)?.decide('approved');
  expect(codes.poll(deviceCode, undefined)).toEqual({ approved: userCode });
  expect(codes.poll(deviceCode, undefined)).toBe('invalid_grant');
});

test('a denied code is used up', () => {
  const { codes } = codesAt();
  const { deviceCode, userCode } = codes.start(undefined);
  codes.waitingFor(userCode)?.decide('denied');
  expect(codes.poll(deviceCode, undefined)).toBe('access_denied');
  expect(codes.poll(deviceCode, undefined)).toBe('invalid_grant');
});

test('an expired code cannot be approved, and its program learns why', () => {
  const { clock, codes } = codesAt();
  const { deviceCode, userCode } = codes.start(undefined);
  const login = codes.waitingFor(userCode);
  clock.ms += codeLifetimeSeconds * 1000;
  expect(codes.waitingFor(userCode)).toBeUndefined();
  login?.decide('approved');
  expect(codes.poll(deviceCode, undefined)).toBe('expired_token');
});

test('a code that was approved or denied does not wait any more', () => {
  const { codes } = codesAt();
  const { userCode } = codes.start(undefined);
  codes.waitingFor(userCode)?.decide('approved');
  expect(codes.waitingFor(userCode)).toBeUndefined();
});

test('a program that polls too fast is told so, and a patient one is not', () => {
  const { clock, codes } = codesAt();
  const { deviceCode } = codes.start(undefined);
  codes.poll(deviceCode, undefined);
  clock.ms += 100;
  expect(codes.poll(deviceCode, undefined)).toBe('slow_down');
  clock.ms += pollSeconds * 1000;
  expect(codes.poll(deviceCode, undefined)).toBe('authorization_pending');
});

test('a code belongs to the client that started the login', () => {
  const { codes } = codesAt();
  const { deviceCode, userCode } = codes.start('one');
  codes.waitingFor(userCode)?.decide('approved');
  expect(codes.poll(deviceCode, 'other')).toBe('invalid_grant');
  expect(codes.poll(deviceCode, undefined)).toBe('invalid_grant');
  expect(codes.poll(deviceCode, 'one')).toEqual({ approved: userCode });
});

test.each(['lower', 'spaced', 'plain'])('a user code may be written %s', (form) => {
  const { codes } = codesAt();
  const { userCode } = codes.start(undefined);
  const written = {
    lower: userCode.toLowerCase(),
    spaced: ` ${userCode.replace('-', ' ')} `,
    plain: userCode.replace('-', ''),
  }[form];
  expect(codes.waitingFor(written ?? '')?.userCode).toBe(userCode);
});

describe('codes', () => {
  test('have 256 random bits, or eight letters that are easy to tell apart', () => {
    const { deviceCode, userCode } = codesAt().codes.start(undefined);
    expect(Buffer.from(deviceCode, 'base64url')).toHaveLength(32);
    expect(userCode).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
  });

  test('a device code is not a user code, nor the other way round', () => {
    const { codes } = codesAt();
    const { deviceCode, userCode } = codes.start(undefined);
    expect(codes.waitingFor(deviceCode)).toBeUndefined();
    expect(codes.poll(userCode, undefined)).toBe('invalid_grant');
  });

  test('at most a hundred wait, and old ones make room', () => {
    const { clock, codes } = codesAt();
    for (let count = 0; count < 100; count++) codes.start(undefined);
    expect(() => codes.start(undefined)).toThrow('100 logins are already waiting');
    clock.ms += 2 * codeLifetimeSeconds * 1000;
    expect(codes.start(undefined).userCode).toBeString();
  });
});
