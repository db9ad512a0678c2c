// Checks that a sequence of events has the order that `responses/grammar.ts` guarantees (described in
// `responses/event.ts`).
import { DeltaEvent, type ResponsesEvent } from '../../src/responses/event.ts';
import { specOfDelta, specOfDone, specOfPart } from '../../src/responses/part.ts';

/** Throws an Error that names the first violation. `whole`: the turn ended well, so the events must be complete. */
export function checkGrammarOrder(events: ResponsesEvent[], whole: boolean): void {
  let created = false;
  let open: { id: string; index: number; part: string | undefined; text: string } | undefined;
  let items = 0;
  let ended = false;
  const fail = (event: ResponsesEvent, why: string): never => {
    throw new Error(`${why}: ${JSON.stringify(event).slice(0, 200)}`);
  };
  for (const event of events) {
    if (ended) fail(event, 'an event after the terminal one');
    if (event.type === 'response.created') {
      if (created) fail(event, 'created twice');
      created = true;
      continue;
    }
    if (!event.type.startsWith('response.')) continue;
    if (!created) fail(event, 'before created');
    const at = event as { item_id?: string; output_index?: number; item?: { id: string; type: string } };
    switch (event.type) {
      case 'response.output_item.added':
        if (open !== undefined) fail(event, 'two items open');
        if (at.output_index !== items++) fail(event, 'a hole in the output indexes');
        if (!at.item?.id) fail(event, 'an item without id');
        open = { id: at.item?.id as string, index: at.output_index as number, part: undefined, text: '' };
        continue;
      case 'response.output_item.done':
        if (open === undefined || open.id !== at.item?.id || open.index !== at.output_index) {
          fail(event, 'an item closed that was not open');
        }
        if (open?.part !== undefined) fail(event, 'an item closed before its part');
        open = undefined;
        continue;
      case 'response.completed':
      case 'response.incomplete':
        if (open !== undefined) fail(event, 'ended with an open item');
        ended = true;
        continue;
    }
    const spec =
      event instanceof DeltaEvent ? specOfDelta(event.type) : (specOfDone(event.type) ?? specOfPart(event));
    if (at.item_id !== undefined && (open?.id !== at.item_id || open?.index !== at.output_index)) {
      fail(event, 'an event of an item that is not open');
    }
    if (spec === undefined || open === undefined) continue;
    const index =
      event instanceof DeltaEvent
        ? event.part_index
        : (event as Record<string, unknown>)[spec.indexKey ?? ''];
    const part = `${spec.delta} ${index ?? 0}`;
    if (event.type === spec.opened) {
      if (open.part !== undefined) fail(event, 'two parts open');
      open.part = part;
      open.text = '';
      continue;
    }
    if (spec.opened !== undefined && open.part !== part) fail(event, 'an event of a part that is not open');
    if (event instanceof DeltaEvent) open.text += event.delta;
    if (event.type === spec.closed) open.part = undefined;
    if (event.type === spec.done && spec.closed === undefined) open.text = '';
  }
  if (whole && !ended) throw new Error('no terminal event');
}
