// Records in an exchange the failure that ended it.
import { asFailure, Failure, redactFailure } from '../failure.ts';
import type { Log } from '../log.ts';
import type { Exchange } from './exchange.ts';

/** The failure as clients may see it, without credentials. */
export function noteFailure(thrown: unknown, exchange: Exchange, log: Log): Failure {
  const { reason } = exchange.signal;
  const failure = redactFailure(reason instanceof Failure ? reason : asFailure(thrown), log.redact);
  const { kind, code } = failure;
  exchange.note({ failure: { kind, code } });
  if (kind === 'bug') logBug(log, exchange, failure);
  return failure;
}

/** A bug leaves its stack in the log, never in a response. */
function logBug(log: Log, { id }: Exchange, { cause }: Failure): void {
  log.error('a bug in codexd', {
    requestId: id,
    name: cause instanceof Error ? cause.name : typeof cause,
    stack: cause instanceof Error ? cause.stack?.split('\n').slice(1, 6).join(' | ') : undefined,
  });
}
