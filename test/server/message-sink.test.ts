// Lines become messages, in order, however slowly the client reads.
import { expect, test } from 'bun:test';
import { MessageSink } from '../../src/server/message-sink.ts';
import { until } from '../support/until.ts';

/** A socket that is full after each message until it is drained. */
function slowSocket() {
  const sent: string[] = [];
  const closed: (number | undefined)[] = [];
  let full: PromiseWithResolvers<void> | undefined;
  return {
    sent,
    closed,
    send(text: string) {
      sent.push(text);
      full = Promise.withResolvers();
      return full.promise;
    },
    close: (code?: number) => void closed.push(code),
    call: async () => {},
    drain: () => full?.resolve(),
  };
}

test('writes while the client is slow keep their order, and the end does not close the socket', async () => {
  const socket = slowSocket();
  const sink = new MessageSink(socket, 20);
  const written = [sink.write('a\nb\n'), sink.write('c\n'), sink.write('d\n')];
  expect(socket.sent).toEqual(['a']);
  for (const count of [1, 2, 3, 4]) {
    await until(() => socket.sent.length === count);
    socket.drain();
  }
  await Promise.all(written);
  expect(socket.sent).toEqual(['a', 'b', 'c', 'd']);
  sink.close();
  expect(socket.closed).toEqual([]);
});

test('a client that never reads the rest is disconnected', async () => {
  const socket = slowSocket();
  const sink = new MessageSink(socket, 20);
  void sink.write('a\nb\n');
  sink.close();
  await until(() => socket.closed.length === 1);
  expect(socket.closed).toEqual([1008]);
});
