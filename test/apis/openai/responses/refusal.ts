// What a request was refused with.
import { Failure } from '../../../../src/failure.ts';

/** The `invalid_request` that `act` throws; any other outcome fails the test. */
export function refusal(act: () => unknown): Failure {
  let result: unknown;
  try {
    result = act();
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.kind === 'invalid_request') return thrown;
    throw thrown;
  }
  throw new Error(`Not refused: ${JSON.stringify(result)}`);
}
