// How each field of a legacy completion request is translated (docs/wire/openai.md#completions).
import { describe, expect, test } from 'bun:test';
import { Failure } from '../../../../src/failure.ts';
import { call, fixture, message, reasoning, turnWith } from '../chat/support.ts';
import { streamOf, translate, wholeOf } from './support.ts';

function refusal(body: object): { param: string | undefined; code: string | undefined; status: number } {
  try {
    translate(body);
  } catch (thrown) {
    if (thrown instanceof Failure) return { param: thrown.param, code: thrown.code, status: thrown.status };
    throw thrown;
  }
  throw new Error(`${JSON.stringify(body)} was taken`);
}

describe('prompt', () => {
  test.each([
    ['a string', 'Once'],
    ['a list of one string', ['Once']],
  ])('%s is the one user message, under an instruction to continue it', (_, prompt) => {
    const { request } = translate({ prompt });
    expect(request.input).toEqual([
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Once' }] },
    ]);
    expect(request.instructions).toMatch(/^Continue the text/);
  });

  test.each<[string, unknown, string]>([
    ['several texts are not joined', ['Once', 'Twice'], 'unsupported_value'],
    ['token ids', [1212, 318], 'unsupported_value'],
    ['one token id', [1212], 'unsupported_value'],
    ['lists of token ids', [[1212, 318]], 'unsupported_value'],
    ['nothing', undefined, 'missing_required_parameter'],
    ['null', null, 'missing_required_parameter'],
    ['an empty text', '', 'missing_required_parameter'],
    ['an empty list', [], 'missing_required_parameter'],
    ['a number', 7, 'invalid_type'],
    ['an object', { text: 'Once' }, 'invalid_type'],
  ])('%s: 400', (_, prompt, code) => {
    expect(refusal({ prompt })).toEqual({ param: 'prompt', code, status: 400 });
  });
});

describe('what would give a wrong answer is refused', () => {
  test.each<[string, unknown, string]>([
    ['suffix', ' the end.', 'unsupported_parameter'],
    ['best_of', 3, 'unsupported_value'],
    ['n', 2, 'unsupported_value'],
    ['logprobs', 1, 'unsupported_value'],
    ['logprobs', true, 'unsupported_value'],
    ['logit_bias', { 50256: -100 }, 'unsupported_parameter'],
    ['stop', ['a', 'b', 'c', 'd', 'e'], 'invalid_value'],
    ['echo', 'yes', 'invalid_type'],
    ['stream', 1, 'invalid_type'],
    ['max_tokens', -1, 'invalid_value'],
    ['model', undefined, 'missing_required_parameter'],
  ])('%s: %j', (field, value, code) => {
    expect(refusal({ [field]: value })).toEqual({ param: field, code, status: 400 });
  });

  test.each(['suffix', 'best_of', 'n', 'logprobs', 'stop', 'echo', 'stream', 'stream_options'])(
    '%s: null is as good as absent',
    (field) => {
      expect(translate({ [field]: null })).toEqual(translate());
    },
  );

  test('values that ask for nothing are taken', () => {
    const nothing = { suffix: '', best_of: 1, n: 1, logprobs: 0, logit_bias: {}, temperature: 1 };
    expect(translate(nothing)).toEqual(translate());
  });
});

describe('what only nudges is dropped and named', () => {
  test.each<[string, unknown]>([
    ['max_tokens', 16],
    ['temperature', 0],
    ['top_p', 0.5],
    ['presence_penalty', 1],
    ['frequency_penalty', 1],
    ['seed', 3],
    ['user', 'u'],
    ['tools', [{ type: 'function', function: { name: 'f' } }]],
    ['messages', [{ role: 'user', content: 'Another.' }]],
    ['response_format', { type: 'json_object' }],
  ])('%s', (field, value) => {
    const { request, dropped } = translate({ [field]: value });
    expect(request).toEqual(translate().request);
    expect(dropped).toMatchObject([{ field, why: expect.stringMatching(/\.$/) }]);
  });
});

test('what the upstream takes reaches it', () => {
  const { request } = translate({ reasoning_effort: 'low', service_tier: 'priority', prompt_cache_key: 'k' });
  expect(request).toMatchObject({
    reasoning: { effort: 'low' },
    service_tier: 'priority',
    prompt_cache_key: 'k',
  });
});

describe('answers', () => {
  const thoughtful = turnWith([
    ...reasoning('rs_1', ['Hmm.']),
    ...message('msg_1', ' upon', ' a time'),
    ...call('fc_1', 'get_weather', '{}'),
  ]);

  test('reasoning and calls have no place', () => {
    expect(wholeOf(thoughtful, translate())).toEqual({
      id: 'cmpl-t1',
      object: 'text_completion',
      created: 1_795_187_761,
      model: 'gpt-5.5',
      choices: [{ index: 0, text: ' upon a time', logprobs: null, finish_reason: 'stop' }],
    });
    expect(streamOf(thoughtful, translate())).not.toMatch(/Hmm|get_weather/);
  });

  test('echo: the prompt comes first, in a chunk of its own', () => {
    expect(wholeOf(thoughtful, translate({ echo: true })).choices[0].text).toBe('Once upon a time');
    const texts = [...streamOf(thoughtful, translate({ echo: true })).matchAll(/"text":"(.*?)"/g)];
    expect(texts.map(([, text]) => text)).toEqual(['Once', ' upon', ' a time', '']);
  });

  test('echo without an answer is still the prompt', () => {
    expect(streamOf(turnWith([]), translate({ echo: true }))).toContain('"text":"Once"');
  });

  test('stop texts are looked for in the answer only, and cut it', () => {
    const [choice] = wholeOf(thoughtful, translate({ echo: true, stop: ['Once', ' a'] })).choices;
    expect(choice).toMatchObject({ text: 'Once upon', finish_reason: 'stop' });
  });

  test('a refusal is text, and ends as filtered', async () => {
    const [choice] = wholeOf(await fixture('refusal'), translate()).choices;
    expect(choice.finish_reason).toBe('content_filter');
    expect(choice.text.length).toBeGreaterThan(5);
  });

  test.each([
    ['incomplete-max-tokens', 'length'],
    ['incomplete-content-filter', 'content_filter'],
    ['plain-text', 'stop'],
  ])('%s ends with %s', async (name, reason) => {
    expect(wholeOf(await fixture(name), translate()).choices[0].finish_reason).toBe(reason as never);
  });

  test('usage comes when asked for, once, last, without a choice', async () => {
    const withUsage = streamOf(
      await fixture('plain-text'),
      translate({ stream_options: { include_usage: true } }),
    );
    const frames = withUsage.trim().split('\n\n');
    expect(frames.at(-2)).toMatch(/"choices":\[\],"usage":\{"prompt_tokens":\d+/);
    expect(frames.slice(0, -2).every((frame) => frame.endsWith('"usage":null}'))).toBeTrue();
    expect(streamOf(await fixture('plain-text'), translate())).not.toContain('usage');
  });
});
