// Chat completions, streaming or not (docs/wire/openai.md).
import { describe, expect, test } from 'bun:test';
import { openaiChat } from '../../../../src/apis/openai/chat/index.ts';
import { Failure } from '../../../../src/failure.ts';
import { DeltaEvent } from '../../../../src/responses/event.ts';
import type { ReasoningStyle } from '../../../../src/responses/translator.ts';
import { fold, foldAsPython } from './fold.ts';
import { chatChunks, type Json } from './order.ts';
import {
  call,
  fixture,
  fixtures,
  message,
  reasoning,
  streamOf,
  type Turn,
  translate,
  turnWith,
  wholeOf,
} from './support.ts';

const withUsage = { stream: true, stream_options: { include_usage: true } };

function deltasOf(text: string): Json[] {
  return chatChunks(text).flatMap(({ choices }) => choices?.map(({ delta }: Json) => delta) ?? []);
}

function toolDeltas(text: string): Json[] {
  return deltasOf(text).flatMap(({ tool_calls }) => tool_calls ?? []);
}

function messageOf(turn: Turn, style: ReasoningStyle = 'reasoning_content') {
  const translation = translate({}, { reasoningStyle: style });
  const whole = wholeOf(turn, translation).choices[0].message;
  expect(fold(streamOf(turn, translation)).message).toEqual({ ...whole });
  return whole;
}

describe('whole answers', () => {
  test('several message items are one message, a blank line between them', async () => {
    const whole = wholeOf(await fixture('two-messages'), translate());
    expect(whole.choices).toHaveLength(1);
    expect(whole.choices[0].message.content).toBe('Let me think.\n\nThe answer is 42.');
  });

  test('all summary parts are there', async () => {
    expect(messageOf(await fixture('reasoning-then-text')).reasoning_content).toBe(
      '**Comparing the two options**\n\nBoth are short.\n\n**Choosing one**\n\nThe first.',
    );
  });

  test('content is null beside calls and refusals, and a text in every other case', async () => {
    expect(messageOf(await fixture('function-call')).content).toBeNull();
    expect(messageOf(await fixture('refusal')).content).toBeNull();
    expect(messageOf(turnWith([])).content).toBe('');
    expect(messageOf(await fixture('commentary-then-call')).content).toBe('I will look that up.');
  });

  test('tool_calls is present only when there are some', async () => {
    expect(messageOf(await fixture('plain-text'))).not.toHaveProperty('tool_calls');
  });

  test('what the server executed is no call of the client', async () => {
    const whole = messageOf(await fixture('web-search'));
    expect(whole).not.toHaveProperty('tool_calls');
    expect(whole.content).toContain('Oslo');
    expect(fold(streamOf(await fixture('image-generation'), translate())).finishReason).toBe('stop');
  });

  test('citations are nested, their indexes shifted to the joined content', () => {
    const cite = { type: 'url_citation', url: 'https://a.no', title: 'A', start_index: 1, end_index: 3 };
    const cited = (id: string, text: string, ...annotations: object[]): Json => ({
      type: 'response.output_item.done',
      item: { id, type: 'message', role: 'assistant', content: [{ type: 'output_text', text, annotations }] },
    });
    const file = { type: 'file_citation', file_id: 'x', index: 0 };
    const turn = turnWith([
      ...reasoning('rs_1', ['Hm']),
      cited('msg_1', 'Hello', cite, file),
      cited('msg_2', 'World', cite),
    ]);
    const url_citation = { url: 'https://a.no', title: 'A' };
    expect(messageOf(turn).annotations).toEqual([
      { type: 'url_citation', url_citation: { ...url_citation, start_index: 1, end_index: 3 } },
      { type: 'url_citation', url_citation: { ...url_citation, start_index: 8, end_index: 10 } },
    ]);
    for (const style of ['reasoning_content', 'think-tags'] as const) {
      const { content, annotations } = messageOf(turn, style);
      const quoted = annotations.map(({ url_citation: { start_index, end_index } }) =>
        content?.slice(start_index, end_index),
      );
      expect(quoted).toEqual(['el', 'or']);
    }
  });

  test('the id is that of the upstream response', async () => {
    expect(wholeOf(await fixture('plain-text'), translate()).id).toBe('chatcmpl-0a11');
  });

  test('the terminal event says `output: []`, the answer is there all the same', async () => {
    const { events, response } = await fixture('plain-text');
    expect(events.at(-1)).toMatchObject({ type: 'response.completed', response: { output: [] } });
    expect(response?.output).toHaveLength(1);
    expect(messageOf(await fixture('plain-text')).content).not.toBe('');
  });

  test('the tier is echoed', () => {
    expect(wholeOf(turnWith([], { service_tier: 'priority' }), translate()).service_tier).toBe('priority');
    expect(wholeOf(turnWith([], { service_tier: null }), translate())).not.toHaveProperty('service_tier');
  });

  test("the client's own model name is echoed", async () => {
    const turn = await fixture('plain-text');
    const translation = translate({ model: 'openai/gpt-5.5:latest' });
    expect(wholeOf(turn, translation).model).toBe('openai/gpt-5.5:latest');
    expect(
      chatChunks(streamOf(turn, translation)).every(({ model }) => model === 'openai/gpt-5.5:latest'),
    ).toBeTrue();
  });
});

describe('calls', () => {
  test('indexes count 0, 1, 2 by first appearance', async () => {
    const indexes = toolDeltas(streamOf(await fixture('parallel-calls'), translate())).map(
      ({ index }) => index,
    );
    expect([...new Set(indexes)]).toEqual([0, 1]);
  });

  test('reasoning before a call does not count', async () => {
    const [first] = toolDeltas(streamOf(await fixture('commentary-then-call'), translate()));
    expect(first?.index).toBe(0);
  });

  test.each(fixtures)('index in each delta; id, name and role once (%s)', async (name) => {
    const text = streamOf(await fixture(name), translate(withUsage));
    expect(toolDeltas(text).every(({ index }) => Number.isInteger(index))).toBeTrue();
    const { role, tool_calls = [] } = foldAsPython(text);
    if (deltasOf(text).length > 0) expect(role).toBe('assistant');
    for (const { id, type } of tool_calls) {
      expect(toolDeltas(text).filter((delta) => delta.id === id)).toHaveLength(1);
      expect(['function', 'custom']).toContain(type);
    }
  });

  test('the id is call_id', async () => {
    const [made] = messageOf(await fixture('function-call')).tool_calls ?? [];
    expect(made?.id).toBe('call_Qm7Zr2');
  });

  const once: [string, string[]][] = [
    ['function-call', ['{"city":"Oslo"}']],
    ['call-without-deltas', ['{"city":"Oslo","unit":"c"}']],
    ['parallel-calls', ['{"city":"Oslo"}', '{"city":"Bergen"}']],
    ['interleaved-calls', ['{"city":"Oslo"}', '{"zone":"Europe/Oslo"}']],
    ['empty-arguments', ['{}']],
  ];
  test.each(once)('arguments come once and whole (%s)', async (name, expected) => {
    const made = messageOf(await fixture(name)).tool_calls ?? [];
    expect(made.map((each) => each.type === 'function' && each.function.arguments)).toEqual(expected);
  });

  test('a custom call keeps its kind and its text', async () => {
    expect(messageOf(await fixture('custom-tool')).tool_calls).toEqual([
      {
        id: 'call_P9',
        type: 'custom',
        custom: {
          name: 'apply_patch',
          input: '*** Begin Patch\n*** Add File: a.txt\n+hello "world" \\ there\n*** End Patch\n',
        },
      },
    ]);
  });

  test('the client gets its own tool name back', () => {
    const name = `mcp__files__${'read_'.repeat(15)}`;
    const translation = translate({ tools: [{ type: 'function', function: { name } }] });
    const [tool] = translation.request.tools ?? [];
    const turn = turnWith(call('fc_1', (tool as { name: string }).name, '{}'));
    expect(fold(streamOf(turn, translation)).message.tool_calls[0].function.name).toBe(name);
    expect(wholeOf(turn, translation).choices[0].message.tool_calls?.[0]).toMatchObject({
      function: { name },
    });
  });

  test('the namespace of a Lite model is not shown', () => {
    const [added, done] = call('fc_1', 'f').map((event) => ({
      ...event,
      item: { ...event.item, namespace: 'functions' },
    }));
    const turn = turnWith([added as Json, done as Json]);
    expect(streamOf(turn, translate())).not.toContain('namespace');
    expect(JSON.stringify(messageOf(turn))).not.toContain('namespace');
  });

  test('functions of 2023 are answered with one function_call', async () => {
    const translation = translate({ functions: [{ name: 'get_weather' }] });
    const turn = await fixture('parallel-calls');
    const { message: folded, finishReason } = fold(streamOf(turn, translation));
    expect(folded).toMatchObject({
      content: null,
      function_call: { name: 'get_weather', arguments: '{"city":"Oslo"}' },
    });
    expect(folded).not.toHaveProperty('tool_calls');
    expect(finishReason).toBe('function_call');
    expect(folded).toEqual({ ...wholeOf(turn, translation).choices[0].message });
  });
});

describe('the end of a stream', () => {
  test.each(fixtures)('one finish reason, then usage, then [DONE], each once (%s)', async (name) => {
    const turn = await fixture(name);
    const text = streamOf(turn, translate(withUsage));
    const finishes = chatChunks(text).filter(({ choices }) => choices?.[0]?.finish_reason);
    expect(finishes).toHaveLength(turn.failure === undefined ? 1 : 0);
    expect(text.match(/\[DONE\]/g)).toHaveLength(1);
    expect(text).toEndWith('data: [DONE]\n\n');
    if (turn.failure === undefined) expect(chatChunks(text).at(-1)).toMatchObject({ choices: [] });
  });

  test('usage only if asked for, in a chunk of its own, null before', async () => {
    const turn = await fixture('plain-text');
    expect(streamOf(turn, translate({ stream: true }))).not.toContain('usage');
    const usages = chatChunks(streamOf(turn, translate(withUsage))).map(({ usage, choices }) => [
      usage,
      choices.length,
    ]);
    expect(usages.slice(0, -1).every(([usage, choices]) => usage === null && choices === 1)).toBeTrue();
    expect(usages.at(-1)).toEqual([expect.objectContaining({ prompt_tokens: 21, completion_tokens: 9 }), 0]);
  });

  test.each(['cut-mid-event', 'cut-before-terminal', 'failed-mid-text', 'overload-error-pair'])(
    'a broken stream ends with an error object, never a bare [DONE] (%s)',
    async (name) => {
      const frames = streamOf(await fixture(name), translate(withUsage))
        .trimEnd()
        .split('\n\n');
      expect(frames.at(-1)).toBe('data: [DONE]');
      const { error } = JSON.parse((frames.at(-2) ?? '').slice('data: '.length));
      expect(Object.keys(error).sort()).toEqual(['code', 'message', 'param', 'type']);
      expect(error.type).toBe('server_error');
    },
  );

  test('a failure before any event, and none after a good end', async () => {
    const failure = new Failure('timeout', 'The upstream was silent for 60 s.');
    const early = openaiChat.stream(translate());
    expect(chatChunks(early.fail(failure))[0]?.error.code).toBe('upstream_timeout');
    expect(early.finished).toBeTrue();
    expect(early.fail(failure)).toBe('');
    const late = openaiChat.stream(translate());
    for (const event of (await fixture('plain-text')).events) late.push(event);
    expect(late.finished).toBeTrue();
    expect(late.fail(failure)).toBe('');
  });

  test('a failure as long as a status can be sent', () => {
    const answer = openaiChat.failure(new Failure('rate_limited', 'Slow down.', { retryAfterMs: 1500 }));
    expect(answer).toMatchObject({
      status: 429,
      headers: { 'retry-after': '2' },
      body: { error: { type: 'rate_limit_error' } },
    });
  });

  const statuses: [string, number, Json][] = [
    ['failed-first', 400, { code: 'context_length_exceeded', param: 'messages' }],
    ['failed-rate-limit', 429, { code: 'rate_limit_exceeded', type: 'rate_limit_error' }],
    ['failed-usage-limit', 429, { code: 'usage_limit_reached', resets_at: 1795200000 }],
    ['overload-error-pair', 503, { code: 'server_is_overloaded', type: 'server_error' }],
  ];
  test.each(statuses)('what fails inside a 200 keeps its status (%s)', async (name, status, error) => {
    const { failure } = await fixture(name);
    expect(openaiChat.failure(failure as Failure)).toMatchObject({ status, body: { error } });
  });

  test('a silent stream is kept alive by comments', () => {
    expect(openaiChat.stream(translate()).heartbeat()).toBe(': keep-alive\n\n');
  });
});

describe('text', () => {
  test('a refusal is a refusal', async () => {
    expect(messageOf(await fixture('refusal')).refusal).toBe("I can't help with that.");
  });

  test('a blank line between commentary and answer', async () => {
    const text = streamOf(await fixture('two-messages'), translate());
    expect(deltasOf(text).map(({ content }) => content)).toContain('\n\nThe answer is');
  });

  test('a delta is placed as it came, neither parsed nor quoted again', () => {
    const encoder = openaiChat.stream(translate());
    for (const event of turnWith(message('msg_1', 'a', 'b')).events.slice(0, 4)) encoder.push(event);
    const json = '"\\u0041\\/\u2028\\ud83d\\ude42"';
    expect(encoder.push(new DeltaEvent('response.output_text.delta', 'msg_1', 0, 0, json))).toContain(
      `"delta":{"content":${json}},`,
    );
  });

  test('no blank line for an item without text', () => {
    const turn = turnWith([
      ...message('msg_1', ''),
      ...message('msg_2', 'a'),
      ...message('msg_3'),
      ...message('msg_4', 'b'),
    ]);
    expect(messageOf(turn).content).toBe('a\n\nb');
  });

  test('private events become nothing', async () => {
    const text = streamOf(await fixture('keepalives-and-private-events'), translate());
    expect(text).not.toContain('codex.');
    expect(text).not.toContain('keepalive');
    expect(messageOf(await fixture('keepalives-and-private-events')).content).toBe(
      fold(text).message.content,
    );
  });

  test('nothing is written before the upstream has something to say', () => {
    const encoder = openaiChat.stream(translate());
    const quiet = turnWith([]).events.slice(0, 1);
    expect(quiet.map((event) => encoder.push(event))).toEqual(['']);
  });

  test('created is one integer, whatever the upstream sends', () => {
    const created = chatChunks(streamOf(turnWith(message('msg_1', 'a')), translate())).map(
      (chunk) => chunk.created,
    );
    expect(new Set(created)).toEqual(new Set([1_795_187_761]));
  });
});

describe('reasoning', () => {
  test('strings only, under both names', async () => {
    const reasoned = deltasOf(streamOf(await fixture('reasoning-then-text'), translate())).filter(
      (delta) => 'reasoning' in delta || 'reasoning_content' in delta,
    );
    expect(reasoned.length).toBeGreaterThan(1);
    for (const delta of reasoned) {
      expect(typeof delta.reasoning_content).toBe('string');
      expect(delta).toEqual({
        reasoning_content: delta.reasoning_content,
        reasoning: delta.reasoning_content,
      });
    }
  });

  test('parts are separated; blank ones leave no trace', () => {
    const turn = turnWith([
      ...reasoning('rs_1', ['<!', '-- ', '-->'], ['One', '.'], [' \n'], ['<', '!-- real -->']),
      ...reasoning('rs_2', ['Two.']),
      ...message('msg_1', 'Done.'),
    ]);
    expect(messageOf(turn).reasoning_content).toBe('One.\n\n<!-- real -->\n\nTwo.');
  });

  test('nothing but blank summaries is no reasoning at all', () => {
    const turn = turnWith([...reasoning('rs_1', ['<!-- -->']), ...message('msg_1', 'Done.')]);
    for (const style of ['reasoning_content', 'think-tags', 'o3', 'none'] as const) {
      const { content, ...rest } = messageOf(turn, style);
      expect(content).toBe('Done.');
      expect(rest).not.toHaveProperty('reasoning');
    }
  });

  test('raw reasoning text is shown like a summary', () => {
    const item = {
      id: 'rs_1',
      type: 'reasoning',
      summary: [],
      content: [{ type: 'reasoning_text', text: 'Raw.' }],
    };
    const turn = turnWith([{ type: 'response.output_item.done', item }, ...message('msg_1', 'Done.')]);
    expect(messageOf(turn).reasoning_content).toBe('Raw.');
  });

  const thought = [...reasoning('rs_1', ['Hm', 'm.'], ['So.']), ...reasoning('rs_2', ['Ah.'])];
  const tagged: [string, Json[], string | null][] = [
    ['before text', [...thought, ...message('m', 'Done.')], '<think>Hmm.\n\nSo.\n\nAh.</think>Done.'],
    ['before a call', [...thought, ...call('c', 'f', '{}')], '<think>Hmm.\n\nSo.\n\nAh.</think>'],
    ['before nothing', thought, '<think>Hmm.\n\nSo.\n\nAh.</think>'],
    ['never reopened', [...message('m', 'One.'), ...thought, ...message('n', 'Two.')], 'One.\n\nTwo.'],
  ];
  test.each(tagged)('think tags, %s', (_, events, content) => {
    expect(messageOf(turnWith(events), 'think-tags').content).toBe(content);
  });

  test('o3: the object of the older wrapper, for who asks for it', () => {
    const turn = turnWith([...reasoning('rs_1', ['Hm']), ...message('m', 'Done.')]);
    expect(messageOf(turn, 'o3').reasoning).toEqual({ content: [{ type: 'text', text: 'Hm' }] });
  });

  test('none: nothing is shown', () => {
    const turn = turnWith([...reasoning('rs_1', ['Hm']), ...message('m', 'Done.')]);
    expect(streamOf(turn, translate({}, { reasoningStyle: 'none' }))).not.toContain('Hm');
    expect(messageOf(turn, 'none')).not.toHaveProperty('reasoning_content');
  });
});

test('the heartbeat is a comment, or an empty chunk for readers that know none', () => {
  const first = openaiChat.stream(translate({}));
  expect(first.heartbeat()).toBe(': keep-alive\n\n');
  const second = openaiChat.stream(translate({}, { keepalive: 'chunk' }));
  expect(JSON.parse(second.heartbeat().slice('data: '.length)).choices).toEqual([
    { index: 0, delta: {}, logprobs: null, finish_reason: null },
  ]);
});
