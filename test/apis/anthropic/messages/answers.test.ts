// Anthropic messages, streamed and whole (docs/wire/anthropic.md).

import { describe, expect, test } from 'bun:test';
import { emptySummary, endingOf, messagesUsage } from '../../../../src/apis/anthropic/messages/finish.ts';
import { Failure } from '../../../../src/failure.ts';
import { DeltaEvent } from '../../../../src/responses/event.ts';
import type { Usage } from '../../../../src/responses/response.ts';
import { reasoningItem } from '../../openai/chat/support.ts';
import { fold } from './fold.ts';
import { type Json, messagesEvents, messagesOrderFaults } from './order.ts';
import {
  call,
  fixture,
  fixtures,
  message,
  streamOf,
  type Turn,
  tool,
  translate,
  translator,
  turnWith,
  webSearchEvents,
  wholeOf,
} from './support.ts';

const thinking = { thinking: { type: 'adaptive' } };

/** The message of a turn, checked to be the same streaming or not. */
function messageOf(turn: Turn, body: object = {}): Json {
  const wire = streamOf(turn, translate(body));
  expect(messagesOrderFaults(wire)).toEqual([]);
  const whole = wholeOf(turn, translate(body));
  expect(fold(wire).content).toEqual(whole.content);
  expect(fold(wire)).toMatchObject({ stop_reason: whole.stop_reason, stop_details: whole.stop_details });
  return whole as Json;
}

const contentOf = (turn: Turn, body: object = {}): Json[] => messageOf(turn, body).content;
const types = (wire: string) => messagesEvents(wire).map(({ type }) => type as string);

describe('what an answer cost', () => {
  const usages: [string, Usage | null | undefined, object][] = [
    [
      'cached tokens are not counted again',
      {
        input_tokens: 1000,
        input_tokens_details: { cached_tokens: 900, cache_write_tokens: 40 },
        output_tokens: 50,
        output_tokens_details: { reasoning_tokens: 10 },
      },
      {
        input_tokens: 60,
        cache_creation_input_tokens: 40,
        cache_read_input_tokens: 900,
        output_tokens: 50,
        output_tokens_details: { thinking_tokens: 10 },
      },
    ],
    ['no details', { input_tokens: 7, output_tokens: 1 }, { input_tokens: 7, cache_read_input_tokens: 0 }],
    [
      'more cached than there was',
      { input_tokens: 5, input_tokens_details: { cached_tokens: 9 }, output_tokens: 0 },
      { input_tokens: 0 },
    ],
    ['not reported', null, { input_tokens: 0, output_tokens: 0, cache_read_input_tokens: 0 }],
  ];
  test.each(usages)('%s', (_, usage, expected) => {
    expect(messagesUsage(usage, 0)).toMatchObject({ ...expected, server_tool_use: null });
  });

  test('zeros in message_start, the whole truth in message_delta', async () => {
    const wire = streamOf(await fixture('keepalives-and-private-events'), translate());
    const events = messagesEvents(wire);
    expect(events[0]?.message.usage).toMatchObject({ input_tokens: 0, output_tokens: 0 });
    const { usage } = events.find(({ type }) => type === 'message_delta') ?? {};
    expect(usage.input_tokens + usage.cache_read_input_tokens).toBeGreaterThan(0);
    expect(usage.output_tokens).toBeGreaterThan(0);
  });

  test('speed is echoed', async () => {
    const turn = await fixture('plain-text');
    expect(wholeOf(turn, translate({ speed: 'fast' })).usage.speed).toBe('fast');
    expect(wholeOf(turn, translate()).usage.speed).toBeNull();
  });
});

describe('why it ended', () => {
  const cut = (reason: string) => ({ status: 'incomplete', incomplete_details: { reason } });
  const summaryWith = (over: object) => ({ ...emptySummary(), ...over });
  const endings: [string, object, object, string][] = [
    ['completed', { status: 'completed' }, {}, 'end_turn'],
    ['with a call', { status: 'completed' }, { calls: 1 }, 'tool_use'],
    ['with a search alone', { status: 'completed' }, { searches: 1 }, 'end_turn'],
    ['with a refusal', { status: 'completed' }, { refusal: 'No.' }, 'refusal'],
    ['with a refusal and a call', { status: 'completed' }, { refusal: 'No.', calls: 1 }, 'tool_use'],
    ['cut by its length', cut('max_output_tokens'), { calls: 1 }, 'max_tokens'],
    ['cut by the filter', cut('content_filter'), {}, 'refusal'],
    ['cut for another reason', cut('weather'), {}, 'max_tokens'],
    ['a stop sequence', { status: 'completed' }, { stop: '</x>' }, 'stop_sequence'],
  ];
  test.each(endings)('%s', (_, response, over, reason) => {
    const ending = endingOf(response, summaryWith(over));
    expect(ending.stop_reason).toBe(reason as never);
    expect(ending.stop_sequence).toBe(reason === 'stop_sequence' ? '</x>' : null);
    expect(ending.stop_details === null).toBe(reason !== 'refusal');
  });

  test('a refusal is text, and the explanation of the stop reason', async () => {
    const { content, stop_reason, stop_details } = messageOf(await fixture('refusal'));
    expect(content).toEqual([{ type: 'text', text: "I can't help with that." }]);
    expect({ stop_reason, stop_details }).toEqual({
      stop_reason: 'refusal',
      stop_details: { type: 'refusal', category: null, explanation: "I can't help with that." },
    });
  });

  test('an answer of nothing is sent as such', () => {
    expect(messageOf(turnWith([]))).toMatchObject({ content: [], stop_reason: 'end_turn' });
  });
});

describe('blocks', () => {
  test.each(fixtures)('numbered without holes, hidden reasoning or not (%s)', async (name) => {
    for (const body of [thinking, {}]) {
      const events = messagesEvents(streamOf(await fixture(name), translate(body)));
      const indexes = events.filter(({ type }) => type === 'content_block_start').map(({ index }) => index);
      expect(indexes).toEqual(indexes.map((_, index) => index));
    }
  });

  test('the worked stream', async () => {
    const turn = turnWith([
      ...reasoningItem('rs_1', 'gAAAA1', ['Look first.']),
      ...message('msg_1', 'Reading.'),
      ...call('a', 'Read', '{"file_path":', '"/w/a"}'),
      ...call('b', 'Bash', '{"command":"ls"}'),
    ]);
    const events = messagesEvents(streamOf(turn, translate(thinking)));
    expect(
      events.slice(2, -2).map(({ index, type, ...rest }) => [index, rest.delta ?? rest.content_block]),
    ).toEqual([
      [0, { type: 'thinking', thinking: '', signature: '' }],
      [0, { type: 'thinking_delta', thinking: 'Look first.' }],
      [0, { type: 'signature_delta', signature: 'cdx1.gAAAA1' }],
      [0, undefined],
      [1, { type: 'text', text: '' }],
      [1, { type: 'text_delta', text: 'Reading.' }],
      [1, undefined],
      [2, { type: 'tool_use', id: 'call_a', name: 'Read', input: {}, caller: { type: 'direct' } }],
      [2, { type: 'input_json_delta', partial_json: '{"file_path":' }],
      [2, { type: 'input_json_delta', partial_json: '"/w/a"}' }],
      [2, undefined],
      [3, { type: 'tool_use', id: 'call_b', name: 'Bash', input: {}, caller: { type: 'direct' } }],
      [3, { type: 'input_json_delta', partial_json: '{"command":"ls"}' }],
      [3, undefined],
    ]);
  });

  const once: [string, object[]][] = [
    ['function-call', [{ city: 'Oslo' }]],
    ['call-without-deltas', [{ city: 'Oslo', unit: 'c' }]],
    ['parallel-calls', [{ city: 'Oslo' }, { city: 'Bergen' }]],
    ['interleaved-calls', [{ city: 'Oslo' }, { zone: 'Europe/Oslo' }]],
    ['empty-arguments', [{}]],
  ];
  test.each(once)('inputs once and whole (%s)', async (name, expected) => {
    const calls = contentOf(await fixture(name)).filter(({ type }) => type === 'tool_use');
    expect(calls.map(({ input }) => input)).toEqual(expected);
  });

  test('a call waits for its name', () => {
    const [added, ...rest] = call('a', 'Read', '{}') as [Json, ...Json[]];
    const nameless = { ...added, item: { ...added.item, name: '' } };
    expect(contentOf(turnWith([nameless, ...rest]))).toMatchObject([{ type: 'tool_use', name: 'Read' }]);
  });

  test('arguments of nothing but white space are no input; broken ones are passed on', () => {
    const blank = streamOf(turnWith(call('a', 'f', ' ', '\n')), translate());
    expect(blank.match(/"partial_json":"[^"]*"/g)).toEqual(['"partial_json":"{}"']);
    expect(fold(blank).content[0].input).toEqual({});
    const broken = turnWith(call('a', 'f', '{"a":', '}'));
    expect(streamOf(broken, translate())).toContain('"partial_json":"}"');
    expect(wholeOf(broken, translate()).content).toMatchObject([{ input: {} }]);
  });

  test('the terminal event says `output: []`, the answer is there all the same', async () => {
    const { events, response } = await fixture('plain-text');
    expect(events.at(-1)).toMatchObject({ type: 'response.completed', response: { output: [] } });
    expect(response?.output).toHaveLength(1);
    expect(contentOf(await fixture('plain-text'))).not.toEqual([]);
  });

  test('several messages are several texts, several parts of one are paragraphs', async () => {
    expect(contentOf(await fixture('two-messages')).map(({ text }) => text)).toEqual([
      'Let me think.',
      'The answer is 42.',
    ]);
    const parts = [
      { type: 'output_text', text: 'a', annotations: [] },
      { type: 'output_text', text: '', annotations: [] },
      { type: 'refusal', refusal: 'b' },
    ];
    const item = { id: 'msg_1', type: 'message', role: 'assistant', content: parts };
    expect(contentOf(turnWith([{ type: 'response.output_item.done', item }]))).toEqual([
      { type: 'text', text: 'a\n\nb' },
    ]);
  });

  test('citations are left out when there are none', async () => {
    expect(Object.keys(contentOf(await fixture('plain-text'))[0] as Json)).toEqual(['type', 'text']);
    expect(streamOf(await fixture('plain-text'), translate())).not.toContain('citations');
  });

  test('a tool nobody offered, an image, an unknown item become nothing', async () => {
    for (const name of ['custom-tool', 'image-generation']) {
      expect(contentOf(await fixture(name))).toEqual([]);
    }
  });

  test('the client gets its own tool name back', () => {
    const name = `mcp__files__${'read_'.repeat(15)}`;
    const body = { tools: [tool(name)] };
    const [declared] = translate(body).request.tools as { name: string }[];
    const turn = turnWith([...call('a', declared?.name as string, '{}'), ...call('b', 'unheard_of', '{}')]);
    expect(contentOf(turn, body).map((block) => block.name)).toEqual([name, 'unheard_of']);
  });

  test("the client's own model name is echoed", async () => {
    const turn = await fixture('plain-text');
    const body = { model: 'claude-opus-5-5[1m]' };
    expect(wholeOf(turn, translate(body)).model).toBe('claude-opus-5-5[1m]');
    expect(messagesEvents(streamOf(turn, translate(body)))[0]?.message.model).toBe('claude-opus-5-5[1m]');
  });
});

describe('thinking blocks', () => {
  const turn = turnWith([
    ...reasoningItem('rs_1', 'gAAAAone', ['Hm', 'm.'], [''], ['So.']),
    ...reasoningItem('rs_2', 'gAAAAtwo', ['Ah.']),
    ...message('msg_1', 'Done.'),
  ]);

  test('one block per item, its parts as paragraphs', () => {
    expect(contentOf(turn, thinking)).toEqual([
      { type: 'thinking', thinking: 'Hmm.\n\nSo.', signature: 'cdx1.gAAAAone' },
      { type: 'thinking', thinking: 'Ah.', signature: 'cdx1.gAAAAtwo' },
      { type: 'text', text: 'Done.' },
    ]);
  });

  test('the signature is that of the finished item', () => {
    // The announced item's content is one character shorter.
    expect(streamOf(turn, translate(thinking)).match(/cdx1\.gAAAA\w+/g)).toEqual([
      'cdx1.gAAAAone',
      'cdx1.gAAAAtwo',
    ]);
  });

  test('omitted: no text, but the signature, else the chain of thought would break', () => {
    expect(contentOf(turn, { thinking: { type: 'adaptive', display: 'omitted' } })).toEqual([
      { type: 'thinking', thinking: '', signature: 'cdx1.gAAAAone' },
      { type: 'thinking', thinking: '', signature: 'cdx1.gAAAAtwo' },
      { type: 'text', text: 'Done.' },
    ]);
  });

  test.each([{}, { thinking: { type: 'disabled' } }])('none at all with %j', (body) => {
    expect(contentOf(turn, body)).toEqual([{ type: 'text', text: 'Done.' }]);
  });

  test('a signature is never made up, nor an empty one sent', () => {
    const unsigned = turnWith([...reasoningItem('rs_1', undefined, ['Hm.']), ...message('msg_1', 'Done.')]);
    expect(contentOf(unsigned, thinking)[0]).toEqual({ type: 'thinking', thinking: 'Hm.', signature: '' });
    expect(streamOf(unsigned, translate(thinking))).not.toContain('signature_delta');
  });

  test('nothing to show and nothing to carry is no block', () => {
    const empty = turnWith([...reasoningItem('rs_1', undefined), ...message('msg_1', 'Done.')]);
    expect(contentOf(empty, thinking)).toEqual([{ type: 'text', text: 'Done.' }]);
  });

  test('raw reasoning text is shown like a summary', () => {
    const item = {
      id: 'rs_1',
      type: 'reasoning',
      summary: [{ type: 'summary_text', text: 'Short.' }],
      content: [{ type: 'reasoning_text', text: 'Raw.' }],
    };
    const raw = turnWith([{ type: 'response.output_item.done', item }]);
    expect(contentOf(raw, thinking)).toMatchObject([{ thinking: 'Short.\n\nRaw.' }]);
  });

  test('they come back as they were sent', () => {
    const content = contentOf(turn, thinking);
    const messages = [
      { role: 'user', content: 'a' },
      { role: 'assistant', content },
      { role: 'user', content: 'b' },
    ];
    expect(translate({ messages }).request.input.filter(({ type }) => type === 'reasoning')).toEqual([
      { type: 'reasoning', summary: [], encrypted_content: 'gAAAAone' },
      { type: 'reasoning', summary: [], encrypted_content: 'gAAAAtwo' },
    ]);
  });
});

describe('web search', () => {
  const sources = [
    { type: 'url', url: 'https://a.no', title: 'A' },
    { type: 'url', url: 'https://b.no' },
    {},
  ];
  const found = webSearchEvents('ws_1', { type: 'search', query: 'oslo', sources });
  const caller = { type: 'direct' };

  test('a search is a call of the server and its result; it is counted', () => {
    const { content, usage } = messageOf(turnWith([...found, ...message('msg_1', 'Cold.')]));
    const page = { type: 'web_search_result', encrypted_content: '', page_age: null };
    expect(content).toEqual([
      { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'oslo' }, caller },
      {
        type: 'web_search_tool_result',
        tool_use_id: 'srvtoolu_1',
        caller,
        content: [
          { ...page, url: 'https://a.no', title: 'A' },
          { ...page, url: 'https://b.no', title: 'https://b.no' },
        ],
      },
      { type: 'text', text: 'Cold.' },
    ]);
    expect(usage.server_tool_use).toEqual({ web_search_requests: 1, web_fetch_requests: 0 });
  });

  test('nothing before the query is known', () => {
    const encoder = translator.stream(translate());
    const { events } = turnWith(found);
    const frames = events.map((event) => [event.type, encoder.push(event)] as const);
    const spoken = frames.filter(([, frame]) => frame !== '').map(([type]) => type);
    expect(spoken).toEqual(['response.created', 'response.output_item.done', 'response.completed']);
  });

  const silent: [string, object][] = [
    ['a page that was opened', { type: 'open_page', url: 'https://a.no' }],
    ['a text that was looked for', { type: 'find_in_page', pattern: 'x' }],
    ['no query', { type: 'search' }],
  ];
  test.each(silent)('nothing for %s', (_, action) => {
    const { content, usage } = messageOf(turnWith(webSearchEvents('ws_1', action)));
    expect(content).toEqual([]);
    expect(usage.server_tool_use).toBeNull();
  });

  test('several queries: the first one', () => {
    const turn = turnWith(webSearchEvents('ws_1', { type: 'search', queries: ['oslo', 'bergen'] }));
    expect(contentOf(turn)[0]).toMatchObject({ input: { query: 'oslo' } });
  });

  test('a search that failed', () => {
    const turn = turnWith(webSearchEvents('ws_1', { type: 'search', query: 'oslo' }, 'failed'));
    expect(contentOf(turn)[1]?.content).toEqual({
      type: 'web_search_tool_result_error',
      error_code: 'unavailable',
    });
  });

  const cited = (text: string): Json => ({
    type: 'response.output_item.done',
    item: {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      content: [
        {
          type: 'output_text',
          text,
          annotations: [
            { type: 'url_citation', url: 'https://a.no', title: 'A', start_index: 0, end_index: 1 },
            { type: 'file_citation', file_id: 'x', index: 0 },
          ],
        },
      ],
    },
  });

  test('citations follow a search, and only that', () => {
    const citation = {
      type: 'web_search_result_location',
      url: 'https://a.no',
      title: 'A',
      cited_text: '',
      encrypted_index: '',
    };
    expect(contentOf(turnWith([...found, cited('Cold.')])).at(-1)).toEqual({
      type: 'text',
      text: 'Cold.',
      citations: [citation],
    });
    expect(contentOf(turnWith([cited('Cold.')]))).toEqual([{ type: 'text', text: 'Cold.' }]);
    expect(contentOf(turnWith([...found, cited('')]))).toHaveLength(2);
  });

  test('without sources, the last search before a message has the pages that it cites', () => {
    const bare = (id: string) => webSearchEvents(id, { type: 'search', query: `q ${id}` });
    const types = (blocks: Json[]) => blocks.map(({ type }) => type);
    const content = contentOf(turnWith([...bare('ws_1'), ...bare('ws_2'), cited('Cold.')]));
    const pair = ['server_tool_use', 'web_search_tool_result'];
    expect(types(content)).toEqual(['text', ...pair, ...pair]);
    expect(content[2]).toMatchObject({ tool_use_id: 'srvtoolu_1', content: [] });
    expect(content[4]).toMatchObject({
      tool_use_id: 'srvtoolu_2',
      content: [{ type: 'web_search_result', url: 'https://a.no', title: 'A' }],
    });
    const uncited = contentOf(turnWith([...bare('ws_1'), ...message('msg_1', 'Cold.')]));
    expect(types(uncited)).toEqual(['text', ...pair]);
  });

  test('the blocks come back as nothing the upstream would refuse', () => {
    const content = contentOf(turnWith([...found, cited('Cold.')]));
    const messages = [
      { role: 'user', content: 'a' },
      { role: 'assistant', content },
      { role: 'user', content: 'b' },
    ];
    expect(translate({ messages }).request.input[1]).toEqual({
      type: 'message',
      role: 'assistant',
      content: [{ type: 'output_text', text: 'Cold.' }],
    });
  });
});

describe('stop sequences', () => {
  const stopped = (body: object, ...items: Json[]): Json => messageOf(turnWith(items), body);

  test('the answer ends before the sequence, wherever the text is cut', () => {
    const text = '<block>no</block> and more';
    for (let at = 1; at < text.length; at++) {
      const items = message('msg_1', text.slice(0, at), text.slice(at));
      const { content, stop_reason, stop_sequence } = stopped(
        { stop_sequences: ['zz', '</block>'] },
        ...items,
      );
      expect(content).toEqual([{ type: 'text', text: '<block>no' }]);
      expect({ stop_reason, stop_sequence }).toEqual({
        stop_reason: 'stop_sequence',
        stop_sequence: '</block>',
      });
    }
  });

  test('the encoder is finished, so that the turn can be given up', () => {
    const encoder = translator.stream(translate({ stop_sequences: ['b'] }));
    const { events } = turnWith(message('msg_1', 'ab', 'c'));
    const match = events.findIndex((event) => event instanceof DeltaEvent);
    for (const event of events.slice(0, match + 1)) encoder.push(event);
    expect(encoder.finished).toBeTrue();
    expect(events.slice(match + 1).map((event) => encoder.push(event))).toEqual(
      events.slice(match + 1).map(() => ''),
    );
  });

  test('what only looked like the beginning of one comes out', () => {
    expect(stopped({ stop_sequences: ['</block>'] }, ...message('msg_1', 'a</b', 'r>')).content).toEqual([
      { type: 'text', text: 'a</br>' },
    ]);
    expect(stopped({ stop_sequences: ['</block>'] }, ...message('msg_1', 'a</blo')).content).toEqual([
      { type: 'text', text: 'a</blo' },
    ]);
  });

  test('an answer that begins with one has no text', () => {
    const { content, stop_reason } = stopped({ stop_sequences: ['a'] }, ...message('msg_1', 'abc'));
    expect({ content, stop_reason }).toEqual({ content: [], stop_reason: 'stop_sequence' });
  });

  test('they are looked for in visible text only', () => {
    const items = [
      ...reasoningItem('rs_1', 'gAAAA', ['stop']),
      ...message('msg_1', 'a'),
      ...call('c', 'f', '{"a":"stop"}'),
    ];
    const { content, stop_reason } = stopped({ ...thinking, stop_sequences: ['stop'] }, ...items);
    expect(content).toHaveLength(3);
    expect(stop_reason).toBe('tool_use');
  });

  test('after a call they are not looked for any more', () => {
    const items = [...call('c', 'f', '{}'), ...message('msg_1', 'stop it')];
    expect(stopped({ stop_sequences: ['stop'] }, ...items)).toMatchObject({
      content: [{ type: 'tool_use' }, { type: 'text', text: 'stop it' }],
      stop_reason: 'tool_use',
    });
  });

  test('usage is an estimate, since the turn is given up before its end', () => {
    const body = { stop_sequences: ['END'], messages: [{ role: 'user', content: 'x'.repeat(3000) }] };
    const { usage } = fold(streamOf(turnWith(message('msg_1', 'y'.repeat(300), 'END')), translate(body)));
    expect(usage.input_tokens).toBeGreaterThan(900);
    expect(usage.input_tokens).toBeLessThan(1200);
    expect(usage.output_tokens).toBe(100);
  });
});

describe('the wire', () => {
  test.each(fixtures)('names, no [DONE], nothing of the upstream’s own (%s)', async (name) => {
    const wire = streamOf(await fixture(name), translate(thinking));
    expect(wire).not.toContain('[DONE]');
    expect(wire).not.toMatch(/^event: (?:response\.|codex\.|keepalive)/m);
    expect(wire.match(/^event: /gm)?.length).toBe(wire.match(/^data: /gm)?.length as number);
  });

  test('message_start with the first event, a ping behind it', () => {
    const encoder = translator.stream(translate());
    const [created] = turnWith([]).events;
    if (created === undefined) throw new Error('no event');
    expect(types(encoder.push(created))).toEqual(['message_start', 'ping']);
  });

  test('a heartbeat is a ping; before anything else it begins the message', () => {
    const encoder = translator.stream(translate());
    expect(types(encoder.heartbeat())).toEqual(['message_start', 'ping']);
    expect(types(encoder.heartbeat())).toEqual(['ping']);
    const { events } = turnWith(message('msg_1', 'a'));
    const wire = events.map((event) => encoder.push(event)).join('');
    expect(types(wire)[0]).toBe('content_block_start');
    expect(encoder.finished).toBeTrue();
  });

  test('the literal of a delta goes through unread', () => {
    const encoder = translator.stream(translate());
    const { events } = turnWith(message('msg_1', 'a', 'b'));
    for (const event of events.slice(0, 4)) encoder.push(event);
    const json = '"\\u0041\\/\u2028\\ud83d\\ude42"';
    expect(encoder.push(new DeltaEvent('response.output_text.delta', 'msg_1', 0, 0, json))).toBe(
      `event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":${json}}}\n\n`,
    );
  });

  test('edits of the context are reported where they were requested, with their beta', async () => {
    const turn = await fixture('plain-text');
    const body = { context_management: { edits: [] } };
    const beta = { 'anthropic-beta': 'a, context-management-2025-06-27' };
    const expected = { context_management: { applied_edits: [] } };
    expect(wholeOf(turn, translate(body, beta))).toMatchObject(expected);
    expect(fold(streamOf(turn, translate(body, beta)))).toMatchObject(expected);
    expect(wholeOf(turn, translate(body))).not.toHaveProperty('context_management');
    expect(wholeOf(turn, translate({}, beta))).not.toHaveProperty('context_management');
  });
});

describe('failures in a stream', () => {
  test.each(['cut-mid-event', 'cut-before-terminal', 'failed-mid-text', 'overload-error-pair'])(
    'an error, and never message_stop (%s)',
    async (name) => {
      const wire = streamOf(await fixture(name), translate(thinking));
      expect(types(wire).at(-1)).toBe('error');
      expect(types(wire)).not.toContain('message_stop');
      expect(types(wire)).not.toContain('message_delta');
    },
  );

  test('a failure before any event, and none after a good end', async () => {
    const failure = new Failure('timeout', 'The upstream was silent for 60 s.');
    const early = translator.stream(translate());
    expect(messagesEvents(early.fail(failure))).toEqual([
      {
        type: 'error',
        error: { type: 'timeout_error', message: 'The upstream was silent for 60 s.' },
        request_id: null,
      },
    ]);
    expect(early.finished).toBeTrue();
    expect(early.fail(failure)).toBe('');
    const late = translator.stream(translate());
    for (const event of (await fixture('plain-text')).events) late.push(event);
    expect(late.finished).toBeTrue();
    expect(late.fail(failure)).toBe('');
  });

  const policy = new Failure('upstream_refused', 'Not that.', { code: 'cyber_policy', status: 400 });
  test('an answer that had begun and is then refused ends as a refusal', () => {
    const { events } = turnWith(message('msg_1', 'Sure, ', 'first'));
    const wire = streamOf({ events: events.slice(0, 4), response: undefined, failure: policy }, translate());
    expect(messagesOrderFaults(wire)).toEqual([]);
    expect(fold(wire)).toMatchObject({
      content: [{ type: 'text' }],
      stop_reason: 'refusal',
      stop_details: { explanation: 'Not that.' },
    });
  });

  test('one that had not begun is an error', () => {
    const { events } = turnWith([]);
    const wire = streamOf({ events: events.slice(0, 1), response: undefined, failure: policy }, translate());
    expect(types(wire)).toEqual(['message_start', 'ping', 'error']);
  });
});
