// Interprets errors thrown by `fetch`, by their code (docs/bun.md#fetch). Their messages are not quoted, because they
// may contain the URL.
import { asFailure, Failure } from '../failure.ts';

export const untrustedCertificateAdvice =
  'If your network inspects TLS, add its certificate authority with `upstream.ca_file`.';

export function asUpstreamFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  if (thrown instanceof DOMException && thrown.name === 'TimeoutError') {
    return new Failure('timeout', 'The upstream did not respond in time.', {
      code: 'upstream_timeout',
      cause: thrown,
    });
  }
  const code = codeOf(thrown);
  if (code === undefined) return asFailure(thrown);
  if (code === 'UnexpectedRedirect') return redirectFailure();
  const isUntrusted = /CERT|SIGNATURE|UNABLE_TO_/.test(code);
  return new Failure('upstream_unreachable', `Could not reach the upstream (${code}).`, {
    code: 'upstream_unavailable',
    ...(isUntrusted ? { retry: false, advice: untrustedCertificateAdvice } : {}),
    cause: thrown,
  });
}

/** Redirects are not followed: the login must not go to another origin. */
export function redirectFailure(): Failure {
  return new Failure(
    'upstream_refused',
    'The upstream responded with a redirect, which codexd does not follow.',
    {
      code: 'upstream_error',
      advice:
        'Check `upstream.base_url` and `transcription.endpoint`, and whether a captive portal intercepts the connection.',
    },
  );
}

/** The upstream reads larger bodies to the end and closes the connection after 15 s (docs/wire/upstream.md#body-size). */
const silentLimitBytes = 1_175_000;
const silentCloseMs = 5000;

/** The failure if the upstream closed the connection because the request is too large; undefined otherwise. */
export function sizeRefusal(thrown: unknown, sentBytes: number, waitedMs: number): Failure | undefined {
  if (codeOf(thrown) !== 'ECONNRESET') return undefined;
  if (sentBytes <= silentLimitBytes || waitedMs <= silentCloseMs) return undefined;
  const megabytes = (sentBytes / 1e6).toFixed(1);
  return new Failure(
    'too_large',
    `The upstream closed the connection without a response, as it does for requests over 1.2 MB. This one has ${megabytes} MB.`,
    {
      code: 'payload_too_large',
      advice: 'Send fewer or smaller images, or leave `upstream.compression` at `auto`.',
      cause: thrown,
    },
  );
}

function codeOf(thrown: unknown): string | undefined {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
