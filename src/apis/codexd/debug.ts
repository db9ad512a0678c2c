// Looking at the login and refreshing it over HTTP, as codex-openai-wrapper had it. Facts only, never a token.
import { Failure } from '../../failure.ts';
import { discardBody } from '../../server/body.ts';
import type { Exchange } from '../../server/exchange.ts';
import type { Handler, Route } from '../../server/router.ts';

export interface DebuggedLogin {
  /** Throws `login_required` without one. */
  facts(): {
    origin: string;
    plan: string | undefined;
    expiresAtMs: number | undefined;
    lastRefreshMs: number | undefined;
    refreshable: boolean;
  };
  /** Refreshes although nothing is due. */
  forceRefresh(): Promise<unknown>;
}

export function debugRoutes(login: DebuggedLogin, nowMs: () => number): Route[] {
  const described = () => {
    const { origin, plan, expiresAtMs, lastRefreshMs, refreshable } = login.facts();
    return {
      auth_available: true,
      source: origin,
      plan: plan ?? null,
      expires_at: iso(expiresAtMs),
      expires_in_seconds: expiresAtMs === undefined ? null : Math.round((expiresAtMs - nowMs()) / 1000),
      last_refresh: iso(lastRefreshMs),
      refreshable,
    };
  };
  const auth: Handler = async (exchange) => {
    await checkCaller(exchange);
    return Response.json(described());
  };
  const refresh: Handler = async (exchange) => {
    await checkCaller(exchange);
    await login.forceRefresh();
    return Response.json({ refreshed: true, ...described() });
  };
  return [
    { path: '/debug/auth', keyed: true, methods: { POST: auth } },
    { path: '/debug/refresh', keyed: true, methods: { POST: refresh } },
  ];
}

/** A key for some models is a guest's. */
async function checkCaller({ request, caller }: Exchange): Promise<void> {
  await discardBody(request);
  if (caller.models === undefined) return;
  throw new Failure('forbidden', 'This API key is limited to some models.', {
    advice: 'Use a key without `models`.',
  });
}

function iso(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
