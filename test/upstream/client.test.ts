// When a turn is retried (docs/wire/upstream.md#unauthorized, docs/wire/upstream.md#retries).
import { describe, expect, test } from 'bun:test';
import { Failure } from '../../src/failure.ts';
import type { InputItem } from '../../src/responses/request.ts';
import { TurnStates } from '../../src/upstream/turn-states.ts';
import {
  Body,
  completed,
  created,
  eventsOf,
  failureOf,
  flushEvents,
  frame,
  keepalive,
  networkError,
  noResponse,
  refusal,
  type ScriptedResponse,
  stream,
  text,
  turnOf,
  turnRequest,
  world,
} from './support.ts';

const unauthorized = refusal(401, { detail: 'Unauthorized' });
const good = turnOf('plain-text');
const thrown =
  (error: unknown): ScriptedResponse =>
  () => {
    throw error;
  };

test('a turn: one request, its events, the connection given back', async () => {
  const { open, sent, ticker } = world([good]);
  const turn = await open();
  const events = await eventsOf(turn);
  expect(events.at(0)?.type).toBe('response.created');
  expect(events.at(-1)?.type).toBe('response.completed');
  expect(turn.response?.usage).toMatchObject({ output_tokens: expect.any(Number) });
  expect(sent).toHaveLength(1);
  await flushEvents();
  expect(ticker.listeners.size).toBe(0);
});

describe('401', () => {
  test('401, renewed, 200: the client notices nothing', async () => {
    const { open, sent, refreshed, sleeps } = world([unauthorized, good]);
    await eventsOf(await open());
    expect(sent.map(({ headers }) => headers.get('authorization'))).toEqual([
      'Bearer token-0',
      'Bearer token-1',
    ]);
    expect(refreshed).toHaveLength(1);
    expect(sleeps).toEqual([]);
  });

  test('401, adopted from disk, 401, refreshed, 200', async () => {
    const { open, sent } = world([unauthorized, unauthorized, good]);
    await eventsOf(await open());
    expect(sent.map(({ headers }) => headers.get('authorization'))).toEqual([
      'Bearer token-0',
      'Bearer token-1',
      'Bearer token-2',
    ]);
  });

  test('a third 401 is told, and never loops', async () => {
    const { open, sent, refreshed } = world([unauthorized, unauthorized, unauthorized, good]);
    expect(await failureOf(open())).toMatchObject({
      kind: 'login_required',
      code: 'token_expired',
      status: 503,
    });
    expect(sent).toHaveLength(3);
    expect(refreshed).toHaveLength(2);
  });

  test('a login that cannot be renewed is told as the login says it', async () => {
    const final = new Failure('login_required', 'The login was used by another process.');
    const { open, sent } = world([unauthorized, good], {
      tokens: {
        get: async () => ({ accessToken: 't', accountId: undefined, fedramp: false }),
        refresh: () => Promise.reject(final),
      },
    });
    expect(await failureOf(open())).toBe(final);
    expect(sent).toHaveLength(1);
  });

  test('no login: nothing is sent', async () => {
    const none = new Failure('login_required', 'Not logged in to ChatGPT.');
    const { open, sent } = world([good], {
      tokens: { get: () => Promise.reject(none), refresh: () => Promise.reject(none) },
    });
    expect(await failureOf(open())).toBe(none);
    expect(sent).toHaveLength(0);
  });

  test('a 403 or a Cloudflare page does not refresh the login', async () => {
    for (const answer of [
      refusal(403, { detail: { code: 'x' } }),
      refusal(403, '<html>', { 'content-type': 'text/html' }),
    ]) {
      const { open, sent, refreshed } = world([answer, good]);
      await failureOf(open());
      expect([sent.length, refreshed.length]).toEqual([1, 0]);
    }
  });

  test('the answer that is not wanted is given up', async () => {
    const body = new Body();
    const { open } = world([() => new Response(body.stream, { status: 401 }), good]);
    await eventsOf(await open());
    expect(body.gone).toBeDefined();
  });
});

describe('asked for again', () => {
  const overloaded = { code: 'server_is_overloaded', message: 'at capacity' };
  const cases: [name: string, answer: ScriptedResponse, delayMs: number][] = [
    ['a connection that breaks', thrown(networkError('ECONNRESET')), 200],
    ['a connection that is refused', thrown(networkError('ECONNREFUSED')), 200],
    ['500', refusal(500), 200],
    ['502 with a page', refusal(502, '<html>bad gateway</html>', { 'content-type': 'text/html' }), 200],
    ['503', refusal(503, { error: overloaded }), 200],
    ['429 with a short wait', refusal(429, '', { 'retry-after': '3' }), 3000],
    [
      '429 with a wait in words',
      refusal(429, { error: { code: 'rate_limit_exceeded', message: 'Try again in 1.5s' } }),
      1500,
    ],
    ['overload inside a 200, as a failed response', turnOf('overload-error-pair'), 200],
    ['overload inside a 200, before anything else', stream(frame('error', { error: overloaded })), 200],
    [
      'a rate limit inside a 200',
      stream(
        created,
        frame('response.failed', {
          response: { error: { code: 'rate_limit_exceeded', message: 'try again in 2s' } },
        }),
      ),
      2000,
    ],
    ['a stream that ends before it began', stream(created), 200],
    ['a stream of nothing', stream(), 200],
    [
      'a stream that breaks before it began',
      ({ signal }) => new Response(new Body(signal).push(created).fail(networkError('ECONNRESET')).stream),
      200,
    ],
    ['a stream that is no JSON', stream('data: {oops\n\n'), 200],
  ];
  test.each(cases)('%s', async (_, answer, delayMs) => {
    const { open, sent, sleeps, unused } = world([answer, good]);
    const events = await eventsOf(await open());
    expect(events.filter(({ type }) => type === 'response.created')).toHaveLength(1);
    expect(events.at(-1)?.type).toBe('response.completed');
    expect(sent).toHaveLength(2);
    expect(sleeps).toEqual([delayMs]);
    expect(unused()).toBe(0);
  });

  test('until the attempts are used up; then the last failure is told', async () => {
    const { open, sent, sleeps } = world([refusal(500), refusal(502), refusal(500), refusal(503), good]);
    expect(await failureOf(open())).toMatchObject({ kind: 'unavailable', status: 503 });
    expect(sent).toHaveLength(4);
    expect(sleeps).toEqual([200, 400, 800]);
  });

  test('within one budget', async () => {
    const slow = refusal(429, '', { 'retry-after': '14' });
    const { open, sleeps } = world([slow, slow, slow, good]);
    expect(await failureOf(open())).toMatchObject({ kind: 'rate_limited', retryAfterMs: 14_000 });
    expect(sleeps).toEqual([14_000, 14_000]);
  });

  test('every attempt has the same session and body', async () => {
    const { open, sent } = world([refusal(500), good]);
    await eventsOf(await open());
    expect(sent[0]?.body).toBe(sent[1]?.body as string);
    expect(sent[0]?.headers.get('session-id')).toBe(sent[1]?.headers.get('session-id') as string);
  });

  test('the log says so, with the id of the request', async () => {
    const { open, logLines } = world([refusal(500, '', { 'x-request-id': 'up_1', 'cf-ray': 'ray' }), good]);
    await eventsOf(await open({ requestId: 'req_1' }));
    expect(logLines.map((line) => JSON.parse(line))).toMatchObject([
      {
        message: 'the upstream refused the request',
        requestId: 'req_1',
        status: 500,
        upstreamRequestId: 'up_1',
        cfRay: 'ray',
      },
      { message: 'retrying', requestId: 'req_1', attempt: 1, kind: 'upstream_broke', delayMs: 200 },
    ]);
  });
});

describe('not asked for again', () => {
  const cases: [name: string, answer: ScriptedResponse, kind: string][] = [
    ['400', refusal(400, { detail: 'Unsupported parameter: x' }), 'invalid_request'],
    ['402', refusal(402), 'upstream_refused'],
    ['403', refusal(403), 'upstream_refused'],
    ['404', refusal(404), 'not_found'],
    ['413', refusal(413), 'too_large'],
    ['a challenge', refusal(403, '<html>', { 'cf-mitigated': 'challenge' }), 'upstream_refused'],
    ['429 with a long wait', refusal(429, '', { 'retry-after': '31' }), 'rate_limited'],
    [
      'a plan limit',
      refusal(429, { error: { type: 'usage_limit_reached', resets_in_seconds: 1 } }),
      'rate_limited',
    ],
    ['a plan limit inside a 200', turnOf('failed-usage-limit'), 'rate_limited'],
    ['context overflow inside a 200', turnOf('failed-first'), 'invalid_request'],
    [
      'a certificate nobody trusts',
      thrown(networkError('DEPTH_ZERO_SELF_SIGNED_CERT')),
      'upstream_unreachable',
    ],
    ['a mistake of ours', thrown(new RangeError('ours')), 'bug'],
  ];
  test.each(cases)('%s', async (_, answer, kind) => {
    const { open, sent, sleeps } = world([answer, good]);
    expect((await failureOf(open())).kind).toBe(kind as never);
    expect(sent).toHaveLength(1);
    expect(sleeps).toEqual([]);
  });

  test('a failure after content; what came before it is not lost, however it was cut', async () => {
    const failed = frame('response.failed', {
      response: { error: { code: 'server_error', message: 'oops' } },
    });
    for (const pieces of [
      [created, text('Hel'), failed],
      [created + text('Hel') + failed],
      [created, text('Hel') + failed],
    ]) {
      const { open, sent } = world([stream(...pieces), good]);
      const turn = await open();
      const deltas: string[] = [];
      const failure = await failureOf(
        turn.run((event) => {
          if ('delta' in event) deltas.push(String(event.delta));
        }),
      );
      expect(failure).toMatchObject({ kind: 'upstream_broke', code: 'server_error' });
      expect(deltas).toEqual(['Hel']);
      expect(sent).toHaveLength(1);
    }
  });
});

describe('the retries of clients after a plan limit do not reach the upstream', () => {
  const limited = refusal(429, {
    error: { type: 'usage_limit_reached', message: 'Reached.', plan_type: 'plus', resets_in_seconds: 3600 },
  });

  test('the next requests are answered without the upstream, with the wait that is left', async () => {
    const { open, sent, clock } = world([limited]);
    await failureOf(open());
    clock.nowMs += 59_000;
    const failure = await failureOf(open());
    expect(failure).toMatchObject({
      kind: 'rate_limited',
      code: 'usage_limit_reached',
      message: 'Reached.',
      retry: false,
      retryAfterMs: 3_541_000,
      details: { plan_type: 'plus', resets_in_seconds: 3541 },
    });
    expect(sent).toHaveLength(1);
  });

  test('one request a minute is let through, and its success ends the limit', async () => {
    const { open, sent, clock } = world([limited, limited, good, good]);
    await failureOf(open());
    clock.nowMs += 60_000;
    await failureOf(open());
    expect(sent).toHaveLength(2);
    clock.nowMs += 59_000;
    await failureOf(open());
    expect(sent).toHaveLength(2);
    clock.nowMs += 1000;
    await eventsOf(await open());
    await eventsOf(await open());
    expect(sent).toHaveLength(4);
  });

  test('only one of many is let through', async () => {
    const { open, sent, clock } = world([limited, noResponse]);
    await failureOf(open());
    clock.nowMs += 60_000;
    const leave = new AbortController();
    const probe = open({}, leave.signal);
    await failureOf(open());
    await failureOf(open());
    expect(sent).toHaveLength(2);
    leave.abort(new Failure('cancelled', 'x'));
    await failureOf(probe);
  });

  test('after the reset everything goes through', async () => {
    const soon = refusal(429, { error: { type: 'usage_limit_reached', resets_in_seconds: 20 } });
    const { open, sent, clock } = world([soon, good]);
    await failureOf(open());
    clock.nowMs += 20_000;
    await eventsOf(await open());
    expect(sent).toHaveLength(2);
  });

  test('one model at its limit says nothing of another', async () => {
    const { open, sent } = world([limited, good]);
    await failureOf(open());
    await eventsOf(await open({ body: { ...turnRequest.body, model: 'gpt-6-luna' } }));
    expect(sent).toHaveLength(2);
  });

  test('an unknown reset is not made up', async () => {
    const { open, sent } = world([refusal(429, { error: { type: 'usage_limit_reached' } }), good]);
    expect((await failureOf(open())).retryAfterMs).toBeUndefined();
    await eventsOf(await open());
    expect(sent).toHaveLength(2);
  });

  test('the limit inside a stream counts too', async () => {
    const inside = stream(
      created,
      frame('response.failed', {
        response: { error: { code: 'usage_limit_reached', resets_in_seconds: 9 } },
      }),
    );
    const { open, sent } = world([inside]);
    await failureOf(open());
    expect(await failureOf(open())).toMatchObject({ code: 'usage_limit_reached', retryAfterMs: 9000 });
    expect(sent).toHaveLength(1);
  });
});

describe('asked for in another way', () => {
  const user = turnRequest.body.input[0] as InputItem;
  const reasoning = { type: 'reasoning', summary: [], encrypted_content: 'of another account' };
  const withReasoning = { body: { ...turnRequest.body, input: [user, reasoning] } };
  const unreadable = { error: { message: 'x', code: 'invalid_encrypted_content' } };
  const inputOf = ({ body }: { body: unknown }) => JSON.parse(body as string).input;

  test.each([
    ['as a status', refusal(400, unreadable)],
    ['inside a 200', stream(created, frame('response.failed', { response: unreadable }))],
  ])('reasoning that cannot be read is left out, once (%s)', async (_, answer) => {
    const { open, sent, sleeps } = world([answer, good]);
    await eventsOf(await open(withReasoning));
    expect(sent.map(inputOf)).toEqual([[user, reasoning], [user]]);
    expect(sleeps).toEqual([]);
  });

  test('when that does not help, the refusal is told', async () => {
    const { open, sent } = world([refusal(400, unreadable), refusal(400, unreadable), good]);
    expect((await failureOf(open(withReasoning))).code).toBe('invalid_encrypted_content');
    expect(sent).toHaveLength(2);
  });

  test('without reasoning there is nothing to leave out', async () => {
    const { open, sent } = world([refusal(400, unreadable), good]);
    await failureOf(open());
    expect(sent).toHaveLength(1);
  });

  const shape = refusal(400, {
    error: {
      message: 'X-OpenAI-Internal-Codex-Responses-Lite requires `parallel_tool_calls` to be false.',
      code: 'unsupported_value',
    },
  });
  const liteBody = { ...turnRequest.body, parallel_tool_calls: false };

  test('the Lite shape is sent once if the classic one is refused', async () => {
    const { open, sent } = world([shape, good]);
    await eventsOf(await open({ liteBody: () => liteBody }));
    expect(sent.map(({ headers }) => headers.get('x-openai-internal-codex-responses-lite'))).toEqual([
      null,
      'true',
    ]);
    expect(JSON.parse(sent[1]?.body as string)).toEqual(liteBody);
  });

  test('once', async () => {
    const { open, sent } = world([shape, shape, good]);
    await failureOf(open({ liteBody: () => liteBody }));
    expect(sent).toHaveLength(2);
  });

  test('not if the request does not fit it, and it is not made without need', async () => {
    let made = 0;
    const liteBody = () => {
      made += 1;
      return undefined;
    };
    const { open, sent } = world([good, shape]);
    await eventsOf(await open({ liteBody }));
    expect(made).toBe(0);
    expect(await failureOf(open({ liteBody }))).toMatchObject({ code: 'unsupported_value' });
    expect(sent).toHaveLength(2);
  });
});

test('the sources of searches are not asked for again when the upstream does not know them', async () => {
  const unknown = refusal(400, {
    error: {
      message:
        "Invalid value: 'web_search_call.action.sources'. Supported values are: 'reasoning.encrypted_content'.",
      type: 'invalid_request_error',
      param: 'include[1]',
      code: 'invalid_value',
    },
  });
  const { open, sent } = world([unknown, good]);
  const include = ['reasoning.encrypted_content', 'web_search_call.action.sources'];
  await eventsOf(await open({ body: { ...turnRequest.body, include } }));
  expect(sent.map(({ body }) => JSON.parse(body as string).include)).toEqual([include, include.slice(0, 1)]);
});

describe('tools in the conversation', () => {
  const unknown = refusal(400, {
    error: {
      message: "Invalid value: 'additional_tools'. Supported values are: 'message', 'reasoning'.",
      type: 'invalid_request_error',
      param: 'input[3].type',
      code: 'invalid_value',
    },
  });
  const gatheredBody = { ...turnRequest.body, input: [] };

  test('are in front when the upstream refuses them, from then on at once', async () => {
    const { open, sent } = world([unknown, good, good]);
    await eventsOf(await open({ gatheredBody }));
    await eventsOf(await open({ gatheredBody }));
    expect(sent.map(({ body }) => JSON.parse(body as string).input)).toEqual([
      turnRequest.body.input,
      [],
      [],
    ]);
  });

  test('another refusal is not about them', async () => {
    const { open, sent } = world([refusal(400, { detail: 'Unsupported parameter: seed' })]);
    await failureOf(open({ gatheredBody }));
    expect(sent).toHaveLength(1);
  });
});

describe('whoever leaves', () => {
  const left = new Failure('cancelled', 'The client disconnected.');

  test('before anything was sent: nothing is', async () => {
    const { open, sent } = world([good]);
    expect(await failureOf(open({}, AbortSignal.abort(left)))).toBe(left);
    expect(sent).toHaveLength(0);
  });

  test('while the login is being renewed', async () => {
    const leave = new AbortController();
    const { open, sent } = world([good], {
      tokens: { get: () => new Promise(() => {}), refresh: () => new Promise(() => {}) },
    });
    const opening = open({}, leave.signal);
    await flushEvents();
    leave.abort(left);
    expect(await failureOf(opening)).toBe(left);
    expect(sent).toHaveLength(0);
  });

  test('while the workspace is being asked for; whoever else waits for it gets it', async () => {
    let answer: (response: Response) => void = () => {};
    const accounts = () =>
      new Promise<Response>((resolve) => {
        answer = resolve;
      });
    const leave = new AbortController();
    const { open, sent, checks } = world([good], { accounts });
    const [opening, other] = [open({}, leave.signal), open()];
    await flushEvents();
    leave.abort(left);
    expect(await failureOf(opening)).toBe(left);
    answer(Response.json({ accounts: [] }));
    await eventsOf(await other);
    expect([sent.length, checks.length]).toEqual([1, 1]);
  });

  test('before the head of the answer', async () => {
    const leave = new AbortController();
    const { open, sent } = world([noResponse, good]);
    const opening = open({}, leave.signal);
    await flushEvents();
    leave.abort(left);
    expect(await failureOf(opening)).toBe(left);
    expect(sent).toHaveLength(1);
    expect(sent[0]?.signal.aborted).toBe(true);
  });

  test('while it is unclear whether there will be an answer', async () => {
    const leave = new AbortController();
    let body: Body | undefined;
    const { open, sent, ticker } = world([
      ({ signal }) => {
        body = new Body(signal).push(created);
        return new Response(body.stream);
      },
      good,
    ]);
    const opening = open({}, leave.signal);
    await flushEvents();
    leave.abort(left);
    expect(await failureOf(opening)).toBe(left);
    expect(body?.gone).toBe(left);
    expect(sent).toHaveLength(1);
    expect(ticker.listeners.size).toBe(0);
  });

  test('while waiting for the next attempt', async () => {
    const leave = new AbortController();
    const { open, sent } = world([refusal(500), good], { sleep: () => new Promise(() => {}) });
    const opening = open({}, leave.signal);
    await flushEvents();
    leave.abort(left);
    expect(await failureOf(opening)).toBe(left);
    expect(sent).toHaveLength(1);
  });

  test('is not asked for again, though the reason would allow it', async () => {
    const stop = new AbortController();
    const { open, logLines } = world([noResponse, good]);
    const opening = open({}, stop.signal);
    await flushEvents();
    const farewell = new Failure('unavailable', 'codexd is shutting down.');
    stop.abort(farewell);
    expect(await failureOf(opening)).toBe(farewell);
    expect(logLines).toEqual([]);
  });

  test('without saying why: cancelled all the same', async () => {
    for (const options of [{}, { sleep: () => new Promise<void>(() => {}) }]) {
      const leave = new AbortController();
      const { open } = world([options.sleep ? refusal(500) : noResponse], options);
      const opening = open({}, leave.signal);
      await flushEvents();
      leave.abort();
      expect((await failureOf(opening)).kind).toBe('cancelled');
    }
  });
});

describe('what takes too long', () => {
  test('the head of the answer', async () => {
    const { open, sent } = world([noResponse], { firstByteMs: 5, retry: { retries: 0, budgetMs: 0 } });
    expect(await failureOf(open())).toMatchObject({ kind: 'timeout', code: 'upstream_timeout', status: 504 });
    expect(sent[0]?.signal.aborted).toBe(true);
  });

  test('an answer whose head came in time is not cut by that limit', async () => {
    let body: Body | undefined;
    const { open } = world(
      [
        ({ signal }) => {
          body = new Body(signal).push(created + text('a'));
          return new Response(body.stream);
        },
      ],
      { firstByteMs: 5 },
    );
    const events = eventsOf(await open());
    await Bun.sleep(10);
    body?.push(completed).end();
    expect((await events).at(-1)?.type).toBe('response.completed');
  });

  test('after a while, a stream with only a handshake is passed on', async () => {
    const body = new Body();
    const { open } = world([() => new Response(body.push(created, keepalive).stream)], { settleMs: 5 });
    const turn = await open();
    expect(turn.settled).toBe(false);
    const events = eventsOf(turn);
    body.push(text('late'), completed).end();
    expect((await events).map(({ type }) => type)).toContain('response.output_text.delta');
  });

  test('even when nothing at all has come', async () => {
    const body = new Body();
    const { open } = world([() => new Response(body.stream)], { settleMs: 5 });
    const turn = await open();
    body.push(created, text('late'), completed).end();
    expect((await eventsOf(turn)).at(-1)?.type).toBe('response.completed');
  });

  test('what fails after that is told by the turn, and not asked for again', async () => {
    const body = new Body();
    const { open, sent } = world([() => new Response(body.push(created).stream), good], { settleMs: 5 });
    const turn = await open();
    body.push(frame('error', { error: { code: 'server_is_overloaded' } }));
    expect(await failureOf(eventsOf(turn))).toMatchObject({ kind: 'unavailable' });
    expect(sent).toHaveLength(1);
  });
});

describe('answers that are no stream', () => {
  test('a body larger than anybody should read is given up', async () => {
    const body = new Body();
    const page = new Uint8Array(64 * 1024);
    const { open } = world([
      () => new Response(body.push(...Array<Uint8Array>(16).fill(page)).stream, { status: 400 }),
    ]);
    expect((await failureOf(open())).kind).toBe('invalid_request');
    expect(body.gone).toBeDefined();
    expect(body.pulls).toBeLessThan(16);
  });

  test('a body that breaks off still says what it said', async () => {
    const body = new Body();
    const { open } = world([() => new Response(body.stream, { status: 400 })]);
    const opening = failureOf(open());
    await flushEvents();
    body.push('{"detail":"Unsupported parameter: x"}');
    await flushEvents();
    body.fail(networkError('ECONNRESET'));
    expect((await opening).param).toBe('x');
  });

  test('a request that is too large for a response is reported as too large', async () => {
    const image = { type: 'input_image' as const, image_url: 'x'.repeat(1_300_000) };
    const body = {
      ...turnRequest.body,
      input: [{ type: 'message' as const, role: 'user' as const, content: [image] }],
    };
    const subject = world([
      () => {
        subject.clock.nowMs += 15_000;
        throw networkError('ECONNRESET');
      },
      good,
    ]);
    const failure = await failureOf(subject.open({ body }));
    expect(failure).toMatchObject({ kind: 'too_large', code: 'payload_too_large', retry: false });
    expect(failure.message).toContain('1.3 MB');
    expect(subject.sent).toHaveLength(1);
  });

  test('a small one that is cut is only cut', async () => {
    const subject = world([
      () => {
        subject.clock.nowMs += 15_000;
        throw networkError('ECONNRESET');
      },
      good,
    ]);
    await eventsOf(await subject.open());
    expect(subject.sent).toHaveLength(2);
  });
});

describe('failures do not contain secrets', () => {
  const secret = 'eyJhbGciOiJub25lIn0.bWFya2Vk';
  const cases: [string, ScriptedResponse][] = [
    ['in a body', refusal(400, { detail: `bad ${secret}` })],
    ['in an answer to a bad login', refusal(401, { detail: secret })],
    [
      'in the address of a broken request',
      thrown(Object.assign(networkError('ECONNREFUSED'), { path: `https://x/?${secret}` })),
    ],
    [
      'in a stream',
      stream(created, frame('error', { error: { code: 'server_error', message: `no ${secret}` } })),
    ],
    ['in a page', refusal(403, `<html>${secret}</html>`)],
  ];
  test.each(cases)('%s', async (_, answer) => {
    const { open, logLines } = world([answer, answer, answer, answer], {
      tokens: {
        get: async () => ({ accessToken: secret, accountId: 'acct', fedramp: false }),
        refresh: async () => ({ accessToken: secret, accountId: 'acct', fedramp: false }),
      },
    });
    const { message, code, advice, param, details } = await failureOf(open());
    expect(JSON.stringify([message, code, advice, param, details])).not.toContain('bWFya2Vk');
    expect(logLines.join('')).not.toContain('bWFya2Vk');
  });
});

describe('a 200 that is not an event stream is asked for once', () => {
  const page = '<html><title>Just a moment...</title></html>';
  const cases: [string, ScriptedResponse, object][] = [
    [
      'a page',
      refusal(200, page, { 'content-type': 'text/html' }),
      { code: 'upstream_challenge', status: 502 },
    ],
    ['a page without a content type', stream(page), { code: 'upstream_challenge' }],
    ['a page that begins with a blank line', stream('\r\n', `\n${page}`), { code: 'upstream_challenge' }],
    ['a page behind a byte order mark', stream(`\ufeff${page}`), { code: 'upstream_challenge' }],
    [
      'an error as JSON',
      stream('{"error":{"code":"cyber_policy","message":"flagged"}}'),
      { code: 'cyber_policy' },
    ],
    ['JSON that says nothing', stream('{"ok":true}'), { kind: 'upstream_broke', retry: false }],
  ];
  for (const [name, answer, failure] of cases) {
    test(name, async () => {
      const { open, sent } = world([answer, good]);
      expect(await failureOf(open())).toMatchObject(failure);
      expect(sent).toHaveLength(1);
    });
  }

  test('a stream may begin with blank lines and comments', async () => {
    const { open } = world([stream('\n\n', ': hello\n\n', created + text('a') + completed)]);
    expect((await eventsOf(await open())).at(-1)?.type).toBe('response.completed');
  });
});

describe('what was tried here is not to be tried again by the client', () => {
  const cyber = { code: 'cyber_policy', message: 'flagged' };
  const cases: [string, ScriptedResponse[], number][] = [
    ['500 for good', Array.from({ length: 4 }, () => refusal(500)), 4],
    ['overload for good', Array.from({ length: 4 }, () => turnOf('overload-error-pair')), 4],
    ['no connection', Array.from({ length: 4 }, () => thrown(networkError('ECONNREFUSED'))), 4],
    ['a flagged request', [refusal(400, { error: cyber })], 1],
    ['flagged inside a 200', [stream(created + frame('response.failed', { response: { error: cyber } }))], 1],
    [
      'a model this account does not have',
      [refusal(400, { detail: "The 'x' model is not supported when using Codex with a ChatGPT account." })],
      1,
    ],
    [
      'an invalid value',
      [refusal(400, { error: { code: 'invalid_value', message: 'no', param: 'input' } })],
      1,
    ],
    ['a rate limit beyond the budget', [refusal(429, {}, { 'retry-after': '3600' })], 1],
    ['404', [refusal(404, {})], 1],
  ];
  for (const [name, script, requests] of cases) {
    test(name, async () => {
      const { open, sent, unused } = world(script);
      expect(await failureOf(open())).toMatchObject({ retry: false });
      expect([sent.length, unused()]).toEqual([requests, 0]);
    });
  }

  test("the headers of a refusal go along, for clients that read the plan's limits from them", async () => {
    const { open } = world([
      refusal(429, { error: { type: 'usage_limit_reached' } }, { 'x-codex-plan-type': 'pro' }),
    ]);
    expect((await failureOf(open())).upstreamHeaders?.get('x-codex-plan-type')).toBe('pro');
  });
});

describe('a file in a tool result that the upstream refuses', () => {
  const file = {
    type: 'input_file' as const,
    filename: 'a.pdf',
    file_data: 'data:application/pdf;base64,AAAA',
  };
  const text = { type: 'input_text' as const, text: 'read' };
  const input: InputItem[] = [
    { type: 'function_call', call_id: 'c', name: 'Read', arguments: '{}' },
    { type: 'function_call_output', call_id: 'c', output: [text, file] },
  ];
  const refused = (param: string, message: string) =>
    refusal(400, { error: { message, type: 'invalid_request_error', param, code: 'invalid_value' } });
  const unsupported = refused('input[1].output[1]', "Invalid value: 'input_file'.");

  test('is left out once, and named', async () => {
    const { open, sent } = world([unsupported, good]);
    const turn = await open({ body: { ...turnRequest.body, input } });
    expect(turn.leftOut.map(({ field }) => field)).toEqual(['files in tool results']);
    const [, second] = sent.map(({ body }) => JSON.parse(body as string).input[1].output);
    expect(second).toEqual([text, { type: 'input_text', text: '[The file a.pdf could not be passed on.]' }]);
  });

  test('a second refusal is the answer', async () => {
    const { open, sent } = world([unsupported, unsupported]);
    expect(await failureOf(open({ body: { ...turnRequest.body, input } }))).toMatchObject({ retry: false });
    expect(sent).toHaveLength(2);
  });

  test('another refusal leaves the file', async () => {
    const { open, sent } = world([refused('reasoning.effort', 'no'), good]);
    await failureOf(open({ body: { ...turnRequest.body, input } }));
    expect(sent).toHaveLength(1);
  });
});

describe('the turn state', () => {
  const say = (said: string): InputItem => ({
    type: 'message',
    role: 'user',
    content: [{ type: 'input_text', text: said }],
  });
  const call: InputItem = { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' };
  const output: InputItem = { type: 'function_call_output', call_id: 'c', output: 'x' };
  const answered =
    (state: string): ScriptedResponse =>
    ({ signal }) =>
      new Response(new Body(signal).push(created + text('a') + completed).end().stream, {
        headers: { 'x-codex-turn-state': state },
      });

  async function statesSent(steps: { input: InputItem[]; session?: string; isFromCodex?: boolean }[]) {
    const { open, sent } = world(steps.map((_, index) => answered(`state-${index}`)));
    for (const { input, ...more } of steps) {
      await eventsOf(await open({ body: { ...turnRequest.body, input }, ...more }));
    }
    return sent.map(({ headers }) => headers.get('x-codex-turn-state'));
  }

  test('returns with every step until the user speaks again', async () => {
    const first = [say('a')];
    const second = [...first, call, output];
    const third = [...second, say('b')];
    expect(
      await statesSent([{ input: first }, { input: second }, { input: second }, { input: third }]),
    ).toEqual([null, 'state-0', 'state-0', null]);
  });

  test('stays in its session, and is left to clients that return it themselves', async () => {
    const input = [say('a')];
    const next = [...input, call, output];
    const steps = [
      { input, session: 'one' },
      { input, session: 'two' },
      { input: next, session: 'one', isFromCodex: true },
      { input: next, session: 'three' },
      { input: next, session: 'one' },
      { input, session: 'one' },
    ];
    expect(await statesSent(steps)).toEqual([null, null, null, null, 'state-0', null]);
  });

  test('several turns of one session, as sub-agents run them, each have their own', async () => {
    const [a, b] = [[say('a')], [say('b')]];
    const steps = [a, b, [...a, call, output], [...b, call, output]];
    expect(await statesSent(steps.map((input) => ({ input })))).toEqual([null, null, 'state-0', 'state-1']);
  });

  test('an attempt that failed may have brought the state of the next one', async () => {
    const overloaded = refusal(
      503,
      { error: { code: 'server_is_overloaded' } },
      { 'x-codex-turn-state': 'first' },
    );
    const { open, sent } = world([overloaded, answered('second')]);
    await eventsOf(await open({}));
    expect(sent.map(({ headers }) => headers.get('x-codex-turn-state'))).toEqual([null, 'first']);
  });

  test('the number of turns is bounded', () => {
    const states = new TurnStates();
    for (let session = 0; session < 1100; session++) states.keep(String(session), [say('a')], 'state');
    expect(states.find('0', [say('a'), call, output])).toBeUndefined();
    expect(states.find('1099', [say('a'), call, output])).toBe('state');
  });
});
