// Turns over a WebSocket (docs/wire/upstream.md#websocket).
import { afterEach, describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import { type Event, goodBody, type SimulatorClient, startClient, textOf, user } from './client.ts';

let house: SimulatorClient;
afterEach(async () => {
  const left = house.simulator.unused();
  await house.simulator.stop();
  expect(left).toEqual([]);
});

interface Line {
  socket: WebSocket;
  /** Sends a frame and reads up to the terminal event or error. */
  turn(fields?: object): Promise<Event[]>;
  next(): Promise<Event>;
  closed: Promise<CloseEvent>;
}

/** A connection, or the error that refused it. */
async function connect(headers: Record<string, string> = {}): Promise<Line> {
  const { simulator, tokens } = house;
  const socket = new WebSocket(`${simulator.upstream.replace('http', 'ws')}/codex/responses`, {
    headers: {
      authorization: `Bearer ${tokens.access_token}`,
      'openai-beta': 'responses_websockets=2026-02-06',
      ...headers,
    },
  });
  const frames: Event[] = [];
  let wake = () => {};
  socket.onmessage = ({ data }) => {
    frames.push(typeof data === 'string' ? JSON.parse(data) : { type: 'binary' });
    wake();
  };
  const closed = new Promise<CloseEvent>((resolve) => {
    socket.onclose = (event) => {
      resolve(event);
      wake();
    };
  });
  await new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve();
    socket.onerror = (event) => reject(new Error((event as ErrorEvent).message));
  });
  const next = async () => {
    while (frames.length === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return frames.shift()!;
  };
  const turn = async (fields: object = {}) => {
    socket.send(JSON.stringify({ type: 'response.create', ...goodBody, ...fields }));
    const told: Event[] = [];
    for (;;) {
      const event = await next();
      told.push(event);
      if (event.type === 'response.completed' || event.type === 'error') return told;
    }
  };
  return { socket, turn, next, closed };
}

const idOf = (told: Event[]) => told.at(-1)!.response.id;

test('a turn is told as over HTTP, after the frames of limits and metadata', async () => {
  house = startClient();
  const { turn } = await connect();
  const told = await turn();
  expect(told.slice(0, 3).map(({ type }) => type)).toEqual([
    'codex.rate_limits',
    'codex.response.metadata',
    'response.created',
  ]);
  expect(textOf(told)).toStartWith('You said: “Say hi.”.');
  expect(house.simulator.requests.map(({ method, answered }) => [method, answered])).toEqual([
    ['GET', 101],
    ['FRAME', 200],
  ]);
});

test('a chain holds what was said before, on this connection only', async () => {
  house = startClient();
  const { turn } = await connect();
  const call = { name: 'get_weather', arguments: { city: 'Oslo' } };
  house.simulator.script({ calls: [call] });
  const first = await turn({ input: [user('weather in Oslo?')] });
  const { call_id } = first.find(({ item }) => item?.type === 'function_call')!.item;
  const input = [{ type: 'function_call_output', call_id, output: '3 °C' }];
  const second = await turn({ previous_response_id: idOf(first), input });
  expect(textOf(second)).toContain('“3 °C”');
  const elsewhere = await (await connect()).turn({ previous_response_id: idOf(second), input });
  expect(elsewhere).toMatchObject([
    {
      type: 'error',
      status: 400,
      error: { code: 'previous_response_not_found', param: 'previous_response_id' },
    },
  ]);
});

test('a prewarm makes nothing and can be continued', async () => {
  house = startClient();
  const { turn } = await connect();
  const warm = await turn({ generate: false, input: [{ role: 'developer', content: 'Be brief.' }] });
  expect(warm.at(-1)!.response).toMatchObject({
    output: [],
    generate: false,
    usage: { output_tokens: 0 },
  });
  expect(warm.map(({ type }) => type).filter((type) => type.includes('output'))).toEqual([]);
  expect(textOf(await turn({ previous_response_id: idOf(warm) }))).toContain('Say hi.');
});

test('what HTTP refuses comes as an error frame with the status', async () => {
  house = startClient();
  const { turn } = await connect();
  expect(await turn({ store: true })).toMatchObject([
    { type: 'error', status: 400, error: { message: 'Store must be set to false' } },
  ]);
  expect(await turn({ model: 'nobody' })).toMatchObject([
    { status: 404, error: { code: 'model_not_found' } },
  ]);
  expect((await turn()).at(-1)!.type).toBe('response.completed');
});

test('the Lite flag may stand in client_metadata', async () => {
  house = startClient();
  const { turn } = await connect();
  const client_metadata = { ws_request_header_x_openai_internal_codex_responses_lite: 'true' };
  expect(await turn({ client_metadata })).toMatchObject([{ status: 400, error: { param: 'model' } }]);
});

test('one response at a time', async () => {
  house = startClient();
  house.simulator.script({ text: 'a', paceMs: 5 });
  const { socket, next, turn } = await connect();
  const frame = JSON.stringify({ type: 'response.create', ...goodBody });
  socket.send(frame);
  await next();
  socket.send(frame);
  const told: string[] = [];
  while (!told.includes('response.completed')) told.push((await next()).type);
  expect(told).toContain('error');
  expect((await turn()).at(-1)!.type).toBe('response.completed');
});

describe('scripted', () => {
  test('refused upgrades: 426, 401', async () => {
    house = startClient();
    house.simulator.script({ for: 'websocket', status: 426 });
    expect(connect()).rejects.toThrow('426');
    expect(connect({ authorization: 'Bearer nobody' })).rejects.toThrow('401');
    await house.simulator.waitFor(({ answered }) => answered === 401);
  });

  test('a limit in a frame, with headers', async () => {
    house = startClient();
    house.simulator.script(
      { refusal: 'usage_limit_reached' },
      { refusal: 'websocket_connection_limit_reached' },
    );
    const { turn } = await connect();
    expect(await turn()).toMatchObject([
      { type: 'error', status: 429, error: { type: 'usage_limit_reached' } },
    ]);
    expect(await turn()).toMatchObject([
      { status: 400, error: { code: 'websocket_connection_limit_reached' } },
    ]);
  });

  test('a fixture goes frame by frame', async () => {
    house = startClient();
    house.simulator.script({ fixture: join(import.meta.dir, '../fixtures/turns/multi-line-data.sse') });
    const { turn } = await connect();
    expect(textOf(await turn())).toBe('Hi there. How can I help?');
  });

  test('a close without a terminal event', async () => {
    house = startClient();
    house.simulator.script({ text: 'lost', cutAfterBytes: 6000 });
    const { socket, closed, next } = await connect();
    socket.send(JSON.stringify({ type: 'response.create', ...goodBody }));
    expect((await next()).type).toBe('codex.rate_limits');
    expect((await closed).code).toBe(1011);
  });

  test('a torn connection', async () => {
    house = startClient();
    house.simulator.script({ fault: 'reset' });
    const { socket, closed } = await connect();
    socket.send(JSON.stringify({ type: 'response.create', ...goodBody }));
    expect((await closed).wasClean).toBe(false);
  });

  test('a binary frame', async () => {
    house = startClient();
    house.simulator.script({ text: 'a', fault: 'binary-frame', afterBytes: 0 });
    const { socket, next } = await connect();
    socket.send(JSON.stringify({ type: 'response.create', ...goodBody }));
    expect((await next()).type).toBe('binary');
  });
});

test('a client that leaves during a turn is noted', async () => {
  house = startClient();
  house.simulator.script({ text: 'a', fault: 'stall', afterBytes: 5000 });
  const { socket, next } = await connect();
  socket.send(JSON.stringify({ type: 'response.create', ...goodBody }));
  await next();
  socket.close();
  const record = await house.simulator.waitFor(({ abortedAtMs }) => abortedAtMs !== undefined);
  expect(record.method).toBe('FRAME');
});
