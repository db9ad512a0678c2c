// The response object of lifecycle events and whole responses: defaults, overridden by the upstream's fields, overridden by the
// request's (docs/wire/openai.md#response-fields). Fields about the account are removed (docs/wire/upstream.md#response-object, #example-streams).
import type { Failure } from '../../../failure.ts';
import { isObject } from '../../../responses/fields.ts';
import type { OutputItem, ResponsesResponse, Usage } from '../../../responses/response.ts';
import { openaiErrorObject } from '../errors.ts';
import type { ResponsesTranslation } from './types.ts';

/** Fields that the Open Responses validator requires and the upstream may omit. */
const defaults = {
  completed_at: null,
  error: null,
  incomplete_details: null,
  frequency_penalty: 0,
  presence_penalty: 0,
  service_tier: 'default',
};

/** `error` of a response whose turn failed. */
export function failedResponseError(failure: Failure): { code: string; message: string } {
  const { code, type, message } = openaiErrorObject(failure, 'input');
  return { code: type === 'server_error' ? 'server_error' : (code ?? type), message };
}

export function responseObject(
  response: ResponsesResponse,
  { echo, codex }: ResponsesTranslation,
  output: OutputItem[],
): ResponsesResponse {
  const { id, created_at, headers, text, reasoning, ...upstream } = response;
  return {
    id,
    object: 'response',
    created_at: Math.floor(created_at ?? 0),
    ...defaults,
    ...upstream,
    // Codex reads from this which model answered.
    ...(codex && headers !== undefined && { headers }),
    ...echo,
    reasoning: { effort: null, summary: null, ...(isObject(reasoning) && reasoning) },
    text: { ...verbosityOf(text), ...(echo.text as object) },
    output,
    usage: response.usage ? usage(response.usage) : null,
  };
}

/** The model's default verbosity, for clients that did not set one. */
function verbosityOf(text: unknown): object {
  return isObject(text) && typeof text.verbosity === 'string' ? { verbosity: text.verbosity } : {};
}

/** With all counts that clients need. */
function usage(given: Usage): Usage {
  return {
    ...given,
    input_tokens_details: { cached_tokens: 0, ...given.input_tokens_details },
    output_tokens_details: { reasoning_tokens: 0, ...given.output_tokens_details },
    total_tokens: given.total_tokens ?? given.input_tokens + given.output_tokens,
  };
}
