// Whether the daemon lives and whether it has a login, and its card at `/`. Needs no key, shows no secret.

import type { Handler, Route } from '../../server/router.ts';
import { greeting, isOllamaClient } from '../ollama/routes/endpoints.ts';
import { statusPage } from './status-page.ts';

export interface Health {
  version: string;
  commit: string;
  /** Routes of the APIs it speaks, for the card at `/`. */
  apis: string[];
  startedAtMs: number;
  /** Whether a login is there; says nothing of whether the upstream still takes it. */
  login: () => Promise<{ ok: boolean; message?: string }>;
  /** The default model, without asking the upstream; undefined when none is allowed. */
  model: () => Promise<DefaultModel | undefined>;
  /** The Codex CLI's config.toml, whether or not it exists. */
  codexConfigFile: string;
  running: () => number;
  nowMs: () => number;
}

export interface DefaultModel {
  slug: string;
  contextWindow: number;
  autoCompactTokenLimit: number | undefined;
}

export function healthRoutes(health: Health): Route[] {
  const live = () => Response.json({ status: 'ok' });
  const full = async () => {
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
  const ready = async () => {
    const login = await health.login();
    return Response.json({ ready: login.ok, ...login }, { status: login.ok ? 200 : 503 });
  };
  const at = (path: string, answer: Handler): Route => ({ path, open: true, methods: { GET: answer } });
  const card: Handler = async ({ request }) => {
    if (isOllamaClient(request.headers)) return greeting();
    const { version, apis } = health;
    if (wantsPage(request.headers)) return statusPage({ version, apis, login: await health.login() });
    return Response.json(
      { name: 'codexd', version, apis, health: '/health' },
      { headers: { vary: 'Accept' } },
    );
  };
  return [at('/', card), at('/v1', card), at('/health', full), at('/healthz', live), at('/readyz', ready)];
}

/** Browsers name `text/html` first; tools accept anything. */
function wantsPage(headers: Headers): boolean {
  return /(?:^|,)\s*text\/html\b/i.test(headers.get('accept') ?? '');
}
