// The page at `/metrics`: what was counted, and the state of the daemon's services.
import type { LoginSource } from '../auth/source.ts';
import type { CacheWatch } from '../ledger/cache-watch.ts';
import type { CallMetrics } from '../metrics/call-metrics.ts';
import { contentType, exposition } from '../metrics/metric.ts';
import { stateMetrics } from '../metrics/state-metrics.ts';
import type { Queue } from '../turns/queue.ts';
import { commit, version } from '../version.ts';
import type { Services } from './services.ts';

export interface MetricsPage {
  text: string;
  contentType: string;
}

/** What is counted for the daemon's lifetime. */
export interface MetricsSources {
  metrics: CallMetrics;
  cache: CacheWatch;
  turns: Queue;
  images: Queue;
  transcriptions: Queue;
  startedAtMs: number;
  /** Requests and streamed responses in progress. */
  load: () => { requests: number; streams: number };
}

export function metricsPage(
  { metrics, cache, turns, images, transcriptions, load, startedAtMs }: MetricsSources,
  { quota, login }: Pick<Services, 'quota' | 'login'>,
): MetricsPage {
  const { requests, streams } = load();
  const state = stateMetrics({
    ...{ version, commit, startedAtMs, nowMs: Date.now() },
    residentBytes: process.memoryUsage.rss(),
    openRequests: requests,
    openStreams: streams,
    queues: { turns, images, transcriptions },
    quotas: quota.current(),
    cacheShare: cache.share(),
    login: loginExpiry(login),
  });
  return { text: exposition([...state, ...metrics.all()]), contentType };
}

function loginExpiry(login: LoginSource): { ok: boolean; expiresAtMs: number | undefined } {
  try {
    return { ok: true, expiresAtMs: login.facts().expiresAtMs };
  } catch {
    return { ok: false, expiresAtMs: undefined };
  }
}
