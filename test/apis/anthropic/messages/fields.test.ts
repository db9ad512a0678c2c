// docs/wire/anthropic.md#dropped-fields, #stop-sequences: how each top-level field of a Messages request is translated.
import { describe, expect, test } from 'bun:test';
import { messagesTranslator } from '../../../../src/apis/anthropic/messages/index.ts';
import type { ResponsesRequest } from '../../../../src/responses/request.ts';
import { refusal } from '../../openai/responses/refusal.ts';
import {
  context,
  droppedBy,
  hello,
  streamOf,
  tool,
  translate,
  translator,
  user,
  wholeOf,
} from './support.ts';

const plain = translate().request;

/** The fields of the upstream request that differ from those of the plain one. */
function added(body: object): Partial<ResponsesRequest> {
  const { model: _, input: __, include: ___, prompt_cache_key: ____, ...rest } = translate(body).request;
  return rest;
}

test('what Claude Code 2.1.332 may send beside a request fails none, also in strict mode', () => {
  const further = {
    tags: ['a'],
    data_flow: { origin: 'cli' },
    safeguards: [{ type: 'dangerous_tool_use' }],
    diagnostics: { previous_message_id: 'msg_1' },
    thinking: { type: 'adaptive', display: 'updates' },
    context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
  };
  const betas = [
    'subagent-review-2026-11-17',
    'tool-provenance-2026-10-26',
    'a-beta-nobody-knows-2027-01-01',
  ];
  const translation = translate(further, { 'anthropic-beta': betas.join(',') });
  expect(translation.request).toEqual({ ...plain, reasoning: { summary: 'auto' } });
  expect(translation.dropped.filter(({ hint }) => hint !== true)).toEqual([]);
});

test('a plain request', () => {
  expect(plain).toEqual({
    model: 'gpt-5.5',
    input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] }],
    prompt_cache_key: expect.stringMatching(/^[0-9a-f]{32}$/),
  });
});

describe('mapped', () => {
  const rows: [string, object, Partial<ResponsesRequest>][] = [
    ['system', { system: 'Be brief.' }, { instructions: 'Be brief.' }],
    ['speed fast', { speed: 'fast' }, { service_tier: 'priority' }],
    ['speed standard', { speed: 'standard' }, {}],
    ['verbosity', { verbosity: 'low' }, { text: { verbosity: 'low' } }],
    ['text.verbosity', { text: { verbosity: 'high' } }, { text: { verbosity: 'high' } }],
    ['tools: []', { tools: [] }, {}],
    ['tool_choice without tools', { tool_choice: { type: 'auto' } }, {}],
    ['mcp_servers: []', { mcp_servers: [] }, {}],
    ['container: null', { container: null }, {}],
    ['null counts as absent', { system: null, tools: null, stop_sequences: null, speed: null }, {}],
    ['metadata', { metadata: { user_id: 'u' } }, {}],
  ];
  test.each(rows)('%s', (_, body, expected) => {
    expect(added(body)).toEqual(expected as never);
    expect(translate(body).dropped).toEqual([]);
  });

  test('a prompt_cache_key of the client wins', () => {
    expect(translate({ prompt_cache_key: 'mine' }).request.prompt_cache_key).toBe('mine');
  });
});

describe('structured output', () => {
  const strict = { type: 'object', properties: { n: {} }, required: ['n'], additionalProperties: false };
  const loose = { type: 'object', properties: { title: { type: 'string' } } };
  const format = (schema: object, isStrict: boolean) => ({
    text: { format: { type: 'json_schema', name: 'output', schema, strict: isStrict } },
  });

  test('output_config.format, strict where the schema allows it', () => {
    expect(added({ output_config: { format: { type: 'json_schema', schema: strict } } })).toEqual(
      format(strict, true),
    );
    expect(added({ output_config: { format: { type: 'json_schema', schema: loose } } })).toEqual(
      format(loose, false),
    );
  });

  test('only an object can be strict', () => {
    const schema = { type: 'string' };
    expect(added({ output_config: { format: { type: 'json_schema', schema } } })).toEqual(
      format(schema, false),
    );
  });

  test('output_format is its older name and loses', () => {
    const older = { output_format: { type: 'json_schema', schema: strict } };
    expect(added(older)).toEqual(format(strict, true));
    const both = { ...older, output_config: { format: { type: 'json_schema', schema: loose } } };
    expect(added(both)).toEqual(format(loose, false));
  });

  test('beside a verbosity', () => {
    const body = { output_format: { type: 'json_schema', schema: loose }, verbosity: 'low' };
    expect(added(body).text).toEqual({ ...format(loose, false).text, verbosity: 'low' });
  });
});

describe('dropped, and named', () => {
  const values: Record<string, unknown> = {
    temperature: 0.2,
    top_p: 0.5,
    top_k: 40,
    service_tier: 'auto',
    cache_control: { type: 'ephemeral' },
    diagnostics: { previous_message_id: 'msg_1' },
    inference_geo: 'us',
    user_profile_id: 'u',
    workspace_id: 'w',
    billing_policy: {},
    fallbacks: [{ model: 'claude-x' }],
    fallback_credit_token: 't',
    thread: { type: 'create' },
    safeguards: [{ type: 'dangerous_tool_use' }],
    tags: ['a'],
    betas: ['x-2026-01-01'],
    frobnicate: 1,
  };
  test.each(Object.keys(values))('%s', (field) => {
    const { request, dropped } = translate({ [field]: values[field] });
    expect(dropped.map((each) => each.field)).toEqual([field]);
    expect(dropped[0]?.why).toEndWith('.');
    expect(request).toEqual(plain);
  });

  test('a hint is what changes nothing in the answer, and the default asks for nothing', () => {
    const tools = [tool('f', { eager_input_streaming: true, allowed_callers: ['direct'] })];
    const hints = translate({ ...values, tools }).dropped.filter(({ hint }) => hint);
    expect(hints.map(({ field }) => field).sort()).toEqual(
      [
        ...['billing_policy', 'cache_control', 'diagnostics', 'fallback_credit_token', 'safeguards'],
        ...['service_tier', 'tags', 'tools.eager_input_streaming', 'user_profile_id', 'workspace_id'],
      ].sort(),
    );
    expect(translate({ temperature: 1 }).dropped).toEqual([]);
  });

  test('max_tokens never goes upstream; every request has one, so it is not named', () => {
    expect(translate({ max_tokens: 5 })).toMatchObject({ request: plain, dropped: [] });
  });

  test('cache_control on blocks, tools and system texts, named once', () => {
    const cache_control = { type: 'ephemeral', ttl: '1h' };
    const body = {
      system: [{ type: 'text', text: 'a', cache_control }],
      tools: [tool('f', { cache_control })],
      messages: [user([{ type: 'text', text: 'b', cache_control, citations: [] }])],
    };
    expect(droppedBy(body)).toEqual(['cache_control']);
    expect(JSON.stringify(translate(body).request)).not.toMatch(/cache_control|citations/);
  });

  test('output_config.task_budget', () => {
    expect(droppedBy({ output_config: { task_budget: { type: 'tokens', total: 1 } } })).toEqual([
      'output_config.task_budget',
    ]);
  });

  test('an unknown beta header is not looked at', () => {
    expect(translate({}, { 'anthropic-beta': 'never-heard-2030-01-01' }).dropped).toEqual([]);
  });

  test('edits of the context other than of thinking', () => {
    const edits = [{ type: 'clear_thinking_20251015', keep: 'all' }, { type: 'clear_tool_uses_20250919' }];
    expect(droppedBy({ context_management: { edits } })).toEqual([
      'context_management.clear_tool_uses_20250919',
    ]);
  });
});

describe('refused', () => {
  const rows: [string, object, string][] = [
    ['model missing', { model: undefined }, 'model: Field required'],
    ['model empty', { model: '' }, 'model: Input should have at least 1 character'],
    ['model no text', { model: 7 }, 'model: Input should be a string'],
    ['max_tokens missing', { max_tokens: null }, 'max_tokens: Field required'],
    ['max_tokens negative', { max_tokens: -1 }, 'max_tokens: Input should be an integer of at least 0'],
    ['max_tokens a fraction', { max_tokens: 1.5 }, 'max_tokens: Input should be an integer of at least 0'],
    ['messages missing', { messages: undefined }, 'messages: Field required'],
    ['messages empty', { messages: [] }, 'messages: at least one message is required'],
    ['an invalid message', { messages: ['Hi'] }, 'messages.0: Input should be an object'],
    ['stream no boolean', { stream: 'yes' }, 'stream: Input should be true or false'],
    ['container', { container: 'c_1' }, 'container: This server does not execute code'],
    [
      'mcp_servers',
      { mcp_servers: [{ type: 'url', url: 'https://x' }] },
      'mcp_servers: This server does not connect to MCP servers',
    ],
    [
      'compaction',
      { compaction: { type: 'summarize' } },
      'compaction: Server-side compaction is not supported',
    ],
    ['prompt', { prompt: '\n\nHuman: Hi' }, 'prompt: Text completions are not supported'],
    [
      'max_tokens_to_sample',
      { max_tokens_to_sample: 1 },
      'max_tokens_to_sample: Text completions are not supported',
    ],
    ['speed', { speed: 'ludicrous' }, 'speed: Input should be `standard` or `fast`, not `ludicrous`'],
    ['stop_sequences empty', { stop_sequences: ['a', ''] }, 'stop_sequences.1: Input should not be empty'],
    ['stop_sequences no list', { stop_sequences: 'a' }, 'stop_sequences: Input should be a list'],
    [
      'a format of text',
      { output_config: { format: { type: 'text' } } },
      'output_config.format.type: Input should be `json_schema`, not `text`',
    ],
    [
      'a format without schema',
      { output_format: { type: 'json_schema' } },
      'output_format.schema: Field required',
    ],
    [
      'system with a picture',
      { system: [{ type: 'image' }] },
      'system.0.type: A system prompt can only contain text',
    ],
  ];
  test.each(rows)('%s', (_, body, message) => {
    const failure = refusal(() => translate(body));
    expect(failure.message).toStartWith(message);
    expect(failure.param).toBe(message.slice(0, message.indexOf(':')));
  });

  test.each([[null], [7], ['x'], [[]]])('a body that is no object: %j', (body) => {
    expect(refusal(() => translator.request(body, context)).message).toStartWith('body: ');
  });

  test('a value of the client is cut before it is quoted', () => {
    expect(refusal(() => translate({ speed: 'x'.repeat(5000) })).message.length).toBeLessThan(200);
  });

  test('nor can one break the message it is quoted in', () => {
    const type = { toString: 1, valueOf: 1 };
    const messages = [{ role: 'user', content: [{ type }] }];
    expect(refusal(() => translate({ messages })).message).toContain('{"toString":1,"valueOf":1}');
    expect(refusal(() => translate({ tools: [{ type }] })).param).toBe('tools.0.type');
  });

  test('thread: continue would lose the history', () => {
    const act = () => translate({ thread: { type: 'continue', previous_message_id: 'msg_1' } });
    expect(act).toThrow(expect.objectContaining({ kind: 'not_found', code: 'thread_not_found' }));
  });
});

describe('kept by codexd itself', () => {
  test('stream', () => {
    expect(translate().stream).toBeFalse();
    expect(translate({ stream: true }).stream).toBeTrue();
  });

  test('stop_sequences; white space alone stops nothing', () => {
    expect(translate({ stop_sequences: ['</block>', ' \n'] })).toMatchObject({
      stopSequences: ['</block>'],
      dropped: [{ field: 'stop_sequences' }],
    });
  });

  test('max_tokens: 0 is answered at once, whole and as a stream', () => {
    const translation = translate({ max_tokens: 0 });
    const { ready } = translation;
    if (ready === undefined) throw new Error('nothing to answer with');
    const events = [
      { type: 'response.created' as const, response: ready },
      { type: 'response.incomplete' as const, response: ready },
    ];
    const turn = { events, response: ready, failure: undefined };
    const nothing = { content: [], stop_reason: 'max_tokens', usage: { input_tokens: 0, output_tokens: 0 } };
    expect(wholeOf(turn, translation)).toMatchObject(nothing);
    expect(streamOf(turn, translation)).toContain('"stop_reason":"max_tokens"');
    expect(translate({ max_tokens: 1 }).ready).toBeUndefined();
  });

  test('the id of the answer is new for every request', () => {
    let made = 0;
    const counting = messagesTranslator((prefix) => `${prefix}_${++made}`);
    const ids = [1, 2].map(() => counting.request(hello, context).id);
    expect(ids).toEqual(['msg_1', 'msg_2']);
  });
});
