// A turn as Ollama's clients see it (docs/wire/ollama.md#chat-response, #streaming).
import { describe, expect, test } from 'bun:test';
import { ollamaChat } from '../../../src/apis/ollama/chat/index.ts';
import type { Failure } from '../../../src/failure.ts';
import { reasoning } from '../openai/chat/support.ts';
import { fold, type Json, linesOf, ollamaOrderFaults } from './order.ts';
import {
  call,
  message,
  streamOf,
  type Turn,
  translate,
  translatorOf,
  turnWith,
  user,
  wholeOf,
} from './support.ts';

const usage = { input_tokens: 512, output_tokens: 64 };
const thrownBy = (work: () => unknown): Failure => {
  try {
    work();
  } catch (thrown) {
    return thrown as Failure;
  }
  throw new Error('nothing was thrown');
};
const lines = (turn: Turn, body: object = {}): Json[] => linesOf(streamOf(turn, translate(body)));

test('lines of JSON, each ended, and named so', () => {
  const wire = streamOf(turnWith(message('m', 'Hel', 'lo')), translate());
  expect(wire.split('\n').map((line) => line.slice(0, 10))).toEqual([
    '{"model":"',
    '{"model":"',
    '{"model":"',
    '',
  ]);
  expect(ollamaChat.contentType).toBe('application/x-ndjson');
});

test('the last line has its message, a reason, real durations and counts', () => {
  const turn = turnWith([...message('m', 'Hi'), ...call('c', 'a', '{}')], { usage });
  const done = lines(turn).at(-1);
  expect(done).toEqual({
    model: 'gpt-5.5',
    created_at: '2026-11-20T10:00:00.500Z',
    message: { role: 'assistant', content: '' },
    done: true,
    done_reason: 'stop',
    total_duration: 300_000_000,
    load_duration: 30_000_000,
    prompt_eval_count: 512,
    prompt_eval_duration: 50_000_000,
    eval_count: 64,
    eval_duration: 220_000_000,
  });
  expect(wholeOf(turn, translate())).toMatchObject({
    total_duration: 100_000_000,
    load_duration: 30_000_000,
    prompt_eval_count: 512,
    prompt_eval_duration: 50_000_000,
    eval_count: 64,
    eval_duration: 20_000_000,
  });
});

test('durations of nothing are 1', () => {
  const still = translate({}, 'chat', 0);
  const times = { acceptedAtMs: still.startedAtMs, firstAtMs: undefined };
  const encoder = translatorOf('chat').stream(still, times);
  const done = linesOf(
    turnWith([])
      .events.map((event) => encoder.push(event))
      .join(''),
  ).at(-1)!;
  for (const name of ['total', 'load', 'prompt_eval', 'eval']) expect(done[`${name}_duration`]).toBe(1);
  expect([done.prompt_eval_count, done.eval_count]).toEqual([0, 0]);
});

test('a call is whole, its arguments an object, in a line before the last', () => {
  const turn = turnWith([...message('m', 'Checking.'), ...call('c', 'get_weather', '{"ci', 'ty":"Oslo"}')]);
  expect(lines(turn).map((line) => line.message)).toEqual([
    { role: 'assistant', content: 'Checking.' },
    {
      role: 'assistant',
      content: '',
      tool_calls: [
        { id: 'call_c', function: { index: 0, name: 'get_weather', arguments: { city: 'Oslo' } } },
      ],
    },
    { role: 'assistant', content: '' },
  ]);
});

test('an item that never ends keeps the arguments that were streamed', () => {
  const encoder = translatorOf('chat').stream(translate());
  for (const event of turnWith(call('c', 'a', '{"x":', '1}')).events) {
    const bare = event.type === 'response.output_item.done';
    const item = bare ? { ...(event as Json).item, arguments: '' } : undefined;
    const out = encoder.push(bare ? ({ ...event, item } as never) : event);
    if (bare) expect(linesOf(out)[0]?.message.tool_calls[0].function.arguments).toEqual({ x: 1 });
  }
});

test('a long tool name comes back as the client knows it', () => {
  const name = 'mcp.server.tool';
  const translation = translate({ tools: [{ function: { name } }] });
  const [tool] = translation.request.tools as { name: string }[];
  const wire = streamOf(turnWith(call('c', tool?.name ?? '', '{}')), translation);
  expect(fold(wire, 'chat').message.tool_calls[0].function.name).toBe(name);
});

test('arguments that are no object are a failure, in both forms', () => {
  const turn = turnWith(call('c', 'a', '[1'));
  for (const work of [() => streamOf(turn, translate()), () => wholeOf(turn, translate())]) {
    expect(thrownBy(work)).toMatchObject({ kind: 'upstream_broke', code: 'invalid_tool_arguments' });
  }
});

test('thoughts stand in their own field, or nowhere', () => {
  const turn = turnWith([...reasoning('r', ['One.'], ['Two.']), ...message('m', 'Hi')]);
  expect(fold(streamOf(turn, translate()), 'chat').message).toEqual({
    role: 'assistant',
    content: 'Hi',
    thinking: 'One.\n\nTwo.',
  });
  expect(JSON.stringify(lines(turn, { think: false }))).not.toContain('thinking');
  expect(wholeOf(turn, translate({ think: false })).message).toEqual({ role: 'assistant', content: 'Hi' });
  const tagged = translatorOf('chat').request(
    { model: 'gpt-5.5', messages: [user('Hi')] },
    { headers: new Headers(), reasoningStyle: 'think-tags', reasoningSummary: 'auto' },
  );
  expect(fold(streamOf(turn, tagged), 'chat').message).toMatchObject({
    content: 'Hi',
    thinking: 'One.\n\nTwo.',
  });
});

test('content is a text, also beside calls', () => {
  expect(wholeOf(turnWith(call('c', 'a', '')), translate()).message).toMatchObject({
    content: '',
    tool_calls: [{ function: { arguments: {} } }],
  });
});

test('an error is the last line, and there is no done', () => {
  const encoder = translatorOf('chat').stream(translate());
  const begun = turnWith(message('m', 'Half'))
    .events.slice(0, -1)
    .map((event) => encoder.push(event));
  const failure = thrownBy(() => wholeOf(turnWith(call('c', 'a', '1')), translate()));
  const wire = begun.join('') + encoder.fail(failure);
  expect(ollamaOrderFaults(wire, 'chat')).toEqual([]);
  expect(linesOf(wire).at(-1)).toEqual({ error: 'The model produced invalid tool arguments.' });
  expect(encoder.fail(failure)).toBe('');
});

test('the name the client sent is echoed', () => {
  const turn = turnWith(message('m', 'Hi'));
  const body = { model: 'GPT-5.5:latest' };
  expect(new Set(lines(turn, body).map(({ model }) => model))).toEqual(new Set(['GPT-5.5:latest']));
  expect(wholeOf(turn, translate(body)).model).toBe('GPT-5.5:latest');
});

const endings: [string, object, string][] = [
  ['a cut', { reason: 'max_output_tokens' }, 'length'],
  ['a filter', { reason: 'content_filter' }, 'stop'],
];
test.each(endings)('done_reason of %s', (_, incomplete_details, reason) => {
  const ending = { type: 'response.incomplete', status: 'incomplete', incomplete_details };
  const turn = turnWith(message('m', 'Hi'), ending);
  expect(lines(turn).at(-1)?.done_reason).toBe(reason);
  expect(wholeOf(turn, translate()).done_reason).toBe(reason);
});

test('a stop text ends the answer and is not part of it, wherever it is cut', () => {
  const turn = turnWith(message('m', 'One E', 'ND two'), { usage });
  const body = { options: { stop: ['END'] } };
  expect(fold(streamOf(turn, translate(body)), 'chat')).toMatchObject({
    message: { content: 'One ' },
    done_reason: 'stop',
  });
  expect(wholeOf(turn, translate(body)).message.content).toBe('One ');
  const encoder = translatorOf('chat').stream(translate(body));
  for (const event of turn.events.slice(0, -2)) encoder.push(event);
  expect(encoder.finished).toBe(true);
});

describe('a load request is answered at once, in one line', () => {
  test.each([
    ['chat', { messages: [] }, { message: { role: 'assistant', content: '' } }, 'load'],
    ['generate', { prompt: '', keep_alive: 0 }, { response: '' }, 'unload'],
  ] as const)('%s', (route, body, fields, done_reason) => {
    const translation = translate(body, route);
    const response = translation.ready!;
    const encoder = translatorOf(route).stream(translation);
    const wire =
      encoder.push({ type: 'response.created', response }) +
      encoder.push({ type: 'response.completed', response });
    const expected = { model: 'gpt-5.5', created_at: expect.any(String), ...fields, done: true, done_reason };
    expect(linesOf(wire)).toEqual([expected as never]);
    expect(translatorOf(route).whole(response, translation)).toEqual(expected);
  });
});

test('a silent stream is kept alive by a line that says nothing', () => {
  const encoder = translatorOf('chat').stream(translate());
  expect(linesOf(encoder.heartbeat())).toMatchObject([{ message: { content: '' }, done: false }]);
});

test('a huge delta is told in lines that Ollama’s client can read, no character torn', () => {
  const text = `x${'🎈'.repeat(1_200_000)}`;
  const wire = streamOf(turnWith(message('m', text)), translate());
  const longest = Math.max(...wire.split('\n').map((line) => line.length));
  expect(longest).toBeLessThan(2 * 1024 * 1024);
  expect(fold(wire, 'chat').message.content === text).toBe(true);
  expect(wire.includes('\\ud83c"')).toBe(false);
});

test('every line has the time it was written', () => {
  const times = lines(turnWith(message('m', 'a', 'b', 'c'))).map(({ created_at }) => created_at);
  expect(new Set(times).size).toBe(4);
});

test('generate: the answer is under `response`, thoughts beside it, no context', () => {
  const turn = turnWith([...reasoning('r', ['Hm.']), ...message('m', 'Hi')], { usage });
  const streamed = fold(streamOf(turn, translate({}, 'generate'), 'generate'), 'generate');
  expect(streamed).toMatchObject({ response: 'Hi', thinking: 'Hm.', done_reason: 'stop', eval_count: 64 });
  expect(wholeOf(turn, translate({}, 'generate'), 'generate')).toMatchObject({
    response: 'Hi',
    thinking: 'Hm.',
  });
  expect('context' in streamed).toBe(false);
});
