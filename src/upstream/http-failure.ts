// Interprets the upstream's error responses (docs/wire/upstream.md#errors). The body has one of five shapes and the
// content type is unreliable, so each shape is tried. A Cloudflare page is never quoted or taken for a bad login.
import { isObject } from '../base/object.ts';
import { Failure, type FailureOptions } from '../failure.ts';
import { redact } from '../log/redact.ts';
import { errorMessage, errorWord, knownFailure, type UpstreamError } from '../responses/error.ts';

const bodyLimitBytes = 256 * 1024;
const readTimeoutMs = 5000;

export type FailureReader = (status: number, headers: Headers, body: string, nowMs: number) => Failure;

/** Reads an error response, within limits of size and time, and returns the failure it stands for. */
export async function readFailure(
  response: Response,
  nowMs: number,
  reader: FailureReader = httpFailure,
): Promise<Failure> {
  const body = await readLimited(response, bodyLimitBytes, readTimeoutMs);
  const { status, headers } = response;
  return amendFailure(reader(status, headers, body, nowMs), { upstreamHeaders: headers });
}

export function httpFailure(status: number, headers: Headers, body: string, nowMs: number): Failure {
  if ((status === 403 || status === 503 || status === 200) && isChallenge(headers, body)) {
    return challenge(status);
  }
  const error = errorOf(body);
  const known = knownFailure(error, nowMs);
  if (known !== undefined) return withRetryAfter(known, headers, nowMs);
  const message = errorMessage(error);
  const code = errorWord(error.code);
  switch (status) {
    case 400:
    case 422:
      return refusedRequest(message, code, errorWord(error.param));
    case 401:
      return new Failure('login_required', 'The upstream rejected the ChatGPT login.', {
        code: code ?? 'token_expired',
      });
    case 402:
    case 403:
      return new Failure('upstream_refused', message ?? `The upstream responded with HTTP ${status}.`, {
        status: 403,
        code: code ?? 'insufficient_permissions',
        advice: 'Check the plan and the workspace of this ChatGPT account.',
      });
    case 404:
      return new Failure('not_found', message ?? 'The upstream does not have this model or endpoint.', {
        code: code ?? 'model_not_found',
        param: 'model',
        advice: 'See `codexd models`.',
      });
    case 413:
      return new Failure('too_large', 'The request is too large for the upstream.', {
        code: 'payload_too_large',
        advice: 'Send fewer or smaller images.',
      });
    case 429:
      return withRetryAfter(
        new Failure('rate_limited', message ?? 'The upstream is rate limiting this account.', {
          code: code ?? 'rate_limit_exceeded',
        }),
        headers,
        nowMs,
      );
    case 503:
      return withRetryAfter(
        new Failure('unavailable', message ?? 'The upstream is not available.', {
          code: code ?? 'upstream_unavailable',
        }),
        headers,
        nowMs,
      );
    case 200:
      return new Failure('upstream_broke', message ?? 'The upstream did not respond with an event stream.', {
        code: code ?? 'upstream_error',
        retry: false,
      });
    default:
      return new Failure('upstream_broke', message ?? `The upstream responded with HTTP ${status}.`, {
        code: code ?? 'upstream_error',
        retry: status >= 500,
      });
  }
}

/** Refusals that the upstream's gateway states in prose only: their code, parameter and advice. */
const gatewayRefusals: { pattern: RegExp; code: string; param?: string; advice?: string }[] = [
  {
    pattern: /not supported when using Codex/,
    code: 'model_not_supported',
    param: 'model',
    advice: 'See `codexd models` for what this plan offers.',
  },
  {
    pattern: /requires a newer version of Codex/,
    code: 'client_version_too_old',
    param: 'model',
    advice: 'Set `upstream.client_version` to a newer version, or choose another model.',
  },
  { pattern: /^Unsupported parameter: '?([\w.[\]-]+)/, code: 'unsupported_parameter' },
  { pattern: /^Unknown parameter: '?([\w.[\]-]+)/, code: 'unknown_parameter' },
  { pattern: /^Missing required parameter: '?([\w.[\]-]+)/, code: 'missing_required_parameter' },
];

function refusedRequest(
  reported: string | undefined,
  code: string | undefined,
  param: string | undefined,
): Failure {
  const message = reported ?? 'The upstream refused the request.';
  for (const { pattern, ...known } of gatewayRefusals) {
    const found = pattern.exec(message);
    if (found === null) continue;
    return new Failure('invalid_request', message, {
      ...known,
      code: code ?? known.code,
      param: param ?? known.param ?? found[1]?.replace(/\.$/, ''),
    });
  }
  return new Failure('invalid_request', message, { code, param });
}

function isChallenge(headers: Headers, body: string): boolean {
  return (
    headers.has('cf-mitigated') ||
    (headers.get('content-type') ?? '').includes('text/html') ||
    /^\s*<(?:!doctype html|html)/i.test(body)
  );
}

function challenge(status: number): Failure {
  return new Failure(
    'upstream_refused',
    `Cloudflare, in front of the upstream, refused the request (HTTP ${status}).`,
    {
      status: 502,
      code: 'upstream_challenge',
      advice:
        'This is about the network address, not the login: try another network or a proxy (`upstream.proxy`).',
    },
  );
}

function withRetryAfter(failure: Failure, headers: Headers, nowMs: number): Failure {
  if (failure.retryAfterMs !== undefined) return failure;
  const retryAfterMs = headerWaitMs(headers, nowMs);
  return retryAfterMs === undefined ? failure : withRetryAfterMs(failure, retryAfterMs);
}

/** The same failure with another retry delay, from now. */
export function withRetryAfterMs(failure: Failure, retryAfterMs: number): Failure {
  const details = { ...failure.details };
  if ('resets_in_seconds' in details) details.resets_in_seconds = Math.ceil(retryAfterMs / 1000);
  return amendFailure(failure, { details, retryAfterMs });
}

/** A copy of the failure with some of its fields replaced. */
export function amendFailure(
  failure: Failure,
  { message = failure.message, ...changes }: FailureOptions & { message?: string },
): Failure {
  const { kind, code, param, status, retry, advice, details, retryAfterMs, upstreamHeaders, cause } = failure;
  return new Failure(kind, message, {
    ...{ code, param, status, retry, advice, details, retryAfterMs, upstreamHeaders, cause },
    ...changes,
  });
}

/** `retry-after-ms`, or `retry-after` in seconds or as a date. */
function headerWaitMs(headers: Headers, nowMs: number): number | undefined {
  const ms = Number(headers.get('retry-after-ms') || Number.NaN);
  if (ms >= 0) return ms;
  const after = headers.get('retry-after');
  if (!after) return undefined;
  const seconds = Number(after);
  if (seconds >= 0) return seconds * 1000;
  const date = Date.parse(after);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

/** The error object of a body, whatever its shape. */
export function errorOf(body: string): UpstreamError {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return {};
  }
  const { error, detail } = isObject(value) ? value : {};
  if (isObject(error)) return error;
  if (typeof error === 'string') return { message: redact(error) };
  if (typeof detail === 'string') return { message: detail };
  if (Array.isArray(detail)) return { message: validationMessages(detail) };
  if (isObject(detail)) return detail;
  return {};
}

/** A validator's messages, one per field: `[{"loc": ["body", "file"], "msg": "field required"}]`. */
function validationMessages(details: unknown[]): string | undefined {
  const messages = details.flatMap((each) => {
    const { loc, msg } = (each ?? {}) as { loc?: unknown; msg?: unknown };
    if (typeof msg !== 'string') return [];
    return Array.isArray(loc) ? `${msg} (${loc.join('.')})` : msg;
  });
  return messages.length === 0 ? undefined : messages.join('; ');
}

/** About the first `limitBytes` of a body as text, or what of them arrives within `timeoutMs`. */
async function readLimited(response: Response, limitBytes: number, timeoutMs: number): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return '';
  const leave = () => void reader.cancel().catch(() => {});
  const late = setTimeout(leave, timeoutMs);
  const decoder = new TextDecoder();
  let text = '';
  let readBytes = 0;
  try {
    while (readBytes < limitBytes) {
      const { done, value } = await reader.read();
      if (done) return text;
      readBytes += value.byteLength;
      text += decoder.decode(value, { stream: true });
    }
    leave();
  } catch {
    // What arrived before the body broke off is still useful.
  } finally {
    clearTimeout(late);
  }
  return text;
}
