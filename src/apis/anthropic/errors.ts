// Renders a Failure in Anthropic's envelope (https://docs.claude.com/en/api/errors), with the headers that the SDKs and Claude
// Code check before they retry.
import type { Failure } from '../../failure.ts';
import type { FailureContext, FailureResponse } from '../../responses/translator.ts';
import { resetNote, retryAfter, withAdvice } from '../advice.ts';
import { limitHeaders } from './plan-limits.ts';

export interface AnthropicError {
  type: 'error';
  error: { type: string; message: string; details?: { error_code: string } };
  request_id: string | null;
  [key: string]: unknown;
}

/** The response while a status can still be sent. */
export function anthropicFailure(
  failure: Failure,
  { requestId, planWindows = [] }: Partial<FailureContext> = {},
): FailureResponse {
  return {
    status: statusOf(failure),
    headers: { ...retryHeaders(failure), ...limitHeaders(failure, planWindows) },
    body: anthropicError(failure, requestId ?? null),
  };
}

/** The body of a failed request, or the last event of a stream that fails after it has begun. */
export function anthropicError(failure: Failure, requestId: string | null = null): AnthropicError {
  const { code } = failure;
  return {
    type: 'error',
    error: {
      type: code !== undefined && ownLimits.has(code) ? 'billing_error' : typeOf(statusOf(failure)),
      message: messageOf(failure),
      ...(code === undefined ? {} : { details: { error_code: code } }),
    },
    request_id: requestId,
  };
}

const overloaded = 529;
const overloadCodes = new Set(['server_is_overloaded', 'slow_down']);

/** The plan is used up or does not include Codex. Claude Code shows the text of a 429 unchanged, but treats 403 as a failed login. */
const planCodes = new Set(['usage_limit_reached', 'usage_not_included', 'insufficient_quota']);

/** Limits of codexd's own. Claude Code shows the text of a `billing_error` unchanged, once. */
const ownLimits = new Set(['key_limit_reached', 'quota_stop']);

/**
 * For a missing login. Claude Code calls every 5xx "a server-side issue, usually temporary" and shows "Please run /login",
 * its own login, for 401 and 403. For this status, it shows only the message.
 */
const noLogin = 424;

function statusOf({ kind, code, status, message }: Failure): number {
  if (kind === 'login_required') return noLogin;
  if (code !== undefined && planCodes.has(code)) return 429;
  const isFull = (code !== undefined && overloadCodes.has(code)) || /model is at capacity/i.test(message);
  return isFull ? overloaded : status;
}

const types: Record<number, string> = {
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  408: 'timeout_error',
  409: 'conflict_error',
  413: 'request_too_large',
  424: 'api_error',
  429: 'rate_limit_error',
  501: 'not_supported',
  504: 'timeout_error',
  529: 'overloaded_error',
};

function typeOf(status: number): string {
  return types[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error');
}

function messageOf(failure: Failure): string {
  switch (failure.code) {
    case 'context_length_exceeded':
      return overflowMessage(failure);
    case 'model_not_found':
      return `model: ${failure.message}`;
    default:
      return withAdvice(failure) + planNote(failure);
  }
}

/** Claude Code shows the message of a used-up plan to its user, so it must say when the plan resets. */
function planNote(failure: Failure): string {
  return failure.code !== undefined && planCodes.has(failure.code) ? resetNote(failure) : '';
}

/**
 * Claude Code compacts the conversation when it finds this exact sentence in a 400, and cuts by the difference between the
 * numbers. They are `input_tokens` and `context_window` of the failure's details. Without them, the sentence uses the words
 * that clients know from other vendors.
 */
function overflowMessage({ details }: Failure): string {
  const { input_tokens: tokens, context_window: window } = details;
  if (typeof window !== 'number' || typeof tokens !== 'number') {
    return 'prompt is too long: it exceeds the context window of this model';
  }
  const note = tokens > window ? '' : ' (the upstream counts more than codexd)';
  return `prompt is too long: ${tokens} tokens > ${window} maximum${note}`;
}

/** Set for every status, because Claude Code retries more of them than the SDK. A request that is too long may be shortened and resent. */
function retryHeaders(failure: Failure): Record<string, string> {
  const { code, retry } = failure;
  const isFinal = !retry || (code !== undefined && planCodes.has(code));
  return {
    ...retryAfter(failure),
    ...(isFinal && code !== 'context_length_exceeded' ? { 'x-should-retry': 'false' } : {}),
  };
}
