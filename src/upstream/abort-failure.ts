// What a caller's signal means while something is waited for.
import { Failure } from '../failure.ts';

/** Why the caller aborted: its own reason when it is one of ours. */
export function abortFailure(signal: AbortSignal): Failure {
  return signal.reason instanceof Failure ? signal.reason : new Failure('cancelled', 'The client went away.');
}
