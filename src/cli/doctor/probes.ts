// Requests to the login server and the upstream, shared by several checks.
import type { Services } from '../../app/services.ts';
import type { Setup } from '../../app/setup.ts';
import type { Failure } from '../../failure.ts';
import { readFailure } from '../../upstream/http-failure.ts';
import { backendPath } from '../../upstream/quota.ts';
import type { Fetch } from '../../upstream/transport.ts';
import { asUpstreamFailure } from '../../upstream/unreachable.ts';

/** Any response counts, even an error: it shows that the server is reachable. */
export type Reachability =
  | { isReachable: true; challenge: Failure | undefined; skewMs: number | undefined }
  | { isReachable: false; failure: Failure };

export interface Probes {
  issuer: Promise<Reachability>;
  upstream: Promise<Reachability>;
}

const timeoutMs = 15_000;

/** Without the login: reaching a server must not depend on it. */
export function startProbes({ config: { upstream } }: Setup, { fetch, loginServer }: Services): Probes {
  const headers = { 'user-agent': loginServer.userAgent, originator: loginServer.originator };
  return {
    issuer: probe(`${upstream.issuer}/oauth/token`, fetch, headers),
    upstream: probe(`${upstream.baseUrl}${backendPath(upstream.baseUrl, 'usage')}`, fetch, headers),
  };
}

async function probe(url: string, fetch: Fetch, headers: Record<string, string>): Promise<Reachability> {
  const startedAtMs = Date.now();
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(timeoutMs) });
    const endedAtMs = Date.now();
    const failure = await readFailure(response, endedAtMs);
    // Only whole seconds; the server read its clock some time between request and response.
    const theirMs = Date.parse(response.headers.get('date') ?? '') + 500;
    const skewMs = (startedAtMs + endedAtMs) / 2 - theirMs;
    return {
      isReachable: true,
      challenge: failure.code === 'upstream_challenge' ? failure : undefined,
      skewMs: Number.isNaN(skewMs) ? undefined : skewMs,
    };
  } catch (thrown) {
    return { isReachable: false, failure: asUpstreamFailure(thrown) };
  }
}
