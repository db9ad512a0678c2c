// docs/wire/anthropic.md#system-in-messages, #web-search, #match-by-id, #dropped-fields: messages, their order, calls
// and results, and stable prefixes for the prompt cache.
import { describe, expect, test } from 'bun:test';
import type { InputItem, InputReasoning } from '../../../../src/responses/request.ts';
import { checkTools } from '../../../../src/upstream/rules/tools.ts';
import { refusal } from '../../openai/responses/refusal.ts';
import {
  assistant,
  context,
  droppedBy,
  inputOf,
  text,
  tool,
  translate,
  translator,
  user,
} from './support.ts';

const said = (role: string, ...texts: string[]): InputItem => ({
  type: 'message',
  role,
  content: texts.map((each) => ({ type: role === 'assistant' ? 'output_text' : 'input_text', text: each })),
});
const system = (content: unknown, further: object = {}) => ({ role: 'system', content, ...further });
const use = (id: string, input: unknown = {}, further: object = {}) => ({
  type: 'tool_use',
  id,
  name: 'Read',
  input,
  ...further,
});
const result = (id: string, content?: unknown, further: object = {}) => ({
  type: 'tool_result',
  tool_use_id: id,
  ...(content === undefined ? {} : { content }),
  ...further,
});
const made = (call_id: string, args = '{}'): InputItem => ({
  type: 'function_call',
  call_id,
  name: 'Read',
  arguments: args,
});
const output = (call_id: string, given: unknown): InputItem => ({
  type: 'function_call_output',
  call_id,
  output: given,
});
const thinking = (blob: string) => ({ type: 'thinking', thinking: 'Hm.', signature: `cdx1.${blob}` });
const reasoning = (blob: string): InputItem => ({ type: 'reasoning', summary: [], encrypted_content: blob });
const continueInstruction = said(
  'developer',
  'Continue your last message exactly where it stopped; do not repeat it.',
);

describe('roles', () => {
  test('items in the order of messages and blocks; consecutive messages of a role stay apart', () => {
    expect(inputOf(user('a'), user([text('b'), text('c')]), assistant(text('d')), user('e'))).toEqual([
      said('user', 'a'),
      said('user', 'b', 'c'),
      said('assistant', 'd'),
      said('user', 'e'),
    ]);
  });

  test('a text and an array of one text are the same item', () => {
    const forms = [
      [user('a'), { role: 'assistant', content: 'b' }, system('c'), user('d')],
      [user([text('a')]), assistant(text('b')), system([text('c')]), user(['d'])],
    ];
    const [asText, asBlocks] = forms.map((messages) => JSON.stringify(inputOf(...messages)));
    expect(asBlocks).toBe(asText as string);
    const systems = ['a', [text('a')]].map((prompt) => translate({ system: prompt }).request.instructions);
    expect(systems).toEqual(['a', 'a']);
    const results = ['r', [text('r')]].map((content) =>
      inputOf(user('x'), assistant(use('t1')), user([result('t1', content)])).at(-1),
    );
    expect(results).toEqual([output('t1', 'r'), output('t1', 'r')]);
  });

  test('empty texts and messages are skipped; a conversation of nothing is refused', () => {
    expect(inputOf(user(''), assistant(text('')), user([text(''), text('a')]))).toEqual([said('user', 'a')]);
    expect(refusal(() => inputOf(user(''), assistant())).param).toBe('messages');
  });

  test('half a surrogate pair becomes U+FFFD', () => {
    expect(inputOf(user('a\ud83d'), user('😀'))).toEqual([said('user', 'a\ufffd'), said('user', '😀')]);
    expect(translate({ system: '\ude00' }).request.instructions).toBe('\ufffd');
  });

  test.each(['developer', 'tool', undefined])('another role is refused: %p', (role) => {
    const failure = refusal(() => inputOf(user('a'), { role, content: 'b' }));
    expect(failure.message).toStartWith('messages.1.role: Input should be');
  });

  const malformed: [string, unknown, string][] = [
    ['no content', { role: 'user' }, 'messages.0.content'],
    ['content of another kind', user(7), 'messages.0.content'],
    ['an invalid block', user([7]), 'messages.0.content.0'],
    ['a text without text', user([{ type: 'text' }]), 'messages.0.content.0.text'],
    ['a call without id', assistant({ type: 'tool_use', name: 'f' }), 'messages.0.content.0.id'],
    ['a call without name', assistant({ type: 'tool_use', id: 'a' }), 'messages.0.content.0.name'],
    ['an invalid input', assistant(use('a', [1])), 'messages.0.content.0.input'],
  ];
  test.each(malformed)('%s', (_, message, param) => {
    expect(refusal(() => inputOf(message)).param).toBe(param);
  });
});

describe('system', () => {
  test('blocks are joined with a blank line', () => {
    expect(translate({ system: [text('a'), text(''), text('b')] }).request.instructions).toBe('a\n\nb');
  });

  const billing = 'x-anthropic-billing-header: cc_version=2.1.329.3c4; cc_entrypoint=sdk-cli;';
  test('the billing line is removed, as a block and as a line', () => {
    expect(translate({ system: [text(billing), text('a')] }).request.instructions).toBe('a');
    expect(translate({ system: `${billing}\n\na` }).request.instructions).toBe('a');
    expect(translate({ system: billing }).request).not.toHaveProperty('instructions');
  });

  test('a system message in the conversation is a developer item at its place', () => {
    const { request } = translate({ system: 'top', messages: [user('a'), system('b'), user('c')] });
    expect(request.instructions).toBe('top');
    expect(request.input).toEqual([said('user', 'a'), said('developer', 'b'), said('user', 'c')]);
  });

  test('a request may end with a system message: that is no prefill', () => {
    expect(inputOf(user('a'), system('b'))).toEqual([said('user', 'a'), said('developer', 'b')]);
  });

  test('one without content says nothing', () => {
    expect(inputOf(user('a'), { role: 'system', output_config: { effort: 'low' } })).toEqual([
      said('user', 'a'),
    ]);
  });

  test('clear_at: shown until there is a later user message, of results too', () => {
    const fleeting = system('b', { clear_at: 'next_user_message' });
    expect(inputOf(user('a'), fleeting)).toEqual([said('user', 'a'), said('developer', 'b')]);
    expect(inputOf(user('a'), fleeting, user('c'))).toEqual([said('user', 'a'), said('user', 'c')]);
    expect(inputOf(user('a'), assistant(use('t')), fleeting, user([result('t')]))).not.toContainEqual(
      said('developer', 'b'),
    );
    expect(inputOf(user('a'), system('b', { clear_at: 'never' }), user('c'))).toHaveLength(3);
  });

  test('tools that come and go are told in words', () => {
    const names = [
      { type: 'tool_reference', tool_name: 'A' },
      { type: 'tool_addition', tool: { type: 'tool_reference', tool_name: 'B' } },
      { type: 'tool_removal', name: 'A' },
    ];
    expect(inputOf(user('a'), system(names)).at(-1)).toEqual(
      said('developer', 'Tool available: A', 'Tool available: B', 'Tool no longer available: A'),
    );
  });

  test('a picture has no place in it', () => {
    expect(refusal(() => inputOf(user('a'), system([{ type: 'image' }]))).param).toBe(
      'messages.1.content.0.type',
    );
  });
});

describe('prefill', () => {
  test('a conversation that ends with the assistant is continued', () => {
    expect(inputOf(user('a'), assistant(text('{"n":')))).toEqual([
      said('user', 'a'),
      said('assistant', '{"n":'),
      continueInstruction,
    ]);
  });

  test('an assistant message that says nothing continues nothing', () => {
    expect(inputOf(user('a'), assistant(text('')))).toEqual([said('user', 'a')]);
  });

  test.each([
    ['a call', [use('t1')], [made('t1')]],
    ['a result', [use('t1'), result('t1', 'r')], [made('t1'), output('t1', 'r')]],
  ])('one that ends with %s does not ask for more text', (_, blocks, items) => {
    expect(inputOf(user('a'), assistant(text('b'), ...blocks)).slice(1)).toEqual([
      said('assistant', 'b'),
      ...items,
    ]);
  });
});

describe('calls and results', () => {
  const conversation = (results: unknown[], ...calls: unknown[]) =>
    inputOf(user('a'), assistant(text('b'), ...calls), user(results)).slice(2);

  test('a text before a call is a message of its own, in that order', () => {
    expect(inputOf(user('a'), assistant(text('b'), use('t1')), user([result('t1', 'r')]))).toEqual([
      said('user', 'a'),
      said('assistant', 'b'),
      made('t1'),
      output('t1', 'r'),
    ]);
  });

  const inputs: [string, unknown, string][] = [
    ['keys and spacing of one stringify', { b: 1, a: { c: '\n' } }, '{"b":1,"a":{"c":"\\n"}}'],
    ['null', null, '{}'],
    ['a text that holds an object', '{ "a": 1 }', '{ "a": 1 }'],
  ];
  test.each(inputs)('input: %s', (_, input, expected) => {
    expect(conversation([result('t1')], use('t1', input))[0]).toEqual(made('t1', expected));
  });

  test('caller and toolset_name stay here', () => {
    const further = { caller: { type: 'direct' }, toolset_name: 'x', cache_control: { type: 'ephemeral' } };
    const items = conversation([result('t1', 'r', further)], use('t1', {}, further));
    expect(items).toEqual([made('t1'), output('t1', 'r')]);
  });

  test('results are matched by id, not by place', () => {
    expect(conversation([result('t2', 'r2'), result('t1', 'r1')], use('t1'), use('t2'))).toEqual([
      made('t1'),
      made('t2'),
      output('t2', 'r2'),
      output('t1', 'r1'),
    ]);
  });

  test('a text before a result goes behind it', () => {
    expect(conversation([text('x'), result('t1', 'r'), text('y')], use('t1'))).toEqual([
      made('t1'),
      output('t1', 'r'),
      said('user', 'x', 'y'),
    ]);
  });

  test('a result in the message of its call is its result', () => {
    expect(
      inputOf(user('a'), assistant(use('t1'), result('t1', 'r'), text('b')), user('c')).slice(1),
    ).toEqual([made('t1'), output('t1', 'r'), said('assistant', 'b'), said('user', 'c')]);
  });

  test('an interrupted call passes: it gets its output in turns/history.ts', () => {
    expect(inputOf(user('a'), assistant(use('t1')), user('stop')).slice(1)).toEqual([
      made('t1'),
      said('user', 'stop'),
    ]);
  });

  test('a result without its call is refused, with the place and the id', () => {
    const failure = refusal(() => inputOf(user([text('x'), result('t9')])));
    expect(failure.message).toStartWith('messages.0.content.1: unexpected `tool_use_id`');
    expect(failure.message).toContain('t9');
  });

  test('a second result of one call: the last counts, the earlier becomes a note', () => {
    expect(conversation([result('t1', 'old'), result('t1', 'new')], use('t1'))).toEqual([
      made('t1'),
      output('t1', 'new'),
      said('user', '[earlier result of the tool call t1] old'),
    ]);
  });

  test('an id may be used again once it was answered, not before', () => {
    const again = [user('a'), assistant(use('t1')), user([result('t1', 'r1')]), assistant(use('t1'))];
    expect(inputOf(...again, user([result('t1', 'r2')])).slice(1)).toEqual([
      made('t1'),
      output('t1', 'r1'),
      made('t1'),
      output('t1', 'r2'),
    ]);
    expect(refusal(() => inputOf(user('a'), assistant(use('t1'), use('t1')))).param).toBe(
      'messages.1.content.1.id',
    );
  });

  test('a name is shortened in the history as in tools', () => {
    const name = `mcp__server__${'read_'.repeat(20)}`;
    const { request } = translate({
      tools: [tool(name)],
      messages: [user('a'), assistant(use('t1', {}, { name })), user([result('t1')])],
    });
    const [declared] = request.tools as { name: string }[];
    expect(declared?.name).toMatch(/^[A-Za-z0-9_-]{55}_[0-9a-f]{8}$/);
    expect(request.input[1]).toMatchObject({ name: declared?.name });
  });
});

describe('what servers did', () => {
  const used = { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'oslo' } };
  const found = (content: unknown) => ({
    type: 'web_search_tool_result',
    tool_use_id: 'srvtoolu_1',
    content,
  });
  const pages = [
    { type: 'web_search_result', url: 'https://a.no', title: 'A', encrypted_content: '', page_age: null },
    { type: 'web_search_result', url: 'https://b.no', title: '' },
  ];

  test('a search that a text follows needs no words', () => {
    expect(inputOf(user('a'), assistant(used, found(pages), text('b')), user('c'))).toEqual([
      said('user', 'a'),
      said('assistant', 'b'),
      said('user', 'c'),
    ]);
  });

  test('one that nothing follows is told in a line', () => {
    expect(inputOf(user('a'), assistant(text('b'), used, found(pages)), user('c'))[1]).toEqual(
      said('assistant', 'b', '[web search: oslo] A https://a.no; https://b.no'),
    );
    const error = { type: 'web_search_tool_result_error', error_code: 'unavailable' };
    expect(inputOf(user('a'), assistant(used, found(error)), user('c'))[1]).toEqual(
      said('assistant', '[web search: oslo] unavailable'),
    );
  });

  const foreign: [object, string][] = [
    [
      { type: 'mcp_tool_result', tool_use_id: 'x', content: [{ type: 'text', text: 'found' }] },
      '[mcp_tool_result]\nfound',
    ],
    [{ type: 'mcp_tool_use', id: 'x', name: 'list', input: { secret: 1 } }, '[mcp_tool_use: list]'],
    [
      {
        type: 'code_execution_tool_result',
        content: { type: 'code_execution_result', stdout: '4', stderr: '', return_code: 0, content: [] },
      },
      '[code_execution_tool_result]\n4',
    ],
    [
      {
        type: 'web_fetch_tool_result',
        content: {
          url: 'https://a.no',
          content: { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'page' } },
        },
      },
      '[web_fetch_tool_result]\npage',
    ],
  ];
  test.each(foreign)('another provider’s block becomes words, never a call: %j', (block, expected) => {
    expect(inputOf(user('a'), assistant(block), user('c'))[1]).toEqual(said('assistant', expected));
  });

  test('and not more than 4,000 characters of them', () => {
    const block = { type: 'mcp_tool_result', content: 'x'.repeat(10_000) };
    expect(JSON.stringify(inputOf(user('a'), assistant(block), user('c'))[1]).length).toBeLessThan(4200);
  });

  test('a fallback is skipped; an unknown block is skipped and named', () => {
    const body = { messages: [user('a'), assistant({ type: 'fallback' }, { type: 'hologram' }), user('c')] };
    expect(translate(body).request.input).toEqual([said('user', 'a'), said('user', 'c')]);
    expect(droppedBy(body)).toEqual(['content block hologram']);
  });

  test('a user message of nothing but an unknown block is refused', () => {
    const failure = refusal(() => inputOf(user([{ type: 'hologram' }])));
    expect(failure.message).toBe('messages.0.content.0.type: Unknown block type `hologram`');
    expect(droppedBy({ messages: [user([text('a'), { type: 'hologram' }])] })).toEqual([
      'content block hologram',
    ]);
  });
});

describe('compaction', () => {
  test('a summary takes the place of everything before it', () => {
    const messages = [
      user('old'),
      assistant(text('older'), { type: 'compaction', content: 'They said hello.' }, text('b')),
      user('c'),
    ];
    expect(inputOf(...messages)).toEqual([
      said('user', 'Summary of the conversation so far: They said hello.'),
      said('assistant', 'b'),
      said('user', 'c'),
    ]);
  });

  test('one without its text cannot be read', () => {
    const block = { type: 'compaction', content: null, encrypted_content: 'abc' };
    expect(refusal(() => inputOf(user('a'), assistant(block), user('b'))).param).toBe('messages.1.content.0');
  });

  const marker = '[Remote Responses compacted history]\n';
  const items = [said('user', 'first'), { type: 'compaction', encrypted_content: 'gAAAAA' }];
  test('a checkpoint becomes the items it holds, before the conversation', () => {
    const { request } = translate({ system: [text('top'), text(marker + JSON.stringify(items))] });
    expect(request.instructions).toBe('top');
    expect(request.input).toEqual([...(items as InputItem[]), said('user', 'Hi')]);
    expect(inputOf(system(marker + JSON.stringify(items)), user('b'))).toEqual([
      ...(items as InputItem[]),
      said('user', 'b'),
    ]);
  });

  const wrong: unknown[] = [
    'not JSON',
    [],
    {},
    [{ type: 'function_call', call_id: 'x', name: 'f', arguments: '{}' }],
    [{ type: 'compaction', encrypted_content: 'x', id: 'cmp_1' }],
    [{ type: 'message', role: 'system', content: [] }],
    [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'x', cache_control: {} }] }],
    [{ type: 'message', role: 'user', content: [], constructor: 1 }],
  ];
  test.each(wrong.map((value) => [value]))('a checkpoint nobody made: %j', (value) => {
    const text = marker + (typeof value === 'string' ? value : JSON.stringify(value));
    expect(refusal(() => translate({ system: text })).param).toBe('system');
  });
});

describe('thinking', () => {
  test('comes back at its place, without id and without text', () => {
    expect(
      inputOf(
        user('a'),
        assistant(thinking('one'), text('b'), thinking('two'), use('t1')),
        user([result('t1')]),
      ),
    ).toEqual([
      said('user', 'a'),
      reasoning('one'),
      said('assistant', 'b'),
      reasoning('two'),
      made('t1'),
      output('t1', ''),
    ]);
  });

  const own = `gAAAAABq${'x'.repeat(92)}==`;
  const signatures: [string, unknown, string | undefined][] = [
    ['ours', 'cdx1.anything', 'anything'],
    ['the upstream’s own, by way of another proxy', own, own],
    ['somebody else’s', 'EqQBCkYIAxgCIkDp', undefined],
    ['too short for the upstream’s own', 'gAAAAABq', undefined],
    ['none', '', undefined],
    ['a tag and nothing', 'cdx1.', undefined],
    ['no text', 7, undefined],
    ['missing', undefined, undefined],
  ];
  test.each(signatures)('signature: %s', (_, signature, blob) => {
    const expected = blob === undefined ? [] : [reasoning(blob)];
    for (const block of [
      { type: 'thinking', thinking: 'Hm.', signature },
      { type: 'redacted_thinking', data: signature },
    ]) {
      const items = inputOf(user('a'), assistant(block, text('b')), user('c'));
      expect(items.slice(1, -2)).toEqual(expected);
      expect(droppedBy({ messages: [user('a'), assistant(block, text('b'))] })).toEqual([]);
    }
  });

  const turns = [
    user('a'),
    assistant(thinking('1a'), use('t1')),
    user([result('t1')]),
    assistant(thinking('1b'), text('b')),
    user('c'),
    assistant(thinking('2'), text('d')),
    user('e'),
    assistant(text('f')),
    user('g'),
  ];
  const blobs = (keep: unknown) => {
    const edits = [{ type: 'clear_thinking_20251015', keep }];
    const { input } = translate({ messages: turns, context_management: { edits } }).request;
    return input.flatMap((item) =>
      item.type === 'reasoning' ? (item as InputReasoning).encrypted_content : [],
    );
  };
  const kept: [string, unknown, string[]][] = [
    ['all', 'all', ['1a', '1b', '2']],
    ['one turn', { type: 'thinking_turns', value: 1 }, ['2']],
    ['two turns, of which one is a loop of calls', { type: 'thinking_turns', value: 2 }, ['1a', '1b', '2']],
    ['at least one', { type: 'thinking_turns', value: 0 }, ['2']],
    ['not said', undefined, ['1a', '1b', '2']],
  ];
  test.each(kept)('clear_thinking keeps %s', (_, keep, expected) => {
    expect(blobs(keep)).toEqual(expected);
  });
});

describe('prompt cache', () => {
  const keyOf = (body: object = {}, headers: Record<string, string> = {}) =>
    translate(body, headers).request.prompt_cache_key;
  const session = { 'x-claude-code-session-id': 'f1c7a6f0-0000-4000-8000-000000000001' };
  const json = JSON.stringify({ device_id: 'd', account_uuid: 'a', session_id: 's-1' });

  test('one key per session, whatever is said in it', () => {
    const first = keyOf({}, session);
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    expect(keyOf({ messages: [user('b')], metadata: { user_id: 'other' } }, session)).toBe(first as string);
    expect(keyOf({}, { ...session, 'x-claude-code-session-id': 'another' })).not.toBe(first);
  });

  test('and one per agent', () => {
    expect(keyOf({}, { ...session, 'x-claude-code-agent-id': 'a1' })).not.toBe(keyOf({}, session));
  });

  test('the session inside metadata.user_id, whatever form that has', () => {
    const bySession = keyOf({}, { 'x-claude-code-session-id': 's-1' });
    expect(keyOf({ metadata: { user_id: json } })).toBe(bySession as string);
    expect(keyOf({ metadata: { user_id: 'user_abc_account__session_s-1' } })).toBe(bySession as string);
    expect(keyOf({ metadata: { user_id: 's-1' } })).toBe(bySession as string);
  });

  test('without any, the beginning of the conversation', () => {
    const grown = [user('Hi'), assistant(text('Hello.')), user('And?')];
    expect(keyOf({ messages: grown })).toBe(keyOf() as string);
    expect(keyOf({ messages: [user('Ho')] })).not.toBe(keyOf());
    expect(keyOf({ system: 'x' })).not.toBe(keyOf());
    expect(keyOf({ model: 'gpt-6-sol' })).not.toBe(keyOf());
  });

  test('each request begins with the one before, byte for byte', () => {
    const cached = (block: object) => ({ ...block, cache_control: { type: 'ephemeral' } });
    const one = [user([text('a'), cached(text('b'))]), system([cached(text('env'))])];
    const two = [
      user([text('a'), text('b')]),
      system('env'),
      assistant(thinking('one'), text('c'), use('t1'), cached(use('t2'))),
      user([result('t2', 'r2'), cached(result('t1', [text('r1')]))]),
    ];
    const three = [
      ...two.slice(0, 3),
      user([result('t2', [text('r2')]), result('t1', 'r1')]),
      assistant(text('d')),
      user([cached(text('e'))]),
    ];
    const inputs = [one, two, three].map((messages) => JSON.stringify(inputOf(...messages)).slice(0, -1));
    expect(inputs[1]).toStartWith(inputs[0] as string);
    expect(inputs[2]).toStartWith(inputs[1] as string);
  });
});

test('section 8: the worked request', () => {
  const body = {
    model: 'opus-slot',
    max_tokens: 32_000,
    stream: true,
    system: [
      text('x-anthropic-billing-header: cc_version=2.1.329.3c4; cc_entrypoint=sdk-cli;'),
      { ...text('You help with code.'), cache_control: { type: 'ephemeral' } },
    ],
    thinking: { type: 'adaptive', display: 'omitted' },
    output_config: { effort: 'medium' },
    context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
    tools: [
      {
        name: 'Read',
        description: 'Reads a file',
        input_schema: {
          $schema: 'https://json-schema.org/draft/2020-12/schema',
          type: 'object',
          properties: {
            file_path: { type: 'string' },
            limit: { type: 'integer', exclusiveMinimum: 0 },
          },
          required: ['file_path'],
          additionalProperties: false,
        },
      },
      {
        name: 'DeferredToolPlaceholder',
        description: 'never call',
        defer_loading: true,
        input_schema: { type: 'object', properties: {} },
      },
    ],
    messages: [
      user([text('What is in a.txt?')]),
      system('# Environment\nshell: bash'),
      assistant({ type: 'thinking', thinking: '', signature: 'cdx1.gAAAAB…' }, text('Let me look.'), {
        type: 'tool_use',
        id: 'call_7',
        name: 'Read',
        input: { file_path: '/w/a.txt' },
      }),
      user([{ ...result('call_7', [text('1\thello')]), cache_control: { type: 'ephemeral' } }]),
    ],
  };
  const { prompt_cache_key, ...request } = translator.request(body, context).request;
  expect(prompt_cache_key).toMatch(/^[0-9a-f]{32}$/);
  expect({ ...request, tools: checkTools(request.tools ?? []).tools }).toEqual({
    model: 'opus-slot',
    instructions: 'You help with code.',
    reasoning: { effort: 'medium' },
    parallel_tool_calls: true,
    tool_choice: 'auto',
    tools: [
      {
        type: 'function',
        name: 'Read',
        description: 'Reads a file',
        strict: false,
        parameters: {
          type: 'object',
          properties: {
            file_path: { type: 'string' },
            limit: { type: 'integer', exclusiveMinimum: 0 },
          },
          required: ['file_path'],
          additionalProperties: false,
        },
      },
    ],
    input: [
      said('user', 'What is in a.txt?'),
      said('developer', '# Environment\nshell: bash'),
      reasoning('gAAAAB…'),
      said('assistant', 'Let me look.'),
      made('call_7', '{"file_path":"/w/a.txt"}'),
      output('call_7', '1\thello'),
    ],
  });
});
