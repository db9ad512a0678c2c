// A client that disconnects ends the upstream request immediately. This is tested as an order of events, not in
// milliseconds: the upstream has seen it before the daemon has answered a number of later requests.
import { expect } from 'bun:test';
import type { RecordedRequest } from '../../src/simulator/simulator.ts';
import { isTurn, type World } from './daemon.ts';

const requestsAfter = 100;

/** For the only running turn. */
export async function expectUpstreamAborted({ simulator, daemon }: World, leave: () => void): Promise<void> {
  const [turn, ...others] = simulator.requests.filter(isTurn);
  expect(others).toEqual([]);
  leave();
  for (let sent = 0; sent < requestsAfter && !isAborted(turn); sent++) {
    await (await fetch(`${daemon.url}/health`)).text();
  }
  expect(turn).toMatchObject({ abortedAtMs: expect.any(Number) });
}

function isAborted(turn: RecordedRequest | undefined): boolean {
  return turn?.abortedAtMs !== undefined;
}
