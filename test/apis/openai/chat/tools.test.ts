// docs/wire/openai.md#chat-tools, #tool-choice on the chat route, and the functions of 2023.
import { describe, expect, test } from 'bun:test';
import type { Tool } from '../../../../src/responses/request.ts';
import { refusal } from '../responses/refusal.ts';
import { hello, translate } from './support.ts';

const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const strictSchema = { ...schema, additionalProperties: false };
const empty = { type: 'object', properties: {} };

function toolsOf(...tools: object[]): Tool[] | undefined {
  return translate({ tools }).request.tools;
}

describe('tools', () => {
  const rows: [string, object, object][] = [
    [
      'a function becomes flat, and not strict',
      { type: 'function', function: { name: 'f', description: 'd', parameters: schema } },
      { type: 'function', name: 'f', description: 'd', strict: false, parameters: schema },
    ],
    [
      'strict survives',
      { type: 'function', function: { name: 'f', parameters: strictSchema, strict: true } },
      { type: 'function', name: 'f', strict: true, parameters: strictSchema },
    ],
    [
      'strict: null is not strict',
      { type: 'function', function: { name: 'f', strict: null } },
      { type: 'function', name: 'f', strict: false, parameters: empty },
    ],
    [
      'no parameters',
      { type: 'function', function: { name: 'f' } },
      { type: 'function', name: 'f', strict: false, parameters: empty },
    ],
    [
      'flat already (Cursor)',
      { type: 'function', name: 'f', parameters: schema },
      { type: 'function', name: 'f', strict: false, parameters: schema },
    ],
    [
      'no type, but a function',
      { function: { name: 'f', parameters: schema } },
      { type: 'function', name: 'f', strict: false, parameters: schema },
    ],
    [
      "Anthropic's shape (LiteLLM)",
      { name: 'f', input_schema: schema },
      { type: 'function', name: 'f', strict: false, parameters: schema },
    ],
    [
      "Anthropic's shape, which may call itself custom",
      { type: 'custom', name: 'f', description: 'd', input_schema: schema },
      { type: 'function', name: 'f', description: 'd', strict: false, parameters: schema },
    ],
    [
      'a custom tool becomes flat, its grammar too',
      {
        type: 'custom',
        custom: {
          name: 'p',
          format: { type: 'grammar', grammar: { syntax: 'lark', definition: 'start: "x"' } },
        },
      },
      { type: 'custom', name: 'p', format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' } },
    ],
    [
      'a custom tool of plain text',
      { type: 'custom', custom: { name: 'p', format: { type: 'text' } } },
      { type: 'custom', name: 'p', format: { type: 'text' } },
    ],
    [
      'web_search_preview',
      { type: 'web_search_preview', search_context_size: 'low' },
      { type: 'web_search', search_context_size: 'low' },
    ],
    ['web_search', { type: 'web_search' }, { type: 'web_search' }],
  ];
  test.each(rows)('%s', (_, tool, expected) => {
    expect(toolsOf(tool)).toEqual([expected as Tool]);
  });

  test('the keys of a schema keep their order: the prompt cache goes by the bytes', () => {
    const parameters = { required: ['z'], type: 'object', properties: { z: {}, a: {} } };
    const [tool] = toolsOf({ type: 'function', function: { parameters, name: 'f' } }) ?? [];
    expect(JSON.stringify((tool as { parameters: object }).parameters)).toBe(JSON.stringify(parameters));
  });

  test('web_search_options beside the tool: one search is enough', () => {
    const { tools } = translate({ tools: [{ type: 'web_search' }], web_search_options: {} }).request;
    expect(tools).toEqual([{ type: 'web_search' }]);
  });

  test('parallel_tool_calls is what the client says, also beside an effort', () => {
    const tools = [{ type: 'function', function: { name: 'f' } }];
    expect(translate({ tools }).request).not.toHaveProperty('parallel_tool_calls');
    const { request } = translate({ tools, parallel_tool_calls: false, reasoning_effort: 'high' });
    expect(request).toMatchObject({ parallel_tool_calls: false, reasoning: { effort: 'high' } });
  });

  test('more than 128 tools are forwarded', () => {
    const many = Array.from({ length: 130 }, (_, n) => ({ type: 'function', function: { name: `f${n}` } }));
    expect(toolsOf(...many)).toHaveLength(130);
  });

  const hosted = [
    'image_generation',
    'file_search',
    'code_interpreter',
    'computer_use_preview',
    'mcp',
    'local_shell',
  ];
  const refused: [string, object, string, string?][] = [
    ...[...hosted, 'shell', 'apply_patch', 'frobnicate'].map((type): [string, object, string, string] => [
      `a hosted ${type}`,
      { type },
      'tools[0].type',
      'unsupported_tool',
    ]),
    ['no name', { type: 'function', function: {} }, 'tools[0].function.name', 'missing_required_parameter'],
    ['nothing to call', { type: 'function' }, 'tools[0].name', 'missing_required_parameter'],
    [
      'a strict schema that is loose',
      { type: 'function', function: { name: 'f', strict: true, parameters: schema } },
      'tools[0].function.parameters',
      'invalid_function_parameters',
    ],
    [
      'a strict schema that is loose, flat',
      { type: 'function', name: 'f', strict: true, parameters: schema },
      'tools[0].parameters',
      'invalid_function_parameters',
    ],
    [
      'parameters of a wrong type',
      { type: 'function', function: { name: 'f', parameters: [] } },
      'tools[0].function.parameters',
      'invalid_type',
    ],
  ];
  test.each(refused)('refused: %s', (_, tool, param, code) => {
    const failure = refusal(() => toolsOf(tool));
    expect([failure.param, failure.code]).toEqual([param, code]);
  });
});

describe('tool_choice', () => {
  const tools = [
    { type: 'function', function: { name: 'f' } },
    { type: 'custom', custom: { name: 'p' } },
    { type: 'web_search' },
  ];
  const rows: [string, unknown, unknown][] = [
    ['absent stays absent', undefined, undefined],
    ['none', 'none', 'none'],
    ['auto', 'auto', 'auto'],
    ['required', 'required', 'required'],
    ['any', 'any', 'required'],
    ['nested', { type: 'function', function: { name: 'f' } }, { type: 'function', name: 'f' }],
    ['flat', { type: 'function', name: 'f' }, { type: 'function', name: 'f' }],
    ['custom', { type: 'custom', custom: { name: 'p' } }, { type: 'custom', name: 'p' }],
    ["Anthropic's", { type: 'tool', name: 'f' }, { type: 'function', name: 'f' }],
    ['hosted', { type: 'web_search_preview' }, { type: 'web_search' }],
    [
      'allowed_tools',
      {
        type: 'allowed_tools',
        allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'f' } }] },
      },
      { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'f' }] },
    ],
  ];
  test.each(rows)('%s', (_, tool_choice, expected) => {
    expect(translate({ tools, tool_choice }).request.tool_choice).toEqual(expected as never);
  });

  test.each([[{ type: 'function', function: { name: 'g' } }], ['sometimes'], [7]])(
    'refused: %j',
    (tool_choice) => {
      expect(refusal(() => translate({ tools, tool_choice })).param).toBe('tool_choice');
    },
  );

  test('refused: required, without tools', () => {
    expect(refusal(() => translate({ tool_choice: 'required' })).param).toBe('tool_choice');
  });
});

describe('names that the upstream refuses', () => {
  const long = `mcp__a_server_with_a_long_name__${'and_a_tool_'.repeat(5)}`;
  const sibling = `${long}2`;
  const dotted = 'browser.open';
  const declared = [long, sibling, dotted, 'fine'].map((name) => ({ type: 'function', function: { name } }));
  const messages = [
    ...hello.messages,
    {
      role: 'assistant',
      tool_calls: [{ id: 'c', type: 'function', function: { name: long, arguments: '{}' } }],
    },
    { role: 'tool', tool_call_id: 'c', content: '' },
  ];
  const translation = translate({
    tools: declared,
    messages,
    tool_choice: { type: 'function', function: { name: long } },
  });
  const names = (translation.request.tools ?? []).map((tool) => (tool as { name: string }).name);

  test('they are shortened by a pure function, in tools, tool_choice and history alike', () => {
    expect(names[0]).toMatch(/^[A-Za-z0-9_-]{55}_[0-9a-f]{8}$/);
    expect(names[2]).toMatch(/^browser_open_[0-9a-f]{8}$/);
    expect(names[3]).toBe('fine');
    expect(new Set(names).size).toBe(4);
    expect(translation.request.tool_choice).toEqual({ type: 'function', name: names[0] as string });
    expect(translation.request.input[1]).toMatchObject({ type: 'function_call', name: names[0] });
  });

  test('and restored by the translation, for the answer', () => {
    expect(names.map((name) => translation.toolNames.client(name))).toEqual([long, sibling, dotted, 'fine']);
  });
});

describe('functions of 2023', () => {
  const functions = [{ name: 'get_weather', description: 'd', parameters: schema }];
  const tool = { type: 'function', name: 'get_weather', description: 'd', strict: false, parameters: schema };

  test('become tools; one turn has one call', () => {
    const translation = translate({ functions });
    expect(translation.legacyFunctions).toBeTrue();
    expect(translation.request).toMatchObject({ tools: [tool], parallel_tool_calls: false });
    expect(translation.request).not.toHaveProperty('tool_choice');
    expect(translation.dropped).toEqual([]);
  });

  const choices: [unknown, unknown][] = [
    ['none', 'none'],
    ['auto', 'auto'],
    [{ name: 'get_weather' }, { type: 'function', name: 'get_weather' }],
  ];
  test.each(choices)('function_call: %j', (function_call, expected) => {
    expect(translate({ functions, function_call }).request.tool_choice).toEqual(expected as never);
  });

  test('refused: a function that is not declared', () => {
    expect(refusal(() => translate({ functions, function_call: { name: 'x' } })).param).toBe('function_call');
  });
});
