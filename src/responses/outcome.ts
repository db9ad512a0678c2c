// How a turn ended. If the terminal event and the response in it disagree, the worse of the two counts, so that a failed or
// truncated response never passes as complete.
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
