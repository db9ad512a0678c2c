// What the simulated upstream does during the soak: mostly well-paced turns, and every kind of fault.
import type { ScriptedTurn } from '../../src/simulator/simulator.ts';

type Random = () => number;

const words = 'one two three four five six seven eight nine ten ';

/** A turn of about `seconds`, at 20 to 50 events per second. */
function plainTurn(random: Random): ScriptedTurn {
  return { text: words.repeat(3 + Math.floor(random() * 20)), paceMs: 20 + Math.floor(random() * 30) };
}

const faults: readonly ((random: Random) => ScriptedTurn)[] = [
  (random) => ({ ...plainTurn(random), cutAfterBytes: 3000 + Math.floor(random() * 15_000) }),
  (random) => ({ ...plainTurn(random), fault: 'reset', afterBytes: Math.floor(random() * 15_000) }),
  (random) => ({ ...plainTurn(random), fault: 'stall', afterBytes: Math.floor(random() * 10_000) }),
  () => ({ fault: 'reset' }),
  () => ({ fault: 'stall' }),
  () => ({ fault: 'challenge' }),
  () => ({ refusal: 'internal_error' }),
  () => ({ refusal: 'server_is_overloaded' }),
  () => ({ refusal: 'bad_gateway' }),
  () => ({ refusal: 'rate_limit_exceeded', retryAfter: 1 }),
  () => ({ status: 500, body: 'broken' }),
  () => ({ megabytes: 1 }),
  (random) => ({ ...plainTurn(random), delayMs: 2000 }),
  (random) => ({ ...plainTurn(random), chunkBytes: 61, paceMs: 1 }),
];

/** `faultShare` of the turns have a fault. */
export function nextTurn(random: Random, faultShare: number): ScriptedTurn {
  if (random() >= faultShare) return plainTurn(random);
  return faults[Math.floor(random() * faults.length)]!(random);
}
