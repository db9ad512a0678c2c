// How chat and generate requests are translated (docs/wire/ollama.md#chat, #generate, #options, #streaming).
import { describe, expect, test } from 'bun:test';
import { Failure } from '../../../src/failure.ts';
import { checkTools } from '../../../src/upstream/rules/tools.ts';
import { inputOf, type Route, translate, user } from './support.ts';

const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ';
const made = (...calls: object[]) => ({ role: 'assistant', content: '', tool_calls: calls });
const called = (name: string, given: unknown, id?: string) => ({
  ...(id === undefined ? {} : { id }),
  function: { name, arguments: given },
});
const result = (content: unknown, more: object = {}) => ({ role: 'tool', content, ...more });
const said = (role: string, text: string, type = 'input_text') => ({
  type: 'message',
  role,
  content: [{ type, text }],
});
const callItem = (call_id: string, name: string, given: string) => ({
  type: 'function_call',
  call_id,
  name,
  arguments: given,
});
const output = (call_id: string, text: string) => ({ type: 'function_call_output', call_id, output: text });
const dropped = (body: object, route?: Route) => translate(body, route).dropped.map(({ field }) => field);

function refusal(body: object, route?: Route): string {
  try {
    translate(body, route);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(Failure);
    expect((thrown as Failure).status).toBe(400);
    return (thrown as Failure).message;
  }
  throw new Error('the request was taken');
}

describe('messages', () => {
  test('roles; the leading system messages are the instructions', () => {
    const { request } = translate({
      messages: [
        { role: 'system', content: 'A' },
        { role: 'system', content: 'B' },
        user('Hi'),
        { role: 'assistant', content: 'Yes', thinking: 'Hm' },
        user('Go'),
      ],
    });
    expect(request.instructions).toBe('A\n\nB');
    expect(request.input).toEqual([
      said('user', 'Hi'),
      said('assistant', 'Yes', 'output_text'),
      said('user', 'Go'),
    ]);
  });

  test('a later system message stays in its place', () => {
    expect(inputOf(user('Hi'), { role: 'system', content: 'Short.' })).toEqual([
      said('user', 'Hi'),
      said('developer', 'Short.'),
    ]);
  });

  test('the case of a role does not matter; an unknown one is told', () => {
    expect(inputOf({ role: 'User', content: 'Hi' })).toEqual([said('user', 'Hi')]);
    expect(refusal({ messages: [{ role: 'robot', content: 'x' }] })).toBe('invalid role: robot');
  });

  test('OpenAI’s parts and `null` are understood', () => {
    expect(
      inputOf(user([{ type: 'text', text: 'Hi' }]), { role: 'assistant', content: null }, user('x')),
    ).toEqual([said('user', 'Hi'), said('user', 'x')]);
  });

  const images: [string, string, string][] = [
    ['PNG', png, `data:image/png;base64,${png}`],
    ['JPEG', '/9j/4AAQSkZJRgABAQAAAQABAAD', 'data:image/jpeg;base64,/9j/4AAQSkZJRgABAQAAAQABAAD'],
    ['GIF', 'R0lGODlhAQABAAAAACw=', 'data:image/gif;base64,R0lGODlhAQABAAAAACw='],
    ['WebP', 'UklGRhoAAABXRUJQVlA4TA0=', 'data:image/webp;base64,UklGRhoAAABXRUJQVlA4TA0='],
    ['a data URL of the wrong kind', `data:image/jpeg;base64,${png}`, `data:image/png;base64,${png}`],
  ];
  test.each(images)('%s is told by its first bytes', (_, image, image_url) => {
    expect(inputOf(user('See', { images: [image] }))).toEqual([
      {
        type: 'message',
        role: 'user',
        content: [
          { type: 'input_text', text: 'See' },
          { type: 'input_image', image_url },
        ],
      },
    ]);
    expect(translate({ images: [image] }, 'generate').request.input).toEqual([
      {
        type: 'message',
        role: 'user',
        content: [
          { type: 'input_text', text: 'Hi' },
          { type: 'input_image', image_url },
        ],
      },
    ]);
  });

  test('other bytes are refused', () => {
    expect(refusal({ messages: [user('x', { images: ['aGVsbG8='] })] })).toContain('messages[0].images[0]');
  });
});

describe('calls in the history', () => {
  test('results without ids are matched by order', () => {
    const history = [user('?'), made(called('a', { x: 1 }), called('b', {})), result('1'), result('2')];
    expect(inputOf(...history).slice(1)).toEqual([
      callItem('call_0', 'a', '{"x":1}'),
      callItem('call_1', 'b', '{}'),
      output('call_0', '1'),
      output('call_1', '2'),
    ]);
  });

  test('an id goes before a name, a name before the order', () => {
    const calls = made(called('a', {}, 'id_a'), called('b', {}, 'id_b'), called('c', {}, 'id_c'));
    const items = inputOf(
      user('?'),
      calls,
      result('C', { tool_call_id: 'id_c', tool_name: 'a' }),
      result('B', { tool_name: 'b' }),
      result('A', { tool_call_id: 'unknown' }),
    );
    expect(items.slice(4)).toEqual([output('id_c', 'C'), output('id_b', 'B'), output('id_a', 'A')]);
  });

  test('ids by position are the same every turn, however the conversation goes on', () => {
    const history = [user('?'), made(called('a', {})), result('1'), user('more'), made(called('a', {}))];
    const longer = inputOf(...history, result('2'), user('and?'));
    expect(longer.slice(0, 5)).toEqual(inputOf(...history).slice(0, 5));
  });

  test('a result after the next question is not of an earlier call', () => {
    const items = inputOf(user('?'), made(called('a', {}, 'id_a')), user('Stop'), result('5'));
    expect(items.slice(1, 3)).toEqual([callItem('id_a', 'a', '{}'), said('user', 'Stop')]);
    expect(items.slice(3)).toMatchObject([
      { role: 'user', content: [{ text: 'Tool result:' }, { text: '5' }] },
    ]);
  });

  test('a result of no call is the user’s words', () => {
    expect(inputOf(result('5', { tool_name: 'a' }))).toMatchObject([
      { role: 'user', content: [{ text: 'Tool a:' }, { text: '5' }] },
    ]);
  });

  test('an id that is used twice becomes another', () => {
    const twice = made(called('a', {}, 'same'), called('a', {}, 'same'));
    const items = inputOf(user('?'), twice) as { call_id?: string }[];
    const ids = items.slice(1, 3).map(({ call_id }) => call_id ?? '');
    expect(ids).toEqual(['same', expect.stringMatching(/^call_[0-9a-f]{24}$/)]);
  });

  test.each([
    ['an object', { b: 1, a: 2 }, '{"b":1,"a":2}'],
    ['a string that is one', '{"b": 1}', '{"b": 1}'],
    ['null', null, '{}'],
  ])('arguments: %s', (_, given, json) => {
    expect(inputOf(user('?'), made(called('a', given, 'i')))[1]).toEqual(callItem('i', 'a', json));
  });

  test('arguments that are no object are refused', () => {
    expect(refusal({ messages: [made(called('a', '[1]'))] })).toContain('arguments must be an object');
  });

  test('a result that is no text is told as JSON', () => {
    const items = inputOf(user('?'), made(called('a', {}, 'i')), result({ temperature: 4 }));
    expect(items[2]).toEqual(output('i', '{"temperature":4}'));
  });
});

describe('tools', () => {
  const tool = (name: string, parameters?: unknown) => ({ type: 'function', function: { name, parameters } });
  const sentTools = (body: object) => checkTools(translate(body).request.tools ?? []).tools;

  test('as functions that are never strict by default, their schemas mended', () => {
    const parameters = { $schema: 'x', type: 'object', properties: { a: { type: 'array' } }, required: null };
    expect(sentTools({ tools: [tool('a', parameters), tool('b')] })).toEqual([
      {
        type: 'function',
        name: 'a',
        parameters: { type: 'object', properties: { a: { type: 'array', items: {} } } },
        strict: false,
      },
      { type: 'function', name: 'b', parameters: { type: 'object', properties: {} }, strict: false },
    ]);
  });

  test('what the upstream refuses at the root of a schema is merged, and told in words', () => {
    const anyOf = [
      { properties: { id: { type: 'string' } }, required: ['id'] },
      { properties: { name: true }, required: ['name'], additionalProperties: null },
    ];
    const described = { function: { name: 'a', description: 'Finds.', parameters: { anyOf, enum: [{}] } } };
    expect(sentTools({ tools: [described] })).toEqual([
      {
        type: 'function',
        name: 'a',
        description: 'Finds.\n\nGive one of these sets of fields: (id) or (name).',
        parameters: { type: 'object', properties: { id: { type: 'string' }, name: {} }, required: [] },
        strict: false,
      },
    ]);
  });

  test('tool_choice is taken as OpenAI spells it', () => {
    const choice = (tool_choice: unknown) =>
      translate({ tools: [tool('a.b')], tool_choice }).request.tool_choice;
    expect(choice('required')).toBe('required');
    expect(choice({ type: 'function', function: { name: 'a.b' } })).toMatchObject({
      name: expect.stringMatching(/^a_b_/),
    });
    expect(choice(undefined)).toBeUndefined();
    expect(choice('any')).toBe('required');
    expect(choice({ type: 'auto' })).toBe('auto');
    expect(choice({ type: 'tool', name: 'f' })).toEqual({ type: 'function', name: 'f' });
    for (const odd of ['banana', { type: 'banana' }, {}, 7]) {
      expect(refusal({ tools: [tool('f')], tool_choice: odd })).toStartWith('tool_choice must be');
    }
  });

  test('a tool without a name is refused', () => {
    expect(refusal({ tools: [{ type: 'function', function: {} }] })).toBe(
      'tools[0].function.name is required',
    );
  });
});

describe('think', () => {
  const rows: [unknown, object | undefined, boolean][] = [
    [undefined, { summary: 'auto' }, true],
    [true, { summary: 'auto' }, true],
    [false, { effort: 'none' }, false],
    ['low', { effort: 'low', summary: 'auto' }, true],
    ['max', { effort: 'max', summary: 'auto' }, true],
  ];
  test.each(rows)('%p', (think, reasoning, shown) => {
    for (const route of ['chat', 'generate'] as const) {
      const { request, showsThinking } = translate({ think }, route);
      expect([request.reasoning, showsThinking]).toEqual([reasoning, shown]);
    }
  });

  test.each([['very'], [3], [{}]])('%p is refused', (think) => {
    expect(refusal({ think })).toBe(
      'think must be a boolean or string ("high", "medium", "low", "max", true, or false)',
    );
  });
});

describe('format', () => {
  const schema = {
    type: 'object',
    properties: { a: { type: 'string' } },
    required: ['a'],
    additionalProperties: false,
  };
  const word = said('developer', 'Answer with a JSON object.');

  test('`json` brings the word JSON into the input, unless it is there', () => {
    const { request } = translate({ format: 'json' });
    expect(request.text).toEqual({ format: { type: 'json_object' } });
    expect(request.input.at(-1)).toEqual(word as never);
    const said = translate({ format: 'json', messages: [user('Answer in Json')] }).request.input;
    expect(said).not.toContainEqual(word as never);
    // Instructions do not count (docs/wire/ollama.md#format).
    const messages = [{ role: 'system', content: 'Answer in JSON.' }, user('Hi')];
    expect(translate({ format: 'json', messages }).request.input.at(-1)).toEqual(word as never);
  });

  test('a schema is strict only when it is one', () => {
    const strictOf = (format: object) => translate({ format }).request.text?.format;
    expect(strictOf(schema)).toEqual({ type: 'json_schema', name: 'output', schema, strict: true });
    expect(strictOf({ ...schema, required: [] })).toMatchObject({ strict: false });
    expect(strictOf({ ...schema, $defs: { x: { type: 'object', properties: { y: {} } } } })).toMatchObject({
      strict: false,
    });
  });

  test.each([[''], [null]])('%p counts as absent', (format) => {
    expect(translate({ format }).request.text).toBeUndefined();
  });

  test('any other text is refused', () => {
    expect(refusal({ format: 'xml' })).toBe(
      'invalid format: "xml"; expected "json" or a valid JSON Schema object',
    );
  });
});

describe('options and the rest', () => {
  test('a request streams unless it says no', () => {
    expect([undefined, null, true, false].map((stream) => translate({ stream }).stream)).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  test('what has no place upstream is named, never refused', () => {
    const body = {
      options: { num_ctx: 8192, temperature: 0.2, num_predict: 9, stop: ['END', ''] },
      keep_alive: '5m',
      truncate: false,
    };
    expect(dropped(body)).toEqual([
      'keep_alive',
      'truncate',
      'options.num_ctx',
      'options.temperature',
      'options.num_predict',
    ]);
    expect(translate(body).stop).toEqual(['END']);
    expect(translate({ options: { stop: 'END' } }).stop).toEqual(['END']);
    expect(translate(body).dropped.flatMap(({ field, hint }) => (hint ? field : []))).toEqual([
      'keep_alive',
      'truncate',
      'options.num_ctx',
    ]);
    for (const options of [null, {}, { num_predict: -1 }]) expect(dropped({ options })).toEqual([]);
    expect(dropped({ template: '', system: '' }, 'generate')).toEqual([]);
  });

  test.each([[-1], [0], [300], ['5m'], ['-1m'], ['1h30m'], ['300s'], ['-1'], ['0']])(
    'keep_alive %p is understood',
    (keep_alive) => {
      expect(dropped({ keep_alive })).toEqual(['keep_alive']);
    },
  );

  const refused: [object, string][] = [
    [{ model: '' }, 'model is required'],
    [{ keep_alive: 'soon' }, 'invalid keep_alive: "soon"'],
    [{ options: { stop: 5 } }, 'option "stop" must be of type array'],
    [{ logprobs: true }, 'logprobs are not supported by the upstream'],
    [{ top_logprobs: 21 }, 'top_logprobs must be between 0 and 20'],
    [{ stream: 'yes' }, 'stream must be true or false'],
    [{ options: [] }, 'options must be an object'],
  ];
  test.each(refused)('%p is refused', (body, message) => {
    for (const route of ['chat', 'generate'] as const) expect(refusal(body, route)).toBe(message);
  });

  test('a body that is no object is refused', () => {
    expect(refusal({ messages: 'Hi' })).toBe('messages must be an array');
  });
});

describe('generate', () => {
  test('system and prompt; template and context are named as ignored', () => {
    const body = { system: 'Be kind.', template: '{{ .Prompt }}', context: [1, 2] };
    const { request } = translate(body, 'generate');
    expect(request).toMatchObject({ instructions: 'Be kind.', input: [said('user', 'Hi')] });
    expect(dropped(body, 'generate')).toEqual(['template', 'context']);
  });

  test('a suffix is refused', () => {
    expect(refusal({ suffix: '}' }, 'generate')).toBe('gpt-5.5 does not support insert');
    expect(translate({ suffix: '' }, 'generate').dropped).toEqual([]);
  });

  test('raw goes alone', () => {
    expect(translate({ raw: true }, 'generate').request.instructions).toBeUndefined();
    for (const more of [{ system: 'x' }, { template: 'x' }, { context: [1] }]) {
      expect(refusal({ raw: true, ...more }, 'generate')).toBe(
        'raw mode does not support template, system, or context',
      );
    }
  });
});

describe('nothing to answer', () => {
  const rows: [Route, object, string][] = [
    ['chat', { messages: [] }, 'load'],
    ['chat', { messages: undefined, keep_alive: '5m' }, 'load'],
    ['chat', { messages: [], keep_alive: 0 }, 'unload'],
    ['generate', { prompt: '' }, 'load'],
    ['generate', { prompt: undefined, keep_alive: '0s' }, 'unload'],
  ];
  test.each(rows)('%s %p', (route, body, idle) => {
    const translation = translate(body, route);
    expect(translation.idle).toBe(idle as never);
    expect(translation.ready).toBeDefined();
  });

  test('a system prompt alone is a request like any other', () => {
    const translation = translate({ messages: [{ role: 'system', content: 'Greet.' }] });
    expect(translation.ready).toBeUndefined();
    expect(translation.request.input).toEqual([said('developer', 'Greet.')] as never);
  });
});
