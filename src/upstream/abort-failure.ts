// The failure for an aborted signal.
import { Failure } from '../failure.ts';

/** The signal's reason if it is a Failure, or else `cancelled`. */
export function abortFailure(signal: AbortSignal): Failure {
  return signal.reason instanceof Failure
    ? signal.reason
    : new Failure('cancelled', 'The client disconnected.');
}
