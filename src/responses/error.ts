// What the upstream's error objects mean inside a stream (docs/wire/upstream.md#failed)
// and as an HTTP body (docs/wire/upstream.md#errors).
import { Failure, type FailureKind, type FailureOptions } from '../failure.ts';
import { redact } from '../log/redact.ts';

/** The `error` of a body, of an `error` event or of `response.failed`; every key may be missing. */
export interface UpstreamError {
  code?: unknown;
  type?: unknown;
  message?: unknown;
  param?: unknown;
  plan_type?: unknown;
  /** Unix seconds. */
  resets_at?: unknown;
  resets_in_seconds?: unknown;
}

interface Meaning extends FailureOptions {
  kind: FailureKind;
  /** Replaces the upstream's own message. */
  message?: string;
}

const meanings: Record<string, Meaning> = {
  context_length_exceeded: {
    kind: 'invalid_request',
    param: 'input',
    // Clients look for one phrase or the other (docs/wire/openai.md#overflow-wording).
    message:
      "This model's maximum context length is exceeded: your input exceeds the context window of this model.",
    advice: 'Shorten or compact the conversation.',
  },
  insufficient_quota: { kind: 'rate_limited', retry: false },
  credit_balance_exhausted: { kind: 'rate_limited', retry: false },
  organization_spend_limit_exceeded: { kind: 'rate_limited', retry: false },
  project_spend_limit_exceeded: { kind: 'rate_limited', retry: false },
  usage_limit_reached: {
    kind: 'rate_limited',
    retry: false,
    advice: 'Wait for the reset, or see `codexd status`.',
  },
  usage_not_included: {
    kind: 'upstream_refused',
    status: 403,
    advice: 'This ChatGPT plan does not include Codex; use an account whose plan does.',
  },
  rate_limit_exceeded: { kind: 'rate_limited' },
  slow_down: { kind: 'unavailable' },
  server_is_overloaded: { kind: 'unavailable' },
  cyber_policy: { kind: 'upstream_refused', status: 400 },
  misalignment_policy_violation: { kind: 'upstream_refused', status: 400 },
  bio_policy: { kind: 'upstream_refused', status: 400 },
  content_policy_violation: { kind: 'upstream_refused', status: 400 },
  invalid_prompt: { kind: 'invalid_request' },
  invalid_encrypted_content: {
    kind: 'invalid_request',
    advice: 'Remove the reasoning items of another account or model from the history.',
  },
  model_not_found: { kind: 'not_found', param: 'model', advice: 'See `codexd models`.' },
  unsupported_country_region_territory: { kind: 'upstream_refused', status: 403 },
};

/** The failure that an error object stands for; undefined if neither its code nor its type is known. */
export function knownFailure(error: UpstreamError, nowMs: number): Failure | undefined {
  const code = [error.code, error.type].find(
    (word) => typeof word === 'string' && Object.hasOwn(meanings, word),
  );
  if (typeof code !== 'string') return undefined;
  const { kind, message, ...options } = meanings[code] as Meaning;
  const retryAfterMs = waitMs(error, nowMs);
  return new Failure(kind, message ?? errorMessage(error) ?? `The upstream reported \`${code}\`.`, {
    ...options,
    code,
    details: resetDetails(error),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** The failure of an `error` event or a `response.failed`. Unknown errors are `upstream_broke`, which may be retried. */
export function streamFailure(error: UpstreamError, nowMs: number): Failure {
  const known = knownFailure(error, nowMs);
  if (known !== undefined) return known;
  return new Failure(
    'upstream_broke',
    errorMessage(error) ?? 'The upstream reported a failure without a reason.',
    {
      code: errorWord(error.code) ?? 'server_error',
    },
  );
}

/** A code or a parameter's name; undefined for anything else, in particular for what looks like a credential. */
export function errorWord(value: unknown): string | undefined {
  if (typeof value !== 'string' || redact(value) !== value) return undefined;
  return /^[\w.[\]/-]{1,100}$/.test(value) ? value : undefined;
}

export function errorMessage(error: UpstreamError): string | undefined {
  return typeof error.message === 'string' && error.message !== '' ? redact(error.message) : undefined;
}

const tryAgain = /try again in\s*(\d+(?:\.\d+)?)\s*(s|ms|seconds?)\b/i;

/** How long to wait, from the reset time or from the hint in the message. */
function waitMs(error: UpstreamError, nowMs: number): number | undefined {
  if (typeof error.resets_in_seconds === 'number') return Math.max(0, error.resets_in_seconds * 1000);
  if (typeof error.resets_at === 'number') return Math.max(0, error.resets_at * 1000 - nowMs);
  const hint = typeof error.message === 'string' ? tryAgain.exec(error.message) : null;
  if (hint === null) return undefined;
  return Number(hint[1]) * (hint[2]?.toLowerCase() === 'ms' ? 1 : 1000);
}

function resetDetails(error: UpstreamError): Record<string, string | number> {
  const details: Record<string, string | number> = {};
  for (const key of ['plan_type', 'resets_at', 'resets_in_seconds'] as const) {
    const value = error[key];
    const detail = typeof value === 'number' ? value : errorWord(value);
    if (detail !== undefined) details[key] = detail;
  }
  return details;
}
