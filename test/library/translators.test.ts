// The translators by themselves: those in the list of APIs, with the recorded streams of test/fixtures.
import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { apis } from '../../src/apis/index.ts';
import { Failure } from '../../src/failure.ts';
import { type ApiTranslator, collect, translators } from '../../src/library/translators.ts';
import type { ResponseTranslator } from '../../src/responses/translator.ts';

const every: ApiTranslator[] = Object.values(translators).flatMap(
  (api) => Object.values(api) as ApiTranslator[],
);
const turn = (name: string) => readFileSync(join(import.meta.dir, '../fixtures/turns', `${name}.sse`));
const body = { model: 'gpt-5.5', messages: [{ role: 'user', content: 'Hello!' }] };
const { chat } = translators.openai;

test('there is one for every endpoint whose body alone says what the turn is', () => {
  const endpoints = apis.flatMap(({ endpoints }) => endpoints);
  const listed = endpoints.flatMap(({ explain, translator }) => {
    if (typeof explain !== 'object' || translator === undefined || !('request' in translator)) return [];
    return explain.translate === translator.request ? translator : [];
  });
  expect(every.map(({ translator }): ResponseTranslator => translator)).toEqual(listed);
});

test('each names its API and endpoint as `translators` does', () => {
  const names = Object.entries(translators).flatMap(([api, endpoints]) =>
    Object.keys(endpoints).map((endpoint) => `${api}-${endpoint}`),
  );
  expect(every.map(({ name }) => name)).toEqual(names);
});

describe('a stream', () => {
  const whole = turn('plain-text');
  const pieces = (size: number) =>
    Array.from({ length: Math.ceil(whole.length / size) }, (_, at) =>
      whole.subarray(at * size, (at + 1) * size),
    );
  const streamed = (chunks: readonly Uint8Array[]) => {
    const stream = chat.stream(chat.request({ ...body, stream: true }));
    return chunks.map((chunk) => stream.push(chunk)).join('') + stream.end();
  };

  test('is the same however it is cut', () => {
    const expected = streamed([whole]);
    expect(expected).toEndWith('data: [DONE]\n\n');
    for (const size of [1, 7, 100]) expect(streamed(pieces(size))).toBe(expected);
  });

  test('that is cut off is not ended as if it were whole', () => {
    const stream = chat.stream(chat.request({ ...body, stream: true }));
    stream.push(whole.subarray(0, whole.length / 2));
    expect(() => stream.end()).toThrow(Failure);
    expect(stream.finished).toBe(false);
    expect(stream.fail(new Failure('upstream_broke', 'It broke.'))).toStartWith('data: {"error":');
  });

  test('collected is the response that `whole` translates', async () => {
    const response = await collect(pieces(11));
    const completion = chat.whole(response, chat.request(body));
    expect(completion).toMatchObject({ object: 'chat.completion', model: 'gpt-5.5' });
    expect(completion.choices[0]!.finish_reason).toBe('stop');
  });

  test('collected, a cut one is a failure', async () => {
    const cut = collect([whole.subarray(0, whole.length / 2)]);
    expect(cut).rejects.toMatchObject({ code: 'stream_incomplete' });
  });
});

test('a failure has the API’s envelope', () => {
  const failure = new Failure('rate_limited', 'Too many requests.', { retryAfterMs: 2000 });
  expect(translators.anthropic.messages.failure(failure)).toMatchObject({
    status: 429,
    body: { type: 'error', error: { type: 'rate_limit_error' } },
  });
});
