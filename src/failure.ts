// The closed list of what can go wrong. Thrown where it happens, reported once at the edge.

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
  /** HTTP status of an answer that could still be given one. */
  status: number;
  /** Exit code of the command line. */
  exitCode: number;
  /** Whether the caller may send the same request again. */
  retry: boolean;
  /** What to do, when the one who threw did not say. */
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
    advice: "Use this daemon's own API key; it is not an OpenAI key.",
  },
  forbidden: {
    status: 403,
    exitCode: 1,
    retry: false,
    advice: "Change the daemon's configuration to allow it.",
  },
  not_found: { status: 404, exitCode: 1, retry: false, advice: 'Check the name.' },
  too_large: { status: 413, exitCode: 1, retry: false, advice: 'Send less, or raise the limit.' },
  login_required: { status: 503, exitCode: 3, retry: false, advice: 'Run `codexd login`.' },
  rate_limited: { status: 429, exitCode: 6, retry: true, advice: 'Wait and try again.' },
  unavailable: { status: 503, exitCode: 1, retry: true, advice: 'Try again in a moment.' },
  upstream_refused: { status: 502, exitCode: 4, retry: false, advice: 'See the message.' },
  upstream_unreachable: {
    status: 502,
    exitCode: 5,
    retry: true,
    advice: 'Check the network and the proxy settings.',
  },
  upstream_broke: { status: 502, exitCode: 5, retry: true, advice: 'Try again.' },
  timeout: { status: 504, exitCode: 5, retry: true, advice: 'Try again.' },
  cancelled: { status: 499, exitCode: 130, retry: false, advice: 'Nothing; the caller went away.' },
  bug: {
    status: 500,
    exitCode: 1,
    retry: false,
    advice: 'Report it, with the request id where there is one.',
  },
};

export interface FailureOptions {
  /** A word from the vendor's or our own vocabulary, e.g. `model_not_found`. Open set. */
  code?: string;
  /** The part of the request that is at fault, in the client's own terms, e.g. `messages[2].content`. */
  param?: string;
  /** Overrides the status of the kind, e.g. 405 or 415 for an `invalid_request`. */
  status?: number;
  /** How long to wait before trying again, when known. */
  retryAfterMs?: number;
  /** Overrides the kind's answer to "may the same request be sent again". */
  retry?: boolean;
  /** One sentence of what to do. */
  advice?: string;
  /** Facts for the client beside the message, e.g. `resets_at` (unix seconds), `plan_type`. */
  details?: Record<string, string | number | null>;
  /** Of the response that the upstream refused with, for clients that read the upstream's own. */
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

  /** `message`: one sentence of what failed. It may quote names and numbers, never a token, audio or message text. */
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

/** Whether it is about how codexd was called (an option, a setting), not about a file that was given. */
function isUsage({ code, param }: FailureOptions): boolean {
  return code === 'usage' || code === 'invalid_config' || (param !== undefined && param !== 'file');
}

/** The failure with `redact` applied to every text of it that may quote others. */
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

/** What a Failure of this kind says is to be done, when the one who threw did not. */
export function stockAdvice(kind: FailureKind): string {
  return rows[kind].advice;
}

/** Whatever was thrown, as a Failure: ours unchanged, an abort as `cancelled`, anything else as a `bug`. */
export function asFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  if (thrown instanceof Error && thrown.name === 'AbortError') {
    return new Failure('cancelled', 'The request was cancelled.', { cause: thrown });
  }
  return new Failure('bug', 'Something in codexd went wrong.', { code: 'internal_error', cause: thrown });
}
