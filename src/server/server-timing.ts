// The `server-timing` header: how long a response took, and how much of that was codexd's own work
// (https://www.w3.org/TR/server-timing/).
import type { CallTimes } from '../turns/record.ts';

const phases = ['body', 'plan', 'queue', 'upstream'] as const;
/** What codexd waits for: the client, a free slot, the upstream. */
const waits = ['body', 'queue', 'upstream'] as const;

/** Everything up to the head of the response, in ms. `codexd` is the time that nothing was waited for. */
export function serverTiming(times: CallTimes, elapsedMs: number): string {
  const waited = waits.reduce((sum, wait) => sum + (times[wait] ?? 0), 0);
  const known = phases.flatMap((phase) => {
    const ms = times[phase];
    return ms === undefined ? [] : [metric(phase, ms)];
  });
  return [...known, metric('codexd', Math.max(0, elapsedMs - waited))].join(', ');
}

function metric(name: string, ms: number): string {
  return `${name};dur=${Math.round(ms * 100) / 100}`;
}
