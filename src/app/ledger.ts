// The ledger that the settings ask for.
import { join } from 'node:path';
import type { Paths } from '../config/paths.ts';
import { inMemory } from '../ledger/file.ts';
import { Ledger } from '../ledger/ledger.ts';
import type { Setup } from './setup.ts';

/** Undefined where it is switched off. */
export function createLedger({
  config,
  paths,
  log,
}: Pick<Setup, 'config' | 'paths' | 'log'>): Ledger | undefined {
  const { kind, retentionDays } = config.ledger;
  if (kind === 'off') return undefined;
  return new Ledger({
    path: kind === 'memory' ? inMemory : ledgerPath(paths),
    retentionDays,
    log,
    nowMs: Date.now,
    uptimeMs: () => performance.now(),
  });
}

export function ledgerPath({ stateDir }: Paths): string {
  return join(stateDir, 'ledger.sqlite');
}
