// A running turn: idle timeouts, cancelling, back-pressure, and the reuse of its connection
// (docs/wire/upstream.md#idle).
import { describe, expect, jest, test } from 'bun:test';
import type { Failure } from '../../src/failure.ts';
import type { ResponsesEvent } from '../../src/responses/event.ts';
import { createFetch } from '../../src/upstream/transport.ts';
import type { Turn } from '../../src/upstream/turn.ts';
import { cut, fixture } from '../properties/turns.ts';
import { until } from '../support/until.ts';
import {
  Body,
  completed,
  created,
  eventsOf,
  failureOf,
  flushEvents,
  keepalive,
  networkError,
  stream,
  text,
  turnOf,
  type World,
  type WorldOptions,
  world,
} from './support.ts';

const limits = { idleMs: 300_000, noContentMs: 1_800_000, totalMs: 3_600_000 };

/** A turn whose response has started, with a body that the test controls. */
async function begun(options: WorldOptions = {}): Promise<World & { body: Body; turn: Turn }> {
  let body: Body | undefined;
  const subject = world(
    [
      ({ signal }) => {
        body = new Body(signal).push(created + text('a'));
        return new Response(body.stream);
      },
    ],
    { limits, ...options },
  );
  const turn = await subject.open();
  return { ...subject, body: body as Body, turn };
}

test('a turn knows when it was accepted, and when its answer began', async () => {
  let body: Body | undefined;
  const subject = world([
    ({ signal }) => {
      body = new Body(signal).push(created);
      return new Response(body.stream);
    },
  ]);
  const acceptedAtMs = subject.clock.nowMs;
  const opening = subject.open();
  await flushEvents();
  subject.clock.nowMs += 700;
  body?.push(text('a'));
  const turn = await opening;
  expect(turn.times).toEqual({ acceptedAtMs, firstAtMs: acceptedAtMs + 700 });
  subject.clock.nowMs += 300;
  body?.push(text('b') + completed).end();
  await eventsOf(turn);
  expect(turn.times.firstAtMs).toBe(acceptedAtMs + 700);
});

describe('silence', () => {
  test('the upstream may be silent up to its limit', async () => {
    const { turn, body, ticker } = await begun();
    const outcome = failureOf(eventsOf(turn));
    await flushEvents();
    ticker.tick(300);
    expect(body.gone).toBeUndefined();
    ticker.tick();
    expect(await outcome).toMatchObject({
      kind: 'timeout',
      code: 'upstream_timeout',
      message: 'The upstream sent nothing for 300 s.',
    });
    expect(body.gone).toMatchObject({ kind: 'timeout' });
    expect(ticker.listeners.size).toBe(0);
  });

  test('any byte ends a silence', async () => {
    const { turn, body, ticker } = await begun();
    const events = eventsOf(turn);
    for (const sign of [': comment\n\n', keepalive, text('b')]) {
      await flushEvents();
      ticker.tick(299);
      body.push(sign);
    }
    await flushEvents();
    body.push(completed).end();
    expect((await events).at(-1)?.type).toBe('response.completed');
  });

  test('keepalives alone do not keep a turn alive', async () => {
    const { turn, body, ticker } = await begun();
    const outcome = failureOf(eventsOf(turn));
    for (let minute = 0; minute < 30; minute++) {
      await flushEvents();
      ticker.tick(60);
      body.push(keepalive);
    }
    await flushEvents();
    expect(body.gone).toBeUndefined();
    ticker.tick();
    expect((await outcome).message).toBe('The upstream sent nothing but keep-alives for 1800 s.');
  });

  test('also while it is unclear whether there will be an answer', async () => {
    const subject = world([({ signal }) => new Response(new Body(signal).push(created, keepalive).stream)], {
      limits,
      retry: { retries: 0, budgetMs: 0 },
    });
    const opening = failureOf(subject.open());
    await flushEvents();
    subject.ticker.tick(301);
    expect(await opening).toMatchObject({ kind: 'timeout' });
  });

  test('content resets that count', async () => {
    const { turn, body, ticker } = await begun();
    const events = eventsOf(turn);
    for (let minute = 0; minute < 60; minute++) {
      await flushEvents();
      ticker.tick(50);
      body.push(minute % 20 === 0 ? text('b') : keepalive);
    }
    await flushEvents();
    body.push(completed).end();
    expect((await events).at(-1)?.type).toBe('response.completed');
  });

  test('a turn has a limit altogether, however much it says', async () => {
    const { turn, body, ticker } = await begun();
    const outcome = failureOf(eventsOf(turn));
    for (let minute = 0; minute < 60; minute++) {
      await flushEvents();
      ticker.tick(60);
      body.push(text('b'));
    }
    ticker.tick();
    expect((await outcome).message).toBe('The upstream did not finish within 3600 s.');
  });

  test('while the reader has to catch up, the upstream is not blamed for silence', async () => {
    const { turn, body, ticker } = await begun();
    let catchUp: () => void = () => {};
    let reads = 0;
    const run = turn.run(
      () => {},
      () => {
        reads++;
        return reads === 1
          ? new Promise<void>((resolve) => {
              catchUp = resolve;
            })
          : undefined;
      },
    );
    await flushEvents();
    ticker.tick(1000);
    body.push(completed).end();
    catchUp();
    await run;
    expect(turn.response?.status).toBe('completed');
  });
});

describe('back-pressure', () => {
  test('nothing is read while the reader has to catch up', async () => {
    const { turn, body } = await begun();
    let catchUp: () => void = () => {};
    const run = turn.run(
      () => {},
      () =>
        new Promise<void>((resolve) => {
          catchUp = resolve;
        }),
    );
    await flushEvents();
    const { pulls } = body;
    body.push(text('b'), text('c'));
    await flushEvents();
    expect(body.pulls).toBe(pulls);
    for (let reads = 0; reads < 3; reads++) {
      catchUp();
      await flushEvents();
    }
    expect(body.pulls).toBeGreaterThan(pulls);
    turn.cancel();
    catchUp();
    await run.catch(() => {});
  });

  test('a reader that fails ends the turn', async () => {
    const { turn, body, ticker } = await begun();
    const outcome = failureOf(
      turn.run(() => {
        throw new Error('in the encoder');
      }),
    );
    expect((await outcome).kind).toBe('bug');
    expect(body.gone).toBeDefined();
    expect(ticker.listeners.size).toBe(0);
  });
});

describe('endings', () => {
  const cases: [name: string, end: (body: Body) => void, code: string | undefined][] = [
    ['the upstream hangs up', (body) => body.end(), 'stream_incomplete'],
    ['the connection breaks', (body) => body.fail(networkError('ECONNRESET')), 'stream_incomplete'],
    ['an event is no JSON', (body) => body.push('data: {oops\n\n'), 'invalid_event'],
    ['an event is cut', (body) => body.push('data: {"type":"resp').end(), 'stream_incomplete'],
  ];
  test.each(cases)('%s', async (_, end, code) => {
    const { turn, body, ticker } = await begun();
    const outcome = failureOf(eventsOf(turn));
    await flushEvents();
    end(body);
    expect(await outcome).toMatchObject({ kind: 'upstream_broke', code });
    expect(ticker.listeners.size).toBe(0);
  });

  test('cancelling closes the connection', async () => {
    const { turn, body, ticker } = await begun();
    turn.cancel();
    turn.cancel();
    expect(body.gone).toMatchObject({ kind: 'cancelled' });
    expect(ticker.listeners.size).toBe(0);
  });

  test('a client that leaves in mid stream closes it too, and the reader hears why', async () => {
    const leave = new AbortController();
    let body: Body | undefined;
    const { open } = world([
      ({ signal }) => {
        body = new Body(signal).push(created + text('a'));
        return new Response(body.stream);
      },
    ]);
    const outcome = failureOf(eventsOf(await open({}, leave.signal)));
    await flushEvents();
    leave.abort();
    expect(await outcome).toMatchObject({ kind: 'cancelled', message: 'The client disconnected.' });
    expect(body?.gone).toMatchObject({ kind: 'cancelled' });
  });

  test('after the end nothing is aborted, and nobody listens to the client any more', async () => {
    const leave = new AbortController();
    let listening = 0;
    const { signal } = leave;
    const add = signal.addEventListener.bind(signal) as (...a: unknown[]) => void;
    const remove = signal.removeEventListener.bind(signal) as (...a: unknown[]) => void;
    Object.assign(signal, {
      addEventListener: (...given: unknown[]) => {
        listening++;
        add(...given);
      },
      removeEventListener: (...given: unknown[]) => {
        listening--;
        remove(...given);
      },
    });
    const { open, sent } = world([turnOf('plain-text')]);
    const turn = await open({}, signal);
    await eventsOf(turn);
    turn.cancel();
    await flushEvents();
    expect(listening).toBe(0);
    leave.abort();
    expect(sent[0]?.signal.aborted).toBe(false);
  });

  test('an upstream that leaves the stream open after the end is given a second', async () => {
    jest.useFakeTimers();
    try {
      const { turn, body } = await begun();
      body.push(completed);
      await eventsOf(turn);
      jest.advanceTimersByTime(999);
      expect(body.gone).toBeUndefined();
      jest.advanceTimersByTime(1);
      expect(body.gone).toMatchObject({ message: 'The upstream left the stream open.' });
    } finally {
      jest.useRealTimers();
    }
  });

  test('what stands behind the end of the answer is not looked at', async () => {
    const { open } = world([stream(created + text('a') + completed, 'data: {oops\n\n', frameAfterEnd)]);
    expect((await eventsOf(await open())).at(-1)?.type).toBe('response.completed');
  });
});

const frameAfterEnd = 'data: {"type":"response.failed","response":{"error":{"code":"server_error"}}}\n\n';

test('every turn reads the same whole and cut in two anywhere between frames', async () => {
  const outcomeOf = async (pieces: Uint8Array[]) => {
    const events: ResponsesEvent[] = [];
    let failure: Failure | undefined;
    try {
      const { open } = world([stream(...pieces)], { retry: { retries: 0, budgetMs: 0 } });
      await (await open()).run((event) => events.push(event));
    } catch (thrown) {
      failure = thrown as Failure;
    }
    return JSON.stringify([events, failure?.kind, failure?.code]);
  };
  for (const name of ['plain-text', 'failed-mid-text', 'cut-mid-event', 'function-call']) {
    const { bytes } = fixture(name);
    const whole = await outcomeOf([bytes]);
    for (let at = 0; at < bytes.length; at += 97) expect(await outcomeOf(cut(bytes, at))).toBe(whole);
  }
});

describe('the connection, over a real socket', () => {
  /** Responds with these chunks; records every connection and its requests. */
  function rawUpstream(chunks: string[], end: boolean) {
    const seen = { connections: 0, requests: 0, closed: 0 };
    const chunked = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('');
    const server = Bun.listen({
      hostname: '127.0.0.1',
      port: 0,
      socket: {
        open: () => void seen.connections++,
        close: () => void seen.closed++,
        data: (socket, bytes) => {
          if (!bytes.toString().startsWith('POST')) return;
          seen.requests++;
          socket.write(
            `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunked}${end ? '0\r\n\r\n' : ''}`,
          );
        },
      },
    });
    const subject = world([], {
      baseUrl: `http://127.0.0.1:${server.port}`,
      fetch: createFetch({ proxy: undefined, ca: undefined }),
      tokens: {
        get: async () => ({ accessToken: 't', accountId: undefined, fedramp: false }),
        refresh: async () => ({ accessToken: 't', accountId: undefined, fedramp: false }),
      },
    });
    return { ...subject, seen, stop: () => server.stop(true) };
  }

  test('a finished turn gives its connection to the next one', async () => {
    const { open, seen, stop } = rawUpstream([created, text('a'), completed], true);
    for (let turns = 0; turns < 3; turns++) {
      await eventsOf(await open());
      await Bun.sleep(2);
    }
    expect(seen).toEqual({ connections: 1, requests: 3, closed: 0 });
    stop();
  });

  test('so does one that was read only to its last event', async () => {
    const { open, seen, stop } = rawUpstream([created, text('a') + completed, ': the end\n\n'], true);
    for (let turns = 0; turns < 3; turns++) {
      const turn = await open();
      await eventsOf(turn);
      turn.cancel();
      await Bun.sleep(2);
    }
    expect(seen).toEqual({ connections: 1, requests: 3, closed: 0 });
    stop();
  });

  test('a cancelled turn closes it, so that the upstream stops generating', async () => {
    const { open, seen, stop } = rawUpstream([created, text('a')], false);
    (await open()).cancel();
    await until(() => seen.closed > 0);
    const leave = new AbortController();
    const run = failureOf(eventsOf(await open({}, leave.signal)));
    leave.abort();
    expect((await run).kind).toBe('cancelled');
    await until(() => seen.closed >= 2);
    expect(seen.connections).toBe(2);
    stop();
  });
});
