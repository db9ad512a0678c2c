// Whether the daemon lives and whether it has a login (product.md 5). Needs no key, tells no secret.
import { greeting, isOllamaClient } from './ollama.ts';
import type { Handler, Route } from './router.ts';

export interface Health {
  version: string;
  commit: string;
  /** Routes of the APIs it speaks, for the card at `/`. */
  apis: string[];
  startedAtMs: number;
  /** Whether a login is there; says nothing of whether the upstream still takes it. */
  login: () => Promise<{ ok: boolean; message?: string }>;
  running: () => number;
  nowMs: () => number;
}

export function healthRoutes(health: Health): Route[] {
  const live = () => Response.json({ status: 'ok' });
  const full = async () => {
    const login = await health.login();
    return Response.json({
      status: login.ok ? 'ok' : 'login_required',
      version: health.version,
      commit: health.commit,
      uptime_seconds: Math.round((health.nowMs() - health.startedAtMs) / 1000),
      running: health.running(),
      login,
    });
  };
  const ready = async () => {
    const login = await health.login();
    return Response.json({ ready: login.ok, ...login }, { status: login.ok ? 200 : 503 });
  };
  const at = (path: string, answer: Handler): Route => ({ path, open: true, methods: { GET: answer } });
  const card: Handler = ({ request }) =>
    isOllamaClient(request.headers)
      ? greeting()
      : Response.json({ name: 'codexd', version: health.version, apis: health.apis, health: '/health' });
  return [at('/', card), at('/v1', card), at('/health', full), at('/healthz', live), at('/readyz', ready)];
}
