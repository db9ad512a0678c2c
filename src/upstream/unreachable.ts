// What it means when `fetch` throws, by its code (reference/bun-notes.md 4). The code is told, the URL in it is not.
import { asFailure, Failure } from '../failure.ts';

export const distrustedAdvice = 'If your network inspects TLS, name its authority in `upstream.ca_file`.';

export function asUpstreamFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  if (thrown instanceof DOMException && thrown.name === 'TimeoutError') {
    return new Failure('timeout', 'The upstream did not answer in time.', {
      code: 'upstream_timeout',
      cause: thrown,
    });
  }
  const code = codeOf(thrown);
  if (code === undefined) return asFailure(thrown);
  if (code === 'UnexpectedRedirect') return redirected();
  const distrusted = /CERT|SIGNATURE|UNABLE_TO_/.test(code);
  return new Failure('upstream_unreachable', `The upstream cannot be reached (${code}).`, {
    code: 'upstream_unavailable',
    ...(distrusted ? { retry: false, advice: distrustedAdvice } : {}),
    cause: thrown,
  });
}

/** A login stays with the origin it is for. */
export function redirected(): Failure {
  return new Failure('upstream_refused', 'The upstream answered with a redirect, which is not followed.', {
    code: 'upstream_error',
    advice:
      'Check `upstream.base_url` and `transcription.endpoint`, and whether a portal of your network answers.',
  });
}

/** Above this the upstream takes the whole body and closes without a word after 15 s (upstream-codex.md 9.2, 413). */
const silentLimitBytes = 1_175_000;
const silentCloseMs = 5000;

/** The failure of a request that was too large for the upstream to say so; undefined when that is not what happened. */
export function silentRefusal(thrown: unknown, sentBytes: number, waitedMs: number): Failure | undefined {
  if (codeOf(thrown) !== 'ECONNRESET') return undefined;
  if (sentBytes <= silentLimitBytes || waitedMs <= silentCloseMs) return undefined;
  const megabytes = (sentBytes / 1e6).toFixed(1);
  return new Failure(
    'too_large',
    `The upstream closed the connection without an answer, as it does with requests above 1.2 MB; this one has ${megabytes} MB.`,
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
