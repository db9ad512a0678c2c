// A client's request becomes a turn, and the turn a stream or a whole response: over a socket, with the real
// translators.
import { describe, expect, test } from 'bun:test';
import { Failure } from '../../src/failure.ts';
import { until } from '../support/until.ts';
import {
  Body,
  completed,
  created,
  flushEvents,
  frame,
  keepalive,
  noResponse,
  refusal,
  type ScriptedResponse,
  stream,
  text,
  turnOf,
} from '../upstream/support.ts';
import {
  chat,
  chatPath,
  chatText,
  connectRaw,
  dataOf,
  httpRequest,
  type RawConnection,
  responses,
  responsesPath,
  type TestDaemon,
  testDaemon,
} from './support.ts';

const routes: [name: string, path: string, body: (more?: object) => object][] = [
  ['chat', chatPath, chat],
  ['responses', responsesPath, responses],
];
const good = turnOf('plain-text');
const goodText = 'How can';

/** The upstream's response, which the test controls, once requested. */
function held(...first: string[]): {
  answer: ScriptedResponse;
  body: Promise<Body>;
  now: () => Body | undefined;
} {
  let give: (body: Body) => void = () => {};
  let now: Body | undefined;
  const body = new Promise<Body>((resolve) => {
    give = resolve;
  });
  return {
    body,
    now: () => now,
    answer: ({ signal }) => {
      now = new Body(signal).push(...first);
      give(now);
      return new Response(now.stream);
    },
  };
}

function heartbeats(client: RawConnection): number {
  return client.received().split(': keep-alive\n\n').length - 1;
}

/** Nothing of a finished request is left: no slot, no listener, no running request. */
async function expectIdle({ queue, daemon, world }: TestDaemon): Promise<void> {
  await until(() => daemon.running === 0);
  expect(queue.running).toBe(0);
  await until(() => world.ticker.listeners.size === 0);
}

describe.each(routes)('%s', (_, path, body) => {
  test('a stream: its head, its frames, its end', async () => {
    await using daemon = testDaemon([good]);
    const answer = await daemon.post(path, body({ stream: true }));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('no-cache');
    expect(answer.headers.get('x-accel-buffering')).toBe('no');
    expect(answer.headers.get('x-request-id')).toBe('req_1');
    const received = await answer.text();
    expect(received).toContain(goodText);
    expect(received).toEndWith('data: [DONE]\n\n');
    await expectIdle(daemon);
    expect(daemon.world.sent).toHaveLength(1);
  });

  test('a whole answer', async () => {
    await using daemon = testDaemon([good]);
    const answer = await daemon.post(path, body());
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toStartWith('application/json');
    expect(answer.headers.get('x-request-id')).toBe('req_1');
    expect(JSON.stringify(await answer.json())).toContain(goodText);
    await expectIdle(daemon);
  });

  test.each([true, false])('a failure before the first byte is a status (stream: %p)', async (streamed) => {
    await using daemon = testDaemon([turnOf('failed-usage-limit')]);
    const answer = await daemon.post(path, body({ stream: streamed }));
    expect(answer.status).toBe(429);
    expect(answer.headers.get('x-should-retry')).toBe('false');
    expect(answer.headers.get('x-request-id')).toBe('req_1');
    expect(await answer.json()).toMatchObject({ error: { code: 'usage_limit_reached' } });
    await expectIdle(daemon);
    const [line] = await daemon.accessLines();
    expect(line).toMatchObject({ status: 429, failure: 'rate_limited', code: 'usage_limit_reached' });
  });

  test('a failure in mid stream is told in-band, after what came before it', async () => {
    await using daemon = testDaemon([turnOf('failed-mid-text')]);
    const answer = await daemon.post(path, body({ stream: true }));
    expect(answer.status).toBe(200);
    const received = await answer.text();
    const told = dataOf(received);
    const error = told.findIndex(({ error, type }) => error !== undefined || type === 'error');
    expect(error).toBeGreaterThan(0);
    expect(JSON.stringify(told[error])).toContain('server_error');
    expect(received.indexOf('delta')).toBeLessThan(received.indexOf('server_error'));
    expect(received).not.toContain('"finish_reason":"stop"');
    expect(received).not.toContain('response.completed');
    await expectIdle(daemon);
    const [line] = await daemon.accessLines();
    expect(line).toMatchObject({ status: 200, failure: 'upstream_broke', code: 'server_error' });
  });

  test('a failure in mid stream of a whole answer is a status', async () => {
    await using daemon = testDaemon([turnOf('cut-before-terminal')]);
    const answer = await daemon.post(path, body());
    expect(answer.status).toBe(502);
    expect(await answer.json()).toMatchObject({ error: { code: 'stream_incomplete' } });
    await expectIdle(daemon);
  });

  test('a client that leaves in mid stream stops the turn at once', async () => {
    const far = held(created, text('a'));
    await using daemon = testDaemon([far.answer]);
    const client = new AbortController();
    const answer = await daemon.post(path, body({ stream: true }), { signal: client.signal });
    await answer.body?.getReader().read();
    client.abort();
    await until(() => far.now()?.gone !== undefined);
    expect(far.now()?.gone).toMatchObject({ kind: 'cancelled' });
    await expectIdle(daemon);
    expect(await daemon.accessLines()).toEqual([
      expect.objectContaining({ status: 200, failure: 'cancelled', requestId: 'req_1' }),
    ]);
  });

  test.each([true, false])(
    'a client that leaves before the head (stream: %p) stops the turn and is logged with 499',
    async (streamed) => {
      const far = held(created);
      await using daemon = testDaemon([far.answer]);
      const client = new AbortController();
      const asking = daemon.post(path, body({ stream: streamed }), { signal: client.signal }).catch(() => {});
      await far.body;
      await flushEvents();
      client.abort();
      await asking;
      await until(() => far.now()?.gone !== undefined);
      await expectIdle(daemon);
      expect(await daemon.accessLines()).toEqual([
        expect.objectContaining({ status: 499, failure: 'cancelled' }),
      ]);
    },
  );

  test('a client that leaves while a whole answer is being collected', async () => {
    const far = held(created, text('a'));
    await using daemon = testDaemon([far.answer]);
    const client = new AbortController();
    const asking = daemon.post(path, body(), { signal: client.signal }).catch(() => {});
    await far.body;
    await flushEvents();
    client.abort();
    await asking;
    await until(() => far.now()?.gone !== undefined);
    await expectIdle(daemon);
    expect(daemon.lines()).toHaveLength(1);
  });

  test('a client that leaves while the login is being renewed', async () => {
    await using daemon = testDaemon([], {
      tokens: { get: () => new Promise(() => {}), refresh: () => new Promise(() => {}) },
    });
    const client = new AbortController();
    const asking = daemon.post(path, body({ stream: true }), { signal: client.signal }).catch(() => {});
    await until(() => daemon.queue.running === 1);
    client.abort();
    await asking;
    await expectIdle(daemon);
  });

  test('a client that leaves between the opened turn and its first byte', async () => {
    // The turn opens only after the client has disconnected: the response is for nobody.
    const far = held(created, text('a'));
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    await using daemon = testDaemon([far.answer]);
    await using late = testDaemon([], {
      turns: {
        openTurn: async (request) => {
          const turn = await daemon.world.client.openTurn(request, new AbortController().signal);
          await gate;
          return turn;
        },
        ticker: daemon.world.ticker,
      },
    });
    const client = new AbortController();
    const asking = late.post(path, body({ stream: true }), { signal: client.signal }).catch(() => {});
    await far.body;
    client.abort();
    await asking;
    await Bun.sleep(5);
    open();
    await until(() => far.now()?.gone !== undefined);
    await until(() => late.daemon.running === 0);
    expect(late.queue.running).toBe(0);
    await until(() => daemon.world.ticker.listeners.size === 0);
    expect(await late.accessLines()).toEqual([expect.objectContaining({ failure: 'cancelled' })]);
  });

  test('a client that leaves while it waits for a place gives up its seat, and asks nothing of the upstream', async () => {
    const far = held(created, text('a'));
    await using daemon = testDaemon([far.answer, good], { queue: { concurrency: 1, waiting: 1 } });
    const first = daemon.post(path, body({ stream: true }));
    await far.body;
    const client = new AbortController();
    const second = daemon.post(path, body({ stream: true }), { signal: client.signal }).catch(() => {});
    await until(() => daemon.daemon.running === 2);
    await Bun.sleep(2);
    client.abort();
    await second;
    await until(() => daemon.daemon.running === 1);
    const third = daemon.post(path, body({ stream: true }));
    await until(() => daemon.daemon.running === 2);
    (await far.body).push(completed).end();
    expect(await (await first).text()).toEndWith('data: [DONE]\n\n');
    expect((await third).status).toBe(200);
    expect(await (await third).text()).toContain(goodText);
    await expectIdle(daemon);
    expect(daemon.world.sent).toHaveLength(2);
  });

  test('a full queue is a 429 with a wait, before the upstream is asked', async () => {
    const far = held(created, text('a'));
    await using daemon = testDaemon([far.answer], { queue: { concurrency: 1, waiting: 0 } });
    const first = await daemon.post(path, body({ stream: true }));
    const refused = await daemon.post(path, body({ stream: true }));
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await refused.json()).toMatchObject({ error: { code: 'server_busy', type: 'rate_limit_error' } });
    expect(daemon.world.sent).toHaveLength(1);
    (await far.body).push(completed).end();
    await first.text();
    await expectIdle(daemon);
  });

  test('a wait for a place has an end', async () => {
    const far = held(created, text('a'));
    await using daemon = testDaemon([far.answer], { queue: { concurrency: 1, timeoutMs: 5 } });
    const first = await daemon.post(path, body({ stream: true }));
    expect((await daemon.post(path, body())).status).toBe(429);
    (await far.body).push(completed).end();
    await first.text();
    await expectIdle(daemon);
  });

  test('a silent stream is kept alive, counted from the last byte', async () => {
    const far = held(created, text('a'));
    await using daemon = testDaemon([far.answer]);
    const client = await connectRaw(daemon.url);
    client.write(httpRequest('POST', path, {}, JSON.stringify(body({ stream: true }))));
    await client.until(/"a"/);
    const { ticker } = daemon.world;
    ticker.tick(14);
    (await far.body).push(text('b'));
    await client.until(/"b"/);
    ticker.tick(14);
    (await far.body).push(text('c'));
    await client.until(/"c"/);
    expect(heartbeats(client)).toBe(0);
    ticker.tick(15);
    await client.until(/: keep-alive\n\n/);
    ticker.tick(15);
    await until(() => heartbeats(client) >= 2);
    (await far.body).push(completed).end();
    await client.until(/\[DONE\]/);
    client.leave();
    await expectIdle(daemon);
  });

  test('keep-alives can be switched off', async () => {
    const far = held(created, text('a'));
    await using daemon = testDaemon([far.answer], { turns: { keepaliveMs: 0 } });
    const asking = daemon.post(path, body({ stream: true }));
    await far.body;
    const answer = await asking;
    daemon.world.ticker.tick(100);
    (await far.body).push(completed).end();
    expect(await answer.text()).not.toContain(': keep-alive');
  });

  test('a turn that is committed to in silence gets its head at once', async () => {
    const far = held(created, keepalive);
    await using daemon = testDaemon([far.answer], { settleMs: 5 });
    const answer = await daemon.post(path, body({ stream: true }));
    expect(answer.status).toBe(200);
    (await far.body).push(text('late'), completed).end();
    const received = await answer.text();
    expect(received).toStartWith(': keep-alive\n\n');
    expect(received).toContain('late');
    await expectIdle(daemon);
  });

  test('a turn of which nothing at all has come gets its head too', async () => {
    const far = held();
    await using daemon = testDaemon([far.answer], { settleMs: 5 });
    const answer = await daemon.post(path, body({ stream: true }));
    expect(answer.status).toBe(200);
    (await far.body).push(frame('error', { error: { code: 'server_is_overloaded', message: 'busy' } }));
    expect(await answer.text()).toContain('server_is_overloaded');
    await expectIdle(daemon);
  });

  test('what is not supported is named in a header', async () => {
    await using daemon = testDaemon([good, good]);
    for (const streamed of [true, false]) {
      const answer = await daemon.post(
        path,
        body({ temperature: 0.2, seed: 1, user: 'ü', stream: streamed }),
      );
      expect(answer.status).toBe(200);
      const ignored = answer.headers.get('x-codexd-ignored')?.split(', ').sort();
      expect(ignored).toEqual(['seed', 'temperature', 'user']);
      await answer.text();
    }
    for (const { body: sent } of daemon.world.sent)
      expect(sent as string).not.toMatch(/temperature|seed|"user":/);
  });

  test('strict: it is a 400, and the upstream is not asked; a hint is only named', async () => {
    await using daemon = testDaemon([good], { turns: { strict: true } });
    const answer = await daemon.post(path, body({ temperature: 0.2 }));
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      error: { type: 'invalid_request_error', code: 'unsupported_parameter', param: 'temperature' },
    });
    expect(daemon.world.sent).toHaveLength(0);
    const hinted = await daemon.post(path, body({ user: 'u-1' }));
    expect([hinted.status, hinted.headers.get('x-codexd-ignored')]).toEqual([200, 'user']);
  });

  test('one request of a client is one of the upstream', async () => {
    await using daemon = testDaemon(Array<ScriptedResponse>(20).fill(good), { keys: [] });
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, number) =>
        (await daemon.post(path, body({ stream: number % 2 === 0 }))).text(),
      ),
    );
    expect(answers.every((answer) => answer.includes(goodText))).toBe(true);
    expect(daemon.world.sent).toHaveLength(20);
    expect(daemon.world.unused()).toBe(0);
    await expectIdle(daemon);
    expect(await daemon.accessLines(20)).toHaveLength(20);
  });

  test('the access line tells what happened and what it cost', async () => {
    const answered: ScriptedResponse = (request) => {
      const { body: turn } = good(request) as Response;
      return new Response(turn, { headers: { 'x-request-id': 'up_1' } });
    };
    await using daemon = testDaemon([answered]);
    const asked = body({ stream: true, model: 'openai/gpt-5.5-high' });
    const answer = await daemon.post(path, asked, {
      headers: { 'user-agent': 'OpenAI/JS 7.55.0 more', 'x-request-id': 'mine' },
    });
    await answer.text();
    const [line] = await daemon.accessLines();
    expect(line).toEqual({
      time: expect.any(String),
      level: 'info',
      message: 'request',
      requestId: 'req_1',
      clientRequestId: 'mine',
      method: 'POST',
      path,
      status: 200,
      client: 'anonymous',
      agent: 'OpenAI/JS',
      model: 'openai/gpt-5.5-high',
      modelUsed: 'gpt-5.5',
      inputTokens: expect.any(Number),
      cachedTokens: expect.any(Number),
      outputTokens: expect.any(Number),
      reasoningTokens: expect.any(Number),
      firstByteMs: 0,
      totalMs: 0,
      upstreamRequestId: 'up_1',
    });
  });

  test('what the upstream client logs carries the id of the request', async () => {
    await using daemon = testDaemon([refusal(500), good]);
    await (await daemon.post(path, body())).text();
    const about = daemon.log.filter(({ message }) => /upstream refused|retrying/.test(message));
    expect(about.map(({ requestId }) => requestId)).toEqual(['req_1', 'req_1']);
  });

  test('a failure of our own is a 500 that tells nothing, and a log line that tells where', async () => {
    await using daemon = testDaemon([], {
      turns: {
        openTurn: () => Promise.reject(new RangeError('about the prompt: Hi.')),
      },
    });
    const answer = await daemon.post(path, body({ stream: true }));
    expect(answer.status).toBe(500);
    const told = await answer.text();
    expect(JSON.parse(told)).toMatchObject({ error: { type: 'server_error', code: 'internal_error' } });
    expect(told).not.toContain('prompt');
    const bug = daemon.log.find(({ message }) => message === 'a bug in codexd');
    expect(bug).toMatchObject({
      level: 'error',
      requestId: 'req_1',
      name: 'RangeError',
      stack: expect.stringContaining('turns.test.ts'),
    });
    expect(JSON.stringify(bug)).not.toContain('prompt');
    await expectIdle(daemon);
  });

  test('a failure of ours in mid stream is told in-band, and the turn is given up', async () => {
    const far = held(created, text('a'));
    await using daemon = testDaemon([far.answer]);
    const answer = await daemon.post(path, body({ stream: true }));
    const reader = answer.body!.getReader();
    await reader.read();
    // An invalid output item: the grammar throws its own Failure, and the encoder never sees it.
    far.now()?.push('data: {"type":"response.output_item.done","output_index":1,"item":7}\n\n');
    let rest = '';
    for (let piece = await reader.read(); !piece.done; piece = await reader.read())
      rest += new TextDecoder().decode(piece.value);
    expect(rest).toContain('invalid_event');
    expect(far.now()?.gone).toBeDefined();
    await expectIdle(daemon);
  });
});

describe('a slow reader', () => {
  const delta = text('x'.repeat(4000));

  test('stops the reading upstream: memory stays bounded, and nothing is lost', async () => {
    let pushed = 0;
    let reading = true;
    const total = 8000;
    const endless: ScriptedResponse = ({ signal }) =>
      new Response(
        new ReadableStream(
          {
            pull(controller) {
              if (signal.aborted) reading = false;
              if (!reading) return controller.close();
              const last = pushed === total;
              controller.enqueue(
                new TextEncoder().encode(pushed === 0 ? created + delta : last ? completed : delta),
              );
              if (last) controller.close();
              pushed++;
            },
          },
          { highWaterMark: 0 },
        ),
      );
    await using daemon = testDaemon([endless]);
    const client = await connectRaw(daemon.url, true);
    client.write(httpRequest('POST', chatPath, {}, JSON.stringify(chat({ stream: true }))));
    // Until the sockets are full and the count does not change.
    let before = -1;
    while (pushed !== before || pushed === 0) {
      before = pushed;
      await Bun.sleep(30);
    }
    const writtenBytes = pushed * delta.length;
    expect(writtenBytes).toBeLessThan(16 * 1024 * 1024);
    expect(pushed).toBeLessThan(total);
    client.resume();
    await client.until(/\[DONE\]/);
    expect(client.receivedBytes()).toBeGreaterThan(total * 4000);
    client.leave();
    await expectIdle(daemon);
  }, 60_000);

  async function blocked() {
    const far = held(created, text('a'));
    const daemon = testDaemon([far.answer]);
    const client = await connectRaw(daemon.url);
    client.write(httpRequest('POST', chatPath, {}, JSON.stringify(chat({ stream: true }))));
    await client.until(/"a"/);
    client.pause();
    const body = await far.body;
    const huge = text('x'.repeat(500_000));
    let { pulls } = body;
    for (let pieces = 0; pieces < 200; pieces++) {
      body.push(huge);
      await Bun.sleep(1);
      if (body.pulls === pulls && pieces > 5) break;
      pulls = body.pulls;
    }
    return { daemon, client, body };
  }

  test('that hangs up while blocked frees everything', async () => {
    const { daemon, client, body } = await blocked();
    await using _ = daemon;
    expect(daemon.queue.running).toBe(1);
    client.leave();
    await until(() => body.gone !== undefined);
    await expectIdle(daemon);
    expect(await daemon.accessLines()).toEqual([expect.objectContaining({ failure: 'cancelled' })]);
  });

  test('gets no heartbeats, and is given up when it reads nothing for minutes', async () => {
    const { daemon, client, body } = await blocked();
    await using _ = daemon;
    daemon.world.ticker.tick(299);
    expect(daemon.queue.running).toBe(1);
    expect(body.gone).toBeUndefined();
    daemon.world.ticker.tick();
    await expectIdle(daemon);
    expect(body.gone).toMatchObject({ kind: 'cancelled', message: 'The client read nothing for 300 s.' });
    client.resume();
    await client.until(/\[DONE\]/);
    expect(client.received().includes('The client read nothing for 300 s.')).toBe(true);
    expect(heartbeats(client)).toBe(0);
    client.leave();
    expect(daemon.lines()).toHaveLength(1);
  });
});

describe('what only one route has', () => {
  test('`stop` ends the turn: the rest is not wanted', async () => {
    const far = held(created, text('one two three'));
    await using daemon = testDaemon([far.answer]);
    const answer = await daemon.post(chatPath, chat({ stream: true, stop: [' two'] }));
    const received = await answer.text();
    expect(chatText(received)).toBe('one');
    expect(received).toEndWith('data: [DONE]\n\n');
    await until(() => far.now()?.gone !== undefined);
    await expectIdle(daemon);
    expect((await daemon.accessLines())[0]).not.toHaveProperty('failure');
  });

  test('a Codex client sees model, turn state and quota of the upstream; nobody else does (docs/wire/openai.md#no-invented-tools)', async () => {
    const upstreamHeaders = {
      'openai-model': 'gpt-5.5',
      'x-codex-turn-state': 'state',
      'x-codex-primary-used-percent': '22',
      'x-models-etag': 'etag',
      'set-cookie': '__cf_bm=x',
      'x-request-id': 'up_1',
    };
    const answered: ScriptedResponse = (request) =>
      new Response((good(request) as Response).body, { headers: upstreamHeaders });
    await using daemon = testDaemon(Array<ScriptedResponse>(4).fill(answered));
    for (const streamed of [true, false]) {
      const codex = await daemon.post(responsesPath, responses({ stream: streamed }), {
        headers: { originator: 'codex_exec' },
      });
      expect(codex.headers.get('openai-model')).toBe('gpt-5.5');
      expect(codex.headers.get('x-codex-turn-state')).toBe('state');
      expect(codex.headers.get('x-codex-primary-used-percent')).toBe('22');
      const other = await daemon.post(responsesPath, responses({ stream: streamed }));
      for (const { headers } of [codex, other]) {
        expect(headers.get('x-request-id')).toMatch(/^req_/);
        expect(headers.has('set-cookie')).toBe(false);
      }
      expect(codex.headers.get('x-models-etag')).toBe('etag');
      expect([...other.headers.keys()].filter((header) => /codex-|openai|etag/.test(header))).toEqual([]);
      await Promise.all([codex.text(), other.text()]);
    }
  });

  test.each<[string, ScriptedResponse]>([
    [
      'a refusal',
      () =>
        Response.json(
          { error: { type: 'usage_limit_reached', message: 'No credits.' } },
          {
            status: 429,
            headers: {
              'x-codex-rate-limit-reached-type': 'workspace_member_credits_depleted',
              'x-codex-primary-used-percent': '100',
              'set-cookie': '__cf_bm=x',
            },
          },
        ),
    ],
    [
      'a failure inside a 200',
      () =>
        new Response(
          `data: ${JSON.stringify({
            type: 'response.failed',
            response: { status: 'failed', error: { code: 'usage_limit_reached', message: 'No credits.' } },
          })}\n\n`,
          { headers: { 'x-codex-rate-limit-reached-type': 'workspace_member_credits_depleted' } },
        ),
    ],
  ])('a Codex client sees the quota of %s too; nobody else does', async (_, refused) => {
    await using daemon = testDaemon(Array<ScriptedResponse>(2).fill(refused));
    const codex = await daemon.post(responsesPath, responses({ stream: true, model: 'gpt-5.5' }), {
      headers: { originator: 'codex_exec' },
    });
    expect(codex.status).toBe(429);
    expect(codex.headers.get('x-codex-rate-limit-reached-type')).toBe('workspace_member_credits_depleted');
    expect(codex.headers.get('set-cookie')).toBeNull();
    const other = await daemon.post(responsesPath, responses({ model: 'gpt-6-sol' }));
    expect(other.status).toBe(429);
    expect([...other.headers.keys()].filter((header) => /codex-/.test(header))).toEqual([]);
  });

  test("a Codex client's heartbeat is an event", async () => {
    const far = held(created, text('a'));
    await using daemon = testDaemon([far.answer]);
    const answer = await daemon.post(responsesPath, responses({ stream: true }), {
      headers: { originator: 'codex_exec' },
    });
    daemon.world.ticker.tick(15);
    (await far.body).push(completed).end();
    const received = await answer.text();
    expect(received).toContain('{"type":"keepalive"');
    expect(received).not.toContain(': keep-alive');
  });
});

test('what fails after the upstream has answered 200 for long is a status still', async () => {
  await using daemon = testDaemon([turnOf('overload-error-pair')], { retry: { retries: 0, budgetMs: 0 } });
  const answer = await daemon.post(chatPath, chat({ stream: true }));
  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({ error: { code: 'server_is_overloaded' } });
});

test('a login that is missing is a 503 with what to do, which no SDK repeats', async () => {
  const none = new Failure('login_required', 'Not logged in to ChatGPT.');
  await using daemon = testDaemon([], {
    tokens: { get: () => Promise.reject(none), refresh: () => Promise.reject(none) },
  });
  const answer = await daemon.post(chatPath, chat());
  expect(answer.status).toBe(503);
  expect(answer.headers.get('x-should-retry')).toBe('false');
  expect(await answer.json()).toMatchObject({
    error: { code: 'login_required', message: 'Not logged in to ChatGPT. Run `codexd login`.' },
  });
});

test('the upstream that never answers is a 504', async () => {
  await using daemon = testDaemon([noResponse], { firstByteMs: 5, retry: { retries: 0, budgetMs: 0 } });
  expect((await daemon.post(chatPath, chat({ stream: true }))).status).toBe(504);
  expect((await daemon.post(chatPath, chat({ model: 'gpt-nope' }))).status).toBe(404);
  await expectIdle(daemon);
});

test('refused by the upstream: status, message and parameter reach the client in its envelope (docs/wire/openai.md#errors)', async () => {
  await using daemon = testDaemon([
    refusal(400, { detail: 'Unsupported parameter: top_k' }),
    stream(created + completed),
  ]);
  const answer = await daemon.post(chatPath, chat());
  expect(answer.status).toBe(400);
  expect(await answer.json()).toEqual({
    error: {
      message: 'Unsupported parameter: top_k',
      type: 'invalid_request_error',
      param: 'top_k',
      code: 'unsupported_parameter',
    },
  });
});

test('a model the plan has not is a 400 that names those it has', async () => {
  const detail = "The 'gpt-5.5' model is not supported when using Codex with a ChatGPT account.";
  await using daemon = testDaemon([refusal(400, { detail })]);
  const answer = await daemon.post(chatPath, chat());
  expect(answer.status).toBe(400);
  const { error } = (await answer.json()) as { error: { message: string; code: string; param: string } };
  expect(error).toMatchObject({ code: 'model_not_supported', param: 'model' });
  expect(error.message).toStartWith(`${detail} This account can use gpt-6.2-sol, `);
  expect(error.message).not.toContain('daybreak');
  expect(error.message.split('gpt-5.5')).toHaveLength(2);
});

test('each call becomes one record when its response has ended, a streamed one too', async () => {
  await using daemon = testDaemon([good, good]);
  await (await daemon.post(chatPath, chat({ stream: true }))).text();
  await (await daemon.post(chatPath, chat())).text();
  await daemon.post(chatPath, { model: 'gpt-5.5' });
  await daemon.accessLines(3);
  const [streamed, whole, refused] = daemon.records;
  expect(daemon.records.length).toBe(3);
  for (const record of [streamed, whole]) {
    expect(record).toMatchObject({ modelRequested: 'gpt-5.5', modelUsed: 'gpt-5.5', status: 200 });
    expect(record?.usage?.output_tokens).toBeGreaterThan(0);
    expect(record?.failure).toBeUndefined();
  }
  expect(refused).toMatchObject({ status: 400, failure: { kind: 'invalid_request' } });
  expect(refused?.usage).toBeUndefined();
});
