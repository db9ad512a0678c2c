// The refusal of a request.
import { Failure } from '../../../../src/failure.ts';

/** The `invalid_request` that `act` throws; the test fails on any other outcome. */
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
