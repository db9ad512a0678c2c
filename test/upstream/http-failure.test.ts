// What each error response means (docs/wire/upstream.md#errors, docs/wire/upstream.md#challenge).
import { describe, expect, test } from 'bun:test';
import type { FailureKind } from '../../src/failure.ts';
import { httpFailure } from '../../src/upstream/http-failure.ts';

const nowMs = 1_777_936_187_000;

interface Expected {
  kind: FailureKind;
  status: number;
  code?: string | undefined;
  param?: string | undefined;
  message?: string | RegExp;
  retry?: boolean;
  retryAfterMs?: number | undefined;
}

type Row = [name: string, status: number, headers: Record<string, string>, body: unknown, expected: Expected];

const challengePage =
  '<!DOCTYPE html><html><head><title>Just a moment...</title></head><body><script src="/cdn-cgi/challenge-platform/x"></script>cf-secret-ray</body></html>';

const rows: Row[] = [
  // 400
  [
    'refused parameter',
    400,
    {},
    { detail: 'Unsupported parameter: temperature' },
    {
      kind: 'invalid_request',
      status: 400,
      code: 'unsupported_parameter',
      param: 'temperature',
      message: 'Unsupported parameter: temperature',
      retry: false,
    },
  ],
  [
    'store',
    400,
    {},
    { detail: 'Store must be set to false' },
    { kind: 'invalid_request', status: 400, code: undefined, param: undefined },
  ],
  [
    'instructions',
    400,
    {},
    { detail: 'Instructions are required' },
    { kind: 'invalid_request', status: 400, message: 'Instructions are required' },
  ],
  [
    "a model that is not the plan's",
    400,
    {},
    { detail: "The 'gpt-x' model is not supported when using Codex with a ChatGPT account." },
    { kind: 'invalid_request', status: 400, code: 'model_not_supported', param: 'model' },
  ],
  [
    'an identity too old for the model',
    400,
    {},
    { detail: "The 'gpt-5.6-sol' model requires a newer version of Codex. Please upgrade." },
    { kind: 'invalid_request', status: 400, code: 'client_version_too_old', param: 'model' },
  ],
  [
    "the model API's own form",
    400,
    {},
    {
      error: {
        message: 'No tool output found for function call call_1.',
        type: 'invalid_request_error',
        param: 'input',
        code: null,
      },
    },
    { kind: 'invalid_request', status: 400, code: undefined, param: 'input', message: /call_1/ },
  ],
  [
    'a missing parameter',
    400,
    {},
    {
      error: {
        message: "Missing required parameter: 'input[1].summary'.",
        type: 'invalid_request_error',
        code: null,
      },
    },
    { kind: 'invalid_request', status: 400, code: 'missing_required_parameter', param: 'input[1].summary' },
  ],
  [
    'an unknown parameter',
    400,
    {},
    {
      error: {
        message: "Unknown parameter: 'input[3].namespace'.",
        code: 'unknown_parameter',
        param: 'input[3].namespace',
      },
    },
    { kind: 'invalid_request', status: 400, code: 'unknown_parameter', param: 'input[3].namespace' },
  ],
  [
    'context overflow',
    400,
    {},
    { error: { message: 'too long', code: 'context_length_exceeded' } },
    {
      kind: 'invalid_request',
      status: 400,
      code: 'context_length_exceeded',
      message: /maximum context length.*exceeds the context window/,
    },
  ],
  [
    'reasoning of another account',
    400,
    {},
    { error: { message: 'x', code: 'invalid_encrypted_content' } },
    { kind: 'invalid_request', status: 400, code: 'invalid_encrypted_content' },
  ],
  [
    'policy',
    400,
    {},
    { error: { message: 'no', code: 'cyber_policy' } },
    { kind: 'upstream_refused', status: 400, code: 'cyber_policy', retry: false },
  ],
  [
    'another policy',
    400,
    {},
    { error: { message: 'no', code: 'misalignment_policy_violation' } },
    { kind: 'upstream_refused', status: 400, code: 'misalignment_policy_violation' },
  ],
  [
    'an empty body',
    400,
    {},
    '',
    { kind: 'invalid_request', status: 400, message: 'The upstream refused the request.' },
  ],
  ['422 is a 400', 422, {}, { detail: 'no' }, { kind: 'invalid_request', status: 400, message: 'no' }],

  // 401
  [
    'an expired token',
    401,
    {},
    { error: { message: 'Provided authentication token is expired.', code: 'token_expired' }, status: 401 },
    { kind: 'login_required', status: 503, code: 'token_expired', retry: false },
  ],
  [
    'words only',
    401,
    {},
    { detail: 'Unauthorized' },
    { kind: 'login_required', status: 503, code: 'token_expired' },
  ],
  [
    'a revoked token, as text/plain',
    401,
    { 'content-type': 'text/plain' },
    {
      error: {
        message: 'Encountered invalidated oauth token for user',
        type: null,
        code: 'token_revoked',
        param: null,
      },
      status: 401,
    },
    { kind: 'login_required', status: 503, code: 'token_revoked' },
  ],
  ['nothing', 401, {}, '', { kind: 'login_required', status: 503 }],

  // 402, 403
  [
    'a deactivated workspace',
    402,
    {},
    { detail: { code: 'deactivated_workspace' } },
    { kind: 'upstream_refused', status: 403, code: 'deactivated_workspace', retry: false },
  ],
  [
    'another workspace',
    403,
    {},
    { detail: { code: 'invalid_workspace_selected' } },
    { kind: 'upstream_refused', status: 403, code: 'invalid_workspace_selected' },
  ],
  [
    'the region',
    403,
    {},
    { error: { message: 'Country not supported', code: 'unsupported_country_region_territory' } },
    { kind: 'upstream_refused', status: 403, code: 'unsupported_country_region_territory' },
  ],
  [
    'a challenge',
    403,
    { 'content-type': 'text/html; charset=UTF-8', 'cf-mitigated': 'challenge', server: 'cloudflare' },
    challengePage,
    { kind: 'upstream_refused', status: 502, code: 'upstream_challenge', retry: false },
  ],
  [
    'a challenge with 503',
    503,
    { 'content-type': 'text/html' },
    challengePage,
    { kind: 'upstream_refused', status: 502, code: 'upstream_challenge', retry: false },
  ],
  [
    'a challenge that only its header tells',
    403,
    { 'cf-mitigated': 'challenge' },
    '',
    { kind: 'upstream_refused', status: 502, code: 'upstream_challenge' },
  ],
  [
    'a block page without a content type',
    403,
    {},
    '  <html><body>Sorry, you have been blocked. Cloudflare</body></html>',
    { kind: 'upstream_refused', status: 502, code: 'upstream_challenge' },
  ],

  // 404, 413
  [
    'an identity the model is not for',
    404,
    {},
    {
      error: {
        message: 'Model not found gpt-5.6-luna',
        type: 'invalid_request_error',
        param: 'model',
        code: null,
      },
    },
    {
      kind: 'not_found',
      status: 404,
      code: 'model_not_found',
      param: 'model',
      message: 'Model not found gpt-5.6-luna',
    },
  ],
  [
    'an unknown model',
    404,
    {},
    {
      error: {
        message: 'The model `x` does not exist or you do not have access to it.',
        code: 'model_not_found',
      },
    },
    { kind: 'not_found', status: 404, code: 'model_not_found', message: /does not exist/ },
  ],
  [
    'any other 404',
    404,
    {},
    { detail: 'Not Found' },
    { kind: 'not_found', status: 404, message: 'Not Found' },
  ],
  [
    "Cloudflare's 413",
    413,
    { 'content-type': 'text/html' },
    '<html>413 Request Entity Too Large</html>',
    {
      kind: 'too_large',
      status: 413,
      code: 'payload_too_large',
      retry: false,
      message: 'The request is too large for the upstream.',
    },
  ],

  // 429
  [
    'a plan limit, as seen live',
    429,
    {},
    {
      error: {
        type: 'usage_limit_reached',
        message: 'The usage limit has been reached',
        plan_type: 'plus',
        resets_at: 1_777_972_827,
        eligible_promo: null,
        resets_in_seconds: 36_640,
      },
    },
    {
      kind: 'rate_limited',
      status: 429,
      code: 'usage_limit_reached',
      retry: false,
      retryAfterMs: 36_640_000,
    },
  ],
  [
    'a plan limit with the reset time only',
    429,
    {},
    { error: { type: 'usage_limit_reached', resets_at: 1_777_936_287 } },
    { kind: 'rate_limited', status: 429, code: 'usage_limit_reached', retryAfterMs: 100_000 },
  ],
  [
    'a reset that has passed',
    429,
    {},
    { error: { type: 'usage_limit_reached', resets_at: 1_777_900_000 } },
    { kind: 'rate_limited', status: 429, code: 'usage_limit_reached', retryAfterMs: 0 },
  ],
  [
    'a plan without Codex',
    429,
    {},
    { error: { type: 'usage_not_included' } },
    { kind: 'upstream_refused', status: 403, code: 'usage_not_included', retry: false },
  ],
  [
    'a rate limit with retry-after',
    429,
    { 'retry-after': '7' },
    { error: { message: 'slow down', type: 'requests', code: 'rate_limit_exceeded' } },
    { kind: 'rate_limited', status: 429, code: 'rate_limit_exceeded', retry: true, retryAfterMs: 7000 },
  ],
  [
    'milliseconds are preferred',
    429,
    { 'retry-after': '7', 'retry-after-ms': '350' },
    {},
    { kind: 'rate_limited', status: 429, code: 'rate_limit_exceeded', retry: true, retryAfterMs: 350 },
  ],
  [
    'a date',
    429,
    { 'retry-after': new Date(nowMs + 5000).toUTCString() },
    {},
    { kind: 'rate_limited', status: 429, retryAfterMs: 5000 },
  ],
  [
    'a wait in the message',
    429,
    {},
    { error: { code: 'rate_limit_exceeded', message: 'Please try again in 1.5s.' } },
    { kind: 'rate_limited', status: 429, retryAfterMs: 1500 },
  ],
  [
    'no word of a wait',
    429,
    {},
    '',
    { kind: 'rate_limited', status: 429, retry: true, retryAfterMs: undefined },
  ],
  [
    'empty headers',
    429,
    { 'retry-after': '', 'retry-after-ms': '' },
    '',
    { kind: 'rate_limited', status: 429, retryAfterMs: undefined },
  ],
  [
    'nonsense',
    429,
    { 'retry-after': 'soon', 'retry-after-ms': '-1' },
    '',
    { kind: 'rate_limited', status: 429, retryAfterMs: undefined },
  ],

  // 5xx
  [
    '500',
    500,
    {},
    { error: { message: 'oops' } },
    { kind: 'upstream_broke', status: 502, message: 'oops', retry: true },
  ],
  [
    '502',
    502,
    { 'content-type': 'text/html' },
    '<html>502</html>',
    { kind: 'upstream_broke', status: 502, message: 'The upstream responded with HTTP 502.', retry: true },
  ],
  [
    '504',
    504,
    { 'content-type': 'text/html' },
    '<html>',
    { kind: 'upstream_broke', status: 502, retry: true },
  ],
  ...[520, 521, 522, 523, 524].map(
    (status): Row => [
      String(status),
      status,
      {},
      '<html>',
      { kind: 'upstream_broke', status: 502, retry: true },
    ],
  ),
  [
    'overload',
    503,
    {},
    { error: { code: 'server_is_overloaded', type: 'service_unavailable_error', message: 'at capacity' } },
    { kind: 'unavailable', status: 503, code: 'server_is_overloaded', retry: true },
  ],
  [
    'slow down, with a wait',
    503,
    { 'retry-after': '2' },
    { error: { code: 'slow_down', message: 'x' } },
    { kind: 'unavailable', status: 503, code: 'slow_down', retry: true, retryAfterMs: 2000 },
  ],
  [
    '503 of a proxy',
    503,
    { 'content-type': 'text/plain' },
    'no healthy upstream',
    { kind: 'unavailable', status: 503, retry: true },
  ],

  // anything else
  ['a teapot', 418, {}, 'tea', { kind: 'upstream_broke', status: 502, retry: false }],
  ['a success without a body', 204, {}, '', { kind: 'upstream_broke', status: 502, retry: false }],
];

describe('what an answer means', () => {
  for (const [name, status, headers, body, expected] of rows) {
    test(`${status}: ${name}`, () => {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const failure = httpFailure(status, new Headers(headers), text, nowMs);
      const { message, ...fields } = expected;
      expect(failure).toMatchObject(fields);
      if (message !== undefined) expect(failure.message).toMatch(message);
    });
  }
});

test('the details of a plan limit stand beside its message', () => {
  const body = {
    error: {
      type: 'usage_limit_reached',
      plan_type: 'plus',
      resets_at: 1_777_972_827,
      resets_in_seconds: 36_640,
    },
  };
  const { details } = httpFailure(429, new Headers({ 'retry-after': '1' }), JSON.stringify(body), nowMs);
  expect(details).toEqual({ plan_type: 'plus', resets_at: 1_777_972_827, resets_in_seconds: 36_640 });
});

test('a challenge page is reported but never quoted', () => {
  const { message, advice } = httpFailure(
    403,
    new Headers({ 'content-type': 'text/html' }),
    challengePage,
    nowMs,
  );
  expect(message).toBe('Cloudflare, in front of the upstream, refused the request (HTTP 403).');
  expect(message + advice).not.toMatch(/moment|secret|<|html/);
  expect(advice).toContain('upstream.proxy');
});

describe('bodies of every shape, and none', () => {
  const cases: [body: string, message: string][] = [
    ['{"detail":"text"}', 'text'],
    ['{"error":{"message":"text"}}', 'text'],
    ['{"error":{"message":"text"},"status":500}', 'text'],
    ['{"error":"text"}', 'text'],
    ['{"detail":{"code":"c"}}', 'The upstream responded with HTTP 500.'],
    ['{"detail":{"message":"text"}}', 'text'],
    ['{"detail":[{"loc":["body","file"],"msg":"no"},{"msg":"nor this"},7]}', 'no (body.file); nor this'],
    ['{"detail":[]}', 'The upstream responded with HTTP 500.'],
    ['{"error":null}', 'The upstream responded with HTTP 500.'],
    ['{"error":{"message":7,"code":{}}}', 'The upstream responded with HTTP 500.'],
    ['null', 'The upstream responded with HTTP 500.'],
    ['[]', 'The upstream responded with HTTP 500.'],
    ['"text"', 'The upstream responded with HTTP 500.'],
    ['{"error":{"message":"cut', 'The upstream responded with HTTP 500.'],
    ['', 'The upstream responded with HTTP 500.'],
  ];
  test.each(cases)('%s', (body, message) => {
    expect(httpFailure(500, new Headers(), body, nowMs).message).toBe(message);
  });
});

describe('messages of the upstream are passed on without credentials', () => {
  const token = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl';
  test.each([400, 401, 402, 403, 404, 422, 429, 500, 503])('%d', (status) => {
    for (const body of [
      { detail: `bad ${token}` },
      { error: `bad ${token}` },
      { error: { message: `Bearer ${token} is bad`, code: token, type: token, param: token } },
    ]) {
      const failure = httpFailure(status, new Headers(), JSON.stringify(body), nowMs);
      const told = [
        failure.message,
        failure.code,
        failure.param,
        failure.advice,
        JSON.stringify(failure.details),
      ];
      expect(told.join(' ')).not.toContain('c2lnbmF0dXJl');
    }
  });

  test('a code or parameter of unreasonable form is left out', () => {
    for (const strange of ['x'.repeat(101), 'a b', '', '<b>', { a: 1 }, 7]) {
      const body = JSON.stringify({ error: { message: 'no', code: strange, param: strange } });
      const failure = httpFailure(400, new Headers(), body, nowMs);
      expect(failure.code).toBeUndefined();
      expect(failure.param).toBeUndefined();
    }
  });
});
