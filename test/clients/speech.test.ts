// The official `openai` package transcribes through a daemon in a separate process (docs/wire/audio.md#openai-audio).
import { describe, expect, test } from 'bun:test';
import { createReadStream } from 'node:fs';
import OpenAI, { toFile } from 'openai';
import type { TranscriptionStreamEvent } from 'openai/resources/audio/transcriptions';
import { wav } from '../simulator/sounds.ts';
import { startDaemon, thrownBy, useWorld } from './daemon.ts';
import { fileWith, formOf, post, recordingsSent, spoken, spokenSent, spokenText } from './speech-support.ts';

const world = useWorld();
const path = fileWith(spoken, 'private name.wav');
const model = 'whisper-1';
const usage = { type: 'duration', seconds: 3 };
const file = () => toFile(spoken, 'voice.wav');
const transcriptions = () => world.client.audio.transcriptions;

async function refusalOf(work: PromiseLike<unknown>) {
  const thrown = await thrownBy(work);
  expect(thrown).toBeInstanceOf(OpenAI.APIError);
  const { status, param, code, message } = thrown as InstanceType<typeof OpenAI.APIError>;
  return { status, param, code, message };
}

describe('a file', () => {
  test.each([
    ['createReadStream', () => createReadStream(path)],
    ['toFile', file],
    ['Bun.file', () => Bun.file(path)],
    ['File', () => new File([spoken], 'a "quoted"\n näme.wav')],
    ['a Response', async () => toFile(new Response(spoken), 'voice.wav')],
  ])('as %s arrives as it is, and never under its own name', async (_, upload) => {
    const { text, usage: used } = await transcriptions().create({ file: await upload(), model });
    expect({ text, usage: used }).toEqual({ text: spokenText, usage: usage as never });
    expect(recordingsSent(world.simulator)).toEqual([spokenSent]);
  });

  test('the stream has no length and does not need one', async () => {
    let sent: Headers | undefined;
    const client = new OpenAI({
      baseURL: `${world.daemon.url}/v1`,
      apiKey: 'anything',
      fetch: (url, init) => {
        sent = new Headers(init?.headers);
        return fetch(url, init);
      },
    });
    const { text } = await client.audio.transcriptions.create({ file: createReadStream(path), model });
    expect(text).toBe(spokenText);
    expect(sent?.get('content-length')).toBeNull();
  });
});

describe('formats', () => {
  test('json', async () => {
    const { data, response } = await transcriptions()
      .create({ file: await file(), model, response_format: 'json' })
      .withResponse();
    expect(data as unknown).toEqual({ text: spokenText, usage });
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(response.headers.get('x-codexd-warning')).toBeNull();
  });

  test('text', async () => {
    const { data, response } = await transcriptions()
      .create({ file: await file(), model, response_format: 'text' })
      .withResponse();
    expect(data).toBe(spokenText);
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  });

  test('verbose_json: what ChatGPT does not say is not made up', async () => {
    const answer = await transcriptions().create({
      file: await file(),
      model,
      response_format: 'verbose_json',
    });
    expect(answer as unknown).toEqual({
      task: 'transcribe',
      language: 'unknown',
      duration: 2.5,
      text: spokenText,
      segments: [],
      usage,
    });
  });

  test('verbose_json tells the language that was given by its name', async () => {
    const answer = await transcriptions().create({
      file: await file(),
      model,
      language: 'pt-BR',
      response_format: 'verbose_json',
    });
    expect(answer.language).toBe('portuguese');
  });

  test.each(['srt', 'vtt'] as const)('%s is refused, with advice', async (format) => {
    const refusal = await refusalOf(
      transcriptions().create({ file: await file(), model, response_format: format }),
    );
    expect(refusal).toMatchObject({ status: 400, param: 'response_format', code: 'unsupported_value' });
    expect(refusal.message).toContain('chunking_strategy');
    expect(recordingsSent(world.simulator)).toEqual([]);
  });

  test('granularities do not: one rough segment, no words, and headers that say so', async () => {
    const { data, response } = await transcriptions()
      .create({
        file: await file(),
        model,
        response_format: 'verbose_json',
        timestamp_granularities: ['segment', 'word'],
      })
      .withResponse();
    expect(data.segments).toMatchObject([{ start: 0, end: 2.5, text: spokenText }]);
    expect(data.words).toEqual([]);
    expect(response.headers.get('x-codexd-approximate')).toBe('segments');
    expect(response.headers.get('x-codexd-warning')).toContain('does not provide word timestamps');
  });

  test('and in json they are ignored by name', async () => {
    const body = {
      file: await file(),
      model,
      timestamp_granularities: ['word'] as ['word'],
      temperature: 0.4,
    };
    const { data, response } = await transcriptions().create(body).withResponse();
    expect(data.text).toBe(spokenText);
    expect(response.headers.get('x-codexd-ignored')).toBe('timestamp_granularities');
  });
});

describe('approximate times', () => {
  /** 70 s: one of nine words every ten seconds. */
  const minute = wav(
    Array.from({ length: 7 }, (_, n): [number, number][] => [
      [300 + 100 * n, 9],
      [0, 1],
    ]).flat(),
  );
  const chatParams = async () => ({
    file: await toFile(minute, 'minute.wav'),
    model,
    chunking_strategy: 'auto' as const,
  });

  test('as srt: a cue for each piece, and a header that says what they are', async () => {
    const { data, response } = await transcriptions()
      .create({ ...(await chatParams()), response_format: 'srt' })
      .withResponse();
    const cues = String(data).trimEnd().split('\n\n');
    expect(cues.length).toBe(recordingsSent(world.simulator).length);
    expect(cues.length).toBeGreaterThan(1);
    expect(cues[0]).toMatch(/^1\n00:00:00,000 --> 00:00:\d\d,\d{3}\n\d+\.\d\d seconds of sound \S+: 300 400/);
    expect(cues.at(-1)).toMatch(/ --> 00:01:10,000\n.* 900\.$/);
    expect(response.headers.get('x-codexd-approximate')).toBe('segments');
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  });

  test('as vtt', async () => {
    const text = String(await transcriptions().create({ ...(await chatParams()), response_format: 'vtt' }));
    expect(text).toMatch(/^WEBVTT\n\n00:00:00\.000 --> 00:00:\d\d\.\d{3}\n/);
  });

  test('in verbose_json they cover the recording without gaps', async () => {
    const { data, response } = await transcriptions()
      .create({
        ...(await chatParams()),
        response_format: 'verbose_json',
        timestamp_granularities: ['segment'],
      })
      .withResponse();
    const segments = data.segments!;
    expect(segments.map(({ start }) => start)).toEqual([0, ...segments.slice(0, -1).map(({ end }) => end)]);
    expect(segments.at(-1)!.end).toBe(70);
    expect(segments.map(({ text }) => text).join(' ')).toBe(data.text);
    expect(response.headers.get('x-codexd-approximate')).toBe('segments');
  });

  test('a short recording is one cue', async () => {
    const srt = await transcriptions().create({
      file: await file(),
      model,
      response_format: 'srt',
      chunking_strategy: { type: 'server_vad', threshold: 0.4 },
    });
    expect(String(srt)).toBe(`1\n00:00:00,000 --> 00:00:02,500\n${spokenText}\n\n`);
  });
});

describe('a stream', () => {
  const longest = wav(
    Array.from({ length: 80 }, (_, n): [number, number][] => [
      [200 + 10 * n, 4],
      [0, 1],
    ]).flat(),
  );

  async function eventsOf(stream: AsyncIterable<TranscriptionStreamEvent>) {
    const events: TranscriptionStreamEvent[] = [];
    for await (const event of stream) events.push(event);
    return events;
  }

  test('is one delta and done for a short recording', async () => {
    const events = await eventsOf(await transcriptions().create({ file: await file(), model, stream: true }));
    expect(events as unknown[]).toEqual([
      { type: 'transcript.text.delta', delta: spokenText },
      { type: 'transcript.text.done', text: spokenText, usage },
    ]);
  });

  test('has a delta for each piece of a long one, which together are the text', async () => {
    const events = await eventsOf(
      await transcriptions().create({
        file: await toFile(longest, 'long.wav'),
        model: 'gpt-4o-transcribe',
        stream: true,
      }),
    );
    const deltas = events.slice(0, -1).map((event) => (event as { delta: string }).delta);
    const done = events.at(-1) as { type: string; text: string; usage?: unknown };
    expect(events.map(({ type }) => type)).toEqual([
      ...deltas.map(() => 'transcript.text.delta' as const),
      'transcript.text.done',
    ]);
    expect(deltas).toHaveLength(2);
    expect(done.text).toBe(deltas.join(''));
    expect(done.usage).toEqual({ type: 'duration', seconds: 400 });
    const words = [...done.text.matchAll(/: ([\d ]+)\./g)].flatMap(([, some]) => some!.split(' '));
    expect(words).toEqual(Array.from({ length: 80 }, (_, n) => String(200 + 10 * n)));
  }, 60_000);

  test('of silence is done at once', async () => {
    const events = await eventsOf(
      await transcriptions().create({ file: await toFile(wav([[0, 2]]), 'quiet.wav'), model, stream: true }),
    );
    expect(events as unknown[]).toEqual([
      { type: 'transcript.text.done', text: '', usage: { type: 'duration', seconds: 2 } },
    ]);
  });

  test('that fails before its first word is a status', async () => {
    world.simulator.script({ for: 'transcribe', status: 403, body: { detail: 'Not for this plan.' } });
    const refusal = await refusalOf(transcriptions().create({ file: await file(), model, stream: true }));
    expect(refusal).toMatchObject({ status: 403 });
    expect(refusal.message).toContain('Not for this plan.');
  });

  test('cannot be of subtitles', async () => {
    const refusal = await refusalOf(
      transcriptions().create({ file: await file(), model, stream: true, response_format: 'srt' }),
    );
    expect(refusal).toMatchObject({ status: 400, param: 'response_format' });
  });
});

describe('the language', () => {
  test.each([
    ['en', 'en'],
    ['zh-CN', 'zh'],
    ['zh-Hans', 'zh'],
    ['pt_BR', 'pt'],
    ['English', 'en'],
    [' de ', 'de'],
    ['auto', undefined],
    ['', undefined],
    ['jw', 'jv'],
    ['iw', 'he'],
    ['yue', undefined],
  ])('%p is sent as %p', async (language, sent) => {
    await transcriptions().create({ file: await file(), model, language });
    const [recording] = recordingsSent(world.simulator);
    expect(recording).toEqual(sent === undefined ? spokenSent : { ...spokenSent, language: sent });
  });

  test('that nobody knows is refused before anything is sent', async () => {
    const refusal = await refusalOf(
      transcriptions().create({ file: await file(), model, language: 'klingonisch' }),
    );
    expect(refusal).toMatchObject({ status: 400, param: 'language', code: 'unsupported_value' });
    expect(recordingsSent(world.simulator)).toEqual([]);
  });

  test('of the settings is for requests that say none', async () => {
    await using daemon = await startDaemon({ simulator: world.simulator, args: ['--language', 'fr'] });
    await post(daemon, formOf(spoken));
    await post(daemon, formOf(spoken, { language: 'es' }));
    expect(recordingsSent(world.simulator).map(({ language }) => language)).toEqual(['fr', 'es']);
  });
});

describe('the model', () => {
  test.each([
    'whisper-1',
    'gpt-4o-transcribe',
    'gpt-4o-mini-transcribe',
    'gpt-transcribe',
    'chatgpt',
    'chatgpt:chatgpt',
  ])('%s is ChatGPT', async (name) => {
    expect((await transcriptions().create({ file: await file(), model: name })).text).toBe(spokenText);
  });

  test('none is ChatGPT', async () => {
    const answer = await post(world.daemon, formOf(spoken));
    expect([answer.status, await answer.json()]).toEqual([200, { text: spokenText, usage }]);
  });

  test('an unknown model is a 404 that names the known ones', async () => {
    const refusal = await refusalOf(transcriptions().create({ file: await file(), model: 'nobody/knows' }));
    expect(refusal).toMatchObject({ status: 404, param: 'model', code: 'model_not_found' });
    expect(refusal.message).toContain('chatgpt');
    expect(recordingsSent(world.simulator)).toEqual([]);
  });

  test('with diarization is refused by name', async () => {
    const refusal = await refusalOf(
      transcriptions().create({ file: await file(), model: 'gpt-4o-transcribe-diarize' }),
    );
    expect(refusal).toMatchObject({ status: 400, param: 'model' });
  });
});

describe('what is refused names its field', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['a temperature of 3', { temperature: 3 }, 'temperature'],
    ['a format nobody knows', { response_format: 'docx' }, 'response_format'],
    ['diarized_json', { response_format: 'diarized_json' }, 'response_format'],
    [
      'a granularity nobody knows',
      { response_format: 'verbose_json', timestamp_granularities: ['syllable'] },
      'timestamp_granularities[]',
    ],
  ])('%s', async (_, fields, param) => {
    const chatParams = { file: await file(), model, ...fields } as Parameters<
      ReturnType<typeof transcriptions>['create']
    >[0];
    expect(await refusalOf(transcriptions().create(chatParams))).toMatchObject({ status: 400, param });
    expect(recordingsSent(world.simulator)).toEqual([]);
  });

  test('an empty file', async () => {
    const empty = await toFile(new Uint8Array(), 'empty.wav');
    expect(await refusalOf(transcriptions().create({ file: empty, model }))).toMatchObject({
      status: 400,
      param: 'file',
    });
  });

  test('no file, and a file that is text', async () => {
    for (const fields of [{}, { file: 'text' }]) {
      const form = new FormData();
      for (const [name, value] of Object.entries({ model, ...fields })) form.append(name, value);
      const answer = await post(world.daemon, form);
      const { error } = (await answer.json()) as { error: { param: string } };
      expect([answer.status, error.param]).toEqual([400, 'file']);
    }
  });
});

describe('translations', () => {
  test('are no part of ChatGPT, and the answer says what to do', async () => {
    const refusal = await refusalOf(world.client.audio.translations.create({ file: await file(), model }));
    expect(refusal).toMatchObject({ status: 404, code: 'unsupported_endpoint' });
    expect(refusal.message).toContain('translate');
    expect(recordingsSent(world.simulator)).toEqual([]);
  });
});

describe('what ChatGPT answers', () => {
  test('silence is an empty text', async () => {
    world.simulator.script({ for: 'transcribe', text: ' \n' });
    expect(await transcriptions().create({ file: await file(), model })).toMatchObject({ text: '' });
  });

  test('a challenge is not an expired login', async () => {
    world.simulator.script({ for: 'transcribe', fault: 'challenge' });
    const refusal = await refusalOf(transcriptions().create({ file: await file(), model }));
    expect(refusal).toMatchObject({ status: 502, code: 'upstream_challenge' });
    expect(refusal.message).toContain('curl');
  });

  test('too many requests: the retry time is passed on', async () => {
    world.simulator.script({
      for: 'transcribe',
      status: 429,
      retryAfter: 3600,
      body: { detail: 'Slow down.' },
    });
    const thrown = await thrownBy(transcriptions().create({ file: await file(), model }));
    expect(thrown).toBeInstanceOf(OpenAI.RateLimitError);
    expect((thrown as InstanceType<typeof OpenAI.RateLimitError>).headers?.get('retry-after')).toBe('3600');
  });

  test('a page in place of an answer', async () => {
    world.simulator.script({
      for: 'transcribe',
      status: 200,
      body: '<html><title>Log in</title></html>',
      contentType: 'text/html',
    });
    const refusal = await refusalOf(transcriptions().create({ file: await file(), model }));
    expect(refusal).toMatchObject({ status: 502, code: 'invalid_answer' });
  });
});

test('seconds are rounded up, so that no sound is free', async () => {
  for (const [seconds, used] of [
    [1.01, 2],
    [2, 2],
    [0.5, 1],
  ] as const) {
    const answer = await transcriptions().create({
      file: await toFile(wav([[440, seconds]]), 'a.wav'),
      model,
    });
    expect((answer as unknown as { usage: { seconds: number } }).usage.seconds).toBe(used);
  }
});
