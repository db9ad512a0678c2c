// Shows and refreshes the login over HTTP, as in codex-openai-wrapper. Never returns a token.
import { Failure } from '../../failure.ts';
import { discardBody } from '../../server/body.ts';
import type { Exchange } from '../../server/exchange.ts';
import type { Handler } from '../../server/router.ts';
import type { Endpoint } from '../api.ts';
import type { DebuggedLogin } from '../services.ts';

const summary = "the login's plan and expiry, and a refresh; only with an API key";

export const debugEndpoints: readonly Endpoint[] = [
  {
    path: '/debug/auth',
    summary,
    keyed: true,
    methods: ({ login, nowMs }) => {
      const auth: Handler = async (exchange) => {
        await checkCaller(exchange);
        return Response.json(describeLogin(login, nowMs));
      };
      return { POST: auth };
    },
  },
  {
    path: '/debug/refresh',
    summary,
    keyed: true,
    methods: ({ login, nowMs }) => {
      const refresh: Handler = async (exchange) => {
        await checkCaller(exchange);
        await login.forceRefresh();
        return Response.json({ refreshed: true, ...describeLogin(login, nowMs) });
      };
      return { POST: refresh };
    },
  },
];

function describeLogin(login: DebuggedLogin, nowMs: () => number) {
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
}

/** Keys limited to some models are for guests. */
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
