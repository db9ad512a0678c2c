// How a turn ended. The terminal event and the response in it may disagree: then the worse of the two is true, so that
// nothing that failed or was cut passes as whole.
import { isObject } from './fields.ts';
import type { ResponsesResponse } from './response.ts';

export type Outcome = 'completed' | 'incomplete' | 'failed';

export function outcomeOf(
  type: 'response.completed' | 'response.incomplete',
  response: ResponsesResponse | undefined,
): Outcome {
  const { status, error, incomplete_details: details } = response ?? {};
  if (status === 'failed' || status === 'cancelled') return 'failed';
  if (isObject(error) && status !== 'completed') return 'failed';
  const isCut =
    type === 'response.incomplete' || status === 'incomplete' || typeof details?.reason === 'string';
  return isCut ? 'incomplete' : 'completed';
}
