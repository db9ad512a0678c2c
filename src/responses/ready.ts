// The events of a response that is known without a turn, such as that to a request without a prompt.
import type { ResponsesEvent } from './event.ts';
import type { ResponsesResponse } from './response.ts';

export function readyEvents(response: ResponsesResponse): ResponsesEvent[] {
  const type = response.status === 'incomplete' ? 'response.incomplete' : 'response.completed';
  return [
    { type: 'response.created', response },
    { type, response },
  ];
}
