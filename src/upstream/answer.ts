// What an HTTP answer of the upstream that is not 200 means (reference/upstream-codex.md 9). Bodies come in five shapes
// and content types lie, so everything is tried; a Cloudflare page is never quoted and never taken for a bad login.
import { isObject } from '../base/object.ts';
import { Failure, type FailureOptions } from '../failure.ts';
import { redact } from '../log/redact.ts';
import { errorMessage, errorWord, knownFailure, type UpstreamError } from '../responses/error.ts';

const bodyLimitBytes = 256 * 1024;
const patienceMs = 5000;

export type Meaning = (status: number, headers: Headers, body: string, nowMs: number) => Failure;

/** Reads an answer that is no stream, within limits of size and time, and says what it means. */
export async function readRefusal(
  answer: Response,
  nowMs: number,
  meaning: Meaning = answerFailure,
): Promise<Failure> {
  const body = await limitedText(answer, bodyLimitBytes, patienceMs);
  const { status, headers } = answer;
  return reworded(meaning(status, headers, body, nowMs), { upstreamHeaders: headers });
}

export function answerFailure(status: number, headers: Headers, body: string, nowMs: number): Failure {
  if ((status === 403 || status === 503 || status === 200) && isChallenge(headers, body)) {
    return challenge(status);
  }
  const error = errorOf(body);
  const known = knownFailure(error, nowMs);
  if (known !== undefined) return withRetryAfter(known, headers, nowMs);
  const said = errorMessage(error);
  const code = errorWord(error.code);
  switch (status) {
    case 400:
    case 422:
      return refusedRequest(said, code, errorWord(error.param));
    case 401:
      return new Failure('login_required', 'The ChatGPT login was refused.', {
        code: code ?? 'token_expired',
      });
    case 402:
    case 403:
      return new Failure('upstream_refused', said ?? `The upstream answered ${status}.`, {
        status: 403,
        code: code ?? 'insufficient_permissions',
        advice: 'Check the plan and the workspace of this ChatGPT account.',
      });
    case 404:
      return new Failure('not_found', said ?? 'The upstream does not know this model or address.', {
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
        new Failure('rate_limited', said ?? 'The upstream limits the rate.', {
          code: code ?? 'rate_limit_exceeded',
        }),
        headers,
        nowMs,
      );
    case 503:
      return withRetryAfter(
        new Failure('unavailable', said ?? 'The upstream is not available.', {
          code: code ?? 'upstream_unavailable',
        }),
        headers,
        nowMs,
      );
    case 200:
      return new Failure('upstream_broke', said ?? 'The upstream did not answer with an event stream.', {
        code: code ?? 'upstream_error',
        retry: false,
      });
    default:
      return new Failure('upstream_broke', said ?? `The upstream answered ${status}.`, {
        code: code ?? 'upstream_error',
        retry: status >= 500,
      });
  }
}

/** What the front of the upstream says in words only, as a code, a parameter and what to do. */
const refusals: { says: RegExp; code: string; param?: string; advice?: string }[] = [
  {
    says: /not supported when using Codex/,
    code: 'model_not_supported',
    param: 'model',
    advice: 'See `codexd models` for what this plan offers.',
  },
  {
    says: /requires a newer version of Codex/,
    code: 'client_version_too_old',
    param: 'model',
    advice: 'Set `upstream.client_version` to a newer version, or choose another model.',
  },
  { says: /^Unsupported parameter: '?([\w.[\]-]+)/, code: 'unsupported_parameter' },
  { says: /^Unknown parameter: '?([\w.[\]-]+)/, code: 'unknown_parameter' },
  { says: /^Missing required parameter: '?([\w.[\]-]+)/, code: 'missing_required_parameter' },
];

function refusedRequest(
  said: string | undefined,
  code: string | undefined,
  param: string | undefined,
): Failure {
  const message = said ?? 'The upstream refused the request.';
  for (const { says, ...meant } of refusals) {
    const found = says.exec(message);
    if (found === null) continue;
    return new Failure('invalid_request', message, {
      ...meant,
      code: code ?? meant.code,
      param: param ?? meant.param ?? found[1]?.replace(/\.$/, ''),
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
    `Cloudflare refused the request in front of the upstream (${status}).`,
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
  return retryAfterMs === undefined ? failure : withWait(failure, retryAfterMs);
}

/** The same failure with so long to wait from now. */
export function withWait(failure: Failure, retryAfterMs: number): Failure {
  const details = { ...failure.details };
  if ('resets_in_seconds' in details) details.resets_in_seconds = Math.ceil(retryAfterMs / 1000);
  return reworded(failure, { details, retryAfterMs });
}

/** The same failure, told otherwise in part. */
export function reworded(
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
  if (Array.isArray(detail)) return { message: complaints(detail) };
  if (isObject(detail)) return detail;
  return {};
}

/** What a validator says of each field: `[{"loc": ["body", "file"], "msg": "field required"}]`. */
function complaints(details: unknown[]): string | undefined {
  const told = details.flatMap((each) => {
    const { loc, msg } = (each ?? {}) as { loc?: unknown; msg?: unknown };
    if (typeof msg !== 'string') return [];
    return Array.isArray(loc) ? `${msg} (${loc.join('.')})` : msg;
  });
  return told.length === 0 ? undefined : told.join('; ');
}

/** The first `limitBytes` of a body or so, as text, as far as they come within `patienceMs`. */
async function limitedText(answer: Response, limitBytes: number, patienceMs: number): Promise<string> {
  const reader = answer.body?.getReader();
  if (reader === undefined) return '';
  const leave = () => void reader.cancel().catch(() => {});
  const late = setTimeout(leave, patienceMs);
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
    // A body that breaks off still says what it said.
  } finally {
    clearTimeout(late);
  }
  return text;
}
