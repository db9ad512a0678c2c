// What the tests of logins look at in a recorded request.
import type { RecordedRequest } from '../../src/simulator/simulator.ts';

/** The headers without those of the transport. Bun cannot leave out the User-Agent, only empty it. */
export function loginHeaders({ headers }: RecordedRequest): Record<string, string> {
  const transport = ['host', 'connection', 'accept', 'accept-encoding', 'content-length'];
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !transport.includes(name)));
}
