// Shared by tests that inspect recorded login requests.
import type { RecordedRequest } from '../../src/simulator/simulator.ts';

/** The headers, except those of the transport. */
export function loginHeaders({ headers }: RecordedRequest): Record<string, string> {
  const transport = ['host', 'connection', 'accept', 'accept-encoding', 'content-length'];
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !transport.includes(name)));
}
