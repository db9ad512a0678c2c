// docs/wire/openai.md#chat-tools, #tool-choice, #responses-tools: tools, tool_choice, names and ids in the chat and
// Responses APIs.

import { describe, expect, test } from 'bun:test';
import { checkStrictSchema } from '../../../../src/apis/openai/strict-schema.ts';
import { callableTool, toolChoice, webSearchTool } from '../../../../src/apis/openai/tools.ts';
import { ToolNames } from '../../../../src/apis/tool-names.ts';
import type { Fields } from '../../../../src/responses/fields.ts';
import { refusal } from './refusal.ts';

const schema = { type: 'object', properties: { b: { type: 'string' }, a: {} }, required: ['b'] };
const grammar = { syntax: 'lark', definition: 'start: "x"' };

function callable(tool: Fields, flatStrict: false | undefined = undefined) {
  return callableTool(tool, 'tools[0]', { names: new ToolNames(), flatStrict });
}

describe('function and custom tools', () => {
  const rows: [string, Fields, unknown][] = [
    [
      'flat: strict stays unsaid',
      { type: 'function', name: 'f', parameters: schema },
      { type: 'function', name: 'f', parameters: schema },
    ],
    [
      'nested as in chat: flattened, and not strict because chat does not mean it',
      { type: 'function', function: { name: 'f', description: 'd', parameters: schema } },
      { type: 'function', name: 'f', description: 'd', strict: false, parameters: schema },
    ],
    [
      'no type, name and parameters',
      { name: 'f', parameters: schema },
      { type: 'function', name: 'f', parameters: schema },
    ],
    [
      "no type, Anthropic's input_schema",
      { name: 'f', input_schema: schema },
      { type: 'function', name: 'f', strict: false, parameters: schema },
    ],
    [
      'parameters left out',
      { type: 'function', name: 'f' },
      { type: 'function', name: 'f', parameters: { type: 'object', properties: {} } },
    ],
    [
      'unknown keys are not forwarded',
      { type: 'function', name: 'f', parameters: schema, cache_control: {} },
      { type: 'function', name: 'f', parameters: schema },
    ],
    [
      'custom, flat grammar',
      { type: 'custom', name: 'c', format: { type: 'grammar', ...grammar } },
      { type: 'custom', name: 'c', format: { type: 'grammar', ...grammar } },
    ],
    [
      'custom, everything nested',
      { type: 'custom', custom: { name: 'c', format: { type: 'grammar', grammar } } },
      { type: 'custom', name: 'c', format: { type: 'grammar', ...grammar } },
    ],
    ['another type is not theirs', { type: 'web_search' }, undefined],
  ];
  test.each(rows)('%s', (_, tool, expected) => {
    expect(callable(tool)).toEqual(expected as never);
  });

  test('flat in chat is not strict either, unless the client says so', () => {
    expect(callable({ type: 'function', name: 'f' }, false)).toMatchObject({ strict: false });
    expect(
      callable({ type: 'function', name: 'f', strict: true, parameters: strict({}) }, false),
    ).toMatchObject({
      strict: true,
    });
  });

  test('the schema keeps the order of its keys: the prompt cache depends on it', () => {
    const tool = callable({ type: 'function', name: 'f', parameters: schema });
    expect(JSON.stringify((tool as { parameters: unknown }).parameters)).toBe(JSON.stringify(schema));
  });

  test.each([
    ['no name', { type: 'function', function: { parameters: {} } }, 'tools[0].function.name'],
    ['an empty tool', {}, 'tools[0].type'],
    ['parameters that are text', { type: 'function', name: 'f', parameters: '{}' }, 'tools[0].parameters'],
  ])('%s → 400', (_, tool, param) => {
    expect(refusal(() => callable(tool)).param).toBe(param);
  });
});

function strict(properties: Fields): Fields {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}

describe('strict schemas', () => {
  const loose = { type: 'object', properties: { x: {} }, required: ['x'] };
  test.each<[string, Fields, string]>([
    ['additionalProperties', loose, 'the schema needs'],
    ['required', { ...strict({ x: {} }), required: [] }, 'must list `x`'],
    ['in a property', strict({ a: loose }), '`a` needs'],
    ['in a list', strict({ a: { type: 'array', items: loose } }), '`a.items` needs'],
    ['in a branch', strict({ a: { anyOf: [{ type: 'null' }, loose] } }), '`a.anyOf` needs'],
    ['in a definition', { ...strict({}), $defs: { d: loose } }, '`d` needs'],
    ['nullable object', strict({ a: { type: ['object', 'null'] } }), '`a` needs'],
  ])('codex-lb#658: %s is checked before the upstream fails unclearly', (_, bad, words) => {
    const failure = refusal(() =>
      checkStrictSchema(bad, 'tools[0].parameters', 'invalid_function_parameters'),
    );
    expect(failure).toMatchObject({ code: 'invalid_function_parameters', param: 'tools[0].parameters' });
    expect(failure.message).toContain(words);
  });

  test('a good one passes', () => {
    const good = strict({ a: strict({}), b: { type: 'array', items: { type: 'string' } }, c: { enum: [1] } });
    expect(checkStrictSchema(good, 'p', 'invalid_json_schema')).toBeUndefined();
  });
});

describe('web_search under its old names', () => {
  test.each(['web_search', 'web_search_preview', 'web_search_preview_2025_03_11', 'web_search_2025_08_26'])(
    '%s',
    (type) => {
      const tool = { type, search_context_size: 'low', user_location: null, unknown: 1 };
      expect(webSearchTool(tool)).toEqual({ type: 'web_search', search_context_size: 'low' });
    },
  );

  test('nothing else', () => {
    expect(webSearchTool({ type: 'web_searcher' })).toBeUndefined();
  });
});

describe('tool_choice', () => {
  const tools = [
    { type: 'function' as const, name: 'f' },
    { type: 'custom' as const, name: 'c' },
    { type: 'namespace', name: 'n', tools: [{ type: 'function', name: 'inner' }] },
    { type: 'web_search' },
    { type: 'image_generation' },
  ];
  const choose = (value: unknown, from: typeof tools | undefined = tools) =>
    toolChoice(value, from, new ToolNames());

  test.each<[unknown, unknown]>([
    [undefined, undefined],
    [null, undefined],
    ['none', 'none'],
    ['auto', 'auto'],
    ['required', 'required'],
    ['any', 'required'],
    [{ type: 'auto' }, 'auto'],
    [{ type: 'any' }, 'required'],
    [{ type: 'none' }, 'none'],
    [
      { type: 'function', function: { name: 'f' } },
      { type: 'function', name: 'f' },
    ],
    [
      { type: 'function', name: 'f' },
      { type: 'function', name: 'f' },
    ],
    [
      { type: 'function', name: 'inner' },
      { type: 'function', name: 'inner' },
    ],
    [
      { type: 'tool', name: 'f' },
      { type: 'function', name: 'f' },
    ],
    [
      { type: 'custom', custom: { name: 'c' } },
      { type: 'custom', name: 'c' },
    ],
    [{ type: 'web_search_preview' }, { type: 'web_search' }],
    [{ type: 'image_generation' }, { type: 'image_generation' }],
    [
      {
        type: 'allowed_tools',
        allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: 'f' } }] },
      },
      { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'f' }] },
    ],
    [
      { type: 'allowed_tools', mode: 'required', tools: [{ type: 'web_search_preview' }] },
      { type: 'allowed_tools', mode: 'required', tools: [{ type: 'web_search' }] },
    ],
  ])('%j → %j', (value, expected) => {
    expect(choose(value)).toEqual(expected as never);
  });

  test('without tools, `auto` and `none` are left out and `required` is refused', () => {
    for (const none of [undefined, []]) {
      expect(choose('auto', none ?? [])).toBeUndefined();
      expect(toolChoice('none', none, new ToolNames())).toBeUndefined();
      expect(refusal(() => toolChoice('required', none, new ToolNames())).param).toBe('tool_choice');
    }
  });

  test.each<[unknown]>([
    ['sometimes'],
    [7],
    [{}],
    [{ type: 'function', name: 'other' }],
    [{ type: 'function' }],
    [{ type: 'allowed_tools', tools: [] }],
    [{ type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'other' }] }],
  ])('%j → 400', (value) => {
    expect(refusal(() => choose(value)).param).toStartWith('tool_choice');
  });
});

describe('names and ids the upstream refuses', () => {
  const long = `mcp__server.with.dots__${'x'.repeat(60)}`;

  const upstreamToolName = (name: string) => new ToolNames().upstream(name, 'name');

  test('a long or illegal name becomes a legal one, always the same', () => {
    expect(upstreamToolName('get_weather-2')).toBe('get_weather-2');
    expect(upstreamToolName('a.b')).toMatch(/^a_b_[0-9a-f]{8}$/);
    expect(upstreamToolName(long)).toMatch(/^mcp__server_with_dots__x{32}_[0-9a-f]{8}$/);
    expect(upstreamToolName(long)).toHaveLength(64);
    expect(upstreamToolName(`${long}1`)).not.toBe(upstreamToolName(`${long}2`));
    expect(upstreamToolName('天気')).toMatch(/^__+[0-9a-f]{8}$/);
  });

  test('what was shortened comes back, and a collision is refused', () => {
    const names = new ToolNames();
    const short = names.upstream(long, 'tools[0].name');
    expect(names.client(short)).toBe(long);
    expect(names.client('never_seen')).toBe('never_seen');
    expect(names.upstream(long, 'input[3].name')).toBe(short);
    expect(refusal(() => names.upstream(short, 'tools[1].name')).param).toBe('tools[1].name');
  });
});
