// anthropic-api.md 5: tools, their schemas and names, the choice between them, deferred and server tools.
import { describe, expect, test } from 'bun:test';
import { isStrict } from '../../../src/dialects/tool-schema.ts';
import type { FunctionTool } from '../../../src/responses/request.ts';
import { refusal } from '../openai/responses/refusal.ts';
import { asked, assistant, droppedBy, tool, toolsOf, user } from './support.ts';

const closed = { type: 'object', properties: { a: {} }, required: ['a'], additionalProperties: false };

/** What becomes of a schema. */
function parametersOf(input_schema: unknown): unknown {
  return (toolsOf({ name: 'f', input_schema })[0] as FunctionTool).parameters;
}

describe('custom tools', () => {
  test('trap 12: strict is always said', () => {
    expect(toolsOf({ ...tool('f'), description: 'd', type: 'custom' })).toEqual([
      {
        type: 'function',
        name: 'f',
        description: 'd',
        strict: false,
        parameters: { type: 'object', properties: {} },
      },
    ]);
  });

  test('strict where the schema is', () => {
    expect(toolsOf({ name: 'f', strict: true, input_schema: closed })).toMatchObject([{ strict: true }]);
    expect(droppedBy({ tools: [{ name: 'f', strict: true, input_schema: closed }] })).toEqual([]);
    const loose = { name: 'f', strict: true, input_schema: { ...closed, required: [] } };
    expect(toolsOf(loose)).toMatchObject([{ strict: false }]);
    expect(droppedBy({ tools: [loose] })).toEqual(['tools.strict']);
  });

  test('no description is an empty one; examples go behind it', () => {
    expect(toolsOf(tool('f'))).toMatchObject([{ description: '' }]);
    expect(toolsOf(tool('f', { description: 'd', input_examples: [{ a: 1 }, { a: 2 }] }))).toMatchObject([
      { description: 'd\n\nExamples of input:\n{"a":1}\n{"a":2}' },
    ]);
  });

  test('options of other servers are dropped', () => {
    const body = { tools: [tool('f', { eager_input_streaming: true, allowed_callers: ['direct'] })] };
    expect(droppedBy(body)).toEqual(['tools.eager_input_streaming', 'tools.allowed_callers']);
  });

  test('the order is kept', () => {
    const names = ['z', 'a', 'm'];
    expect(toolsOf(...names.map((name) => tool(name))).map((each) => (each as FunctionTool).name)).toEqual(
      names,
    );
  });

  const refused: [string, object[], string][] = [
    ['no name', [{ input_schema: {} }], 'tools.0.name'],
    ['no schema', [{ name: 'f' }], 'tools.0.input_schema'],
    ['a schema that is none', [{ name: 'f', input_schema: 'x' }], 'tools.0.input_schema'],
    ['a schema of a text', [{ name: 'f', input_schema: { type: 'string' } }], 'tools.0.input_schema.type'],
    ['two of one name', [tool('f'), tool('g'), tool('f')], 'tools.2.name'],
  ];
  test.each(refused)('refused: %s', (_, tools, param) => {
    expect(refusal(() => asked({ tools })).param).toBe(param);
  });
});

describe('schemas', () => {
  const open = { type: 'object', properties: {} };
  const rows: [string, unknown, unknown][] = [
    ['$schema', { $schema: 'https://json-schema.org/draft/2020-12/schema', ...closed }, closed],
    ['cache_control', { ...closed, cache_control: {} }, closed],
    ['no type', { properties: { a: {} } }, { type: 'object', properties: { a: {} } }],
    ['a type that may be null', { type: ['object', 'null'], properties: {} }, open],
    ['trap 13: no properties', { type: 'object' }, open],
    ['properties: null', { type: 'object', properties: null }, open],
    ['required: null', { ...open, required: null }, open],
    ['enum and not at the root', { ...open, enum: [{}], not: {} }, open],
    [
      'trap 13: an array without items, anywhere',
      {
        type: 'object',
        properties: {
          a: { type: 'array' },
          b: { type: 'object', properties: { c: { type: ['array', 'null'] } } },
        },
      },
      {
        type: 'object',
        properties: {
          a: { type: 'array', items: {} },
          b: { type: 'object', properties: { c: { type: ['array', 'null'], items: {} } } },
        },
      },
    ],
    [
      'schemas that are true or false',
      { type: 'object', properties: { a: true, b: false }, required: ['a', 'b'] },
      { type: 'object', properties: { a: {} }, required: ['a'] },
    ],
    [
      'a reference as the root',
      { $ref: '#/definitions/F', definitions: { F: closed } },
      { ...closed, definitions: { F: closed } },
    ],
    [
      'trap 14: allOf at the root',
      {
        type: 'object',
        allOf: [
          { properties: { a: { type: 'string' } }, required: ['a'] },
          { properties: { b: {} }, required: ['b'] },
        ],
      },
      { type: 'object', properties: { a: { type: 'string' }, b: {} }, required: ['a', 'b'] },
    ],
    [
      'trap 14: anyOf at the root',
      {
        type: 'object',
        properties: { id: {} },
        required: ['id'],
        additionalProperties: false,
        anyOf: [
          { properties: { kind: { const: 'x' }, a: {} }, required: ['kind', 'a'] },
          { properties: { kind: { const: 'y' } }, required: ['kind'] },
        ],
      },
      {
        type: 'object',
        properties: { id: {}, kind: { anyOf: [{ const: 'x' }, { const: 'y' }] }, a: {} },
        required: ['id', 'kind'],
        additionalProperties: false,
      },
    ],
    [
      'trap 14: oneOf of references',
      { oneOf: [{ $ref: '#/$defs/A' }, { $ref: '#/$defs/B' }], $defs: { A: closed, B: closed } },
      { ...closed, $defs: { A: closed, B: closed } },
    ],
  ];
  test.each(rows)('%s', (_, given, expected) => {
    expect(parametersOf(given)).toEqual(expected);
  });

  test('what goes together is told in words when a union is merged', () => {
    const input_schema = {
      anyOf: [
        { properties: { a: {}, b: {} }, required: ['a', 'b'] },
        { properties: { c: {}, d: {} }, required: [] },
      ],
    };
    expect(toolsOf({ name: 'f', description: 'Does it.', input_schema })).toMatchObject([
      { description: 'Does it.\n\nGive one of these sets of fields: (a, b) or (c, d).' },
    ]);
  });

  test('nothing else is touched, and never the client’s own object', () => {
    const schema = {
      type: 'object',
      properties: {
        a: { default: 1, maximum: 9_007_199_254_740_991, exclusiveMinimum: 0 },
        b: { oneOf: [{ const: 'x' }, { const: 'y' }] },
        c: { $ref: '#/$defs/c' },
        d: { type: 'object', additionalProperties: { type: 'string' }, propertyNames: { maxLength: 3 } },
        default: { type: 'string' },
      },
      required: ['a'],
      additionalProperties: false,
      $defs: { c: { type: 'object', properties: { c: { $ref: '#/$defs/c' } } } },
    };
    const before = structuredClone(schema);
    expect(parametersOf(schema)).toEqual(before);
    parametersOf({ ...schema, $schema: 'x', properties: { z: { type: 'array' } } });
    expect(schema).toEqual(before);
  });

  test('a definition that names itself comes to an end', () => {
    const schema = { $ref: '#/$defs/A', $defs: { A: { anyOf: [{ $ref: '#/$defs/A' }, closed] } } };
    expect(parametersOf(schema)).toMatchObject({ type: 'object', properties: { a: {} } });
  });

  test('a few definitions that stand for millions come to an end, too', () => {
    const anyOf = Array.from({ length: 50 }, () => ({ $ref: '#/$defs/A' }));
    expect(parametersOf({ anyOf, $defs: { A: { anyOf, properties: { a: {} } } } })).toMatchObject({
      type: 'object',
      properties: { a: {} },
    });
  });

  const strictness: [string, unknown, boolean][] = [
    ['closed, all required', closed, true],
    ['open', { ...closed, additionalProperties: true }, false],
    ['one not required', { ...closed, required: [] }, false],
    ['a default inside', { ...closed, properties: { a: { type: 'string', default: 'x' } } }, false],
    ['a property named default', { ...closed, properties: { default: {} }, required: ['default'] }, true],
    [
      'an open object inside an array',
      { ...closed, properties: { a: { items: { type: 'object' } } } },
      false,
    ],
    ['anyOf inside', { ...closed, properties: { a: { anyOf: [{ type: 'string' }, closed] } } }, true],
    ['oneOf inside', { ...closed, properties: { a: { oneOf: [{ type: 'string' }] } } }, false],
    ['an open definition', { ...closed, $defs: { x: { type: 'object', properties: {} } } }, false],
  ];
  test.each(strictness)('5.1: strict rules: %s', (_, schema, expected) => {
    expect(isStrict(schema)).toBe(expected);
  });
});

describe('names', () => {
  const long = `mcp__filesystem__${'directory_'.repeat(9)}list`;
  const sibling = `${long.slice(0, -4)}tree`;
  const dotted = 'browser.open';
  const tools = [tool(long), tool(sibling), tool(dotted), tool('fine')];
  const translation = asked({ tools, tool_choice: { type: 'tool', name: long } });
  const names = (translation.request.tools as FunctionTool[]).map(({ name }) => name);

  test('trap 15, field note 42: shortened by the name alone', () => {
    expect(names[0]).toMatch(/^[A-Za-z0-9_-]{55}_[0-9a-f]{8}$/);
    expect(names[2]).toMatch(/^browser_open_[0-9a-f]{8}$/);
    expect(names[3]).toBe('fine');
    expect(new Set(names).size).toBe(4);
    expect(translation.request.tool_choice).toEqual({ type: 'function', name: names[0] as string });
    expect(toolsOf(tool('other'), tool(long))[1]).toMatchObject({ name: names[0] });
  });

  test('trap 15: and restored by the translation, for the answer', () => {
    expect(names.map((name) => translation.toolNames.client(name))).toEqual([long, sibling, dotted, 'fine']);
    expect(translation.toolNames.client('never_declared')).toBe('never_declared');
  });
});

describe('tool_choice', () => {
  const search = { type: 'web_search_20250305', name: 'web_search' };
  const choices: [unknown, unknown][] = [
    [undefined, 'auto'],
    [null, 'auto'],
    [{ type: 'auto' }, 'auto'],
    [{ type: 'any' }, 'required'],
    [{ type: 'none' }, 'none'],
    [
      { type: 'tool', name: 'f' },
      { type: 'function', name: 'f' },
    ],
    [{ type: 'tool', name: 'web_search' }, { type: 'web_search' }],
  ];
  test.each(choices)('%j', (tool_choice, expected) => {
    const { request } = asked({ tools: [tool('f'), search], tool_choice });
    expect(request.tool_choice).toEqual(expected as never);
    expect(request.tools).toHaveLength(2);
    expect(request.parallel_tool_calls).toBeTrue();
  });

  test('trap 17: disable_parallel_tool_use', () => {
    const tool_choice = { type: 'auto', disable_parallel_tool_use: true };
    expect(asked({ tools: [tool('f')], tool_choice }).request.parallel_tool_calls).toBeFalse();
  });

  test('a forced tool together with thinking is accepted', () => {
    const body = { tools: [tool('f')], tool_choice: { type: 'any' }, thinking: { type: 'adaptive' } };
    expect(asked(body).request.tool_choice).toBe('required');
  });

  const refused: [unknown, object[], string][] = [
    [{ type: 'any' }, [], 'tool_choice'],
    [{ type: 'tool', name: 'f' }, [], 'tool_choice.name'],
    [{ type: 'tool', name: 'g' }, [tool('f')], 'tool_choice.name'],
    [{ type: 'tool' }, [tool('f')], 'tool_choice.name'],
    [{ type: 'AUTO' }, [tool('f')], 'tool_choice.type'],
    ['auto', [tool('f')], 'tool_choice'],
  ];
  test.each(refused)('refused: %j', (tool_choice, tools, param) => {
    expect(refusal(() => asked({ tools, tool_choice })).param).toBe(param);
  });
});

describe('deferred tools', () => {
  const deferred = (name: string) => tool(name, { defer_loading: true });
  const tools = [tool('ToolSearch'), deferred('Edit'), deferred('DeferredToolPlaceholder')];
  const found = (name: string) => [
    user('a'),
    assistant({ type: 'tool_use', id: 't1', name: 'ToolSearch', input: {} }),
    user([
      { type: 'tool_result', tool_use_id: 't1', content: [{ type: 'tool_reference', tool_name: name }] },
    ]),
  ];
  const shown = (body: object) =>
    ((asked({ tools, ...body }).request.tools ?? []) as FunctionTool[]).map(({ name }) => name);

  const cases: [string, object, string[]][] = [
    ['trap 34: invisible until named', {}, ['ToolSearch']],
    ['found by a search', { messages: found('Edit') }, ['ToolSearch', 'Edit']],
    [
      'added by a system message',
      { messages: [user('a'), { role: 'system', content: [{ type: 'tool_addition', tool_name: 'Edit' }] }] },
      ['ToolSearch', 'Edit'],
    ],
    [
      'and removed again',
      {
        messages: [
          ...found('Edit'),
          { role: 'system', content: [{ type: 'tool_removal', tool_name: 'Edit' }] },
        ],
      },
      ['ToolSearch'],
    ],
    ['chosen', { tool_choice: { type: 'tool', name: 'Edit' } }, ['ToolSearch', 'Edit']],
    [
      'all of them, where the server was to search',
      { tools: [{ type: 'tool_search_tool_regex_20251119', name: 'tool_search_tool_regex' }, ...tools] },
      ['ToolSearch', 'Edit', 'DeferredToolPlaceholder'],
    ],
  ];
  test.each(cases)('%s', (_, body, expected) => {
    expect(shown(body)).toEqual(expected);
  });

  test('nothing but invisible tools is no tools', () => {
    expect(asked({ tools: [deferred('x')] }).request).not.toHaveProperty('tools');
  });
});

describe('server tools and tools Anthropic defines', () => {
  test.each(['web_search_20250305', 'web_search_20260209', 'web_search_20260318'])('%s', (type) => {
    const place = { type: 'approximate', city: 'Oslo', country: 'NO', zip: '0150' };
    const given = { type, name: 'web_search', allowed_domains: ['yr.no'], user_location: place };
    expect(toolsOf(given)).toEqual([
      {
        type: 'web_search',
        filters: { allowed_domains: ['yr.no'] },
        user_location: { type: 'approximate', city: 'Oslo', country: 'NO' },
      },
    ]);
    expect(toolsOf({ type, name: 'web_search' })).toEqual([{ type: 'web_search' }]);
  });

  test('what the upstream’s search has not is dropped', () => {
    const tools = [{ type: 'web_search_20250305', name: 'web_search', max_uses: 8, blocked_domains: ['x'] }];
    expect(droppedBy({ tools })).toEqual(['web_search.blocked_domains', 'web_search.max_uses']);
  });

  test.each([0, 1])(
    'of a server tool and a custom one of its name the custom one is kept (%p first)',
    (first) => {
      const two = [{ type: 'web_search_20250305', name: 'web_search' }, tool('web_search')];
      expect(toolsOf(two[first] as object, two[1 - first] as object)).toMatchObject([
        { type: 'function', name: 'web_search' },
      ]);
    },
  );

  const client: [string, string, string[]][] = [
    ['bash_20250124', 'bash', ['command', 'restart']],
    ['text_editor_20250124', 'str_replace_editor', ['command', 'path', 'old_str', 'view_range']],
    ['text_editor_20250728', 'str_replace_based_edit_tool', ['command', 'path', 'insert_text']],
    ['memory_20250818', 'memory', ['command', 'old_path', 'new_path']],
  ];
  test.each(client)('%s becomes a function of the published schema', (type, name, fields) => {
    const [made] = toolsOf({ type, name, max_characters: 1000 }) as FunctionTool[];
    expect(made).toMatchObject({ type: 'function', name, strict: false });
    expect(made?.description).not.toBe('');
    const { properties } = made!.parameters as { properties: object };
    expect(Object.keys(properties)).toEqual(expect.arrayContaining(fields));
  });

  test('undo_edit is of the oldest editor alone', () => {
    const commands = (type: string) => JSON.stringify(toolsOf({ type, name: 'e' }));
    expect(commands('text_editor_20250124')).toContain('undo_edit');
    expect(commands('text_editor_20250429')).not.toContain('undo_edit');
  });

  test.each([
    'web_fetch_20250910',
    'code_execution_20250825',
    'mcp_toolset',
    'advisor_20260101',
    'computer_20250124',
    'computer_toolset_20260801',
    'browser_toolset_20260801',
    'telepathy_20300101',
  ])('%s is refused by name', (type) => {
    const failure = refusal(() => asked({ tools: [{ type }] }));
    expect(failure.message).toStartWith(`tools.0.type: The tool type \`${type}\` is not available here`);
  });
});
