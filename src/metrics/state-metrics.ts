// The daemon's state at this moment, as gauges.
import type { Queue } from '../turns/queue.ts';
import type { Quota } from '../upstream/quota.ts';
import { gauge, type Metric } from './metric.ts';

export interface DaemonState {
  version: string;
  commit: string;
  startedAtMs: number;
  nowMs: number;
  residentBytes: number;
  openRequests: number;
  openStreams: number;
  queues: Readonly<Record<string, Pick<Queue, 'running' | 'waiting'>>>;
  quotas: readonly Quota[];
  /** The cached share of the latest turns' input; undefined without a turn in the last hour. */
  cacheShare: number | undefined;
  /** `expiresAtMs` is undefined without a login, or if its token does not say. */
  login: { ok: boolean; expiresAtMs: number | undefined };
}

export function stateMetrics(state: DaemonState): Metric[] {
  const { login, nowMs, version, commit } = state;
  const windows = state.quotas.flatMap(({ limit, windows }) =>
    windows.map((window) => ({ ...window, labels: { limit, window: window.label } })),
  );
  const queues = Object.entries(state.queues).map(([queue, { running, waiting }]) => ({
    labels: { queue },
    running,
    waiting,
  }));
  return [
    gauge('codexd_build_info', 'Version of the daemon.', [{ labels: { version, commit }, value: 1 }]),
    single('process_start_time_seconds', 'When the daemon started.', state.startedAtMs / 1000),
    single('process_resident_memory_bytes', 'Memory used by the daemon.', state.residentBytes),
    single('codexd_open_requests', 'Requests in progress.', state.openRequests),
    single('codexd_open_streams', 'Streamed responses in progress.', state.openStreams),
    gauge(
      'codexd_queue_running',
      'Turns and transcriptions in progress.',
      queues.map(({ labels, running }) => ({ labels, value: running })),
    ),
    gauge(
      'codexd_queue_waiting',
      'Turns and transcriptions that wait for a free slot.',
      queues.map(({ labels, waiting }) => ({ labels, value: waiting })),
    ),
    gauge(
      'codexd_quota_used_percent',
      "How much of a window of the plan's limits is used, as last reported.",
      windows.map(({ labels, usedPercent }) => ({ labels, value: usedPercent })),
    ),
    gauge(
      'codexd_quota_reset_timestamp_seconds',
      "When a window of the plan's limits is reset.",
      windows.flatMap(({ labels, resetsAtMs }) =>
        resetsAtMs === undefined ? [] : [{ labels, value: Math.round(resetsAtMs / 1000) }],
      ),
    ),
    gauge(
      'codexd_prompt_cache_share',
      "Cached share of the input tokens, in each conversation's latest turn of the last hour.",
      state.cacheShare === undefined ? [] : [{ value: state.cacheShare }],
    ),
    single('codexd_auth_ok', 'Whether there is a login; the upstream may still refuse it.', Number(login.ok)),
    gauge(
      'codexd_auth_expires_seconds',
      'Time until the access token expires; negative if it has. codexd refreshes its own login before.',
      login.expiresAtMs === undefined ? [] : [{ value: Math.round((login.expiresAtMs - nowMs) / 1000) }],
    ),
  ];
}

function single(name: string, help: string, value: number): Metric {
  return gauge(name, help, [{ value }]);
}
