// docs/wire/openai.md#responses-fields, #responses-tools: how a Responses request is translated, what is dropped and
// what is refused.
import { describe, expect, test } from 'bun:test';
import { translateResponsesBody } from '../../../../src/apis/openai/responses/request.ts';
import type { RequestContext } from '../../../../src/responses/translator.ts';
import { refusal } from './refusal.ts';

type Body = Record<string, unknown>;

const hi = { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hi' }] };
const tool = { type: 'function', name: 'f', parameters: { type: 'object', properties: {} } };

function context(headers: Record<string, string> = {}, reasoningSummary = 'none'): RequestContext {
  return { headers: new Headers(headers), reasoningStyle: 'reasoning_content', reasoningSummary };
}

const codexHeaders = { originator: 'codex_cli_rs' };

function translate(body: Body, headers?: Record<string, string>) {
  return translateResponsesBody({ model: 'gpt-5.5', input: 'hi', ...body }, context(headers));
}

const requestOf = (body: Body, headers?: Record<string, string>) => translate(body, headers).request;
const droppedOf = (body: Body) => translate(body).dropped.map(({ field }) => field);
const refused = (body: Body, headers?: Record<string, string>) => refusal(() => translate(body, headers));
const inputOf = (input: unknown, more: Body = {}) => requestOf({ input, ...more }).input;

describe('the smallest request', () => {
  test('text becomes a list, and nothing is invented', () => {
    expect(requestOf({})).toEqual({
      model: 'gpt-5.5',
      input: [hi] as never,
    });
  });

  test('null counts as absent everywhere', () => {
    const nothing = Object.fromEntries(
      [
        'instructions',
        'tools',
        'tool_choice',
        'parallel_tool_calls',
        'reasoning',
        'text',
        'include',
        'prompt_cache_key',
        'service_tier',
        'client_metadata',
        'stream',
        'stream_options',
        'store',
        'metadata',
        'user',
        'previous_response_id',
        'conversation',
        'prompt',
        'background',
        'max_output_tokens',
        'temperature',
        'top_logprobs',
        'access_programs',
        'whatever',
      ].map((key) => [key, null]),
    );
    const { request, dropped, stream } = translate(nothing);
    expect(request).toEqual(requestOf({}));
    expect(dropped).toEqual([]);
    expect(stream).toBe(false);
  });
});

test("Codex's configuration_update repeats the effort and stays here, in both shapes", () => {
  const user = { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] };
  const update = { type: 'configuration_update', reasoning: { effort: 'low' } };
  const tools = { type: 'additional_tools', role: 'developer', tools: [] };
  for (const first of [[], [tools]]) {
    const { request, dropped } = translate({ input: [...first, user, update] });
    expect(request.input.map(({ type }) => type as string)).toEqual([...first, user].map(({ type }) => type));
    expect(dropped).toEqual([]);
  }
});

describe('D.1 fields that reach the upstream', () => {
  test.each<[string, Body, Body]>([
    ['instructions', { instructions: 'Be brief.' }, { instructions: 'Be brief.' }],
    [
      'reasoning',
      { reasoning: { effort: 'low', summary: 'auto' } },
      { reasoning: { effort: 'low', summary: 'auto' } },
    ],
    ['summary `on` is `auto`', { reasoning: { summary: 'on' } }, { reasoning: { summary: 'auto' } }],
    [
      'summary `off` counts as absent',
      { reasoning: { effort: 'low', summary: 'off' } },
      { reasoning: { effort: 'low' } },
    ],
    [
      'the old name of summary',
      { reasoning: { generate_summary: 'concise' } },
      { reasoning: { summary: 'concise' } },
    ],
    ['no summary', { reasoning: { effort: 'low', summary: null } }, { reasoning: { effort: 'low' } }],
    ["chat's effort", { reasoning_effort: 'high' }, { reasoning: { effort: 'high' } }],
    [
      "its own effort beats chat's",
      { reasoning: { effort: 'low' }, reasoning_effort: 'high' },
      { reasoning: { effort: 'low' } },
    ],
    ["Qwen's switch", { enable_thinking: true }, { reasoning: { effort: 'medium' } }],
    [
      'format and verbosity share `text`',
      { text: { format: { type: 'json_object' }, verbosity: 'low' } },
      { text: { format: { type: 'json_object' }, verbosity: 'low' } },
    ],
    [
      "chat's words for them",
      { response_format: { type: 'json_schema', json_schema: { name: 'n', schema: {} } }, verbosity: 'high' },
      { text: { format: { type: 'json_schema', name: 'n', schema: {}, strict: false }, verbosity: 'high' } },
    ],
    [
      'a flat schema says itself whether it is strict',
      { text: { format: { type: 'json_schema', name: 'n', schema: {} } } },
      { text: { format: { type: 'json_schema', name: 'n', schema: {} } } },
    ],
    ['a cache key', { prompt_cache_key: 'k' }, { prompt_cache_key: 'k' }],
    ['an empty cache key', { prompt_cache_key: '' }, {}],
    ['a tier', { service_tier: 'fast' }, { service_tier: 'fast' }],
    ['the default tier', { service_tier: 'auto' }, {}],
    ['client metadata', { client_metadata: { session_id: 's' } }, { client_metadata: { session_id: 's' } }],
    [
      'the one stream option of the upstream',
      { stream_options: { include_obfuscation: false, reasoning_summary_delivery: 'sequential_cutoff' } },
      { stream_options: { reasoning_summary_delivery: 'sequential_cutoff' } },
    ],
    [
      'access programs',
      { access_programs: { cyber: 'standard' } },
      { access_programs: { cyber: 'standard' } },
    ],
  ])('%s', (_, body, expected) => {
    expect(requestOf(body)).toEqual({ ...requestOf({}), ...expected } as never);
  });

  test('a summary is asked for by the configuration, unless the client says otherwise', () => {
    const body = { model: 'm', input: 'hi' };
    const asks = context({}, 'auto');
    expect(translateResponsesBody(body, asks).request.reasoning).toEqual({ summary: 'auto' });
    const without = { ...body, reasoning: { summary: null } };
    expect(translateResponsesBody(without, asks).request.reasoning).toBeUndefined();
  });

  test('stream is local', () => {
    expect(translate({ stream: true }).stream).toBe(true);
    expect(requestOf({ stream: true })).toEqual(requestOf({}));
    expect(refused({ stream: 'yes' }).param).toBe('stream');
  });
});

describe('D.1 fields that do not', () => {
  test.each<[string, Body]>([
    ['temperature', { temperature: 0 }],
    ['top_p', { top_p: 0.5 }],
    ['max_output_tokens', { max_output_tokens: 16 }],
    ['max_tokens', { max_tokens: 5 }],
    ['max_tool_calls', { max_tool_calls: 3 }],
    ['truncation', { truncation: 'auto' }],
    ['user', { user: 'u' }],
    ['safety_identifier', { safety_identifier: 's' }],
    ['prompt_cache_retention', { prompt_cache_retention: '24h' }],
    ['prompt_cache_options', { prompt_cache_options: {} }],
    ['context_management', { context_management: [] }],
    ['moderation', { moderation: {} }],
    ['image', { image: {} }],
    ['reasoning.mode', { reasoning: { mode: 'standard' } }],
    ['reasoning.context', { reasoning: { context: 'all_turns' } }],
    ['include: web_search_call.results', { include: ['web_search_call.results'] }],
    ['tomorrow', { tomorrow: 1 }],
  ])('%s is dropped and named', (field, body) => {
    expect(droppedOf(body)).toEqual([field]);
    expect(requestOf(body)).toEqual(requestOf({}));
    const hints = ['user', 'safety_identifier', 'prompt_cache_retention', 'prompt_cache_options'];
    expect(translate(body).dropped[0]?.hint ?? false).toBe(hints.includes(field));
  });

  test.each<[Body]>([
    [{ temperature: 1, top_p: 1, truncation: 'disabled', top_logprobs: 0, background: false }],
    [{ store: true, metadata: { a: 'b' } }],
    [{ store: false }],
    [{ stream_options: { include_obfuscation: true } }],
  ])('%j asks for nothing that is not given', (body) => {
    expect(translate(body)).toMatchObject({ request: requestOf({}), dropped: [] });
  });

  test.each<[string, Body, string, string]>([
    ['a list of instructions', { instructions: [hi] }, 'instructions', 'invalid_type'],
    ['background', { background: true }, 'background', 'unsupported_parameter'],
    ['conversation', { conversation: 'conv_1' }, 'conversation', 'unsupported_parameter'],
    ['prompt', { prompt: { id: 'pmpt_1' } }, 'prompt', 'unsupported_parameter'],
    ['top_logprobs', { top_logprobs: 2 }, 'top_logprobs', 'unsupported_value'],
    ['logprobs by include', { include: ['message.output_text.logprobs'] }, 'include', 'unsupported_value'],
    ['a cap of nothing', { max_output_tokens: 0 }, 'max_output_tokens', 'invalid_value'],
    ['metadata that is text', { metadata: 'a' }, 'metadata', 'invalid_type'],
    ['client metadata of numbers', { client_metadata: { a: 1 } }, 'client_metadata.a', 'invalid_type'],
    ['stream_options: true', { stream_options: true }, 'stream_options', 'invalid_type'],
    ['a list of effort', { reasoning: { effort: ['low'] } }, 'reasoning.effort', 'invalid_type'],
    ['no model', { model: '' }, 'model', 'missing_required_parameter'],
    ['model of another type', { model: 5 }, 'model', 'invalid_type'],
    ['no input', { input: null }, 'input', 'missing_required_parameter'],
    ['empty text', { input: '' }, 'input', 'invalid_value'],
    ['empty list', { input: [] }, 'input', 'invalid_value'],
    ['one object', { input: hi }, 'input', 'invalid_value'],
    ['a list of texts', { input: ['hi'] }, 'input[0]', 'invalid_type'],
  ])('%s → 400', (_, body, param, code) => {
    expect(refused(body)).toMatchObject({ param, code, status: 400 });
  });

  test('a body that is no object → 400', () => {
    expect(refusal(() => translateResponsesBody([], context())).code).toBe('invalid_type');
  });

  test('previous_response_id is refused in so many words, never dropped', () => {
    const failure = refused({ previous_response_id: 'resp_x' });
    expect(failure).toMatchObject({ param: 'previous_response_id', code: 'previous_response_not_found' });
    expect(failure.message).toBe("Previous response with id 'resp_x' not found.");
    expect(failure.advice).toContain('whole history');
    const { message } = refused({ previous_response_id: { id: 'x'.repeat(500) } });
    expect(message).toBe(`Previous response with id '{"id":"${'x'.repeat(93)}…' not found.`);
  });
});

describe('D.2 items', () => {
  test.each<[string, unknown, unknown[]]>([
    ['an easy message', { role: 'user', content: 'hi' }, [hi]],
    [
      'unknown keys and marks are stripped',
      {
        type: 'message',
        role: 'user',
        id: 'msg_1',
        status: 'completed',
        name: 'x',
        content: [{ type: 'input_text', text: 'hi', cache_control: {} }],
      },
      [hi],
    ],
    ['system is called developer', { role: 'system', content: 'hi' }, [{ ...hi, role: 'developer' }]],
    ['developer stays', { role: 'developer', content: 'hi' }, [{ ...hi, role: 'developer' }]],
    [
      'assistant text, with its phase',
      { role: 'assistant', phase: 'commentary', content: 'hi' },
      [
        {
          type: 'message',
          role: 'assistant',
          phase: 'commentary',
          content: [{ type: 'output_text', text: 'hi' }],
        },
      ],
    ],
    [
      'an output replayed: ids, status, annotations and logprobs are not input',
      {
        type: 'message',
        id: 'msg_1',
        status: 'completed',
        role: 'assistant',
        content: [{ type: 'output_text', text: 'hi', annotations: [], logprobs: [] }],
      },
      [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'hi' }] }],
    ],
    [
      'compaction and its like stay whole',
      { type: 'compaction', id: 'cmp_1', encrypted_content: 'x' },
      [{ type: 'compaction', id: 'cmp_1', encrypted_content: 'x' }],
    ],
    ['a trigger', { type: 'compaction_trigger' }, [{ type: 'compaction_trigger' }]],
    [
      'a picture made earlier is shown again',
      { type: 'image_generation_call', id: 'ig_1', result: 'UklGR', output_format: 'webp' },
      [
        {
          type: 'message',
          role: 'user',
          content: [{ type: 'input_image', image_url: 'data:image/webp;base64,UklGR' }],
        },
      ],
    ],
  ])('%s', (_, item, expected) => {
    expect(inputOf([item])).toEqual(expected as never);
  });

  test('a late system message stays in its place', () => {
    const roles = inputOf([hi, { role: 'system', content: 'now in French' }, hi]).map(
      (item) => (item as { role: string }).role,
    );
    expect(roles).toEqual(['user', 'developer', 'user']);
  });

  const callOf = (more: Body) => ({
    type: 'function_call',
    call_id: 'c1',
    name: 'f',
    arguments: '{"b":1, "a":2}',
    ...more,
  });
  const outputFor = (call_id: string, more: Body = {}) => ({
    type: 'function_call_output',
    call_id,
    output: 'ok',
    ...more,
  });

  test.each<[string, unknown[], unknown[]]>([
    [
      'a call and its output lose their ids and keep call_id and arguments byte for byte',
      [
        callOf({ id: 'fc_1', status: 'completed' }),
        outputFor('c1', { id: 'fco_1', status: 'completed', name: 'f' }),
      ],
      [callOf({}), outputFor('c1')],
    ],
    [
      'arguments as an object',
      [callOf({ arguments: { a: 1 } }), outputFor('c1')],
      [callOf({ arguments: '{"a":1}' }), outputFor('c1')],
    ],
    [
      'no arguments',
      [callOf({ arguments: '' }), outputFor('c1')],
      [callOf({ arguments: '{}' }), outputFor('c1')],
    ],
    [
      'a call with an id alone',
      [{ type: 'function_call', id: 'c1', name: 'f', arguments: '{}' }, outputFor('c1')],
      [callOf({ arguments: '{}' }), outputFor('c1')],
    ],
    [
      'custom calls stay custom',
      [
        { type: 'custom_tool_call', id: 'ctc_1', call_id: 'c1', name: 'apply_patch', input: '*** Begin' },
        { type: 'custom_tool_call_output', call_id: 'c1', output: 'ok' },
      ],
      [
        { type: 'custom_tool_call', call_id: 'c1', name: 'apply_patch', input: '*** Begin' },
        { type: 'custom_tool_call_output', call_id: 'c1', output: 'ok' },
      ],
    ],
    [
      'an output of parts',
      [callOf({}), outputFor('c1', { output: [{ type: 'input_text', text: 'a' }] })],
      [callOf({}), outputFor('c1', { output: [{ type: 'input_text', text: 'a' }] })],
    ],
    [
      'an output of other JSON',
      [callOf({}), outputFor('c1', { output: { a: 1 } })],
      [callOf({}), outputFor('c1', { output: '{"a":1}' })],
    ],
    [
      'shell calls lose their ids only',
      [
        { type: 'local_shell_call', id: 'lsh_1', call_id: 'c1', action: { type: 'exec', command: ['ls'] } },
        { type: 'local_shell_call_output', id: 'c1', output: 'ok' },
      ],
      [
        { type: 'local_shell_call', call_id: 'c1', action: { type: 'exec', command: ['ls'] } },
        { type: 'local_shell_call_output', call_id: 'c1', output: 'ok' },
      ],
    ],
    [
      "chat's history",
      [
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: 'c1', content: 'ok' },
      ],
      [callOf({ arguments: '{}' }), outputFor('c1')],
    ],
    [
      'text beside calls is kept',
      [
        {
          role: 'assistant',
          content: 'Wait.',
          tool_calls: [{ id: 'c1', function: { name: 'f', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: 'c1', content: 'ok' },
      ],
      [
        { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Wait.' }] },
        callOf({ arguments: '{}' }),
        outputFor('c1'),
      ],
    ],
  ])('%s', (_, items, expected) => {
    expect(inputOf(items)).toEqual(expected as never);
  });

  describe('namespace', () => {
    const call = callOf({ namespace: 'crm' });
    test('is stripped where the request declares no such group', () => {
      expect(inputOf([call, outputFor('c1')])[0]).toEqual(callOf({}) as never);
    });
    test('stays where it does', () => {
      const tools = [{ type: 'namespace', name: 'crm', description: '', tools: [tool] }];
      expect(inputOf([call, outputFor('c1')], { tools })[0]).toEqual(call as never);
    });
  });

  describe('D.3 reasoning', () => {
    const reasoning = {
      type: 'reasoning',
      id: 'rs_1',
      status: null,
      content: null,
      summary: [{ type: 'summary_text', text: 's' }],
      encrypted_content: 'blob',
    };
    test('the blob and the summary are kept in place, everything else goes', () => {
      expect(inputOf([hi, reasoning, { role: 'assistant', content: 'a' }])[1]).toEqual({
        type: 'reasoning',
        summary: [{ type: 'summary_text', text: 's' }],
        encrypted_content: 'blob',
      });
    });
    test('a missing summary is filled in', () => {
      const { summary: _, ...bare } = reasoning;
      expect(inputOf([bare, hi])[0]).toMatchObject({ summary: [] });
    });
    test.each([{ encrypted_content: null }, { encrypted_content: undefined }, { encrypted_content: '' }])(
      'without a blob (%j) its id stays for the memory, and without an id it is dropped and named',
      (more) => {
        const named = translate({ input: [{ ...reasoning, ...more }, hi] });
        const reference = { type: 'item_reference', id: reasoning.id, param: 'input[0]' };
        expect(named.request.input).toEqual([reference, hi] as never);
        const { request, dropped } = translate({ input: [{ ...reasoning, ...more, id: undefined }, hi] });
        expect(request.input).toEqual([hi] as never);
        expect(dropped.map(({ field }) => field)).toEqual(['input[0]']);
      },
    );
  });

  describe('what the upstream once did', () => {
    const search = {
      type: 'web_search_call',
      id: 'ws_1',
      status: 'completed',
      action: { type: 'search', query: 'q' },
    };
    const reasoning = { type: 'reasoning', summary: [], encrypted_content: 'blob' };
    test('is dropped and named', () => {
      const { request, dropped } = translate({ input: [hi, search, { type: 'mcp_call', id: 'mcp_1' }, hi] });
      expect(request.input).toEqual([hi, hi] as never);
      expect(dropped.map(({ field }) => field)).toEqual(['input[1]', 'input[2]']);
    });
    test('takes the reasoning before it along only at the very end', () => {
      expect(inputOf([hi, reasoning, search])).toEqual([hi] as never);
      expect(inputOf([hi, reasoning, search, hi])).toEqual([hi, reasoning, hi] as never);
      expect(inputOf([hi, reasoning])).toEqual([hi, reasoning] as never);
    });
    test('and nothing else → 400', () => {
      expect(refused({ input: [search] }).param).toBe('input');
    });
  });

  test.each<[string, unknown]>([
    ['with its type', { type: 'item_reference', id: 'msg_1' }],
    ['without', { id: 'msg_1' }],
  ])('an item reference %s → 400 that names the id', (_, item) => {
    const failure = refused({ input: [hi, item] });
    expect(failure).toMatchObject({ param: 'input[1].id', code: 'item_not_found' });
    expect(failure.message).toContain("'msg_1'");
    expect(failure.advice).toContain('store: false');
  });

  test.each<[unknown, string]>([
    [{ type: 'dream' }, 'input[0].type'],
    [{ content: 'x' }, 'input[0].type'],
    [{ role: 'robot', content: 'x' }, 'input[0].role'],
    [{ role: 'user', content: 7 }, 'input[0].content'],
    [{ role: 'user', content: [{ type: 'input_image', file_id: 'f' }] }, 'input[0].content[0].file_id'],
    [{ type: 'function_call', name: 'f', arguments: '{}' }, 'input[0].call_id'],
    [{ type: 'function_call', call_id: 'c', arguments: '{}' }, 'input[0].name'],
  ])('%j → 400 for %s', (item, param) => {
    expect(refused({ input: [item] }).param).toBe(param);
  });

  test('outputs without a call are refused, and so are calls that only their own output fits', () => {
    const shell = { type: 'local_shell_call', call_id: 'a', status: 'completed', action: {} };
    const failure = refused({ input: [shell, callOf({ call_id: 'b' }), outputFor('b'), outputFor('z')] });
    expect(failure.param).toBe('input');
    expect(failure.message).toBe(
      'No tool output found for function call a. No tool call found for function call output with call_id z.',
    );
  });
  test('a function call without an output passes: it gets one in turns/history.ts', () => {
    expect(inputOf([callOf({ call_id: 'a' }), hi])).toHaveLength(2);
  });
});

describe('D.4 tools', () => {
  test('in every shape, in their order', () => {
    const { tools } = requestOf({
      tools: [
        tool,
        { type: 'function', function: { name: 'nested' } },
        { type: 'custom', name: 'c', format: { type: 'text' } },
        { type: 'web_search_preview', search_context_size: 'low' },
        { type: 'image_generation', output_format: 'png' },
      ],
    });
    expect(tools).toEqual([
      tool,
      { type: 'function', name: 'nested', strict: false, parameters: { type: 'object', properties: {} } },
      { type: 'custom', name: 'c', format: { type: 'text' } },
      { type: 'web_search', search_context_size: 'low' },
      { type: 'image_generation', output_format: 'png' },
    ]);
  });

  test.each([
    ['namespace'],
    ['tool_search'],
    ['local_shell'],
    ['shell'],
    ['apply_patch'],
    ['programmatic_tool_calling'],
  ])('%s passes', (type) => {
    expect(requestOf({ tools: [{ type, x: 1 }] }).tools).toEqual([{ type, x: 1 }]);
  });

  test.each([
    ['mcp', 'unsupported_tool'],
    ['file_search', 'unsupported_value'],
    ['code_interpreter', 'unsupported_value'],
    ['computer_use_preview', 'unsupported_value'],
    ['crystal_ball', 'unsupported_value'],
  ])('%s → 400 with the type named', (type, code) => {
    const failure = refused({ tools: [tool, { type }] });
    expect(failure).toMatchObject({ param: 'tools[1].type', code });
    expect(failure.message).toContain(type);
  });

  test.each<[string, Body, Body]>([
    ['nothing is invented', { tools: [tool] }, { tools: [tool] }],
    ['an empty list counts as absent', { tools: [] }, {}],
    [
      'parallel_tool_calls as told',
      { tools: [tool], parallel_tool_calls: false },
      { tools: [tool], parallel_tool_calls: false },
    ],
    ['and only with tools', { parallel_tool_calls: true }, {}],
    [
      'a choice by name',
      { tools: [tool], tool_choice: { type: 'function', function: { name: 'f' } } },
      { tools: [tool], tool_choice: { type: 'function', name: 'f' } },
    ],
    ['a choice without tools', { tool_choice: 'auto' }, {}],
  ])('%s', (_, body, expected) => {
    expect(requestOf(body)).toEqual({ ...requestOf({}), ...expected } as never);
  });

  test('an effort beside tools is accepted', () => {
    expect(requestOf({ tools: [tool], reasoning: { effort: 'high' } }).reasoning).toEqual({ effort: 'high' });
  });

  test('a long name is shortened in tools, choice and history alike', () => {
    const name = `mcp.${'x'.repeat(70)}`;
    const { request, toolNames } = translate({
      tools: [{ ...tool, name }],
      tool_choice: { type: 'function', name },
      input: [
        { type: 'function_call', call_id: 'c', name, arguments: '{}' },
        { type: 'function_call_output', call_id: 'c', output: 'ok' },
      ],
    });
    const short = (request.tools![0] as { name: string }).name;
    expect(short).toMatch(/^mcp_x+_[0-9a-f]{8}$/);
    expect(request.tool_choice).toEqual({ type: 'function', name: short });
    expect(request.input[0]).toMatchObject({ name: short });
    expect(toolNames.client(short)).toBe(name);
  });
});

describe('a chat body on the wrong route', () => {
  test('is understood', () => {
    const { request } = translate({
      input: undefined,
      instructions: 'First.',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'hi' },
      ],
    });
    expect(request.instructions).toBe('First.\n\nBe brief.');
    expect(request.input).toEqual([hi] as never);
  });

  test('loses to `input`, and is named', () => {
    const both = { input: 'hi', messages: [{ role: 'user', content: 'other' }] };
    expect(requestOf(both).input).toEqual([hi] as never);
    expect(droppedOf(both)).toEqual(['messages']);
  });

  test('in JSON mode the system text stays in the input', () => {
    const { request } = translate({
      input: undefined,
      response_format: { type: 'json_object' },
      messages: [
        { role: 'system', content: 'Answer in JSON.' },
        { role: 'user', content: 'hi' },
      ],
    });
    expect(request.instructions).toBeUndefined();
    expect(request.input).toHaveLength(2);
  });
});

describe('include', () => {
  test('encrypted reasoning is shown to clients that ask for it', () => {
    expect(translate({}).showEncrypted).toBe(false);
    const translation = translate({ include: ['reasoning.encrypted_content'] });
    expect(translation.showEncrypted).toBe(true);
    expect(translate({}, codexHeaders).showEncrypted).toBe(true);
  });
});

describe('Codex clients', () => {
  test.each([
    [{ 'user-agent': 'codex_exec/0.169.0 (Debian 12.0.0; x86_64)' }, true],
    [{ originator: 'opencode', 'user-agent': 'codex_exec/0.169.0' }, false],
    [{}, false],
  ])('%j → %p', (headers, codex) => {
    expect(translate({}, headers as Record<string, string>).codex).toBe(codex);
  });

  test('a request in Lite shape goes upstream unchanged', () => {
    const input = [
      {
        type: 'additional_tools',
        id: 'at_1',
        role: 'developer',
        tools: [{ type: 'namespace', name: 'functions', tools: [tool] }],
      },
      { ...hi, id: 'msg_1', internal_chat_message_metadata_passthrough: {} },
      { type: 'function_call', call_id: 'orphan', name: 'f', arguments: '{}', namespace: 'functions' },
    ];
    const body = {
      input,
      tool_choice: 'auto',
      parallel_tool_calls: false,
      reasoning: { effort: 'low', context: 'all_turns' },
    };
    const { request, codex, dropped } = translate(body);
    expect(codex).toBe(true);
    expect(dropped).toEqual([]);
    expect(request).toEqual({ model: 'gpt-5.5', ...body } as never);
  });

  test('but each of its items is an object', () => {
    expect(refused({ input: [{ type: 'additional_tools' }, null] }).param).toBe('input[1]');
  });

  test('items, parts and tools pass as they are, with their ids, and pairs are not checked', () => {
    const input = [
      { type: 'agent_message', author: 'a', content: [] },
      {
        type: 'function_call',
        id: 'fc_1',
        call_id: 'orphan',
        name: 'f',
        arguments: '{}',
        internal_chat_message_metadata_passthrough: { turn_id: 't' },
      },
      {
        type: 'function_call_output',
        call_id: 'other',
        output: [{ type: 'encrypted_content', encrypted_content: 'x' }],
      },
      { type: 'web_search_call', id: 'ws_1', status: 'completed' },
      { role: 'user', content: [{ type: 'novel_part' }] },
    ];
    const tools = [{ type: 'crystal_ball' }];
    const { request } = translate({ input, tools }, codexHeaders);
    expect(request.tools).toEqual(tools);
    const [call, output, found, search, easy] = input;
    expect(request.input).toEqual([call, output, found, search, { type: 'message', ...easy }] as never);
  });

  test('no summary is asked for that Codex did not ask for', () => {
    const asks = context(codexHeaders, 'auto');
    expect(translateResponsesBody({ model: 'm', input: 'hi' }, asks).request.reasoning).toBeUndefined();
  });
});
