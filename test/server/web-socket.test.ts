// A handler may accept a WebSocket: messages both ways, one record when it closes, shutdown.
import { expect, test } from 'bun:test';
import { Upgrade } from '../../src/server/web-socket.ts';
import { until } from '../support/until.ts';
import { type TestDaemon, testDaemon } from './support.ts';

const echo = {
  path: '/echo',
  methods: { GET: () => new Response('no socket') },
  webSocket: () =>
    new Upgrade((socket) => ({
      message: (text: string) => void socket.send(`you said ${text}`),
      refuse: () => {},
      stop: () => socket.close(1001),
      closed: () => {},
    })),
};

async function connect({
  url,
}: TestDaemon): Promise<{ socket: WebSocket; received: unknown[]; closed: Promise<number> }> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/echo`);
  const received: unknown[] = [];
  socket.onmessage = ({ data }) => received.push(data);
  const closed = new Promise<number>((resolve) => (socket.onclose = ({ code }) => resolve(code)));
  await new Promise((resolve) => (socket.onopen = resolve));
  return { socket, received, closed };
}

test('messages go both ways, and the call is recorded when the socket closes', async () => {
  await using daemon = testDaemon([], { moreRoutes: [echo] });
  const { socket, received, closed } = await connect(daemon);
  socket.send('a');
  socket.send('b');
  await until(() => received.length === 2);
  expect(received).toEqual(['you said a', 'you said b']);
  expect(daemon.records).toEqual([]);
  socket.close();
  await closed;
  await until(() => daemon.records.length === 1);
  expect(daemon.records[0]).toMatchObject({ path: '/echo', status: 101 });
  expect(daemon.records[0]?.failure).toBeUndefined();
});

test('a binary message closes the socket', async () => {
  await using daemon = testDaemon([], { moreRoutes: [echo] });
  const { socket, closed } = await connect(daemon);
  socket.send(new Uint8Array([1]));
  expect(await closed).toBe(1003);
});

test('an ordinary request on the path is not upgraded', async () => {
  await using daemon = testDaemon([], { moreRoutes: [echo] });
  expect(await (await daemon.fetch('/echo')).text()).toBe('no socket');
});

test('open sockets close when the daemon stops', async () => {
  const daemon = testDaemon([], { moreRoutes: [echo] });
  const { closed } = await connect(daemon);
  await daemon.daemon.stop(0);
  expect(await closed).toBe(1001);
});
