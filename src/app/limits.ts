// What callers may spend: the budgets of their keys, and the part of the plan that the settings keep free.
import { join } from 'node:path';
import { KeyBudgets } from '../keys/budgets.ts';
import { SpendingFile } from '../keys/spending.ts';
import { QuotaGuard } from '../turns/quota-guard.ts';
import { fetchQuotas } from '../upstream/quota.ts';
import type { Services } from './services.ts';
import type { Setup } from './setup.ts';

export interface SpendingLimits {
  budgets: KeyBudgets;
  quotaGuard: QuotaGuard;
}

/** Survives reloads. In memory where the ledger is, as in demo mode. */
export function spendingFileOf({ config, paths, log }: Setup): SpendingFile {
  const isStored = config.ledger.kind !== 'memory';
  return new SpendingFile(isStored ? join(paths.stateDir, 'key-usage.json') : undefined, log);
}

const weekMinutes = 7 * 24 * 60;
/** The turn that looks for an early reset waits for it. */
const refreshTimeoutMs = 3000;

export function createLimits(
  { config }: Setup,
  { quota, upstream, sleep }: Services,
  file: SpendingFile,
): SpendingLimits {
  const windows = () => quota.planWindows();
  const get = (path: string) => upstream.get(path, { timeoutMs: refreshTimeoutMs });
  return {
    budgets: new KeyBudgets({
      file,
      nowMs: Date.now,
      weekly: () => windows().find(({ windowMinutes }) => windowMinutes === weekMinutes),
    }),
    quotaGuard: new QuotaGuard({
      stopAt: config.quota.stopAt,
      holdMs: config.quota.hold * 1000,
      waiting: config.server.queue,
      windows,
      refresh: async () => quota.note(await fetchQuotas(get, config.upstream.baseUrl, Date.now)),
      nowMs: Date.now,
      sleep,
    }),
  };
}
