// Call records and ledgers for tests.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ledger, type LedgerOptions } from '../../src/ledger/ledger.ts';
import { createLog } from '../../src/log.ts';
import type { CallRecord } from '../../src/turns/record.ts';

export const callRecord = (facts: Partial<CallRecord> = {}): CallRecord => ({
  requestId: 'req_1',
  clientRequestId: undefined,
  method: 'POST',
  path: '/v1/responses',
  api: 'openai',
  endpoint: '/v1/responses',
  status: 200,
  caller: { name: 'phone', models: undefined },
  agent: 'OpenAI/Python 1.3',
  receivedAtMs: 0,
  firstByteMs: 10,
  totalMs: 100,
  modelRequested: 'gpt-5.5',
  modelUsed: 'gpt-5.5',
  usage: {
    input_tokens: 1000,
    output_tokens: 100,
    total_tokens: 1100,
    input_tokens_details: { cached_tokens: 800 },
    output_tokens_details: { reasoning_tokens: 40 },
  },
  ...facts,
});

export interface TestLedger extends Disposable {
  ledger: Ledger;
  clock: { wallMs: number; uptimeMs: number };
  log: string[];
  path: string;
}

/** Noon UTC. */
export const noonMs = Date.UTC(2026, 11, 1, 12);

export function testLedger(options: Partial<LedgerOptions> = {}): TestLedger {
  const directory = mkdtempSync(join(tmpdir(), 'codexd-ledger-'));
  const path = options.path ?? join(directory, 'default', 'ledger.sqlite');
  const clock = { wallMs: noonMs, uptimeMs: 5000 };
  const log: string[] = [];
  const ledger = new Ledger({
    path,
    retentionDays: 400,
    log: createLog({ level: 'info', format: 'json', write: (line) => log.push(line) }),
    nowMs: () => clock.wallMs,
    uptimeMs: () => clock.uptimeMs,
    ...options,
  });
  return {
    ...{ ledger, clock, log, path },
    [Symbol.dispose]() {
      ledger.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export const everything = { sinceMs: 0, untilMs: Number.MAX_SAFE_INTEGER, timeZone: 'UTC' };
