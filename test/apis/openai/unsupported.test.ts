// The messages of the refusals (docs/wire/openai.md#missing-endpoints); test/clients/unsupported.test.ts requests them
// from a daemon.
import { describe, expect, test } from 'bun:test';
import { openaiFailure } from '../../../src/apis/openai/errors.ts';
import { unsupportedEndpoint, unsupportedEndpoints } from '../../../src/apis/openai/unsupported.ts';

describe('each refusal is one sentence that names what is missing', () => {
  test.each(Object.entries(unsupportedEndpoints))('%s', (path, why) => {
    const { status, headers, body } = openaiFailure(unsupportedEndpoint(path, why));
    expect(status).toBe(404);
    expect(headers).toEqual({ 'x-should-retry': 'false' });
    expect(body).toEqual({
      error: {
        message: `codexd does not serve ${path}: ${why}.`,
        type: 'invalid_request_error',
        param: null,
        code: 'unsupported_endpoint',
      },
    });
  });
});
