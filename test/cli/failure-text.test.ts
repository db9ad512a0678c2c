// How a failure looks on stderr: what failed, then what to do at a terminal.
import { describe, expect, test } from 'bun:test';
import { failureJson, failureText } from '../../src/cli/failure-text.ts';
import { Failure } from '../../src/failure.ts';
import { redact } from '../../src/log/redact.ts';

const nowMs = Date.parse('2026-12-01T11:34:00Z');
const style = { redact, nowMs, timeZone: 'UTC', width: 80 };

describe('a limit that resets', () => {
  const minutes = (n: number) => n * 60_000;
  test.each([
    [minutes(38), 'Try again at 12:12 (in 38 min). `codexd status` shows your limits.\n'],
    [
      minutes(12 * 60 + 30),
      'Try again at 2026-12-02 00:04 (in 12 h 30 min). `codexd status` shows your limits.\n',
    ],
    [
      minutes(60 * 24 * 5),
      'Try again at 2026-12-06 11:34 (in 5 d 0 h). `codexd status` shows your limits.\n',
    ],
    [12_300, 'Try again in 13 s.\n'],
  ])('in %d ms', (retryAfterMs, advice) => {
    const failure = new Failure('rate_limited', 'The usage limit has been reached.', {
      code: 'usage_limit_reached',
      advice: 'Wait for the reset, or see `codexd status`.',
      retryAfterMs,
    });
    const text = failureText(failure, { ...style, width: Number.POSITIVE_INFINITY });
    expect(text).toBe(`codexd: The usage limit has been reached.\n${advice}`);
  });

  test('in local time: 12:12 in Berlin is 11:12 UTC', () => {
    const failure = new Failure('rate_limited', 'Used up.', { retryAfterMs: minutes(38) });
    expect(failureText(failure, { ...style, timeZone: 'Europe/Berlin' })).toContain(
      'Try again at 13:12 (in 38 min).',
    );
  });

  test('in JSON too', () => {
    const failure = new Failure('rate_limited', 'Used up.', { retryAfterMs: minutes(38) });
    expect(JSON.parse(failureJson(failure, style)).error.retry_at).toBe('2026-12-01T12:12:00.000Z');
  });
});

describe('advice', () => {
  test('written for HTTP clients is left out', () => {
    for (const kind of ['invalid_request', 'upstream_refused', 'cancelled'] as const) {
      expect(failureText(new Failure(kind, 'It did not work.'), style)).toBe('codexd: It did not work.\n');
    }
  });

  test('given by the Failure itself is kept', () => {
    const failure = new Failure('invalid_request', 'x.png is not an image.', { advice: 'Convert it.' });
    expect(failureText(failure, { ...style, subject: 'x.png' })).toBe(
      'x.png: x.png is not an image.\nConvert it.\n',
    );
  });
});

test('lines fit the terminal, and a path stays whole', () => {
  const path = `/home/me/${'long/'.repeat(12)}file.json`;
  const text = failureText(
    new Failure('not_found', `No such file: ${path}.`, { advice: 'Check the path.' }),
    {
      ...style,
      width: 40,
    },
  );
  expect(text).toBe(`codexd: No such file:\n${path}.\nCheck the path.\n`);
});
