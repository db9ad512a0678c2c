// The closed list of failures. A Failure is thrown where it happens and reported once, at the edge.

export type FailureKind =
  | 'invalid_request'
  | 'bad_api_key'
  | 'forbidden'
  | 'not_found'
  | 'too_large'
  | 'login_required'
  | 'rate_limited'
  | 'unavailable'
  | 'upstream_refused'
  | 'upstream_unreachable'
  | 'upstream_broke'
  | 'timeout'
  | 'cancelled'
  | 'bug';

interface FailureRow {
  /** HTTP status of the response, unless it has already started. */
  status: number;
  /** Exit status of the command line. */
  exitCode: number;
  /** Whether the caller may send the same request again. */
  retry: boolean;
  /** What to do, unless `FailureOptions.advice` says so. Imperative sentences. */
  advice: string;
}

const rows: Record<FailureKind, FailureRow> = {
  invalid_request: {
    status: 400,
    exitCode: 1,
    retry: false,
    advice: 'Correct the request and send it again.',
  },
  bad_api_key: {
    status: 401,
    exitCode: 1,
    retry: false,
    advice: "Use this daemon's own API key, which is not an OpenAI key.",
  },
  forbidden: {
    status: 403,
    exitCode: 1,
    retry: false,
    advice: "Allow it in the daemon's configuration.",
  },
  not_found: { status: 404, exitCode: 1, retry: false, advice: 'Check the name.' },
  too_large: { status: 413, exitCode: 1, retry: false, advice: 'Send less, or raise the limit.' },
  login_required: { status: 503, exitCode: 3, retry: false, advice: 'Run `codexd login`.' },
  rate_limited: { status: 429, exitCode: 6, retry: true, advice: 'Wait and try again.' },
  unavailable: { status: 503, exitCode: 1, retry: true, advice: 'Try again in a moment.' },
  upstream_refused: {
    status: 502,
    exitCode: 4,
    retry: false,
    advice: 'Change the request as the message says.',
  },
  upstream_unreachable: {
    status: 502,
    exitCode: 5,
    retry: true,
    advice: 'Check the network and the proxy settings.',
  },
  upstream_broke: { status: 502, exitCode: 5, retry: true, advice: 'Try again.' },
  timeout: { status: 504, exitCode: 5, retry: true, advice: 'Try again.' },
  cancelled: {
    status: 499,
    exitCode: 130,
    retry: false,
    advice: 'No action needed: the client disconnected.',
  },
  bug: {
    status: 500,
    exitCode: 1,
    retry: false,
    advice: 'Please report this bug, with the request ID if there is one.',
  },
};

export const failureKinds = Object.keys(rows) as readonly FailureKind[];

export interface FailureOptions {
  /** A code of the vendor's or codexd's own, e.g. `model_not_found`. Open set. */
  code?: string;
  /** The invalid part of the request, in the client's own terms, e.g. `messages[2].content`. */
  param?: string;
  /** Overrides the status of the kind, e.g. 405 or 415 for an `invalid_request`. */
  status?: number;
  /** How long to wait before trying again, if known. */
  retryAfterMs?: number;
  /** Overrides the kind's `retry`: whether the caller may send the same request again. */
  retry?: boolean;
  /** What to do, in imperative sentences. */
  advice?: string;
  /** Further fields for the client, e.g. `resets_at` (unix seconds), `plan_type`. */
  details?: Record<string, string | number | null>;
  /** Headers of the upstream's error response, for clients that read them. */
  upstreamHeaders?: Headers | undefined;
  cause?: unknown;
}

export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: string | undefined;
  readonly param: string | undefined;
  readonly status: number;
  readonly exitCode: number;
  readonly retry: boolean;
  readonly retryAfterMs: number | undefined;
  readonly advice: string;
  readonly details: Record<string, string | number | null>;
  readonly upstreamHeaders: Headers | undefined;

  /** `message`: what failed, in one sentence. It may quote names and numbers, never a token, audio or message text. */
  constructor(
    readonly kind: FailureKind,
    message: string,
    options: FailureOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    const row = rows[kind];
    this.code = options.code;
    this.param = options.param;
    this.status = options.status ?? row.status;
    this.exitCode = exitCodeOf(kind, options);
    this.retry = options.retry ?? row.retry;
    this.retryAfterMs = options.retryAfterMs;
    this.advice = options.advice ?? row.advice;
    this.details = options.details ?? {};
    this.upstreamHeaders = options.upstreamHeaders;
  }
}

function exitCodeOf(kind: FailureKind, options: FailureOptions): number {
  const { exitCode } = rows[kind];
  if (options.upstreamHeaders !== undefined && exitCode === 1) return rows.upstream_refused.exitCode;
  return kind === 'invalid_request' && isUsage(options) ? 2 : exitCode;
}

/** Whether the mistake is in the command line or settings, rather than in an input file. */
function isUsage({ code, param }: FailureOptions): boolean {
  return code === 'usage' || code === 'invalid_config' || (param !== undefined && param !== 'file');
}

/** The failure with `redact` applied to every text that may quote foreign data. */
export function redactFailure(failure: Failure, redact: (text: string) => string): Failure {
  const texts = [
    failure.message,
    failure.code,
    failure.param,
    failure.advice,
    ...Object.values(failure.details),
  ];
  if (texts.every((text) => typeof text !== 'string' || redact(text) === text)) return failure;
  const redacted = <T>(value: T) => (typeof value === 'string' ? redact(value) : value);
  const { kind, message, cause, details, ...options } = failure;
  return new Failure(kind, redact(message), {
    ...options,
    ...{
      code: redacted(failure.code),
      param: redacted(failure.param),
      advice: redact(failure.advice),
      cause,
    },
    details: Object.fromEntries(Object.entries(details).map(([key, value]) => [key, redacted(value)])),
  });
}

/** The default advice for a kind of failure. */
export function stockAdvice(kind: FailureKind): string {
  return rows[kind].advice;
}

/** Converts anything thrown: a Failure is returned unchanged, an abort becomes `cancelled`, anything else a `bug`. */
export function asFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  if (thrown instanceof Error && thrown.name === 'AbortError') {
    return new Failure('cancelled', 'The request was cancelled.', { cause: thrown });
  }
  return new Failure('bug', 'Internal error in codexd.', { code: 'internal_error', cause: thrown });
}
