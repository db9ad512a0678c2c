// The audio routes over a socket: uploads, queueing, formats, streams, failures, and cleaning up
// (docs/wire/audio.md#openai-audio).

import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI from 'openai';
import type { TranscriptionCreateParams } from 'openai/resources/audio/transcriptions';
import { segmentsUnsupported, wordsUnsupported } from '../../../../src/audio/missing-abilities.ts';
import { sha256 } from '../../../../src/base/sha256.ts';
import { Failure } from '../../../../src/failure.ts';
import { plainApiKey } from '../../../../src/server/middleware/api-key.ts';
import { connectRaw, dataOf, httpRequest } from '../../../server/support.ts';
import { until } from '../../../support/until.ts';
import { audioDaemon, form, pendingWork, speechModels, transcript, transcriptions } from './audio-support.ts';

let directory: string;
let recording: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'codexd-test-'));
  recording = join(directory, 'speech.wav');
  writeFileSync(recording, 'RIFF and so on');
});
afterAll(() => rmSync(directory, { recursive: true }));

const multipart = { 'content-type': 'multipart/form-data; boundary=b' };
const fileHead = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n';

/** A chunk of a chunked body. */
function chunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}

function chunkedHead(headers: Record<string, string> = {}): string {
  return httpRequest('POST', transcriptions, { ...multipart, 'transfer-encoding': 'chunked', ...headers });
}

async function thrownBy(work: PromiseLike<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
  try {
    await work;
  } catch (thrown) {
    if (thrown instanceof OpenAI.APIError) return thrown;
    throw thrown;
  }
  throw new Error('nothing was thrown');
}

describe('the official client', () => {
  const verbose = {
    task: 'transcribe',
    language: 'english',
    duration: 8.47,
    text: transcript.text,
    usage: { type: 'duration', seconds: 9 },
  };
  const formats: [format: TranscriptionCreateParams['response_format'], expected: unknown][] = [
    [undefined, { text: transcript.text, usage: { type: 'duration', seconds: 9 } }],
    ['json', { text: transcript.text, usage: { type: 'duration', seconds: 9 } }],
    ['text', transcript.text],
    ['srt', '1\n00:00:00,000 --> 00:00:02,100\nHello there.\n\n2\n00:00:02,100 --> 00:00:08,400\nBye.\n\n'],
    [
      'vtt',
      'WEBVTT\n\n00:00:00.000 --> 00:00:02.100\nHello there.\n\n00:00:02.100 --> 00:00:08.400\nBye.\n\n',
    ],
    ['verbose_json', { ...verbose, segments: [expect.anything(), expect.anything()] }],
  ];
  test.each(formats)('a stream without a length, as %s', async (format, expected) => {
    await using daemon = audioDaemon();
    const { data, response } = await daemon.client.audio.transcriptions
      .create({
        file: createReadStream(recording),
        model: 'whisper-1',
        ...(format === undefined ? {} : { response_format: format }),
      })
      .withResponse();
    expect<unknown>(data).toEqual(expected);
    expect(response.headers.get('content-type')).toBe(
      typeof expected === 'string' ? 'text/plain; charset=utf-8' : 'application/json',
    );
    expect(daemon.calls[0]).toMatchObject({ content: 'RIFF and so on', request: { model: 'whisper-1' } });
    expect(daemon.uploads()).toEqual([]);
  });

  test('every field it knows', async () => {
    await using daemon = audioDaemon();
    const { data, response } = await daemon.client.audio.transcriptions
      .create({
        file: createReadStream(recording),
        model: 'fake:small',
        language: 'en-US',
        prompt: 'Ada',
        temperature: 0.3,
        response_format: 'verbose_json',
        timestamp_granularities: ['word', 'segment'],
        chunking_strategy: { type: 'server_vad', threshold: 0.4 },
        include: ['logprobs'],
      })
      .withResponse();
    expect(data).toEqual({ ...verbose, words: transcript.words, segments: expect.any(Array) } as never);
    expect(daemon.calls[0]?.request).toEqual({
      ...{ task: 'transcribe', model: 'fake:small', language: 'en', prompt: 'Ada', temperature: 0.3 },
      ...{ words: true, segments: true, boundarySegments: true, approximate: true },
    });
    expect(response.headers.get('x-codexd-ignored')).toBe('chunking_strategy[threshold], include');
  });

  test('streamed events', async () => {
    await using daemon = audioDaemon(({ options }) => {
      options.onProgress?.({ state: 'segments', count: 2 });
      options.onProgress?.({ state: 'segment', index: 0, startS: 0, endS: 2, text: 'Hello there.' });
      options.onProgress?.({ state: 'segment', index: 1, startS: 2, endS: 4, text: ' Bye.' });
      return transcript;
    });
    const stream = await daemon.client.audio.transcriptions.create({
      file: createReadStream(recording),
      model: 'gpt-4o-transcribe',
      stream: true,
    });
    const events: object[] = [];
    for await (const event of stream) events.push(event);
    expect(events).toEqual([
      { type: 'transcript.text.delta', delta: 'Hello there.' },
      { type: 'transcript.text.delta', delta: ' Bye.' },
      { type: 'transcript.text.done', text: transcript.text, usage: { type: 'duration', seconds: 9 } },
    ]);
    await daemon.swept();
  });

  test('a translation', async () => {
    await using daemon = audioDaemon();
    const answer = await daemon.client.audio.translations.create({
      file: createReadStream(recording),
      model: 'whisper-1',
      response_format: 'verbose_json',
    });
    expect(answer).toMatchObject({ task: 'translate', language: 'english', text: transcript.text } as object);
    expect(daemon.calls[0]?.request.task).toBe('translate');
  });

  test('a translation where no engine can', async () => {
    await using daemon = audioDaemon(undefined, {
      speechModels: speechModels.map((model) => ({ ...model, ready: false })),
    });
    const file = createReadStream(recording);
    const error = await thrownBy(daemon.client.audio.translations.create({ file, model: 'whisper-1' }));
    expect([error.status, error.code]).toEqual([404, 'unsupported_endpoint']);
    expect(daemon.calls).toEqual([]);
  });

  test('an error names its field', async () => {
    await using daemon = audioDaemon();
    const error = await thrownBy(
      daemon.client.audio.transcriptions.create({
        ...{ file: createReadStream(recording), model: 'whisper-1' },
        ...{ response_format: 'diarized_json' as const },
      }),
    );
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect([error.param, error.code]).toEqual(['response_format', 'unsupported_value']);
    expect(daemon.calls).toEqual([]);
  });

  test('what the pipeline refuses is told as it is', async () => {
    for (const [failure, param] of [
      [segmentsUnsupported('chatgpt'), 'response_format'],
      [wordsUnsupported('chatgpt'), 'timestamp_granularities[]'],
    ] as const) {
      await using daemon = audioDaemon(() => Promise.reject(failure));
      const file = createReadStream(recording);
      const error = await thrownBy(daemon.client.audio.transcriptions.create({ file, model: '' }));
      expect([error.status, error.param, error.code]).toEqual([400, param, 'unsupported_value']);
      expect(daemon.uploads()).toEqual([]);
    }
  });
});

describe('routes', () => {
  test.each([
    transcriptions,
    '/audio/transcriptions',
    '/v1/v1/audio/transcriptions',
    '/v1/audio/translations',
    '/audio/translations',
  ])('POST %s', async (path) => {
    await using daemon = audioDaemon();
    const answer = await daemon.fetch(path, { method: 'POST', body: form() });
    expect([answer.status, await answer.json()]).toMatchObject([200, { text: transcript.text }]);
  });

  test.each(['GET', 'PUT'])('%s is not allowed', async (method) => {
    await using daemon = audioDaemon();
    const answer = await daemon.fetch(transcriptions, { method });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
  });
});

describe('refusals over the connectRaw', () => {
  test('JSON without a recording is told what to send instead', async () => {
    await using daemon = audioDaemon();
    const answer = await daemon.post(transcriptions, { file: 'x' });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      error: { param: 'input_audio', message: expect.stringContaining('the part `file` of a form') },
    });
  });

  test('a wrong key is refused before the body is read', async () => {
    await using daemon = audioDaemon(undefined, { daemon: { keys: [plainApiKey('right-right')] } });
    const client = await connectRaw(daemon.url);
    client.write(chunkedHead({ authorization: 'Bearer wrong' }) + chunk(fileHead));
    expect(await client.until(/"code":"[^"]*"\}\}/)).toMatch(/^HTTP\/1\.1 401 .*"code":"invalid_api_key"/s);
    expect(daemon.uploads()).toEqual([]);
    client.leave();
  });

  const huge = { 'content-length': String(200 * 1024 * 1024) };
  const order: [what: string, method: string, headers: Record<string, string>, status: number][] = [
    ['the key', 'POST', { ...huge, authorization: 'Bearer wrong', 'content-type': 'text/plain' }, 401],
    ['the method', 'PUT', { ...huge, 'content-type': 'text/plain' }, 405],
    ['the content type', 'POST', { ...huge, 'content-type': 'text/plain' }, 415],
    ['the length', 'POST', { ...huge, ...multipart }, 413],
  ];
  test.each(order)('next in turn is %s, and no body is waited for', async (_, method, headers, status) => {
    await using daemon = audioDaemon(undefined, { daemon: { keys: [plainApiKey('right-right')] } });
    const client = await connectRaw(daemon.url);
    client.write(httpRequest(method, transcriptions, { authorization: 'Bearer right-right', ...headers }));
    expect(await client.until(/\r\n\r\n/)).toStartWith(`HTTP/1.1 ${status} `);
    expect(daemon.uploads()).toEqual([]);
    client.leave();
  });

  test('413 as JSON while the client is still sending', async () => {
    await using daemon = audioDaemon();
    const client = await connectRaw(daemon.url);
    client.write(chunkedHead() + chunk(fileHead));
    for (let sent = 0; sent < 3; sent++) client.write(chunk('x'.repeat(32 * 1024)));
    const received = await client.until(/\}\}/);
    expect(received).toMatch(
      /^HTTP\/1\.1 413 .*application\/json.*"param":"file","code":"payload_too_large"/s,
    );
    expect(daemon.uploads()).toEqual([]);
    client.leave();
  });

  test('a declared length that is too large is refused at once', async () => {
    await using daemon = audioDaemon();
    const client = await connectRaw(daemon.url);
    client.write(
      httpRequest('POST', transcriptions, { ...multipart, 'content-length': String(200 * 1024 * 1024) }),
    );
    expect(await client.until(/\}\}/)).toMatch(/^HTTP\/1\.1 413 .*"code":"payload_too_large"/s);
    client.leave();
  });

  test('a form without its end is a 400', async () => {
    await using daemon = audioDaemon();
    const answer = await daemon.fetch(transcriptions, {
      method: 'POST',
      headers: multipart,
      body: `${fileHead}x`,
    });
    expect([answer.status, await answer.json()]).toMatchObject([
      400,
      { error: { type: 'invalid_request_error' } },
    ]);
    expect(daemon.uploads()).toEqual([]);
  });

  const parts: [what: string, part: string, content: string, says: RegExp][] = [
    [
      'openai-api 102: a file under another name',
      'name="audio"; filename="a.wav"',
      'x',
      /under another name/,
    ],
    ['a file sent as text', 'name="file"', 'x', /must be a file/],
    ['an empty file', 'name="file"; filename="a.wav"', '', /is empty/],
  ];
  test.each(parts)('%s', async (_, disposition, content, says) => {
    await using daemon = audioDaemon();
    const answer = await daemon.fetch(transcriptions, {
      method: 'POST',
      headers: multipart,
      body: `--b\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${content}\r\n--b--\r\n`,
    });
    expect(answer.status).toBe(400);
    const { error } = (await answer.json()) as { error: { message: string } };
    expect(error).toMatchObject({ type: 'invalid_request_error', param: 'file' });
    expect(error.message).toMatch(says);
    expect([daemon.calls, daemon.uploads()]).toEqual([[], []]);
  });

  test('openai-api 102: a name without an extension is no reason to refuse', async () => {
    await using daemon = audioDaemon();
    const body = new FormData();
    body.append('file', new File(['RIFF'], 'recording'));
    const answer = await daemon.fetch(transcriptions, { method: 'POST', body });
    expect([answer.status, daemon.calls[0]?.content]).toEqual([200, 'RIFF']);
  });

  test('strict refuses what would be dropped', async () => {
    await using daemon = audioDaemon(undefined, { strict: true });
    const answer = await daemon.fetch(transcriptions, { method: 'POST', body: form({ keywords: 'Ada' }) });
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: { param: 'keywords' } }]);
    expect([daemon.calls, daemon.uploads()]).toEqual([[], []]);
  });
});

describe('what else an answer says', () => {
  test('warnings and approximate times stand in headers', async () => {
    await using daemon = audioDaemon(() => ({
      ...transcript,
      approximate: true,
      warnings: ['Cut at 300 s.', 'Quiet – very.'],
    }));
    const headersOf = async (response_format: string) => {
      const { headers } = await daemon.fetch(transcriptions, {
        method: 'POST',
        body: form({ response_format }),
      });
      return [headers.get('x-codexd-approximate'), headers.get('x-codexd-warning')];
    };
    const warning = 'Cut at 300 s. Quiet ? very.';
    expect(await headersOf('json')).toEqual([null, warning]);
    expect(await headersOf('srt')).toEqual(['segments', warning]);
    expect(await headersOf('verbose_json')).toEqual(['segments', warning]);
  });

  test('the access line has sizes, never names or text', async () => {
    await using daemon = audioDaemon();
    await daemon.fetch(transcriptions, {
      method: 'POST',
      body: form({ model: 'whisper-1', prompt: 'Marzipan' }),
    });
    const [line] = await daemon.accessLines();
    expect(line).toMatchObject({
      status: 200,
      model: 'whisper-1',
      modelUsed: 'fake:small',
      audioSeconds: 8.5,
    });
    expect(daemon.world.logLines.join('\n')).not.toMatch(/private|Hello|Marzipan|RIFF/);
  });

  test('nothing to be said is no header', async () => {
    await using daemon = audioDaemon();
    const { headers } = await daemon.fetch(transcriptions, {
      method: 'POST',
      body: form({ response_format: 'srt' }),
    });
    expect([...headers.keys()].filter((name) => name.startsWith('x-codexd-'))).toEqual(['x-codexd-model']);
  });

  test('the models of the API key are part of the request', async () => {
    const key = { name: 'k', sha256: sha256('some-key'), models: ['fake:*'] };
    await using daemon = audioDaemon(undefined, { daemon: { keys: [key] } });
    const headers = { authorization: 'Bearer some-key' };
    await daemon.fetch(transcriptions, { method: 'POST', body: form(), headers });
    expect(daemon.calls[0]?.request.allowed).toEqual(['fake:*']);
  });
});

describe('places', () => {
  test('an upload takes none until it is whole', async () => {
    const first = pendingWork();
    await using daemon = audioDaemon(first.work, { places: { concurrency: 1, waiting: 0 } });
    const slow = await connectRaw(daemon.url);
    slow.write(chunkedHead() + chunk(fileHead));
    await until(() => daemon.uploads().length > 0);
    expect(daemon.audioQueue.running).toBe(0);
    const quick = daemon.fetch(transcriptions, { method: 'POST', body: form() });
    await first.started;
    const refused = await daemon.fetch(transcriptions, { method: 'POST', body: form() });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    expect(daemon.uploads()).toHaveLength(2);
    first.end(transcript);
    expect((await quick).status).toBe(200);
    slow.leave();
    await daemon.swept();
  });

  test('whoever waits comes in turn', async () => {
    const running: number[] = [];
    await using daemon = audioDaemon(
      async () => {
        running.push(daemon.audioQueue.running);
        await Bun.sleep(1);
        return transcript;
      },
      { places: { concurrency: 2, waiting: 100 } },
    );
    const translate = Array.from({ length: 20 }, () =>
      daemon.fetch(transcriptions, { method: 'POST', body: form() }),
    );
    const statuses = (await Promise.all(translate)).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(Math.max(...running)).toBe(2);
    expect(daemon.audioQueue.running).toBe(0);
    expect(daemon.uploads()).toEqual([]);
  });
});

describe('a client that leaves', () => {
  test('in the middle of its upload leaves no file', async () => {
    await using daemon = audioDaemon();
    const client = await connectRaw(daemon.url);
    client.write(chunkedHead() + chunk(`${fileHead}RIFF`));
    await until(() => daemon.uploads().length > 0);
    client.leave();
    await daemon.swept();
    expect(await daemon.accessLines()).toMatchObject([{ status: 499, failure: 'cancelled' }]);
    expect(daemon.calls).toEqual([]);
  });

  test.each(['false', 'true'])('while it waits (stream %s) ends the work, then the file', async (stream) => {
    const work = pendingWork();
    await using daemon = audioDaemon(work.work);
    const controller = new AbortController();
    const translate = daemon.fetch(transcriptions, {
      ...{ method: 'POST', body: form({ stream }), signal: controller.signal },
    });
    const { options } = await work.started;
    expect(daemon.uploads()).toHaveLength(1);
    controller.abort();
    expect(translate).rejects.toThrow();
    await daemon.swept();
    expect(options.signal.reason).toMatchObject({ kind: 'cancelled' });
    expect(await daemon.accessLines()).toMatchObject([{ failure: 'cancelled' }]);
    expect(daemon.audioQueue.running).toBe(0);
  });

  test('the file and the place are kept until the work has ended', async () => {
    const started = Promise.withResolvers<AbortSignal>();
    const exited = Promise.withResolvers<void>();
    await using daemon = audioDaemon(async ({ options: { signal } }) => {
      started.resolve(signal);
      await exited.promise; // a child that takes long to exit
      throw signal.reason;
    });
    const controller = new AbortController();
    const body = form({ stream: 'true' });
    const translate = daemon.fetch(transcriptions, { method: 'POST', body, signal: controller.signal });
    const signal = await started.promise;
    controller.abort();
    expect(translate).rejects.toThrow();
    await until(() => signal.aborted);
    expect([daemon.uploads().length, daemon.audioQueue.running]).toEqual([1, 1]);
    exited.resolve();
    await daemon.swept();
    expect(daemon.audioQueue.running).toBe(0);
  });
});

describe('streams', () => {
  const piece = (text: string) => ({ state: 'segment', index: 0, startS: 0, endS: 1, text }) as const;

  async function translate(daemon: ReturnType<typeof audioDaemon>): Promise<Response> {
    return daemon.fetch(transcriptions, { method: 'POST', body: form({ stream: 'true', keywords: 'x' }) });
  }

  test('have the headers of streams', async () => {
    await using daemon = audioDaemon();
    const { headers } = await translate(daemon);
    expect(headers.get('content-type')).toBe('text/event-stream');
    expect(headers.get('cache-control')).toBe('no-cache');
    expect(headers.get('x-accel-buffering')).toBe('no');
    expect(headers.get('x-codexd-ignored')).toBe('keywords');
  });

  test('name the model before the transcript is whole', async () => {
    const work = pendingWork();
    await using daemon = audioDaemon(work.work);
    work.started.then(({ options }) => {
      options.onProgress?.({ state: 'chosen', engine: 'fake', model: 'small' });
      options.onProgress?.(piece('Hello'));
    });
    const answer = await translate(daemon);
    expect(answer.headers.get('x-codexd-model')).toBe('fake:small');
    work.fail(new Failure('upstream_broke', 'It broke.'));
    await answer.text();
  });

  test('a failure before the first words is a status', async () => {
    await using daemon = audioDaemon(() =>
      Promise.reject(new Failure('login_required', 'There is no login.', { code: 'login_required' })),
    );
    const answer = await translate(daemon);
    expect([answer.status, await answer.json()]).toMatchObject([503, { error: { code: 'login_required' } }]);
    expect(daemon.uploads()).toEqual([]);
  });

  test('a failure after them is an error event and no done', async () => {
    const work = pendingWork();
    await using daemon = audioDaemon(work.work);
    work.started.then(({ options }) => options.onProgress?.(piece('Hello')));
    const answer = await translate(daemon);
    work.fail(new Failure('upstream_broke', 'It broke.'));
    expect(answer.status).toBe(200);
    expect(dataOf(await answer.text())).toEqual([
      { type: 'transcript.text.delta', delta: 'Hello' },
      {
        type: 'error',
        error: { message: 'It broke.', type: 'server_error', param: null, code: 'upstream_error' },
      },
    ]);
    expect(await daemon.accessLines()).toMatchObject([{ status: 200, failure: 'upstream_broke' }]);
    expect(daemon.uploads()).toEqual([]);
  });

  test('the official client throws at an error event', async () => {
    const work = pendingWork();
    await using daemon = audioDaemon(work.work);
    work.started.then(({ options }) => options.onProgress?.(piece('Hello')));
    const file = createReadStream(recording);
    const stream = await daemon.client.audio.transcriptions.create({
      file,
      model: 'whisper-1',
      stream: true,
    });
    work.fail(new Failure('upstream_broke', 'It broke.'));
    const reading = (async () => {
      for await (const _ of stream);
    })();
    expect((await thrownBy(reading)).code).toBe('upstream_error');
  });

  test.each([0, 60_000])(
    'a piece is told as soon as it is heard (the head waits %p ms)',
    async (settleMs) => {
      const work = pendingWork();
      await using daemon = audioDaemon(work.work, { speech: { settleMs } });
      const answering = translate(daemon);
      const { options } = await work.started;
      // Resolves when the response waits for an event.
      await Bun.sleep(0);
      options.onProgress?.(piece('Hello'));
      const reader = (await answering).body!.pipeThrough(new TextDecoderStream()).getReader();
      const nextDeltas = async () => {
        let text = '';
        while (!text.includes('delta')) text += (await reader.read()).value ?? '';
        return dataOf(text).map(({ delta }) => delta);
      };
      expect(await nextDeltas()).toEqual(['Hello']);
      options.onProgress?.(piece(' there.'));
      expect(await nextDeltas()).toEqual([' there.']);
      work.end({ ...transcript, text: 'Hello there.' });
      while (!(await reader.read()).done);
    },
  );

  test('heartbeats while an engine is silent, one delta, done', async () => {
    const work = pendingWork();
    await using daemon = audioDaemon(work.work, { speech: { settleMs: 0 } });
    const answer = await translate(daemon);
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
    const read = async () => (await reader.read()).value;
    expect(await read()).toBe(': keep-alive\n\n');
    daemon.ticker.tick(15);
    expect(await read()).toBe(': keep-alive\n\n');
    work.end(transcript);
    let rest = '';
    for (let text = await read(); text !== undefined; text = await read()) rest += text;
    expect(dataOf(rest).map(({ type }) => type)).toEqual(['transcript.text.delta', 'transcript.text.done']);
    expect(await daemon.accessLines()).toMatchObject([{ status: 200, audioSeconds: 8.5 }]);
    expect(daemon.uploads()).toEqual([]);
  });

  test('a bug is told as one, and logged without words', async () => {
    const work = pendingWork();
    await using daemon = audioDaemon(work.work, { speech: { settleMs: 0 } });
    const answer = await translate(daemon);
    work.fail(new TypeError('Hello is not a function'));
    expect(dataOf(await answer.text())).toMatchObject([{ type: 'error', error: { code: 'internal_error' } }]);
    expect(daemon.log.map(({ message }) => message)).toContain('a bug in codexd');
  });
});

test('a daemon that stops tells running streams, and nothing is left', async () => {
  const work = pendingWork();
  await using daemon = audioDaemon(work.work, { speech: { settleMs: 0 } });
  const answer = await daemon.fetch(transcriptions, { method: 'POST', body: form({ stream: 'true' }) });
  const stopped = daemon.daemon.stop(0);
  expect(dataOf(await answer.text())).toMatchObject([{ error: { code: 'shutting_down' } }]);
  await stopped;
  await daemon.swept();
});
