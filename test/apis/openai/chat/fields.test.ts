// docs/wire/openai.md#chat-fields: how each top-level field of a chat completion request is translated.
import { describe, expect, test } from 'bun:test';
import { openaiChat } from '../../../../src/apis/openai/chat/index.ts';
import type { ResponsesRequest } from '../../../../src/responses/request.ts';
import { refusal } from '../responses/refusal.ts';
import { context, hello, translate } from './support.ts';

const plain = translate().request;
const weather = { type: 'function', function: { name: 'weather' } };

/** The fields of the upstream request that differ from those of the plain one. */
function added(body: object): Partial<ResponsesRequest> {
  const { model: _, input: __, ...rest } = translate(body).request;
  return rest;
}

describe('mapped', () => {
  const rows: [string, object, Partial<ResponsesRequest>][] = [
    ['reasoning_effort', { reasoning_effort: 'low' }, { reasoning: { effort: 'low' } }],
    ['verbosity', { verbosity: 'high' }, { text: { verbosity: 'high' } }],
    ['service_tier priority', { service_tier: 'priority' }, { service_tier: 'priority' }],
    ['service_tier fast', { service_tier: 'Fast' }, { service_tier: 'fast' }],
    ['service_tier flex', { service_tier: 'flex' }, { service_tier: 'flex' }],
    ['service_tier auto', { service_tier: 'auto' }, {}],
    ['service_tier default', { service_tier: 'default' }, {}],
    ['prompt_cache_key', { prompt_cache_key: 'k1' }, { prompt_cache_key: 'k1' }],
    ['an empty prompt_cache_key counts as absent', { prompt_cache_key: '' }, {}],
    ['parallel_tool_calls without tools', { parallel_tool_calls: true }, {}],
    ['tool_choice without tools', { tool_choice: 'auto' }, {}],
    ['tools: [] counts as absent', { tools: [], tool_choice: 'auto' }, {}],
    ['instructions beside messages', { instructions: 'Be brief.' }, { instructions: 'Be brief.' }],
    ['text beside messages', { text: { verbosity: 'low' } }, { text: { verbosity: 'low' } }],
    ['n: 1 is the default', { n: 1 }, {}],
    ['logprobs: false is the default', { logprobs: false, top_logprobs: 0 }, {}],
    ['logit_bias: {} is the default', { logit_bias: {} }, {}],
    ['modalities: ["text"] is the default', { modalities: ['text'] }, {}],
    [
      'web_search_options',
      {
        web_search_options: {
          search_context_size: 'low',
          user_location: { type: 'approximate', approximate: { city: 'Oslo', country: 'NO' } },
        },
      },
      {
        tools: [
          {
            type: 'web_search',
            search_context_size: 'low',
            user_location: { type: 'approximate', city: 'Oslo', country: 'NO' },
          },
        ],
      },
    ],
    ['web_search_options: {}', { web_search_options: {} }, { tools: [{ type: 'web_search' }] }],
  ];
  test.each(rows)('%s', (_, body, expected) => {
    expect(added(body)).toEqual(expected as never);
    expect(translate(body).dropped).toEqual([]);
  });

  test('instructions come before the system messages', () => {
    const messages = [{ role: 'system', content: 'You are a pirate.' }, ...hello.messages];
    expect(added({ instructions: 'Be brief.', messages })).toEqual({
      instructions: 'Be brief.\n\nYou are a pirate.',
    });
  });
});

describe('kept by codexd itself', () => {
  test('stream and stream_options.include_usage', () => {
    expect(translate()).toMatchObject({ stream: false, includeUsage: false });
    const both = translate({
      stream: true,
      stream_options: { include_usage: true, include_obfuscation: false },
    });
    expect(both).toMatchObject({ stream: true, includeUsage: true, dropped: [] });
  });

  test('stream_options without a stream is accepted: AI SDK clients always attach it', () => {
    expect(translate({ stream: false, stream_options: { include_usage: true } }).stream).toBeFalse();
  });

  const stops: [unknown, string[]][] = [
    ['END', ['END']],
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
    [['a', ''], ['a']],
    [[], []],
    [null, []],
  ];
  test.each(stops)('stop: %j', (stop, expected) => {
    expect(translate({ stop })).toMatchObject({ stop: expected, dropped: [] });
    expect(translate({ stop }).request).toEqual(plain);
  });
});

describe('dropped, and named', () => {
  const values: Record<string, unknown> = {
    temperature: 0,
    top_p: 0.5,
    max_tokens: 5,
    max_completion_tokens: 500,
    seed: 7,
    presence_penalty: 0.5,
    frequency_penalty: -1,
    prompt_cache_options: {},
    prompt_cache_retention: '24h',
    metadata: { a: 'b' },
    user: 'u-1',
    safety_identifier: 's-1',
    audio: { voice: 'alloy', format: 'wav' },
    prediction: { type: 'content', content: 'x' },
    moderation: {},
    include: ['reasoning.encrypted_content'],
    input: [{ role: 'user', content: 'not this' }],
    truncation: 'auto',
    context_management: [],
    background: true,
    extra_body: {},
    extra_headers: {},
    drop_params: true,
    api_base: 'http://x',
    litellm_call_id: '1',
    frobnicate: 1,
  };
  test.each(Object.keys(values))('%s', (field) => {
    const { request, dropped } = translate({ [field]: values[field] });
    expect(dropped.map((each) => each.field)).toEqual([field]);
    expect(dropped[0]?.why).toEndWith('.');
    expect(request).toEqual(plain);
  });

  test('a hint is what changes nothing in the answer', () => {
    const hints = translate(values).dropped.filter(({ hint }) => hint);
    expect(hints.map(({ field }) => field).sort()).toEqual(
      [
        ...['metadata', 'prediction', 'prompt_cache_options', 'prompt_cache_retention'],
        ...['safety_identifier', 'user'],
      ].sort(),
    );
  });

  test('a field called as something every object has is named like any other', () => {
    expect(translate({ constructor: 1 }).dropped).toEqual([{ field: 'constructor', why: 'Unknown field.' }]);
  });

  test('reasoning.max_tokens, a budget in the manner of OpenRouter', () => {
    const { dropped, request } = translate({ reasoning: { effort: 'high', max_tokens: 2000 } });
    expect(dropped.map((each) => each.field)).toEqual(['reasoning.max_tokens']);
    expect(request.reasoning).toEqual({ effort: 'high' });
  });

  test('a documented default asks for nothing', () => {
    const { dropped } = translate({
      temperature: 1,
      top_p: 1,
      presence_penalty: 0,
      frequency_penalty: 0,
      store: false,
    });
    expect(dropped).toEqual([]);
  });
});

describe('refused', () => {
  const rows: [string, object, string, string?][] = [
    ['no model', { model: undefined }, 'model', 'missing_required_parameter'],
    ['empty model', { model: '' }, 'model', 'missing_required_parameter'],
    ['model of a wrong type', { model: 5 }, 'model', 'invalid_type'],
    ['no messages', { messages: undefined }, 'messages', 'missing_required_parameter'],
    ['empty messages', { messages: [] }, 'messages', 'missing_required_parameter'],
    ['messages that are no array', { messages: 'Hi' }, 'messages', 'invalid_type'],
    ['a message that is no object', { messages: ['Hi'] }, 'messages', 'invalid_type'],
    ['stream: 1', { stream: 1 }, 'stream', 'invalid_type'],
    ['stream_options: true', { stream_options: true }, 'stream_options', 'invalid_type'],
    ['n: 2', { n: 2 }, 'n', 'unsupported_value'],
    ['n: 0', { n: 0 }, 'n', 'invalid_value'],
    ['max_tokens: 0', { max_tokens: 0 }, 'max_tokens', 'invalid_value'],
    ['max_completion_tokens: 1.5', { max_completion_tokens: 1.5 }, 'max_completion_tokens', 'invalid_value'],
    ['max_tokens as text', { max_tokens: '5' }, 'max_tokens', 'invalid_value'],
    ['logprobs', { logprobs: true }, 'logprobs', 'unsupported_value'],
    ['top_logprobs', { top_logprobs: 3 }, 'top_logprobs', 'unsupported_value'],
    ['logit_bias', { logit_bias: { 50256: -100 } }, 'logit_bias', 'unsupported_parameter'],
    ['audio output', { modalities: ['text', 'audio'] }, 'modalities', 'unsupported_value'],
    [
      'previous_response_id',
      { previous_response_id: 'resp_1' },
      'previous_response_id',
      'previous_response_not_found',
    ],
    ['five stop texts', { stop: ['a', 'b', 'c', 'd', 'e'] }, 'stop', 'invalid_value'],
    ['a stop text of a wrong type', { stop: ['a', 1] }, 'stop[1]', 'invalid_type'],
    ['verbosity', { verbosity: 'chatty' }, 'verbosity', 'invalid_value'],
    ['reasoning_effort of a wrong type', { reasoning_effort: 3 }, 'reasoning_effort', 'invalid_type'],
    ['web_search_options: true', { web_search_options: true }, 'web_search_options', 'invalid_type'],
    ['functions with tools', { functions: [{ name: 'f' }], tools: [weather] }, 'functions', 'invalid_value'],
  ];
  test.each(rows)('%s', (_, body, param, code) => {
    const failure = refusal(() => translate(body));
    expect({ param: failure.param, code: failure.code, status: failure.status }).toEqual({
      param,
      code,
      status: 400,
    });
  });

  test.each([[null], [[]], ['x'], [5]])('a body that is %j', (body) => {
    expect(refusal(() => openaiChat.request(body, context)).code).toBe('invalid_type');
  });
});

test('null counts as absent everywhere', () => {
  const fields = [
    'stream stream_options temperature top_p max_tokens max_completion_tokens n stop seed presence_penalty',
    'frequency_penalty logit_bias logprobs top_logprobs tools tool_choice parallel_tool_calls functions',
    'function_call response_format reasoning_effort verbosity service_tier prompt_cache_key store metadata user',
    'modalities audio prediction web_search_options moderation reasoning include instructions text input',
    'previous_response_id enable_thinking thinking chat_template_kwargs frobnicate',
  ]
    .join(' ')
    .split(' ');
  const nothing = Object.fromEntries(fields.map((field) => [field, null]));
  expect(translate(nothing)).toEqual(translate());
});

test("the client's own model name is kept, to be echoed and resolved elsewhere", () => {
  const { model, request } = translate({ model: 'openai/gpt-5.5-high' });
  expect([model, request.model]).toEqual(['openai/gpt-5.5-high', 'openai/gpt-5.5-high']);
});
