// A running turn as an asynchronous iterator, which reads no faster than its consumer.
import type { DeltaEvent, ResponsesEvent } from '../responses/event.ts';
import type { RunningTurn } from '../turns/run.ts';

/**
 * Ends the turn, and with it the upstream's work, when the iteration ends early.
 * @internal
 */
export async function* eventsOf(turn: RunningTurn): AsyncGenerator<ResponsesEvent, void> {
  let events: ResponsesEvent[] = [];
  let resume = () => {};
  let arrived = () => {};
  let done = false;
  let failed: { thrown: unknown } | undefined;
  const running = turn
    .run(
      (event) => events.push(event),
      () => {
        if (events.length === 0) return undefined;
        arrived();
        return new Promise<void>((resolve) => {
          resume = resolve;
        });
      },
    )
    .catch((thrown: unknown) => {
      failed = { thrown };
    })
    .finally(() => {
      done = true;
      arrived();
    });
  try {
    for (;;) {
      if (events.length === 0 && !done) {
        await new Promise<void>((resolve) => {
          arrived = resolve;
          resume();
        });
      }
      const batch = events;
      events = [];
      yield* batch;
      if (events.length > 0) continue;
      if (done) break;
    }
    if (failed !== undefined) throw failed.thrown;
  } finally {
    turn.cancel();
    resume();
    await running;
    turn.end();
  }
}

/** A delta as a plain event object. */
export interface PlainDelta {
  type: DeltaEvent['type'];
  item_id: string;
  output_index: number;
  content_index?: number;
  summary_index?: number;
  delta: string;
}

/** @internal */
export function plainDelta({ type, item_id, output_index, part_index, delta }: DeltaEvent): PlainDelta {
  const index =
    type === 'response.reasoning_summary_text.delta'
      ? { summary_index: part_index }
      : /^response\.(?:output_text|refusal|reasoning_text)\./.test(type)
        ? { content_index: part_index }
        : {};
  return { type, item_id, output_index, ...index, delta };
}
