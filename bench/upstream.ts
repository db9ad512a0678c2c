// A fake model API for benchmarks: raw TCP, one HTTP chunk per event, like the real one. The prompt selects the stream:
// `bench:paced:RATE:COUNT` events per second, `bench:full:COUNT` as fast as the client reads, `bench:shape:COUNT:NUMBER`,
// the same with the deltas of a shape in bench/shapes.ts, or `bench:short:COUNT`, a whole turn in one write.
import type { Socket } from 'bun';
import { opening, shapes } from './shapes.ts';

interface Stream {
  socket: Socket<Connection>;
  left: number;
  /** Of 512 events, and what comes after the last one; where events are not paced. */
  block: Uint8Array;
  tail: string;
  /** Delay between events; 0 for full speed. */
  gapMs: number;
  dueMs: number;
}
interface Connection {
  received: string;
  stream: Stream | undefined;
  /** Bytes not yet accepted by the socket. */
  unsent: Uint8Array | undefined;
}

const streams = new Set<Stream>();
const nowMs = () => performance.timeOrigin + performance.now();

const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const event = (type: string, fields: object, number: number) =>
  chunk(`event: ${type}\ndata: ${JSON.stringify({ type, ...fields, sequence_number: number })}\n\n`);

const response = (status: string, rest: object) => ({
  response: {
    id: 'resp_bench',
    object: 'response',
    created_at: 1795187761,
    status,
    model: 'gpt-5.5',
    output: [],
    ...rest,
  },
});
const at = { item_id: 'msg_bench', output_index: 0, content_index: 0 };
const head = `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nx-request-id: bench\r\n\r\n${event('response.created', response('in_progress', { usage: null }), 0)}${event(
  'response.output_item.added',
  {
    item: { id: 'msg_bench', type: 'message', status: 'in_progress', role: 'assistant', content: [] },
    output_index: 0,
  },
  1,
)}${event('response.content_part.added', { ...at, part: { type: 'output_text', annotations: [], logprobs: [], text: '' } }, 2)}`;
const usage = {
  input_tokens: 10,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 10,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 20,
};
const tail = `${event(
  'response.output_item.done',
  {
    item: { id: 'msg_bench', type: 'message', status: 'completed', role: 'assistant', content: [] },
    output_index: 0,
  },
  9,
)}${event('response.completed', response('completed', { usage }), 10)}0\r\n\r\n`;

/** A delta of realistic length. Its text is the time it was sent, so that the client can compute the latency. */
const delta = (text: string) =>
  chunk(
    `event: response.output_text.delta\ndata: {"type":"response.output_text.delta","content_index":0,"delta":"${text}","item_id":"msg_bench","logprobs":[],"obfuscation":"q8ZrT0aPbc3x","output_index":0,"sequence_number":4}\n\n`,
  );
const block = Buffer.from(delta('a few words of text').repeat(512));
const blockEvents = 512;

/** What a stream of each shape consists of. It ends as cut off, because its calls are not complete JSON. */
const shapedStreams = Object.entries(shapes).map(([shape, make]) => ({
  head: head.slice(0, head.indexOf('\r\n\r\n') + 4) + chunk(opening(shape)),
  block: Buffer.from(Array.from({ length: blockEvents }, (_, number) => chunk(make(number + 4))).join('')),
  tail: `${event('response.incomplete', response('incomplete', { usage }), 10)}0\r\n\r\n`,
}));

function send(socket: Socket<Connection>, bytes: Uint8Array): void {
  const sent = socket.write(bytes);
  if (sent < bytes.length) socket.data.unsent = bytes.subarray(sent);
}

function pump(socket: Socket<Connection>): void {
  const { stream } = socket.data;
  while (stream !== undefined && stream.gapMs === 0 && socket.data.unsent === undefined) {
    if (stream.left <= 0) {
      socket.data.stream = undefined;
      send(socket, Buffer.from(stream.tail));
      return;
    }
    stream.left -= blockEvents;
    send(socket, stream.block);
  }
}

function answer(socket: Socket<Connection>, requestHead: string, body: string): void {
  if (!requestHead.startsWith('POST')) {
    send(socket, Buffer.from('HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\n{}'));
    return;
  }
  const [, mode, first, second] = /bench:(paced|full|shape|short):(\d+):?(\d*)/.exec(body) ?? [];
  if (mode === 'short') {
    send(socket, Buffer.from(head + delta('a few words of text').repeat(Number(first)) + tail));
    return;
  }
  const shaped = mode === 'shape' ? shapedStreams[Number(second)] : undefined;
  const gapMs = mode === 'paced' ? 1000 / Number(first) : 0;
  const stream: Stream = {
    socket,
    left: Number(mode === 'paced' ? second : (first ?? 1)),
    block: shaped?.block ?? block,
    tail: shaped?.tail ?? tail,
    gapMs,
    dueMs: nowMs() + Math.random() * gapMs,
  };
  socket.data.stream = stream;
  send(socket, Buffer.from(shaped?.head ?? head));
  if (stream.gapMs > 0) streams.add(stream);
  else pump(socket);
}

setInterval(() => {
  const now = nowMs();
  for (const stream of streams) {
    if (stream.dueMs > now) continue;
    stream.dueMs += stream.gapMs;
    if (stream.left-- > 0) stream.socket.write(delta(nowMs().toFixed(3)));
    else {
      streams.delete(stream);
      stream.socket.write(tail);
    }
  }
}, 1);

const server = Bun.listen<Connection>({
  hostname: '127.0.0.1',
  port: Number(process.argv[2] ?? 0),
  socket: {
    open(socket) {
      socket.data = { received: '', stream: undefined, unsent: undefined };
    },
    data(socket, bytes) {
      const { data } = socket;
      data.received += bytes.toString('latin1');
      for (;;) {
        const end = data.received.indexOf('\r\n\r\n');
        if (end === -1) return;
        const requestHead = data.received.slice(0, end);
        const length = Number(/content-length: (\d+)/i.exec(requestHead)?.[1] ?? 0);
        if (data.received.length < end + 4 + length) return;
        const body = data.received.slice(end + 4, end + 4 + length);
        data.received = data.received.slice(end + 4 + length);
        answer(socket, requestHead, body);
      }
    },
    drain(socket) {
      const { unsent } = socket.data;
      socket.data.unsent = undefined;
      if (unsent !== undefined) send(socket, unsent);
      if (socket.data.unsent === undefined) pump(socket);
    },
    close(socket) {
      if (socket.data.stream !== undefined) streams.delete(socket.data.stream);
    },
  },
});
console.log(server.port);
