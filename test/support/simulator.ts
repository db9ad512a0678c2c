// One simulated upstream for all tests of a file, none of which depends on the previous one.
import { afterAll, afterEach, beforeEach, expect } from 'bun:test';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/simulator.ts';

/** Each test starts without recorded requests and with an empty script, which it must use up. */
export function useSimulator(options: SimulatorOptions = {}): Simulator {
  const simulator = startSimulator(options);
  beforeEach(() => simulator.reset());
  afterEach(() => expect(simulator.unused()).toEqual([]));
  afterAll(() => simulator.stop());
  return simulator;
}
