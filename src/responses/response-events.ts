// The events of a response that is known as a whole, as they are after the grammar, so that an encoder makes whole responses too.
import { DeltaEvent, type OutputItemEvent, type ResponsesEvent, type TerminalEvent } from './event.ts';
import { specsOfItem, textOf } from './part.ts';
import type { ResponsesResponse } from './response.ts';

export function emitEvents(response: ResponsesResponse, sink: (event: ResponsesEvent) => void): void {
  sink({ type: 'response.created', response });
  for (const [output_index, item] of (response.output ?? []).entries()) {
    sink({ type: 'response.output_item.added', output_index, item } satisfies OutputItemEvent);
    for (const { spec, index } of specsOfItem(item)) {
      const text = textOf(item, spec, index);
      if (spec.opened !== undefined) sink({ type: spec.opened, output_index });
      if (text) sink(new DeltaEvent(spec.delta, item.id, output_index, index, JSON.stringify(text)));
      if (spec.closed !== undefined) sink({ type: spec.closed, output_index });
    }
    sink({ type: 'response.output_item.done', output_index, item } satisfies OutputItemEvent);
  }
  const type = response.status === 'incomplete' ? 'response.incomplete' : 'response.completed';
  sink({ type, response } satisfies TerminalEvent);
}
