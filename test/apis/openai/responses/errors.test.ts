// The envelope of failures, and the headers that the SDKs check before they retry.
import { describe, expect, test } from 'bun:test';
import OpenAI from 'openai';
import { openaiErrorObject, openaiFailure } from '../../../../src/apis/openai/errors.ts';
import { Failure, type FailureKind, type FailureOptions } from '../../../../src/failure.ts';

interface Row {
  kind: FailureKind;
  options?: FailureOptions;
  status: number;
  type: string;
  code: string | null;
}

const limit = { code: 'usage_limit_reached', retry: false };

// One row per kind of failure.
const statuses: Row[] = [
  { kind: 'invalid_request', status: 400, type: 'invalid_request_error', code: null },
  {
    kind: 'invalid_request',
    options: { code: 'unsupported_value', param: 'n' },
    status: 400,
    type: 'invalid_request_error',
    code: 'unsupported_value',
  },
  { kind: 'bad_api_key', status: 401, type: 'invalid_request_error', code: 'invalid_api_key' },
  {
    kind: 'upstream_refused',
    options: { status: 401 },
    status: 401,
    type: 'authentication_error',
    code: 'upstream_error',
  },
  { kind: 'forbidden', status: 403, type: 'permission_error', code: 'insufficient_permissions' },
  {
    kind: 'forbidden',
    options: { code: 'origin_not_allowed' },
    status: 403,
    type: 'permission_error',
    code: 'origin_not_allowed',
  },
  {
    kind: 'not_found',
    options: { code: 'unsupported_endpoint' },
    status: 404,
    type: 'invalid_request_error',
    code: 'unsupported_endpoint',
  },
  {
    kind: 'invalid_request',
    options: { status: 405, code: 'method_not_allowed' },
    status: 405,
    type: 'invalid_request_error',
    code: 'method_not_allowed',
  },
  { kind: 'too_large', status: 413, type: 'invalid_request_error', code: 'payload_too_large' },
  { kind: 'rate_limited', status: 429, type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  {
    kind: 'rate_limited',
    options: limit,
    status: 429,
    type: 'usage_limit_reached',
    code: 'usage_limit_reached',
  },
  {
    kind: 'rate_limited',
    options: { code: 'insufficient_quota' },
    status: 429,
    type: 'insufficient_quota',
    code: 'insufficient_quota',
  },
  {
    kind: 'rate_limited',
    options: { code: 'model_at_capacity' },
    status: 429,
    type: 'rate_limit_error',
    code: 'model_at_capacity',
  },
  { kind: 'bug', status: 500, type: 'server_error', code: 'internal_error' },
  { kind: 'upstream_unreachable', status: 502, type: 'server_error', code: 'upstream_unavailable' },
  { kind: 'upstream_broke', status: 502, type: 'server_error', code: 'upstream_error' },
  { kind: 'unavailable', status: 503, type: 'server_error', code: 'server_is_overloaded' },
  { kind: 'login_required', status: 503, type: 'server_error', code: 'login_required' },
  { kind: 'timeout', status: 504, type: 'server_error', code: 'upstream_timeout' },
];

describe('F.2 statuses', () => {
  for (const row of statuses) {
    test(`${row.kind} ${row.options?.code ?? ''} → ${row.status} ${row.type}`, () => {
      const answer = openaiFailure(new Failure(row.kind, 'It failed.', row.options));
      expect(answer.status).toBe(row.status);
      expect(answer.body).toMatchObject({ error: { type: row.type, code: row.code } });
    });
  }
});

describe('F.1 body', () => {
  test('all four keys are there, `param` and `code` as null when unknown', () => {
    const { body } = openaiFailure(new Failure('invalid_request', 'It failed.'));
    expect(body).toEqual({
      error: { message: 'It failed.', type: 'invalid_request_error', param: null, code: null },
    });
  });

  test('the advice is appended when it says more than the message', () => {
    const given = new Failure('invalid_request', 'No such id.', { advice: 'Send the whole history.' });
    expect(openaiErrorObject(given).message).toBe('No such id. Send the whole history.');
    expect(openaiErrorObject(new Failure('login_required', 'Nobody is logged in.')).message).toBe(
      'Nobody is logged in. Run `codexd login`.',
    );
    expect(openaiErrorObject(new Failure('upstream_refused', 'Refused.')).message).toBe('Refused.');
    const upstream = new Failure('rate_limited', 'The limit has been reached', { advice: 'Wait.' });
    expect(openaiErrorObject(upstream).message).toBe('The limit has been reached. Wait.');
    const failure = new Failure('login_required', 'Nobody is logged in. Run `codexd login`.');
    expect(openaiErrorObject(failure).message).toBe('Nobody is logged in. Run `codexd login`.');
  });

  test('context overflow carries the words of LiteLLM, aider and LangChain, and the field of the route', () => {
    const failure = new Failure('invalid_request', 'Your input exceeds the context window of this model.', {
      code: 'context_length_exceeded',
    });
    const error = openaiErrorObject(failure, 'input');
    expect(error).toMatchObject({ param: 'input', code: 'context_length_exceeded' });
    expect(error.message).toContain('maximum context length');
    expect(error.message).toContain('exceeds the context window');
    expect(openaiErrorObject(failure).param).toBe('messages');
  });

  test('a plan limit tells when it ends', () => {
    const details = { resets_at: 1795200000, resets_in_seconds: 12239, plan_type: 'plus' };
    const error = openaiErrorObject(
      new Failure('rate_limited', 'The limit is reached.', { ...limit, details }),
    );
    expect(error).toMatchObject({ ...details, type: 'usage_limit_reached' });
  });

  test('details cannot overwrite what the envelope promises', () => {
    const details = { message: 'x', type: 'x', code: 'x', param: 'x' };
    expect(openaiErrorObject(new Failure('bug', 'It failed.', { details, advice: 'It failed.' }))).toEqual({
      message: 'It failed.',
      type: 'server_error',
      param: null,
      code: 'internal_error',
    });
  });
});

describe('F.3 headers', () => {
  const headers = (kind: FailureKind, options: FailureOptions) =>
    openaiFailure(new Failure(kind, 'It failed.', options)).headers;

  test('a known wait is told in whole seconds, never zero, and in milliseconds', () => {
    expect(headers('rate_limited', { retryAfterMs: 1300 })).toEqual({
      'retry-after': '2',
      'retry-after-ms': '1300',
    });
    expect(headers('rate_limited', { retryAfterMs: 0 })['retry-after']).toBe('1');
  });

  test('a limit that lasts hours forbids the retries the SDKs would make', () => {
    expect(headers('rate_limited', { ...limit, retryAfterMs: 36_640_000 })).toEqual({
      'retry-after': '36640',
      'retry-after-ms': '36640000',
      'x-ratelimit-limit-requests': '100',
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '10h10m40s',
      'x-should-retry': 'false',
    });
    for (const kind of [
      'login_required',
      'invalid_request',
      'bad_api_key',
      'forbidden',
      'not_found',
      'too_large',
    ] as const) {
      expect(headers(kind, {})).toEqual({ 'x-should-retry': 'false' });
    }
    for (const kind of ['rate_limited', 'unavailable', 'upstream_broke', 'timeout'] as const) {
      expect(headers(kind, {})['x-should-retry']).toBeUndefined();
    }
  });

  test('openai-node asks once, and its error has code, param and details', async () => {
    let translate = 0;
    const answer = openaiFailure(
      new Failure('rate_limited', 'The usage limit has been reached.', {
        ...limit,
        param: 'model',
        retryAfterMs: 20,
        details: { resets_at: 1795200000 },
      }),
    );
    const client = new OpenAI({
      apiKey: 'none',
      baseURL: 'http://127.0.0.1:9/v1',
      fetch: async () => {
        translate += 1;
        return Response.json(answer.body, { status: answer.status, headers: answer.headers });
      },
    });
    const error = await client.models.list().catch((thrown: unknown) => thrown);
    expect(translate).toBe(1);
    expect(error).toBeInstanceOf(OpenAI.RateLimitError);
    expect(error).toMatchObject({ code: 'usage_limit_reached', param: 'model', type: 'usage_limit_reached' });
    expect((error as { error: unknown }).error).toMatchObject({ resets_at: 1795200000 });
  });
});
