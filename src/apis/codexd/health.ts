// Whether the daemon is running and has a login, and its card at `/`. Requires no key and shows no secrets.

import type { Handler } from '../../server/router.ts';
import type { Endpoint } from '../api.ts';
import type { Health } from '../services.ts';
import { statusPage } from './status-page.ts';

const healthSummary = 'whether the daemon is running and has a login; no key needed';

export const healthEndpoints: readonly Endpoint[] = [
  openGet('/', undefined, card),
  openGet('/v1', undefined, card),
  openGet('/health', healthSummary, full),
  openGet('/healthz', healthSummary, () => () => Response.json({ status: 'ok' })),
  openGet('/readyz', healthSummary, ready),
];

function openGet(path: string, summary: string | undefined, handler: (health: Health) => Handler): Endpoint {
  return {
    path,
    ...(summary === undefined ? {} : { summary }),
    open: true,
    methods: ({ health }) => ({ GET: handler(health) }),
  };
}

function full(health: Health): Handler {
  return async () => {
    const [login, model] = await Promise.all([health.login(), health.model()]);
    return Response.json({
      status: login.ok ? 'ok' : 'login_required',
      version: health.version,
      commit: health.commit,
      uptime_seconds: Math.round((health.nowMs() - health.startedAtMs) / 1000),
      running: health.running(),
      login,
      auth_available: login.ok,
      model: model?.slug ?? null,
      codex_config_path: health.codexConfigFile,
      context_window: model?.contextWindow ?? null,
      auto_compact_token_limit: model?.autoCompactTokenLimit ?? null,
    });
  };
}

function ready(health: Health): Handler {
  return async () => {
    const login = await health.login();
    return Response.json({ ready: login.ok, ...login }, { status: login.ok ? 200 : 503 });
  };
}

function card({ version, apis, login }: Health): Handler {
  return async ({ headers }) => {
    if (wantsPage(headers)) return statusPage({ version, apis, login: await login() });
    return Response.json(
      { name: 'codexd', version, apis, health: '/health' },
      { headers: { vary: 'Accept' } },
    );
  };
}

/** Browsers accept `text/html` explicitly; tools accept anything. */
function wantsPage(headers: Headers): boolean {
  return /(?:^|,)\s*text\/html\b/i.test(headers.get('accept') ?? '');
}
