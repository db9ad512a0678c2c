// A page with a value for every metric and label.
import { CallMetrics } from '../../src/metrics/call-metrics.ts';
import { exposition } from '../../src/metrics/metric.ts';
import { type DaemonState, stateMetrics } from '../../src/metrics/state-metrics.ts';
import { callRecord } from '../ledger/support.ts';
import { parseExposition } from '../support/prometheus.ts';

export const state: DaemonState = {
  version: '1.2.3',
  commit: 'abc',
  startedAtMs: 1000,
  nowMs: 1_000_000,
  residentBytes: 50_000_000,
  openRequests: 3,
  openStreams: 2,
  queues: { turns: { running: 2, waiting: 1 }, transcriptions: { running: 0, waiting: 0 } },
  quotas: [
    {
      ...{ limit: 'codex', name: undefined, plan: 'pro', reached: undefined },
      windows: [{ label: 'weekly', usedPercent: 12.5, windowMinutes: 10_080, resetsAtMs: 5_000_400 }],
    },
  ],
  cacheShare: 0.9,
  login: { ok: true, expiresAtMs: 1_060_000 },
};

export function fullPage(): string {
  const metrics = new CallMetrics();
  metrics.observe(callRecord({ times: { queue: 2 } }));
  metrics.observe(
    callRecord({ usage: undefined, failure: { kind: 'timeout', code: undefined }, status: 504 }),
  );
  metrics.observe(callRecord({ usage: undefined, audioSeconds: 61.5, modelUsed: 'chatgpt:asr' }));
  metrics.noteTurn({
    ...{ atMs: 0, conversation: 'c', inputTokens: 9000, cachedTokens: 0 },
    names: { model: 'gpt-5.5', key: 'phone', client: 'curl' },
    loss: {
      ...{ lostTokens: 5000, idleMs: 0 },
      difference: { part: 'input[7] message user', offset: 0, lengthBefore: 1, lengthAfter: 2 },
    },
  });
  metrics.upstream.responded(200);
  metrics.upstream.retried('timeout');
  return exposition([...stateMetrics(state), ...metrics.all()]);
}

/** The labels of every sample name. */
export function samplesOf(text: string): Map<string, Set<string>> {
  const labels = new Map<string, Set<string>>();
  for (const { samples } of parseExposition(text).values()) {
    for (const sample of samples) {
      const known = labels.get(sample.name) ?? new Set();
      for (const label of Object.keys(sample.labels)) known.add(label);
      labels.set(sample.name, known);
    }
  }
  return labels;
}
