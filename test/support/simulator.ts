// One simulated upstream for all tests of a file, none of which depends on what the one before left.
import { afterAll, afterEach, beforeEach, expect } from 'bun:test';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/simulator.ts';

/** Each test begins with no request and an empty script, and uses up what it scripts. */
export function simulatorOfThisFile(options: SimulatorOptions = {}): Simulator {
  const simulator = startSimulator(options);
  beforeEach(() => simulator.reset());
  afterEach(() => expect(simulator.unused()).toEqual([]));
  afterAll(() => simulator.stop());
  return simulator;
}
