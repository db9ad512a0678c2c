// Failures as the official client's error classes (docs/wire/openai.md#errors, #broken-stream, #error-pair), and the
// number of upstream requests.
import { afterEach, describe, expect, test } from 'bun:test';
import OpenAI, { APIError } from 'openai';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { chatParams } from './chat-support.ts';
import { clientOf, fixture, isTurn, type RunningDaemon, startDaemon, thrownBy, useWorld } from './daemon.ts';

// One retry: the delays of the default three take a second and a half.
const world = useWorld({
  args: ['--log-format', 'json'],
  env: { CODEXD_UPSTREAM_RETRIES: '1' },
});
const hits = () => world.simulator.requests.filter(isTurn).length;

/** Sends requests to both routes, and a streamed one to chat; all must fail in the same way. */
type Ask = (client: OpenAI) => PromiseLike<unknown>;
const asks: [string, Ask][] = [
  ['chat', (client) => client.chat.completions.create(chatParams('Hello.'))],
  ['chat, streamed', (client) => client.chat.completions.create({ ...chatParams('Hello.'), stream: true })],
  ['responses', (client) => client.responses.create({ model: 'gpt-5.5', input: 'Hello.' })],
  [
    'responses, streamed',
    (client) => client.responses.create({ model: 'gpt-5.5', input: 'Hello.', stream: true }),
  ],
];

/** A turn that starts well and then fails. */
function failedFirst(code: string): { events: Record<string, unknown>[] } {
  const response = { id: 'resp_1', object: 'response', created_at: 1, model: 'gpt-5.5', output: [] };
  const error = { code, message: 'Not today.' };
  return {
    events: [
      { type: 'response.created', response: { ...response, status: 'in_progress' } },
      { type: 'response.in_progress', response: { ...response, status: 'in_progress' } },
      { type: 'response.failed', response: { ...response, status: 'failed', error } },
    ],
  };
}

describe.each(asks)('%s', (_, ask) => {
  test('400 BadRequest: a parameter the upstream refuses is named', async () => {
    world.simulator.script({
      status: 400,
      body: { detail: 'Unsupported parameter: top_k' },
    });
    const thrown = await thrownBy(ask(world.client));
    expect(thrown).toBeInstanceOf(OpenAI.BadRequestError);
    expect(thrown).toMatchObject({ type: 'invalid_request_error', param: 'top_k' });
    expect(hits()).toBe(1);
  });

  test('400 BadRequest: a context overflow, in the words of LiteLLM, LangChain and Roo', async () => {
    world.simulator.script({ refusal: 'context_length_exceeded' });
    const thrown = (await thrownBy(ask(world.client))) as APIError;
    expect(thrown).toBeInstanceOf(OpenAI.BadRequestError);
    expect(thrown.code).toBe('context_length_exceeded');
    expect(thrown.message).toContain('maximum context length');
    expect(thrown.message).toContain('exceeds the context window');
    expect(hits()).toBe(1);
  });

  test('a limit told inside a stream that had begun with 200 is a 429 all the same', async () => {
    world.simulator.script({ ...failedFirst('rate_limit_exceeded'), repeat: 2 });
    const thrown = await thrownBy(ask(world.client));
    expect(thrown).toBeInstanceOf(OpenAI.RateLimitError);
    expect(thrown).toMatchObject({ code: 'rate_limit_exceeded' });
    world.simulator.script(failedFirst('context_length_exceeded'));
    expect(await thrownBy(ask(world.client))).toBeInstanceOf(OpenAI.BadRequestError);
    expect(hits()).toBe(3);
  });

  test('403 PermissionDenied: the plan does not include it', async () => {
    world.simulator.script({ refusal: 'usage_not_included' });
    const thrown = await thrownBy(ask(world.client));
    expect(thrown).toBeInstanceOf(OpenAI.PermissionDeniedError);
    expect(thrown).toMatchObject({ code: 'usage_not_included', type: 'permission_error' });
    expect(hits()).toBe(1);
  });

  test('404 NotFound: a model that the upstream lacks', async () => {
    const body = { error: { message: 'The model does not exist.', code: 'model_not_found' } };
    world.simulator.script({ status: 404, body });
    const thrown = await thrownBy(ask(world.client));
    expect(thrown).toBeInstanceOf(OpenAI.NotFoundError);
    expect(thrown).toMatchObject({ code: 'model_not_found' });
    expect(hits()).toBe(1);
  });

  test('a short rate limit is waited for here: the client sees an answer', async () => {
    const message = 'Rate limit reached for requests. Please try again in 20ms.';
    const body = { error: { message, type: 'requests', param: null, code: 'rate_limit_exceeded' } };
    world.simulator.script({ status: 429, body });
    expect(await ask(world.client)).toBeObject();
    expect(hits()).toBe(2);
  });

  test('InternalServer: an overload that lasts is 503, once codexd has tried again', async () => {
    world.simulator.script({ refusal: 'server_is_overloaded', repeat: 2 });
    const thrown = await thrownBy(ask(world.client));
    expect(thrown).toBeInstanceOf(OpenAI.InternalServerError);
    expect(thrown).toMatchObject({ status: 503, code: 'server_is_overloaded' });
    expect(hits()).toBe(2);
  });

  test('one 500, then an answer: the client sees the answer', async () => {
    world.simulator.script({ refusal: 'internal_error' });
    expect(await ask(world.client)).toBeObject();
    expect(hits()).toBe(2);
  });

  test('a connection that is reset before the head is tried again', async () => {
    world.simulator.script({ fault: 'reset' });
    expect(await ask(world.client)).toBeObject();
    expect(hits()).toBe(2);
  });

  test('a challenge page is 502 upstream_challenge, not tried again by codexd or the SDK', async () => {
    world.simulator.script({ fault: 'challenge' });
    const thrown = (await thrownBy(ask(clientOf(world.daemon, { maxRetries: 2 })))) as APIError;
    expect(thrown).toBeInstanceOf(OpenAI.InternalServerError);
    expect(thrown).toMatchObject({ status: 502, code: 'upstream_challenge', type: 'server_error' });
    expect(thrown.message).not.toContain('<');
    expect(thrown.message).toContain('proxy');
    expect(hits()).toBe(1);
  });
});

test('400 BadRequest: what is wrong with the body is named before the upstream is asked', async () => {
  const client = world.client;
  const wrong = await Promise.all([
    thrownBy(client.chat.completions.create({ ...chatParams('x'), messages: 'hi' as never })),
    thrownBy(client.chat.completions.create({ ...chatParams('x'), tools: [{ type: 'nope' }] as never })),
    thrownBy(client.responses.create({ model: 'gpt-5.5', input: 7 as never })),
    thrownBy(client.responses.create({ input: 'hi' })),
  ]);
  for (const thrown of wrong) expect(thrown).toBeInstanceOf(OpenAI.BadRequestError);
  expect(wrong.map((thrown) => (thrown as APIError).param)).toEqual([
    'messages',
    expect.stringMatching(/^tools\[0\]/),
    'input',
    'model',
  ]);
  expect(hits()).toBe(0);
});

test('404 NotFound: a model that nobody knows, an endpoint that does not exist', async () => {
  const unknown = await thrownBy(
    world.client.chat.completions.create({ ...chatParams('x'), model: 'gpt-nope' }),
  );
  expect(unknown).toBeInstanceOf(OpenAI.NotFoundError);
  expect(unknown).toMatchObject({ code: 'model_not_found' });
  const thrown = await thrownBy(world.client.embeddings.create({ model: 'gpt-5.5', input: 'x' }));
  expect(thrown).toBeInstanceOf(OpenAI.NotFoundError);
  expect(hits()).toBe(0);
});

test('every error carries the id of its request, which is on its log line', async () => {
  const thrown = (await thrownBy(
    world.client.chat.completions.create({ ...chatParams('x'), model: 'gpt-nope' }),
  )) as APIError;
  expect(thrown.requestID).toMatch(/^req_/);
  await world.daemon.says(new RegExp(`"requestId":"${thrown.requestID}".*"status":404`));
});

describe('in mid stream', () => {
  const long = 'one two three four five '.repeat(50);

  test('chat: what came before is delivered, then an APIError with the code', async () => {
    // Paced: if the first text and the reset were in one read, nothing would have been sent, and codexd would retry.
    world.simulator.script({ text: long, fault: 'reset', afterBytes: 20_000, paceMs: 1 });
    const stream = await world.client.chat.completions.create({ ...chatParams('Count.'), stream: true });
    let text = '';
    const thrown = await thrownBy(
      (async () => {
        for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
      })(),
    );
    expect(thrown).toBeInstanceOf(APIError);
    expect(thrown).toMatchObject({ code: 'stream_incomplete', type: 'server_error' });
    expect(text.length).toBeGreaterThan(20);
    expect(long).toStartWith(text);
    expect(hits()).toBe(1);
  });

  test('a clean end without a terminal event is an error as well, whole and streamed', async () => {
    const cut = { text: long, cutAfterBytes: 20_000, paceMs: 1 };
    world.simulator.script(cut, cut, cut);
    const streamed = world.client.chat.completions.stream(chatParams('Count.')).finalChatCompletion();
    expect(await thrownBy(streamed)).toMatchObject({ code: 'stream_incomplete' });
    const responses = world.client.responses.stream({ model: 'gpt-5.5', input: 'Count.' }).finalResponse();
    expect(await thrownBy(responses)).toMatchObject({ code: 'stream_incomplete' });
    const whole = await thrownBy(world.client.chat.completions.create(chatParams('Count.')));
    expect(whole).toBeInstanceOf(OpenAI.InternalServerError);
    expect(whole).toMatchObject({ status: 502, code: 'stream_incomplete' });
  });

  test.each(asks.filter(([name]) => name.endsWith('streamed')))(
    '%s: a failure that the upstream tells after the first delta is an APIError',
    async (_, ask) => {
      world.simulator.script({ ...fixture('failed-mid-text'), paceMs: 3 });
      const stream = (await ask(world.client)) as AsyncIterable<unknown>;
      const thrown = await thrownBy(Array.fromAsync(stream));
      expect(thrown).toBeInstanceOf(APIError);
      expect((thrown as APIError).status).toBeUndefined();
      expect((thrown as APIError).code).toBe('server_error');
      expect(hits()).toBe(1);
    },
  );
});

describe('a daemon of its own', () => {
  let daemon: RunningDaemon | undefined;
  afterEach(async () => {
    await daemon?.stop();
    daemon = undefined;
  });

  test.each(asks)('%s: 401 Authentication is only about the local key', async (_, ask) => {
    daemon = await startDaemon({ simulator: world.simulator, args: ['--api-key', 'a-key-of-this-test'] });
    const thrown = await thrownBy(ask(clientOf(daemon, { apiKey: 'sk-wrong' })));
    expect(thrown).toBeInstanceOf(OpenAI.AuthenticationError);
    expect(thrown).toMatchObject({ code: 'invalid_api_key' });
    expect(hits()).toBe(0);
    expect(await ask(clientOf(daemon, { apiKey: 'a-key-of-this-test' }))).toBeObject();
  });

  test.each(asks)(
    '%s: a usage limit costs one upstream request, however often it is asked for',
    async (_, ask) => {
      daemon = await startDaemon({ simulator: world.simulator });
      world.simulator.script({ refusal: 'usage_limit_reached' });
      const client = clientOf(daemon, { maxRetries: 2 });
      const thrown = (await thrownBy(ask(client))) as APIError;
      expect(thrown).toBeInstanceOf(OpenAI.RateLimitError);
      expect(thrown).toMatchObject({ code: 'usage_limit_reached', type: 'usage_limit_reached' });
      expect(thrown.error).toMatchObject({ plan_type: 'plus', resets_in_seconds: 36_640 });
      expect(thrown.headers!.get('x-should-retry')).toBe('false');
      expect(Number(thrown.headers!.get('retry-after'))).toBeWithin(36_600, 36_641);
      expect(hits()).toBe(1);
      expect(await thrownBy(ask(client))).toMatchObject({ code: 'usage_limit_reached' });
      expect(hits()).toBe(1);
    },
  );

  test.each(asks)('%s: without a login 503 login_required, asked once', async (_, ask) => {
    daemon = await startDaemon({ simulator: world.simulator, login: false });
    let sent = 0;
    const counting = async (...args: Parameters<typeof fetch>) => {
      sent++;
      return fetch(...args);
    };
    const thrown = (await thrownBy(ask(clientOf(daemon, { maxRetries: 2, fetch: counting })))) as APIError;
    expect(thrown).toBeInstanceOf(OpenAI.InternalServerError);
    expect(thrown).toMatchObject({ status: 503, code: 'login_required' });
    expect(thrown.message).toContain('codexd login');
    expect([sent, hits()]).toEqual([1, 0]);
    expect(await (await fetch(`${daemon.url}/health`)).json()).toMatchObject({ status: 'login_required' });
  });

  test('a failing upstream is asked four times as a rule', async () => {
    daemon = await startDaemon({ simulator: world.simulator });
    world.simulator.script({ refusal: 'bad_gateway', repeat: 4 });
    const thrown = await thrownBy(clientOf(daemon).chat.completions.create(chatParams('x')));
    expect(thrown).toMatchObject({ status: 502, code: 'upstream_error' });
    expect(hits()).toBe(4);
  });

  test('an upstream that cannot be reached is 502, and says so without its address', async () => {
    const gone = startSimulator();
    await gone.stop();
    daemon = await startDaemon({ simulator: gone, env: { CODEXD_UPSTREAM_RETRIES: '0' } });
    const thrown = (await thrownBy(clientOf(daemon).chat.completions.create(chatParams('x')))) as APIError;
    expect(thrown).toMatchObject({ status: 502, code: 'upstream_unavailable' });
    expect(thrown.message).not.toContain(gone.url);
  });

  test('an upstream that stays silent is 504', async () => {
    daemon = await startDaemon({
      simulator: world.simulator,
      env: { CODEXD_UPSTREAM_RETRIES: '0', CODEXD_UPSTREAM_FIRST_BYTE_TIMEOUT_SECONDS: '0.05' },
    });
    world.simulator.script({ fault: 'stall' });
    const thrown = await thrownBy(clientOf(daemon).chat.completions.create(chatParams('x')));
    expect(thrown).toMatchObject({ status: 504, code: 'upstream_timeout' });
  });
});
