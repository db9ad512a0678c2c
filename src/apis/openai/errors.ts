// Renders a Failure in OpenAI's envelope, with the headers that the SDKs check before they retry (docs/wire/openai.md#errors, #sdk-retries).
import type { Failure, FailureKind } from '../../failure.ts';
import type { FailureResponse } from '../../responses/translator.ts';
import { retryAfter, withAdvice } from '../advice.ts';
import { limitHeaders } from './rate-limit-headers.ts';

/** The four keys are always present; details of a limit (`resets_at`, `plan_type`, …) are added to them. */
export interface OpenaiError {
  message: string;
  type: string;
  param: string | null;
  code: string | null;
  [detail: string]: string | number | null;
}

/** `param` of a context overflow: the field that is too long, which depends on the endpoint. */
export type OverflowParam = 'messages' | 'input' | 'prompt';

/** The response while a status can still be sent. */
export function openaiFailure(failure: Failure, overflowParam: OverflowParam = 'messages'): FailureResponse {
  return {
    status: failure.status,
    headers: retryHeaders(failure),
    body: { error: openaiErrorObject(failure, overflowParam) },
  };
}

/** The value of `error`, in a body or in a stream. */
export function openaiErrorObject(failure: Failure, overflowParam: OverflowParam = 'messages'): OpenaiError {
  const code = failure.code ?? codes[failure.kind];
  const overflow = code === 'context_length_exceeded';
  return {
    ...failure.details,
    message: overflow ? overflowMessage(withAdvice(failure)) : withAdvice(failure),
    type: typeOf(failure, code),
    param: overflow ? overflowParam : (failure.param ?? null),
    code,
  };
}

/** Default codes for failures without one. */
const codes: Record<FailureKind, string | null> = {
  invalid_request: null,
  bad_api_key: 'invalid_api_key',
  forbidden: 'insufficient_permissions',
  not_found: null,
  too_large: 'payload_too_large',
  login_required: 'login_required',
  rate_limited: 'rate_limit_exceeded',
  unavailable: 'server_is_overloaded',
  upstream_refused: 'upstream_error',
  upstream_unreachable: 'upstream_unavailable',
  upstream_broke: 'upstream_error',
  timeout: 'upstream_timeout',
  cancelled: null,
  bug: 'internal_error',
};

/** Home Assistant reads the first of these as `type`, the Codex CLI the second. */
const quotaCodes = new Set(['insufficient_quota', 'usage_limit_reached']);

function typeOf(failure: Failure, code: string | null): string {
  const { status } = failure;
  if (status === 429) return code !== null && quotaCodes.has(code) ? code : 'rate_limit_error';
  if (status === 403) return 'permission_error';
  if (status === 401 && failure.kind !== 'bad_api_key') return 'authentication_error';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}

// LiteLLM and aider look for the first phrase, LangChain for the second, so the message contains both.
const overflowPhrases = ['maximum context length', 'exceeds the context window'];

function overflowMessage(message: string): string {
  if (overflowPhrases.every((phrase) => message.includes(phrase))) return message;
  return `${message} (The input exceeds the context window: it is longer than the model's maximum context length.)`;
}

function retryHeaders(failure: Failure): Record<string, string> {
  const headers = { ...retryAfter(failure), ...limitHeaders(failure) };
  if (failure.retryAfterMs !== undefined) {
    headers['retry-after-ms'] = String(Math.max(0, Math.round(failure.retryAfterMs)));
  }
  // For every status: some clients retry more of them than the official SDKs.
  if (!failure.retry) headers['x-should-retry'] = 'false';
  else if (failure.code === 'body_memory_full') headers['x-should-retry'] = 'true';
  return headers;
}
