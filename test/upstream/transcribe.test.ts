// One recording to ChatGPT, attempt by attempt: the request, the retries, and the meaning of responses
// (docs/wire/upstream.md#transcription).
import { afterAll, describe, expect, test } from 'bun:test';
import { Failure } from '../../src/failure.ts';
import { credentials, failureOf, networkError, refusal } from './support.ts';
import { type FormResponse, neverAborted, ok, Recorded, speechWorld } from './transcribe/support.ts';

const recorded = new Recorded();
afterAll(() => recorded[Symbol.dispose]());
const upload = recorded.upload();

const answer = (status: number, body: unknown = '', headers: Record<string, string> = {}): FormResponse =>
  refusal(status, body, headers) as unknown as FormResponse;
const thrown =
  (error: unknown): FormResponse =>
  () => {
    throw error;
  };
const unauthorized = answer(401, { detail: 'Unauthorized' });
const notHeard = answer(500, { detail: 'Error in ASR API' });
const page = (title: string) =>
  `<!DOCTYPE html><html><head><title>${title}</title></head><body>…</body></html>`;
const html = { 'content-type': 'text/html; charset=UTF-8' };
const challenge = answer(403, page('Just a moment...'), { ...html, 'cf-mitigated': 'challenge' });

const run = (script: FormResponse[], options?: Parameters<typeof speechWorld>[1]) => {
  const house = speechWorld(script, options);
  return { ...house, text: house.transcribe(upload, neverAborted()) };
};

describe('the request', () => {
  test('openai-api 102: address, headers and a form of its own, byte for byte', async () => {
    const { sent, transcribe } = speechWorld([ok]);
    expect(await transcribe({ ...upload, language: 'de' }, neverAborted())).toBe('Well heard.');
    const { url, headers, form } = sent[0]!;
    expect(url).toBe('https://upstream.example/backend-api/transcribe');
    const { 'content-type': type, 'content-length': length, ...others } = Object.fromEntries(headers);
    expect(length).toBe(String(form.length));
    expect(others).toEqual({
      authorization: 'Bearer token-0',
      'chatgpt-account-id': 'acct',
      originator: 'Codex Desktop',
      'user-agent': 'Codex Desktop/26.429.30905 (linux; x86_64)',
    });
    const mark = /^multipart\/form-data; ?boundary="?([^"]+)"?$/.exec(type ?? '')?.[1];
    expect(form).toBe(
      [
        `--${mark}\r\nContent-Disposition: form-data; name="file"; filename="audio.wav"\r\n`,
        `Content-Type: audio/wav\r\n\r\n${recorded.bytes.toString('latin1')}\r\n`,
        `--${mark}\r\nContent-Disposition: form-data; name="language"\r\n\r\nde\r\n--${mark}--\r\n`,
      ].join(''),
    );
  });

  test('nothing of the path, no language that nobody knows, no name of the runtime', async () => {
    const { sent, text } = run([ok]);
    await text;
    expect(sent[0]!.form).not.toContain('language');
    for (const word of ['secret', recorded.directory, 'plan']) expect(sent[0]!.form).not.toContain(word);
    expect([...sent[0]!.headers.values()].join()).not.toMatch(/bun/i);
  });

  test('every attempt sends the whole form', async () => {
    const { sent, text } = run([notHeard, unauthorized, ok]);
    await text;
    expect(sent.map(({ form }) => form.includes(recorded.bytes.toString('latin1')))).toEqual([
      true,
      true,
      true,
    ]);
  });

  test('goes where the turns of the account go, with their header', async () => {
    const route = { workspace_backend_origin: 'https://gov.chatgpt.com', account_routing_override: 'us' };
    const accounts = refusal(200, { accounts: [{ id: 'acct', ...route }] });
    const tokens = {
      get: async () => ({ ...credentials(0), fedramp: true }),
      refresh: async () => credentials(1),
    };
    const { sent, transcribe } = speechWorld([ok], {}, { accounts, tokens });
    await transcribe(upload, neverAborted());
    expect(sent[0]!.url).toBe('https://gov.chatgpt.com/backend-api/transcribe');
    expect(sent[0]!.headers.get('x-openai-account-routing-override')).toBe('us');
    expect(sent[0]!.headers.get('x-openai-fedramp')).toBe('true');
  });

  test('an endpoint is taken as it is, and nothing else is asked', async () => {
    const { sent, checks, text } = run([ok], { endpoint: 'https://elsewhere.example/hear?x=1' });
    await text;
    expect(sent[0]!.url).toBe('https://elsewhere.example/hear?x=1');
    expect(checks).toEqual([]);
  });

  test('a login that names no account sends none', async () => {
    const anonymous = async () => ({ ...credentials(0), accountId: undefined });
    const { sent, transcribe } = speechWorld([ok], {}, { tokens: { get: anonymous, refresh: anonymous } });
    await transcribe(upload, neverAborted());
    expect(sent[0]!.headers.has('chatgpt-account-id')).toBe(false);
  });

  test('a recording that is gone is told before anything is sent', async () => {
    const { sent, transcribe } = speechWorld([ok]);
    const failure = await failureOf(transcribe({ ...upload, path: '/nowhere/secret.wav' }, neverAborted()));
    expect(failure).toMatchObject({ kind: 'invalid_request', param: 'file' });
    expect(failure.message).not.toContain('secret');
    expect(sent).toEqual([]);
  });
});

describe('sent again', () => {
  const cases: [name: string, answer: FormResponse, sleeps: [number, number], last: object][] = [
    [
      '429',
      answer(429, { detail: 'slow down' }),
      [1000, 3000],
      { kind: 'rate_limited', message: 'slow down' },
    ],
    [
      '429 with a wait',
      answer(429, '', { 'retry-after': '7' }),
      [7000, 7000],
      { kind: 'rate_limited', retryAfterMs: 7000 },
    ],
    ['500 of the service', notHeard, [1000, 3000], { kind: 'upstream_broke', code: 'transcription_failed' }],
    ['500 with other words', answer(500, { detail: 'Oops' }), [1000, 3000], { message: 'Oops' }],
    [
      '500 of anything',
      answer(500, 'boom'),
      [1000, 3000],
      { message: 'The upstream responded with HTTP 500 (boom).' },
    ],
    [
      '502',
      answer(502, page('502 Bad Gateway'), html),
      [1000, 3000],
      { message: 'The upstream responded with HTTP 502 (502 Bad Gateway).' },
    ],
    ['503', answer(503, { detail: 'busy' }), [1000, 3000], { kind: 'unavailable' }],
    ['504', answer(504), [1000, 3000], { message: 'The upstream responded with HTTP 504.' }],
    ['no connection', thrown(networkError('ECONNREFUSED')), [1000, 3000], { kind: 'upstream_unreachable' }],
    [
      'a connection that breaks',
      thrown(networkError('ECONNRESET')),
      [1000, 3000],
      { kind: 'upstream_unreachable' },
    ],
    [
      'a body that breaks off',
      () => new Response(new ReadableStream({ pull: (body) => body.error(networkError('ECONNRESET')) })),
      [1000, 3000],
      { kind: 'upstream_unreachable' },
    ],
  ];
  test.each(cases)('%s: twice, then told', async (_, bad, sleeps, last) => {
    const good = run([bad, bad, ok]);
    expect(await good.text).toBe('Well heard.');
    expect(good.sleeps).toEqual(sleeps);
    const hopeless = run([bad, bad, bad, ok]);
    expect(await failureOf(hopeless.text)).toMatchObject(last);
    expect(hopeless.unused()).toBe(1);
  });

  test('the last word on a 500 says what it probably is', async () => {
    const failure = await failureOf(run([notHeard, notHeard, notHeard]).text);
    expect(`${failure.message} ${failure.advice}`).toMatch(
      /Error in ASR API.*damaged.*codecs.*23 minutes.*WAV/,
    );
  });

  test('every attempt reads the login again', async () => {
    let asked = 0;
    const tokens = { get: async () => credentials(asked++), refresh: async () => credentials(9) };
    const { sent, transcribe } = speechWorld(
      [notHeard, notHeard, ok],
      { endpoint: 'https://x.example' },
      { tokens },
    );
    await transcribe(upload, neverAborted());
    expect(sent.map(({ headers }) => headers.get('authorization'))).toEqual([
      'Bearer token-0',
      'Bearer token-1',
      'Bearer token-2',
    ]);
  });

  const never: [name: string, answer: FormResponse, told: object][] = [
    ['400', answer(400, { detail: 'no' }), { kind: 'invalid_request', status: 400, message: 'no' }],
    [
      '402',
      answer(402, { detail: { code: 'deactivated_workspace' } }),
      { kind: 'upstream_refused', code: 'deactivated_workspace' },
    ],
    [
      '403 with JSON',
      answer(403, { detail: 'Not for you' }),
      { kind: 'upstream_refused', status: 403, message: 'Not for you' },
    ],
    [
      '403 without a word',
      answer(403, '{}'),
      { kind: 'upstream_refused', message: 'This account may not use ChatGPT transcription.' },
    ],
    [
      '404',
      answer(404, { detail: 'Not Found' }),
      { kind: 'upstream_refused', status: 502, message: expect.not.stringContaining('model') },
    ],
    [
      'a redirect, which would take the token along',
      answer(300, '', { location: 'https://elsewhere.example' }),
      { kind: 'upstream_refused', status: 502 },
    ],
    [
      'another',
      answer(308, '', { location: 'https://elsewhere.example' }),
      { kind: 'upstream_refused', status: 502 },
    ],
    ['408', answer(408), { kind: 'upstream_broke', retry: false }],
    [
      '413 with a page',
      answer(413, page('413'), html),
      { kind: 'too_large', status: 413, param: 'file', code: 'payload_too_large' },
    ],
    ['415', answer(415), { kind: 'invalid_request', param: 'file', advice: expect.stringContaining('WAV') }],
    [
      '422 with a list',
      answer(422, { detail: [{ loc: ['body', 'file'], msg: 'field required', type: 'x' }] }),
      { kind: 'invalid_request', message: 'field required (body.file)' },
    ],
    [
      'no organisation, 400',
      answer(400, { detail: 'No active organization found' }),
      { kind: 'upstream_refused', code: 'no_active_organization' },
    ],
    [
      'no organisation, 500',
      answer(500, { detail: 'No active organization found' }),
      { kind: 'upstream_refused', status: 403, message: 'No active organization found' },
    ],
    [
      'a limit of the plan',
      answer(429, {
        error: {
          type: 'usage_limit_reached',
          message: 'The usage limit has been reached',
          resets_in_seconds: 5,
        },
      }),
      { kind: 'rate_limited', code: 'usage_limit_reached', retryAfterMs: 5000 },
    ],
    [
      'a challenge',
      challenge,
      {
        kind: 'upstream_refused',
        code: 'upstream_challenge',
        status: 502,
        advice: expect.stringMatching(
          /another network, another engine, or `transcription.transport = "curl"`/,
        ),
      },
    ],
    ['a challenge with 503', answer(503, page('Just a moment...'), html), { code: 'upstream_challenge' }],
    [
      'a distrusted certificate',
      thrown(networkError('DEPTH_ZERO_SELF_SIGNED_CERT')),
      { kind: 'upstream_unreachable', advice: expect.stringContaining('ca_file') },
    ],
    [
      'a page with 200',
      answer(200, page('Log in'), html),
      {
        kind: 'upstream_broke',
        code: 'invalid_answer',
        message: 'ChatGPT returned a web page (Log in) instead of a transcript.',
      },
    ],
    ['200 without text', answer(200, { result: 'x' }), { kind: 'upstream_broke', code: 'invalid_answer' }],
    [
      '200 with another kind of text',
      answer(200, { text: null }),
      { kind: 'upstream_broke', code: 'invalid_answer' },
    ],
    ['200 with nothing', answer(200), { kind: 'upstream_broke', code: 'invalid_answer' }],
    [
      '200 cut in the middle, cleanly',
      answer(200, '{"text":"half'),
      { kind: 'upstream_broke', code: 'invalid_answer' },
    ],
    [
      '200 with more than there can be',
      answer(200, { text: 'x'.repeat(5_000_000) }),
      { kind: 'upstream_broke', code: 'invalid_answer' },
    ],
  ];
  test.each(never)('never: %s', async (_, bad, told) => {
    const { text, sleeps, refreshed, sent } = run([bad, ok]);
    expect(await failureOf(text)).toMatchObject(told);
    expect([sent.length, sleeps.length, refreshed.length]).toEqual([1, 0, 0]);
  });
});

describe('the login', () => {
  test('401: renewed once, at no cost of an attempt, with the account it then has', async () => {
    const tokens = {
      get: async () => credentials(0),
      refresh: async () => ({ ...credentials(1), accountId: 'another' }),
    };
    const { sent, sleeps, transcribe } = speechWorld([unauthorized, ok], {}, { tokens });
    expect(await transcribe(upload, neverAborted())).toBe('Well heard.');
    expect(
      sent.map(({ headers }) => [headers.get('authorization'), headers.get('chatgpt-account-id')]),
    ).toEqual([
      ['Bearer token-0', 'acct'],
      ['Bearer token-1', 'another'],
    ]);
    expect(sleeps).toEqual([]);
  });

  test('a second 401 is reported', async () => {
    const { text, sent, refreshed } = run([unauthorized, unauthorized, ok]);
    expect(await failureOf(text)).toMatchObject({
      ...{ kind: 'login_required', exitCode: 3 },
      advice: expect.stringContaining('an OpenAI API key will not work here'),
    });
    expect([sent.length, refreshed.length]).toEqual([2, 1]);
  });

  test('also in another attempt', async () => {
    const { text, sent, refreshed } = run([unauthorized, notHeard, unauthorized, ok]);
    expect(await failureOf(text)).toMatchObject({ kind: 'login_required' });
    expect([sent.length, refreshed.length]).toEqual([3, 1]);
  });

  test('one that may not be renewed is refused once, with what its source says', async () => {
    const borrowed = new Failure('login_required', 'The login of another program has expired.');
    const tokens = { get: async () => credentials(0), refresh: () => Promise.reject(borrowed) };
    const { sent, sleeps, transcribe } = speechWorld([unauthorized, ok], {}, { tokens });
    expect(await failureOf(transcribe(upload, neverAborted()))).toBe(borrowed);
    expect([sent.length, sleeps]).toEqual([1, []]);
  });

  test('none at all: nothing is sent', async () => {
    const none = new Failure('login_required', 'Not logged in to ChatGPT.');
    const no = () => Promise.reject(none);
    const { sent, transcribe } = speechWorld([ok], {}, { tokens: { get: no, refresh: no } });
    expect(await failureOf(transcribe(upload, neverAborted()))).toBe(none);
    expect(sent).toEqual([]);
  });
});

describe('what is read of an answer', () => {
  const bodies: [unknown, string][] = [
    [{ text: '' }, ''],
    [{ text: ' \n\t ' }, ''],
    [{ text: '\n Ü. \n', language: 'de', extra: { text: 'x' } }, 'Ü.'],
  ];
  test.each(bodies)('%j', async (body, text) => {
    expect(await run([answer(200, body)]).text).toBe(text);
  });

  test('also in single bytes', async () => {
    const bytes = Buffer.from('{"text":"Grüße 🎙️"}');
    const pieces = new ReadableStream({
      start(body) {
        for (const byte of bytes) body.enqueue(Uint8Array.of(byte));
        body.close();
      },
    });
    expect(await run([() => new Response(pieces)]).text).toBe('Grüße 🎙️');
  });

  test('foreign bodies are clipped by characters, of pages the title is left', async () => {
    const told = async (...args: Parameters<typeof answer>) =>
      (await failureOf(run([answer(...args)]).text)).message;
    expect(await told(400, { detail: `a\n  b${'🎙'.repeat(400)}` })).toBe(`a b${'🎙'.repeat(297)}…`);
    expect(await told(418, 'x'.repeat(10_000))).toBe(
      `The upstream responded with HTTP 418 (${'x'.repeat(300)}…).`,
    );
    expect(await told(418, page('I am\na teapot'))).toBe(
      'The upstream responded with HTTP 418 (I am a teapot).',
    );
    expect(await told(418, '<html><body>private</body></html>')).toBe(
      'The upstream responded with HTTP 418 (a page).',
    );
    expect(await told(418, 'Bearer abcdefghijklmnop')).toBe(
      'The upstream responded with HTTP 418 (Bearer [redacted]).',
    );
  });

  test('what is not wanted is given up', async () => {
    let given = false;
    const endless = new ReadableStream({
      pull: (body) => body.enqueue(new Uint8Array(1_000_000)),
      cancel: () => {
        given = true;
      },
    });
    expect(await failureOf(run([() => new Response(endless)]).text)).toMatchObject({
      code: 'invalid_answer',
    });
    expect(given).toBe(true);
  });
});

describe('the budget', () => {
  test('a wait that does not fit is told instead', async () => {
    const { text, sleeps } = run([answer(429, '', { 'retry-after': '296' }), ok]);
    expect(await failureOf(text)).toMatchObject({ kind: 'rate_limited', retryAfterMs: 296_000 });
    expect(sleeps).toEqual([]);
  });

  test.each([
    [293_999, 2],
    [294_001, 1],
  ])('after %p ms of 300,000 there are %p uploads', async (ms, uploads) => {
    const slow: FormResponse = (sent, signal) => {
      house.clock.nowMs += ms;
      return notHeard(sent, signal);
    };
    const house = speechWorld([slow, ok]);
    await house.transcribe(upload, neverAborted()).catch(() => {});
    expect(house.sent).toHaveLength(uploads);
  });

  test('no answer: told as a timeout, and the upload is ended', async () => {
    let reason: unknown;
    const silent: FormResponse = (_, signal) =>
      new Promise((_, reject) =>
        signal.addEventListener('abort', () => {
          reason = signal.reason;
          reject(signal.reason);
        }),
      );
    const { text, sent } = run([silent, ok], { requestTimeoutMs: 20 });
    expect(await failureOf(text)).toMatchObject({
      kind: 'timeout',
      advice: expect.stringContaining('transcription.request_timeout_seconds'),
    });
    expect(reason).toBeInstanceOf(Failure);
    expect(sent).toHaveLength(1);
  });
});

describe('a caller that leaves', () => {
  const left = new Failure('cancelled', 'The client is gone.');

  test('before anything: nothing is sent', async () => {
    const { sent, transcribe } = speechWorld([ok]);
    expect(await failureOf(transcribe(upload, AbortSignal.abort(left)))).toBe(left);
    expect(sent).toEqual([]);
  });

  test('while it waits for the answer, for the body, for the next attempt', async () => {
    const leaving = async (script: (leave: () => void) => FormResponse, options = {}) => {
      const controller = new AbortController();
      const house = speechWorld([script(() => controller.abort(left)), ok], options);
      expect(await failureOf(house.transcribe(upload, controller.signal))).toBe(left);
      expect(house.sent).toHaveLength(1);
    };
    await leaving((leave) => (_, signal) => {
      leave();
      return Promise.reject(signal.reason);
    });
    await leaving((leave) => (_, signal) => {
      leave();
      return new Response(new ReadableStream({ pull: (body) => body.error(signal.reason) }));
    });
    await leaving(
      (leave) => () => {
        leave();
        return new Response('', { status: 502 });
      },
      { sleep: () => new Promise(() => {}) },
    );
  });

  test('with no reason of ours it counts as cancelled', async () => {
    const { transcribe } = speechWorld([ok]);
    expect(await failureOf(transcribe(upload, AbortSignal.abort()))).toMatchObject({ kind: 'cancelled' });
  });
});

test('no log line holds a token, a name or a text', async () => {
  const script = [notHeard, unauthorized, notHeard, answer(418, { detail: 'x' })];
  const { text, logLines } = run(script);
  await failureOf(text);
  expect(logLines.length).toBeGreaterThan(3);
  for (const word of ['token-', 'secret', '.wav', recorded.directory])
    expect(logLines.join()).not.toContain(word);
});
