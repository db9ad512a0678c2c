// The WebSocket of /v1/responses, with the official client and with hostile ones.
import { afterAll, describe, expect, test } from 'bun:test';
import OpenAI from 'openai';
import { ResponsesWS } from 'openai/resources/responses/ws';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { connectRaw, httpRequest } from '../server/support.ts';
import { until } from '../support/until.ts';
import { startDaemon, turnsSent, useWorld } from './daemon.ts';

interface Message {
  type: string;
  status?: number;
  error?: { code: string; message: string };
  response?: { id: string; status: string; store?: boolean; output: { content?: { text: string }[] }[] };
  [key: string]: unknown;
}

interface Line {
  socket: WebSocket;
  received: Message[];
  closed: Promise<number>;
  /** Sends a message and returns what arrives until the end of its turn. */
  turn(fields?: object): Promise<Message[]>;
  next(): Promise<Message>;
}

const open: WebSocket[] = [];
afterAll(() => {
  for (const socket of open) socket.terminate();
});

async function connect(url: string, headers: Record<string, string> = {}): Promise<Line> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/responses`, { headers });
  open.push(socket);
  const received: Message[] = [];
  let read = 0;
  socket.onmessage = ({ data }) => received.push(JSON.parse(String(data)));
  const closed = new Promise<number>((resolve) => {
    socket.onclose = ({ code }) => resolve(code);
  });
  await new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve();
    socket.onerror = (event) => reject(new Error((event as ErrorEvent).message));
  });
  const next = async () => {
    await until(() => received.length > read);
    return received[read++]!;
  };
  const turn = async (fields: object = {}) => {
    socket.send(message(fields));
    const all: Message[] = [];
    do all.push(await next());
    while (!/^(error|response\.(completed|failed|incomplete))$/.test(all.at(-1)!.type));
    return all;
  };
  return { socket, received, closed, turn, next };
}

function message(fields: object = {}): string {
  return JSON.stringify({ type: 'response.create', model: 'gpt-5.5', input: 'Hi.', ...fields });
}

/** A turn that begins to answer and never ends. */
const endless = { text: 'word '.repeat(10_000), fault: 'stall', afterBytes: 20_000 } as const;

const world = useWorld();
const upgrade = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

test('the official client: a conversation of several turns on one connection', async () => {
  world.simulator.script({ text: 'One.' }, { text: 'Two.' });
  const client = new OpenAI({ baseURL: `${world.daemon.url}/v1`, apiKey: 'anything' });
  const socket = new ResponsesWS(client);
  const completed: OpenAI.Responses.Response[] = [];
  socket.on('response.completed', ({ response }) => void completed.push(response));
  socket.send({ type: 'response.create', model: 'gpt-5.5', input: 'First.', store: false });
  await until(() => completed.length === 1);
  const previous_response_id = completed[0]!.id;
  socket.send({
    type: 'response.create',
    model: 'gpt-5.5',
    input: 'Second.',
    store: false,
    previous_response_id,
  });
  await until(() => completed.length === 2);
  socket.close();
  expect(completed[1]).toMatchObject({ store: false, previous_response_id });
  const inputs = turnsSent(world.simulator).map(({ body }) => JSON.stringify(body.input));
  expect(inputs[1]).toMatch(/First\..*One\..*Second\./);
});

describe('the connection', () => {
  test('continues unstored responses, a stored one is in the store', async () => {
    const line = await connect(world.daemon.url);
    const first = (await line.turn({ store: false })).at(-1)!;
    expect(first.response).toMatchObject({ status: 'completed', store: false });
    const { id } = first.response!;
    const second = (await line.turn({ previous_response_id: id })).at(-1)!;
    expect(second.response!.status).toBe('completed');
    expect(turnsSent(world.simulator)[1]!.body.input).toHaveLength(4);
    const stored = await fetch(`${world.daemon.url}/v1/responses/${second.response!.id}`);
    expect(stored.status).toBe(200);
    expect((await fetch(`${world.daemon.url}/v1/responses/${id}`)).status).toBe(404);
    const other = await connect(world.daemon.url);
    expect(await other.turn({ store: false, previous_response_id: id })).toEqual([
      expect.objectContaining({
        status: 400,
        error: expect.objectContaining({ code: 'previous_response_not_found' }),
      }),
    ]);
    expect((await other.turn({ store: false })).at(-1)!.type).toBe('response.completed');
  });

  test('has forgotten a response whose continuation failed', async () => {
    const line = await connect(world.daemon.url);
    const { id } = (await line.turn({ store: false })).at(-1)!.response!;
    const orphan = { type: 'function_call_output', call_id: 'call_unknown', output: 'x' };
    const again = { store: false, previous_response_id: id };
    expect(await line.turn({ ...again, input: [orphan] })).toMatchObject([{ type: 'error', status: 400 }]);
    expect(await line.turn(again)).toMatchObject([{ error: { code: 'previous_response_not_found' } }]);
  });

  test('keeps the input of a prewarm, which reaches the upstream with the turn', async () => {
    const line = await connect(world.daemon.url);
    const prewarm = await line.turn({ generate: false, input: 'Ahead.', store: false });
    expect(prewarm.map(({ type }) => type)).toEqual(['response.created', 'response.completed']);
    expect(prewarm[1]!.response).toMatchObject({ status: 'completed', output: [] });
    expect(turnsSent(world.simulator)).toEqual([]);
    const id = prewarm[1]!.response!.id;
    await line.turn({ previous_response_id: id, input: 'Then.', store: false });
    expect(JSON.stringify(turnsSent(world.simulator)[0]!.body.input)).toMatch(/Ahead\..*Then\./);
  });

  test('runs turns one after another and labels their events', async () => {
    const line = await connect(world.daemon.url);
    for (const stream_id of ['a', 'b']) line.socket.send(message({ stream_id }));
    const ends = () => line.received.filter(({ type }) => type === 'response.completed');
    await until(() => ends().length === 2);
    expect(line.received.map(({ stream_id }) => stream_id).join('')).toMatch(/^a+b+$/);
  });

  test('logs each turn, and itself when it closes', async () => {
    const line = await connect(world.daemon.url, { 'user-agent': 'logged/1' });
    await line.turn();
    await world.daemon.says(/ 200 .* responses .*gpt-5\.5 .*logged/);
    line.socket.close();
    await world.daemon.says(/ 101 .*\/v1\/responses .*logged/);
  });

  test('a newer protocol is refused so that Codex uses HTTP', async () => {
    const client = await connectRaw(world.daemon.url);
    const beta = { 'openai-beta': 'responses_websockets=2099-01-01' };
    client.write(httpRequest('GET', '/v1/responses', { ...upgrade, ...beta }));
    expect(await client.until(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 426 [\s\S]*content-length: 0\r\n/i);
    client.leave();
  });

  test('a page of another site cannot open one', async () => {
    await expect(connect(world.daemon.url, { origin: 'https://example.com' })).rejects.toThrow('403');
  });
});

test('keys: their limit counts each turn', async () => {
  const args = ['--api-key', 'sk-codexd-0123456789abcdef'];
  const env = { CODEXD_SERVER_RATE_LIMIT_PER_MINUTE: '2' };
  await using daemon = await startDaemon({ simulator: world.simulator, args, env });
  await expect(connect(daemon.url)).rejects.toThrow('401');
  const line = await connect(daemon.url, { authorization: 'Bearer sk-codexd-0123456789abcdef' });
  expect((await line.turn()).at(-1)!.type).toBe('response.completed');
  expect(await line.turn()).toMatchObject([{ status: 429, error: { code: 'rate_limit_exceeded' } }]);
});

describe('a client that speaks it badly', () => {
  const bad: [string, string, string | null][] = [
    ['not JSON', '{"type":', 'invalid_type'],
    ['a list', '[]', 'invalid_type'],
    ['no type', '{"model":"gpt-5.5"}', 'missing_required_parameter'],
    ['another type', '{"type":"response.cancel"}', 'unsupported_value'],
    ['no model', '{"type":"response.create","input":"x"}', 'missing_required_parameter'],
    ['an unknown model', message({ model: 'nothing-1' }), 'model_not_found'],
    ['background', message({ background: true }), 'unsupported_parameter'],
    ['a megabyte of nonsense', 'x'.repeat(1_000_000), 'invalid_type'],
    ['a label that is too long', message({ stream_id: 'x'.repeat(1000) }), 'invalid_value'],
  ];
  test.each(bad)('%s gets an error event, and can go on', async (_, text, code) => {
    const line = await connect(world.daemon.url);
    line.socket.send(text);
    const error = await line.next();
    expect(error).toMatchObject({ type: 'error', status: expect.any(Number), error: { code } });
    expect(error).not.toHaveProperty('status_code');
    expect((await line.turn()).at(-1)!.type).toBe('response.completed');
  });

  test('a binary message', async () => {
    const line = await connect(world.daemon.url);
    line.socket.send(new Uint8Array([1, 2]));
    expect(await line.next()).toMatchObject({ type: 'error', error: { message: 'Messages must be text.' } });
    expect(await line.closed).toBe(1003);
  });

  test('a flood of turns', async () => {
    world.simulator.script(endless);
    const line = await connect(world.daemon.url);
    line.socket.send(message());
    await until(() => line.received.length > 0);
    for (let sent = 0; sent < 1000; sent++) line.socket.send(message({ input: 'x'.repeat(10_000) }));
    const refused = () => line.received.filter(({ error }) => error?.code === 'too_many_turns').length;
    await until(() => refused() >= 984);
    line.socket.close();
    const { abortedAtMs } = await world.simulator.waitFor((request) => request.abortedAtMs !== undefined);
    expect(abortedAtMs).toBeDefined();
    expect(turnsSent(world.simulator)).toHaveLength(1);
  });

  test('half a frame, and then nothing', async () => {
    const client = await connectRaw(world.daemon.url);
    client.write(httpRequest('GET', '/v1/responses', upgrade));
    await client.until(/ 101 [\s\S]*\r\n\r\n/);
    client.write(maskedFrame(message({ input: 'x'.repeat(60_000) })).subarray(0, 1000));
    client.leave();
    const line = await connect(world.daemon.url);
    expect((await line.turn()).at(-1)!.type).toBe('response.completed');
  });

  test('one that leaves in the middle of a turn: the upstream is aborted at once', async () => {
    world.simulator.script(endless);
    const line = await connect(world.daemon.url);
    line.socket.send(message());
    await until(() => line.received.length > 0);
    const startMs = Date.now();
    line.socket.terminate();
    const { abortedAtMs } = await world.simulator.waitFor((request) => request.abortedAtMs !== undefined);
    expect(abortedAtMs! - startMs).toBeLessThan(100);
  });

  test('one that does not read: the upstream waits, memory stays bounded', async () => {
    const client = await connectRaw(world.daemon.url);
    client.write(httpRequest('GET', '/v1/responses', upgrade));
    await client.until(/ 101 [\s\S]*\r\n\r\n/);
    client.pause();
    const before = rssMb(world.daemon.pid);
    world.simulator.script({ megabytes: 200 });
    client.write(maskedFrame(message()));
    await world.simulator.waitFor(({ path, method }) => method === 'POST' && path.endsWith('/responses'));
    await untilSteady(() => rssMb(world.daemon.pid));
    expect(rssMb(world.daemon.pid) - before).toBeLessThan(100);
    client.leave();
    await world.simulator.waitFor(({ abortedAtMs }) => abortedAtMs !== undefined);
  });
});

test('a shutdown ends a running turn in-band, and closes idle connections at once', async () => {
  const simulator = startSimulator();
  const env = { CODEXD_SERVER_SHUTDOWN_GRACE_SECONDS: '1' };
  await using daemon = await startDaemon({ simulator, env });
  const idle = await connect(daemon.url);
  simulator.script(endless);
  const busy = await connect(daemon.url);
  busy.socket.send(message());
  await until(() => busy.received.length > 0);
  daemon.kill('SIGTERM');
  expect(await idle.closed).toBe(1001);
  expect(await busy.closed).toBe(1001);
  const [error, failed] = busy.received.slice(-2);
  expect(error).toMatchObject({ type: 'error', code: 'shutting_down' });
  expect(failed).toMatchObject({ type: 'response.failed' });
  expect(await daemon.exited).toBe(0);
  await simulator.stop();
});

/** Until the value has stayed nearly the same for a second: the buffers of the sockets are full. */
async function untilSteady(value: () => number): Promise<void> {
  for (let last = value(), samples = 0; samples < 5; ) {
    await Bun.sleep(200);
    const next = value();
    samples = Math.abs(next - last) < 2 ? samples + 1 : 0;
    last = next;
  }
}

function rssMb(pid: number): number {
  const { stdout } = Bun.spawnSync(['ps', '-o', 'rss=', '-p', String(pid)]);
  return Number(stdout.toString()) / 1024;
}

/** A client's frame of up to 64 KB of ASCII, with a mask of zeros. */
function maskedFrame(text: string): Buffer {
  const { length } = text;
  const size = length < 126 ? [0x80 | length] : [0xfe, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([0x81, ...size, 0, 0, 0, 0]), Buffer.from(text)]);
}
