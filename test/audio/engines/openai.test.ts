// The engine for servers with OpenAI's API, tested with servers in the test (docs/wire/audio.md#openai-servers).
import { afterEach, describe, expect, test } from 'bun:test';
import type { EngineSettings } from '../../../src/audio/engines/settings.ts';
import { Failure } from '../../../src/failure.ts';
import { engineWith, failureOf, jobFor } from './support.ts';

interface Asked {
  path: string;
  key: string | null;
  agent: string | null;
  fields: Record<string, string[]>;
  file?: { name: string; type: string; text: string };
}
type Reply = (asked: Asked, count: number) => Response | Promise<Response>;

const servers: { stop(closeActive?: boolean): unknown }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.stop(true);
});

function serve(reply: Reply) {
  const asked: Asked[] = [];
  const server = Bun.serve({
    port: 0,
    async fetch(request) {
      const fields: Asked['fields'] = {};
      let file: Asked['file'];
      if (request.method === 'POST') {
        // Bun's own form parser derives the type from the name.
        const type = /filename="[^"]*"\r\nContent-Type: (\S+)/.exec(await request.clone().text())?.[1] ?? '';
        for (const [name, value] of await request.formData()) {
          if (typeof value === 'string') fields[name] = [...(fields[name] ?? []), value];
          else file = { name: value.name, type, text: await value.text() };
        }
      }
      const one: Asked = {
        path: new URL(request.url).pathname,
        key: request.headers.get('authorization'),
        agent: request.headers.get('user-agent'),
        fields,
        ...(file && { file }),
      };
      asked.push(one);
      return reply(one, asked.length);
    },
  });
  servers.push(server);
  return { asked, url: `http://127.0.0.1:${server.port}/v1` };
}

function engineAt(url: string, more: Partial<EngineSettings> = {}, env: Record<string, string> = {}) {
  return engineWith({ id: 'far', kind: 'openai', url, model: 'whisper-x', ...more }, { env });
}

const verbose = {
  task: 'transcribe',
  language: 'german',
  duration: 3.5,
  text: 'Ja.',
  segments: [{ id: 0, start: 0, end: 9, text: ' Ja.' }],
};

describe('what is sent', () => {
  test('only what was asked for, under a name of our making, with the key of the named variable', async () => {
    const { url, asked } = serve(() => Response.json(verbose));
    const engine = engineAt(
      `${url}/`,
      { apiKeyEnv: 'MY_KEY', headers: { 'X-More': '1' }, fields: { vad_filter: 'true' } },
      { MY_KEY: 'sk-mine' },
    );
    const result = await engine.transcribe(jobFor(engine, { container: 'mp4' }));
    expect(asked).toEqual([
      {
        path: '/v1/audio/transcriptions',
        key: 'Bearer sk-mine',
        agent: 'codexd',
        fields: {
          model: ['whisper-x'],
          response_format: ['verbose_json'],
          'timestamp_granularities[]': ['segment'],
          vad_filter: ['true'],
        },
        file: { name: 'audio.m4a', type: 'audio/mp4', text: 'RIFFsound' },
      },
    ]);
    expect(result).toEqual({
      text: 'Ja.',
      language: 'de',
      durationS: 3.5,
      segments: [{ start: 0, end: 3.5, text: ' Ja.' }],
    });
  });

  test('language, prompt, temperature and words', async () => {
    const { url, asked } = serve(() => Response.json(verbose));
    const engine = engineAt(url);
    await engine.transcribe(
      jobFor(engine, { model: 'other', language: 'de', prompt: 'Hm', temperature: 0.5, words: true }),
    );
    expect(asked[0]?.fields).toEqual({
      ...{ model: ['other'], language: ['de'], prompt: ['Hm'], temperature: ['0.5'] },
      ...{ response_format: ['verbose_json'], 'timestamp_granularities[]': ['segment', 'word'] },
    });
    expect(asked[0]?.key).toBeNull();
  });

  test('a translation has a route of its own, and no language', async () => {
    const { url, asked } = serve(() => Response.json({ text: 'Yes.' }));
    const engine = engineAt(url);
    await engine.transcribe(jobFor(engine, { task: 'translate', language: 'de' }));
    expect(asked[0]).toMatchObject({
      path: '/v1/audio/translations',
      fields: { model: ['whisper-x'], response_format: ['verbose_json'] },
    });
    expect(asked[0]?.fields.language).toBeUndefined();
  });
});

describe('a server without verbose_json', () => {
  const refusals: [string, () => Response][] = [
    [
      'the parameter is named',
      () => Response.json({ error: { message: 'no', param: 'response_format' } }, { status: 400 }),
    ],
    [
      'the message names it',
      () =>
        Response.json(
          { error: { message: "response_format 'verbose_json' is not compatible" } },
          { status: 400 },
        ),
    ],
    [
      "FastAPI's list",
      () =>
        Response.json(
          { detail: [{ loc: ['body', 'timestamp_granularities[]'], msg: 'bad' }] },
          { status: 422 },
        ),
    ],
  ];
  test.each(refusals)(
    'is asked once more for json, and never again for the other: %s',
    async (_, refused) => {
      const { url, asked } = serve(({ fields }) =>
        fields.response_format?.[0] === 'json' ? Response.json({ text: 'Ja.' }) : refused(),
      );
      const engine = engineAt(url);
      expect(await engine.transcribe(jobFor(engine))).toEqual({ text: 'Ja.' });
      expect(await engine.transcribe(jobFor(engine))).toEqual({ text: 'Ja.' });
      expect(asked.map(({ fields }) => fields.response_format?.[0])).toEqual([
        'verbose_json',
        'json',
        'json',
      ]);
      expect(asked[1]?.fields['timestamp_granularities[]']).toBeUndefined();
      // Another model of the same server may support it.
      await engine.transcribe(jobFor(engine, { model: 'whisper-y' }));
      expect(asked[3]?.fields.response_format).toEqual(['verbose_json']);
    },
  );

  test('another 400 is not asked again', async () => {
    const { url, asked } = serve(() =>
      Response.json({ error: { message: 'bad audio', param: 'file' } }, { status: 400 }),
    );
    const engine = engineAt(url);
    await failureOf(engine.transcribe(jobFor(engine)));
    expect(asked).toHaveLength(1);
  });
});

describe('answers by shape', () => {
  const rows: [name: string, () => Response, result: unknown][] = [
    ['JSON with the content type of text', () => new Response('{"text":"a"}'), { text: 'a' }],
    ['a text in JSON', () => Response.json('a'), { text: 'a' }],
    [
      'plain text that says so',
      () => new Response(' a\n', { headers: { 'content-type': 'text/plain' } }),
      { text: 'a' },
    ],
    ['silence', () => Response.json({ text: '' }), { text: '' }],
    ['NaN in it', () => new Response('{"text":"a","duration":NaN}'), { text: 'a' }],
    [
      'only segments',
      () => Response.json({ segments: [{ start: 0, end: 1, text: 'a' }] }),
      { segments: [{ start: 0, end: 1, text: 'a' }] },
    ],
  ];
  test.each(rows)('%s', async (_, reply, result) => {
    const engine = engineAt(serve(reply).url);
    expect((await engine.transcribe(jobFor(engine))) as unknown).toEqual(result);
  });

  test.each([
    ['HTML with 200', () => new Response('<html>', { headers: { 'content-type': 'text/html' } })],
    [
      'HTML that calls itself plain',
      () => new Response('<html>', { headers: { 'content-type': 'text/plain' } }),
    ],
    ['an empty object', () => Response.json({})],
    ['nothing', () => new Response('', { headers: { 'content-type': 'application/json' } })],
  ])('no transcript: %s', async (_, reply) => {
    const engine = engineAt(serve(reply).url);
    expect(await failureOf(engine.transcribe(jobFor(engine)))).toMatchObject({
      kind: 'upstream_broke',
      code: 'engine_failed',
    });
  });
});

describe('errors', () => {
  const json =
    (status: number, error: object, headers = {}) =>
    () =>
      Response.json({ error }, { status, headers });
  const rows: [name: string, () => Response, failure: object][] = [
    [
      '401 is our key, not the client’s',
      json(401, { message: 'bad key' }),
      {
        kind: 'upstream_refused',
        code: 'engine_auth',
        status: 502,
        advice: expect.stringContaining('MY_KEY'),
      },
    ],
    [
      '403 likewise',
      json(403, { message: 'no' }),
      { kind: 'upstream_refused', code: 'engine_auth', status: 502 },
    ],
    [
      '429 with its wait',
      json(429, { message: 'slow down' }, { 'retry-after': '7' }),
      { kind: 'rate_limited', status: 429, retryAfterMs: 7000, code: 'engine_rate_limited' },
    ],
    [
      '429 with an invalid wait',
      json(429, { message: 'slow down' }, { 'retry-after': '-1' }),
      { kind: 'rate_limited', status: 429, retryAfterMs: undefined },
    ],
    [
      '413',
      json(413, { message: 'big' }),
      { kind: 'too_large', status: 413, param: 'file', code: 'file_too_large' },
    ],
    [
      '415',
      json(415, { message: 'What is that?' }),
      { kind: 'invalid_request', status: 400, message: expect.stringContaining('What is that?') },
    ],
    [
      '400 with a field of the client',
      json(400, { message: 'Invalid language', param: 'language' }),
      {
        kind: 'invalid_request',
        status: 400,
        param: 'language',
        message: expect.stringContaining('Invalid language'),
      },
    ],
    [
      '422 with a field of ours',
      () => Response.json({ detail: [{ loc: ['body', 'vad'], msg: 'bad' }] }, { status: 422 }),
      { kind: 'invalid_request', status: 400, param: undefined },
    ],
    [
      '404 of a model',
      json(404, { message: 'The model `x` does not exist', code: 'model_not_found' }),
      { kind: 'not_found', code: 'model_not_found', param: 'model' },
    ],
    [
      '404 of a page',
      () => new Response('<html>', { status: 404 }),
      { kind: 'upstream_broke', code: 'engine_failed', status: 502 },
    ],
    [
      'a redirect',
      () => Response.redirect('http://127.0.0.1:1/steal', 307),
      { kind: 'upstream_refused', code: 'engine_redirected', status: 502 },
    ],
    [
      '500 twice',
      () => new Response('{"detail":"broke"}', { status: 500 }),
      {
        kind: 'upstream_broke',
        code: 'engine_failed',
        status: 502,
        message: "Speech engine far's server answered 500: broke.",
      },
    ],
  ];
  test.each(rows)('%s', async (_, reply, failure) => {
    const engine = engineAt(serve(reply).url, { apiKeyEnv: 'MY_KEY' }, { MY_KEY: 'k' });
    const actual = await failureOf(engine.transcribe(jobFor(engine)));
    expect(actual).toMatchObject(failure);
    expect(JSON.stringify(actual)).not.toContain('<html>');
  });

  test.each([500, 503])('a %p is retried once, with a new form', async (status) => {
    const { url, asked } = serve((_, count) =>
      count === 1 ? new Response('', { status }) : Response.json({ text: 'a' }),
    );
    const engine = engineAt(url);
    expect(await engine.transcribe(jobFor(engine))).toEqual({ text: 'a' });
    expect(asked).toHaveLength(2);
    expect(asked[1]).toEqual(asked[0]!);
    expect(asked[1]?.file?.text).toBe('RIFFsound');
  });

  test('the key is not sent to another origin', async () => {
    const other = serve(() => Response.json({ text: 'stolen' }));
    const engine = engineAt(
      serve(() => Response.redirect(`${other.url}/audio/transcriptions`, 307)).url,
      { apiKeyEnv: 'MY_KEY' },
      { MY_KEY: 'k' },
    );
    expect(await failureOf(engine.transcribe(jobFor(engine)))).toMatchObject({ code: 'engine_redirected' });
    expect(other.asked).toEqual([]);
  });

  test('nobody there', async () => {
    const { url } = serve(() => new Response());
    for (const server of servers.splice(0)) server.stop(true);
    const engine = engineAt(url);
    expect(await failureOf(engine.transcribe(jobFor(engine)))).toMatchObject({
      kind: 'upstream_unreachable',
      code: 'engine_unreachable',
    });
    expect(await engine.probe()).toMatchObject({ ready: false, why: `no server responds at ${url}` });
  });

  test('the time is up; the client leaves: the server notices both', async () => {
    let left = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    const server = Bun.serve({
      port: 0,
      idleTimeout: 0,
      fetch: (request) => {
        request.signal.addEventListener('abort', () => left.resolve());
        reached.resolve();
        return new Promise<Response>(() => {});
      },
    });
    servers.push(server);
    const url = `http://127.0.0.1:${server.port}/v1`;
    const slow = engineAt(url, { timeoutSeconds: 0.2 });
    expect(await failureOf(slow.transcribe(jobFor(slow)))).toMatchObject({
      kind: 'timeout',
      code: 'engine_timeout',
    });
    await left.promise;
    left = Promise.withResolvers<void>();
    const control = new AbortController();
    const engine = engineAt(url);
    const result = engine.transcribe(jobFor(engine, { signal: control.signal }));
    await reached.promise;
    const reason = new Failure('cancelled', 'gone');
    control.abort(reason);
    expect(await result.catch((thrown) => thrown)).toBe(reason);
  });

  test('an endless answer is cut off', async () => {
    const chunk = new Uint8Array(1024 ** 2);
    const engine = engineAt(
      serve(() => new Response(new ReadableStream({ pull: (stream) => stream.enqueue(chunk) }))).url,
    );
    expect(await failureOf(engine.transcribe(jobFor(engine)))).toMatchObject({
      code: 'engine_failed',
      message: expect.stringContaining('64 MiB'),
    });
  });
});

test.each([
  ['https://api.openai.com/v1', { segmentS: 585, largestBytes: 26_214_400 }],
  ['https://api.groq.com/openai/v1', { segmentS: 585, largestBytes: 26_214_400 }],
  ['https://api.openai.com.example/v1', {}],
  ['http://127.0.0.1:8000/v1', {}],
])('what %p takes at once', (url, limits) => {
  const { containers, ...rest } = engineAt(url).accepts;
  expect<object>(rest).toEqual(limits);
  expect([...containers].sort()).toEqual(['flac', 'mp3', 'mp4', 'ogg', 'wav', 'webm']);
});

describe('readiness and models', () => {
  const list =
    (...ids: string[]) =>
    () =>
      Response.json({ data: ids.map((id) => ({ id })) });

  test('without a table there is no server', async () => {
    const engine = engineWith({ id: 'openai', kind: 'openai' });
    expect(await engine.probe()).toMatchObject({ ready: false, why: 'no server is configured' });
    expect(await engine.available()).toEqual([]);
    expect(await failureOf(engine.transcribe(jobFor(engine, { model: 'x' })))).toMatchObject({
      code: 'engine_unavailable',
    });
  });

  test('a variable that is not set, a key that is refused, a server without a list', async () => {
    const refusing = serve(() => new Response('', { status: 401 })).url;
    expect(await engineAt(refusing, { apiKeyEnv: 'MY_KEY' }).probe()).toMatchObject({
      ready: false,
      why: 'the variable MY_KEY is not set',
    });
    expect(await engineAt(refusing, { apiKeyEnv: 'MY_KEY' }, { MY_KEY: 'k' }).probe()).toMatchObject({
      ready: false,
      fix: 'check the variable MY_KEY',
    });
    expect(await engineAt(serve(() => new Response('', { status: 404 })).url).probe()).toMatchObject({
      ready: true,
    });
    expect(await engineAt(serve(() => new Response('', { status: 503 })).url).probe()).toMatchObject({
      ready: false,
    });
  });

  const ids = [
    'gpt-5',
    'whisper-1',
    'gpt-4o-transcribe',
    'whisper-*',
    'Systran/faster-whisper-tiny',
    'tts-1',
    'qwen3-asr',
  ];
  test.each([
    ['those that are named', { model: 'a', models: ['b'] }, ['a', 'b']],
    [
      'those a glob takes, and the one that is named',
      { model: 'mine', models: ['whisper-?', 'Systran/*'] },
      ['Systran/faster-whisper-tiny', 'mine', 'whisper-?'],
    ],
    [
      'what sounds like speech, where nothing is said; never a pattern',
      { model: undefined },
      ['Systran/faster-whisper-tiny', 'gpt-4o-transcribe', 'qwen3-asr', 'whisper-1'],
    ],
  ])('listed: %s', async (_, settings, expected) => {
    const { url } = serve(list(...ids));
    const { model, ...rest } = settings as Partial<EngineSettings>;
    const engine = engineWith({ id: 'far', kind: 'openai', url, ...(model && { model }), ...rest });
    expect(await engine.available()).toEqual(expected);
  });
});
