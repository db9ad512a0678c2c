// A turn reads from any stream of events: here from messages, as a WebSocket delivers them.
import { expect, test } from 'bun:test';
import type { Failure } from '../../src/failure.ts';
import type { ResponsesEvent } from '../../src/responses/event.ts';
import { EventParser, type EventSink } from '../../src/responses/event-parser.ts';
import type { EventStream } from '../../src/upstream/event-stream.ts';
import { Turn } from '../../src/upstream/turn.ts';
import { FakeTicker, failureOf } from './support.ts';

class MessageStream implements EventStream {
  readonly #parser = new EventParser();
  readonly #messages: string[] = [];
  #arrived = Promise.withResolvers<void>();
  #isOpen = true;
  finished = false;
  gone: Failure | undefined;

  send(...events: object[]): void {
    this.#messages.push(...events.map((event) => JSON.stringify(event)));
    this.#arrived.resolve();
  }

  close(): void {
    this.#isOpen = false;
    this.#arrived.resolve();
  }

  async read(sink: EventSink): Promise<boolean> {
    if (this.#messages.length === 0) await this.#arrived.promise;
    this.#arrived = Promise.withResolvers();
    for (const message of this.#messages.splice(0)) {
      if (!this.finished) this.#parser.readMessage(message, sink);
    }
    return this.#isOpen;
  }

  finish(): void {
    this.finished = true;
  }

  abort(reason: Failure): void {
    this.gone = reason;
    this.#arrived.promise.catch(() => {});
    this.#arrived.reject(reason);
  }
}

function begin(): { stream: MessageStream; ticker: FakeTicker; turn: Turn } {
  const stream = new MessageStream();
  const ticker = new FakeTicker();
  const turn = new Turn(new Headers(), stream, {
    ticker,
    limits: { idleMs: 10_000, noContentMs: 60_000, totalMs: 600_000 },
    observe: () => {},
    newId: (prefix) => `${prefix}_made`,
    nowMs: () => 0,
    accumulateText: false,
  });
  stream.send({ type: 'response.created', response: { id: 'resp_1', status: 'in_progress' } });
  return { stream, ticker, turn };
}

const text = (delta: string, sequence_number: number) => ({
  type: 'response.output_text.delta',
  item_id: 'msg_1',
  output_index: 0,
  content_index: 0,
  delta,
  sequence_number,
});
const completed = { type: 'response.completed', response: { id: 'resp_1', status: 'completed', output: [] } };

test('messages become the events of a turn', async () => {
  const { stream, ticker, turn } = begin();
  stream.send(text('a', 1), text('b\n', 2));
  await turn.settle(1000);
  const events: ResponsesEvent[] = [];
  const running = turn.run((event) => events.push(event));
  stream.send(text('c', 3), completed, { type: 'noise' });
  await running;
  const deltas = events.flatMap((event) => ('delta' in event ? [event.delta] : []));
  expect(deltas).toEqual(['a', 'b\n', 'c']);
  expect(events.at(-1)?.type).toBe('response.completed');
  expect(stream).toMatchObject({ finished: true, gone: undefined });
  expect(ticker.listeners.size).toBe(0);
});

test('a stream that ends too early is incomplete', async () => {
  const { stream, turn } = begin();
  stream.send(text('a', 1));
  await turn.settle(1000);
  const outcome = failureOf(turn.run(() => {}));
  stream.close();
  expect(await outcome).toMatchObject({ code: 'stream_incomplete' });
});

test('a silent stream is aborted', async () => {
  const { stream, ticker, turn } = begin();
  stream.send(text('a', 1));
  await turn.settle(1000);
  const outcome = failureOf(turn.run(() => {}));
  await Promise.resolve();
  ticker.tick(11);
  expect(await outcome).toMatchObject({ kind: 'timeout', code: 'upstream_timeout' });
  expect(stream.gone).toMatchObject({ kind: 'timeout' });
});
