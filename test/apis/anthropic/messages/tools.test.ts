// docs/wire/anthropic.md#tools: tools, their schemas and names, the tool choice, deferred and server tools.
import { describe, expect, test } from 'bun:test';
import type { FunctionTool } from '../../../../src/responses/request.ts';
import { refusal } from '../../openai/responses/refusal.ts';
import { assistant, droppedBy, tool, toolsOf, translate, user } from './support.ts';

describe('custom tools', () => {
  test('strict is always said', () => {
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

  test('strict goes on as it was asked: whether the schema is, is judged for all APIs at once', () => {
    expect(toolsOf(tool('f', { strict: true }))).toMatchObject([{ strict: true }]);
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
    ['an invalid schema', [{ name: 'f', input_schema: 'x' }], 'tools.0.input_schema'],
    ['a schema of a text', [{ name: 'f', input_schema: { type: 'string' } }], 'tools.0.input_schema.type'],
    ['two of one name', [tool('f'), tool('g'), tool('f')], 'tools.2.name'],
  ];
  test.each(refused)('refused: %s', (_, tools, param) => {
    expect(refusal(() => translate({ tools })).param).toBe(param);
  });
});

describe('names', () => {
  const long = `mcp__filesystem__${'directory_'.repeat(9)}list`;
  const sibling = `${long.slice(0, -4)}tree`;
  const dotted = 'browser.open';
  const tools = [tool(long), tool(sibling), tool(dotted), tool('fine')];
  const translation = translate({ tools, tool_choice: { type: 'tool', name: long } });
  const names = (translation.request.tools as FunctionTool[]).map(({ name }) => name);

  test('shortened by the name alone', () => {
    expect(names[0]).toMatch(/^[A-Za-z0-9_-]{55}_[0-9a-f]{8}$/);
    expect(names[2]).toMatch(/^browser_open_[0-9a-f]{8}$/);
    expect(names[3]).toBe('fine');
    expect(new Set(names).size).toBe(4);
    expect(translation.request.tool_choice).toEqual({ type: 'function', name: names[0] as string });
    expect(toolsOf(tool('other'), tool(long))[1]).toMatchObject({ name: names[0] });
  });

  test('and restored by the translation, for the answer', () => {
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
    const { request } = translate({ tools: [tool('f'), search], tool_choice });
    expect(request.tool_choice).toEqual(expected as never);
    expect(request.tools).toHaveLength(2);
    expect(request.parallel_tool_calls).toBeTrue();
  });

  test('disable_parallel_tool_use', () => {
    const tool_choice = { type: 'auto', disable_parallel_tool_use: true };
    expect(translate({ tools: [tool('f')], tool_choice }).request.parallel_tool_calls).toBeFalse();
  });

  test('a forced tool together with thinking is accepted', () => {
    const body = { tools: [tool('f')], tool_choice: { type: 'any' }, thinking: { type: 'adaptive' } };
    expect(translate(body).request.tool_choice).toBe('required');
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
    expect(refusal(() => translate({ tools, tool_choice })).param).toBe(param);
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
    ((translate({ tools, ...body }).request.tools ?? []) as FunctionTool[]).map(({ name }) => name);

  const cases: [string, object, string[]][] = [
    ['invisible until named', {}, ['ToolSearch']],
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

  describe('loaded in the middle of a conversation', () => {
    const all = [deferred('Zoom'), tool('ToolSearch'), deferred('Edit'), tool('Read'), deferred('Alarm')];
    const load = (id: string, ...names: string[]) => [
      assistant({ type: 'tool_use', id, name: 'ToolSearch', input: {} }),
      user([
        {
          type: 'tool_result',
          tool_use_id: id,
          content: names.map((tool_name) => ({ type: 'tool_reference', tool_name })),
        },
      ]),
    ];
    const marksOf = (messages: object[]) =>
      translate({ tools: all, messages }).request.input.filter(({ type }) => type === 'loaded_tools');

    test('are last, in the order of loading, whatever their place in the list', () => {
      const messages = [user('a'), ...load('t1', 'Edit'), ...load('t2', 'Zoom', 'Edit')];
      expect(shown({ tools: all, messages })).toEqual(['ToolSearch', 'Read', 'Edit', 'Zoom']);
    });

    test('are marked behind the results that loaded them', () => {
      const messages = [user('a'), ...load('t1', 'Edit'), ...load('t2', 'Zoom', 'Nobody')];
      expect(translate({ tools: all, messages }).request.input.map(({ type }) => type)).toEqual([
        'message',
        'function_call',
        'function_call_output',
        'loaded_tools',
        'function_call',
        'function_call_output',
        'loaded_tools',
      ]);
      expect(marksOf(messages)).toEqual([
        { type: 'loaded_tools', names: ['Edit'] },
        { type: 'loaded_tools', names: ['Zoom'] },
      ]);
    });

    test('a name the upstream does not take is the same in both places', () => {
      const long = `mcp__a.server__${'x'.repeat(80)}`;
      const { request } = translate({
        tools: [tool('ToolSearch'), deferred(long)],
        messages: [user('a'), ...load('t1', long)],
      });
      const [mark] = request.input.filter(({ type }) => type === 'loaded_tools');
      expect(mark).toEqual({ type: 'loaded_tools', names: [(request.tools![1] as FunctionTool).name] });
    });
  });

  test('nothing but invisible tools is no tools', () => {
    expect(translate({ tools: [deferred('x')] }).request).not.toHaveProperty('tools');
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
    const failure = refusal(() => translate({ tools: [{ type }] }));
    expect(failure.message).toStartWith(`tools.0.type: The tool type \`${type}\` is not supported`);
  });
});
