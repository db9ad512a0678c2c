// docs/wire/anthropic.md#errors: failures in Anthropic's envelope, and what clients check before they retry.
import { describe, expect, test } from 'bun:test';
import { anthropicFailure } from '../../../src/apis/anthropic/errors.ts';
import { Failure, type FailureKind, type FailureOptions } from '../../../src/failure.ts';
import { knownFailure } from '../../../src/responses/error.ts';

const nowMs = 1_795_187_761_000;
const answer = (kind: FailureKind, options: FailureOptions = {}, message = 'It failed.') =>
  anthropicFailure(new Failure(kind, message, options), { requestId: 'req_1' });
const upstream = (error: object) => {
  const failure = knownFailure(error, nowMs);
  if (failure === undefined) throw new Error('not a known failure');
  return anthropicFailure(failure);
};
const errorOf = (given: { body: unknown }) =>
  (given.body as { error: { type: string; message: string } }).error;

test('the envelope', () => {
  expect(answer('invalid_request', { code: 'x' }, 'messages.0.role: no')).toEqual({
    status: 400,
    headers: { 'x-should-retry': 'false' },
    body: {
      type: 'error',
      error: { type: 'invalid_request_error', message: 'messages.0.role: no', details: { error_code: 'x' } },
      request_id: 'req_1',
    },
  });
});

describe('statuses and types', () => {
  const rows: [string, FailureKind, FailureOptions, number, string][] = [
    ['invalid', 'invalid_request', {}, 400, 'invalid_request_error'],
    ['method', 'invalid_request', { status: 405 }, 405, 'invalid_request_error'],
    ['a wrong local key', 'bad_api_key', {}, 401, 'authentication_error'],
    ['forbidden', 'forbidden', {}, 403, 'permission_error'],
    ['not found', 'not_found', {}, 404, 'not_found_error'],
    ['too large', 'too_large', {}, 413, 'request_too_large'],
    ['no login', 'login_required', {}, 424, 'api_error'],
    ['rate limit', 'rate_limited', {}, 429, 'rate_limit_error'],
    ['shutting down', 'unavailable', { code: 'shutting_down' }, 503, 'api_error'],
    ['overload', 'unavailable', { code: 'server_is_overloaded' }, 529, 'overloaded_error'],
    ['slow down', 'unavailable', { code: 'slow_down' }, 529, 'overloaded_error'],
    ['refused upstream', 'upstream_refused', {}, 502, 'api_error'],
    ['unreachable', 'upstream_unreachable', {}, 502, 'api_error'],
    ['broken', 'upstream_broke', {}, 502, 'api_error'],
    ['silent', 'timeout', {}, 504, 'timeout_error'],
    ['a bug', 'bug', {}, 500, 'api_error'],
    ['not offered', 'invalid_request', { status: 501 }, 501, 'not_supported'],
  ];
  test.each(rows)('%s', (_, kind, options, status, type) => {
    expect(answer(kind, options).status).toBe(status);
    expect(errorOf(answer(kind, options)).type).toBe(type);
  });

  test('a model at capacity is an overload, whatever its code', () => {
    const full = answer('unavailable', {}, 'Selected model is at capacity. Please try another one.');
    expect(full.status).toBe(529);
  });

  test.each(['usage_limit_reached', 'insufficient_quota', 'usage_not_included'])(
    '%s is a 429 that nobody tries again',
    (code) => {
      const { status, headers } = upstream({ code, message: 'No more.' });
      expect(status).toBe(429);
      expect(headers['x-should-retry']).toBe('false');
    },
  );

  test('a plan that is used up tells until when, in words and in seconds', () => {
    const response = upstream({
      code: 'usage_limit_reached',
      message: 'The usage limit has been reached',
      resets_at: 1_795_200_000,
    });
    expect(errorOf(response).message).toContain('It resets at 18:40 (in 3 h 23 min).');
    expect(response.headers['retry-after']).toBe('12239');
    const nonsense = upstream({ code: 'usage_limit_reached', message: 'x', resets_at: 1e300 });
    expect(errorOf(nonsense).message).not.toContain('resets');
  });

  test.each(['cyber_policy', 'invalid_prompt', 'content_policy_violation'])('%s is a 400', (code) => {
    expect(upstream({ code, message: 'No.' }).status).toBe(400);
  });
});

describe('headers', () => {
  const final: [string, FailureKind, FailureOptions, string | undefined][] = [
    ['a wrong key', 'bad_api_key', {}, 'false'],
    ['no login', 'login_required', {}, 'false'],
    ['a limit of the rate', 'rate_limited', {}, undefined],
    ['a plan that is used up', 'rate_limited', { retry: false }, 'false'],
    ['an invalid request', 'invalid_request', {}, 'false'],
    ['not found', 'not_found', {}, 'false'],
    ['too large', 'too_large', {}, 'false'],
    ['not allowed', 'forbidden', {}, 'false'],
    [
      'too long for the model, which is sent again shorter',
      'invalid_request',
      { code: 'context_length_exceeded' },
      undefined,
    ],
    ['refused upstream', 'upstream_refused', {}, 'false'],
    ['broken', 'upstream_broke', {}, undefined],
    ['overload', 'unavailable', { code: 'slow_down' }, undefined],
  ];
  test.each(final)('x-should-retry: %s', (_, kind, options, expected) => {
    expect(answer(kind, options).headers['x-should-retry']).toBe(expected as string);
  });

  const waits: [number | undefined, string | undefined][] = [
    [undefined, undefined],
    [0, '1'],
    [1, '1'],
    [1200, '2'],
    [60_000, '60'],
  ];
  test.each(waits)('retry-after after %p ms', (retryAfterMs, expected) => {
    const options = retryAfterMs === undefined ? {} : { retryAfterMs };
    expect(answer('rate_limited', options).headers['retry-after']).toBe(expected as string);
  });
});

describe('context overflow', () => {
  const overflow = (details: Record<string, number>) =>
    errorOf(answer('invalid_request', { code: 'context_length_exceeded', details })).message;

  test('the wording is an interface', () => {
    expect(overflow({ input_tokens: 281_344, context_window: 272_000 })).toBe(
      'prompt is too long: 281344 tokens > 272000 maximum',
    );
  });

  test('a count below the window stays what it is: Claude Code must not cut by an invented difference', () => {
    expect(overflow({ input_tokens: 15_021, context_window: 272_000 })).toBe(
      'prompt is too long: 15021 tokens > 272000 maximum (the upstream counts more than codexd)',
    );
  });

  test('without numbers it still has the words that clients look for', () => {
    const known: Record<string, number>[] = [{}, { context_window: 272_000 }];
    for (const details of known) {
      expect(overflow(details)).toMatch(/^prompt is too long.*exceeds the context window/);
    }
  });

  test('it is a 400', () => {
    expect(upstream({ code: 'context_length_exceeded' })).toMatchObject({ status: 400 });
  });
});

describe('messages', () => {
  const said: [string, Failure, string][] = [
    [
      'the advice of who knows better',
      new Failure('login_required', 'codexd is not logged in.'),
      'codexd is not logged in. Run `codexd login`.',
    ],
    ['no advice that says nothing', new Failure('timeout', 'Silent.'), 'Silent.'],
    [
      'the advice given',
      new Failure('not_found', 'No such route', { advice: 'Remove `/v1`.' }),
      'No such route. Remove `/v1`.',
    ],
    ['not twice', new Failure('not_found', 'Gone. Look.', { advice: 'Look.' }), 'Gone. Look.'],
    [
      'a model that is not there',
      new Failure('not_found', 'gpt-9', { code: 'model_not_found', advice: 'See `codexd models`.' }),
      'model: gpt-9',
    ],
  ];
  test.each(said)('%s', (_, failure, message) => {
    expect(errorOf(anthropicFailure(failure)).message).toBe(message);
  });
});
