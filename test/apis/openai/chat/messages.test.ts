// docs/wire/openai.md#messages, #content-parts: how messages are translated, and which are refused.
import { describe, expect, test } from 'bun:test';
import type { InputItem } from '../../../../src/responses/request.ts';
import { refusal } from '../responses/refusal.ts';
import { translate } from './support.ts';

const user = { role: 'user', content: 'Hi' };
const hi: InputItem = { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] };
const png = 'data:image/png;base64,iVBORw0KGgo=';

function conversation(messages: object[], body: object = {}) {
  const { instructions, input } = translate({ ...body, messages }).request;
  return { instructions, input };
}

function inputOf(...messages: object[]): InputItem[] {
  return conversation(messages).input;
}

function developer(text: string): InputItem {
  return { type: 'message', role: 'developer', content: [{ type: 'input_text', text }] };
}

function assistant(text: string): InputItem {
  return { type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] };
}

function calls(...ids: string[]): object {
  const tool_calls = ids.map((id) => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } }));
  return { role: 'assistant', content: null, tool_calls };
}

function result(tool_call_id: string, ...content: unknown[]): object {
  return { role: 'tool', tool_call_id, content: content.length === 0 ? 'ok' : content[0] };
}

function called(call_id: string, args = '{}'): InputItem {
  return { type: 'function_call', call_id, name: 'f', arguments: args };
}

describe('system and developer messages', () => {
  test('none is needed', () => {
    expect(conversation([user])).toEqual({ instructions: undefined, input: [hi] });
  });

  test('all leading ones become instructions, joined by a blank line', () => {
    const leading = [
      { role: 'system', content: 'One.' },
      { role: 'developer', content: [{ type: 'text', text: 'Two.' }, 'Three.'] },
      { role: 'system', content: '' },
    ];
    expect(conversation([...leading, user])).toEqual({ instructions: 'One.\n\nTwo.\n\nThree.', input: [hi] });
  });

  test('a later one stays where it is, as a developer message', () => {
    expect(conversation([user, { role: 'system', content: 'Now rhyme.' }, user])).toEqual({
      instructions: undefined,
      input: [hi, developer('Now rhyme.'), hi],
    });
  });

  test('with json_object they stay in the input, where the word JSON is looked for', () => {
    const body = { response_format: { type: 'json_object' } };
    expect(conversation([{ role: 'system', content: 'Answer in JSON.' }, user], body)).toEqual({
      instructions: undefined,
      input: [developer('Answer in JSON.'), hi],
    });
  });

  test('alone they are the input: the upstream wants some', () => {
    expect(conversation([{ role: 'system', content: 'Say hi.' }])).toEqual({
      instructions: undefined,
      input: [developer('Say hi.')],
    });
  });
});

describe('user messages', () => {
  test('all parts in order, the URL of an image as a plain text', () => {
    const content = [
      { type: 'text', text: 'What is', cache_control: { type: 'ephemeral' }, prompt_cache_breakpoint: true },
      'this?',
      { type: 'image_url', image_url: { url: png, detail: 'low' } },
      { type: 'image_url', image_url: 'https://example.com/a.jpg' },
      { type: 'file', file: { filename: 'a.pdf', file_data: 'JVBERi0=' } },
    ];
    expect(inputOf({ role: 'user', content })).toEqual([
      {
        type: 'message',
        role: 'user',
        content: [
          { type: 'input_text', text: 'What is' },
          { type: 'input_text', text: 'this?' },
          { type: 'input_image', image_url: png, detail: 'low' },
          { type: 'input_image', image_url: 'https://example.com/a.jpg' },
          { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' },
        ],
      },
    ]);
  });

  test('Responses-style parts mean the same', () => {
    const content = [
      { type: 'input_text', text: 'a' },
      { type: 'output_text', text: 'b' },
      { type: 'input_image', image_url: png },
      { type: 'input_file', file_url: 'https://example.com/a.pdf' },
    ];
    expect(inputOf({ role: 'user', content })).toEqual([
      {
        type: 'message',
        role: 'user',
        content: [
          { type: 'input_text', text: 'a' },
          { type: 'input_text', text: 'b' },
          { type: 'input_image', image_url: png },
          { type: 'input_file', file_url: 'https://example.com/a.pdf' },
        ],
      },
    ]);
  });

  test('an image of 12 MB is forwarded', () => {
    const url = `data:image/jpeg;base64,${'A'.repeat(12 << 20)}`;
    const [item] = inputOf({ role: 'user', content: [{ type: 'image_url', image_url: { url } }] });
    expect((item as { content: { image_url: string }[] }).content[0]?.image_url).toHaveLength(url.length);
  });

  test('an empty one is left out', () => {
    expect(inputOf({ role: 'user', content: '' }, user, { role: 'user', content: [] })).toEqual([hi]);
  });
});

describe('assistant messages', () => {
  test('text and calls are both kept, text first', () => {
    const message = { ...calls('call_1', 'call_2'), content: 'Looking.' };
    expect(inputOf(user, message, result('call_1'), result('call_2')).slice(1, 4)).toEqual([
      assistant('Looking.'),
      called('call_1'),
      called('call_2'),
    ]);
  });

  test('arguments pass byte for byte', () => {
    const args = '{ "b":1, "a": 12345678901234567890,\n"c":}';
    const tool_calls = [{ id: 'c', type: 'function', function: { name: 'f', arguments: args } }];
    expect(inputOf({ role: 'assistant', tool_calls }, result('c'))[0]).toEqual(called('c', args));
  });

  const argumentRows: [string, unknown, string][] = [
    ['an object, in the manner of Ollama', { city: 'Oslo' }, '{"city":"Oslo"}'],
    ['empty', '', '{}'],
    ['missing', undefined, '{}'],
    ['null', null, '{}'],
  ];
  test.each(argumentRows)('arguments: %s', (_, given, expected) => {
    const tool_calls = [{ id: 'c', function: { name: 'f', arguments: given } }];
    expect(inputOf({ role: 'assistant', tool_calls }, result('c'))[0]).toEqual(called('c', expected));
  });

  test('a custom call and its output', () => {
    const tool_calls = [{ id: 'c', type: 'custom', custom: { name: 'apply_patch', input: '*** Begin' } }];
    expect(inputOf({ role: 'assistant', tool_calls }, result('c', 'done'))).toEqual([
      { type: 'custom_tool_call', call_id: 'c', name: 'apply_patch', input: '*** Begin' },
      { type: 'custom_tool_call_output', call_id: 'c', output: 'done' },
    ]);
  });

  test('a refusal stays one, in its own field and as a part', () => {
    const parts = [
      { type: 'text', text: 'Well.' },
      { type: 'refusal', refusal: 'No.' },
    ];
    const refused = { type: 'refusal', refusal: 'No.' };
    expect(
      inputOf(
        user,
        { role: 'assistant', content: null, refusal: 'No.' },
        { role: 'assistant', content: parts },
      ).slice(1),
    ).toEqual([
      { type: 'message', role: 'assistant', content: [refused] },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Well.' }, refused] },
    ] as InputItem[]);
  });

  test('reasoning that was shown is not said again', () => {
    const shown = {
      reasoning_content: 'hmm',
      reasoning: 'hmm',
      thinking: 'hmm',
      reasoning_details: [{ text: 'hmm' }],
    };
    expect(inputOf(user, { role: 'assistant', content: 'Hello.', ...shown })).toEqual([
      hi,
      assistant('Hello.'),
    ]);
  });

  test('reasoning that still has its encrypted form is put back before the message', () => {
    const reasoning_details = [{ summary: 'Short.', encrypted_content: 'gAAA' }, { encrypted_content: '' }];
    expect(inputOf(user, { role: 'assistant', content: 'Hello.', reasoning_details }).slice(1)).toEqual([
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Short.' }], encrypted_content: 'gAAA' },
      assistant('Hello.'),
    ]);
  });

  test.each([[null], [undefined], [''], [[]]])('one without any content (%j) is left out', (content) => {
    expect(inputOf(user, { role: 'assistant', content, tool_calls: [] })).toEqual([hi]);
  });

  test('unknown keys of messages and parts are not forwarded', () => {
    const extras = {
      id: 'm1',
      name: 'bob',
      timestamp: 1,
      annotations: [],
      images: [],
      provider_metadata: {},
    };
    expect(inputOf({ ...user, ...extras }, { role: 'assistant', content: 'Hello.', ...extras })).toEqual([
      hi,
      assistant('Hello.'),
    ]);
  });
});

describe('results', () => {
  const image = { type: 'image_url', image_url: { url: png, detail: 'low' } };
  const rows: [string, unknown, unknown][] = [
    ['a text stays a text', '7 C, rain', '7 C, rain'],
    ['an empty text', '', ''],
    ['null', null, ''],
    ['no content', undefined, ''],
    ['no parts', [], ''],
    [
      'parts',
      [{ type: 'text', text: 'a' }, 'b'],
      [
        { type: 'input_text', text: 'a' },
        { type: 'input_text', text: 'b' },
      ],
    ],
    [
      'a screenshot',
      [{ type: 'text', text: 'see' }, image],
      [
        { type: 'input_text', text: 'see' },
        { type: 'input_image', image_url: png, detail: 'low' },
      ],
    ],
  ];
  test.each(rows)('%s', (_, content, output) => {
    expect(inputOf(calls('c'), result('c', content))[1]).toEqual({
      type: 'function_call_output',
      call_id: 'c',
      output,
    } as InputItem);
  });

  test('call and output keep the id, in any order of outputs', () => {
    expect(inputOf(calls('a', 'b'), result('b'), result('a')).slice(2)).toEqual([
      { type: 'function_call_output', call_id: 'b', output: 'ok' },
      { type: 'function_call_output', call_id: 'a', output: 'ok' },
    ]);
  });

  test('an image in a result moves nothing between the outputs, and a user may add one behind them', () => {
    const items = inputOf(calls('a', 'b'), result('a', [image]), result('b'), {
      role: 'user',
      content: [image],
    });
    expect(items.map((item) => item.type)).toEqual([
      'function_call',
      'function_call',
      'function_call_output',
      'function_call_output',
      'message',
    ]);
  });

  test.each(['toolu_01A09q90qw90lq917835lq9', 'D681PevKs', 'functions.x:0', 'call_x|fc_y'])(
    "pairing rule 4: another provider's id passes (%s)",
    (id) => {
      expect(inputOf(calls(id), result(id)).map((item) => (item as { call_id: string }).call_id)).toEqual([
        id,
        id,
      ]);
    },
  );

  test('an id may be used again once it was answered, as by clients that count from 0 in every turn', () => {
    expect(inputOf(calls('call_0'), result('call_0'), calls('call_0'), result('call_0'))).toHaveLength(4);
  });
});

describe('functions of 2023', () => {
  const legacy = (name: string) => ({
    role: 'assistant',
    content: null,
    function_call: { name, arguments: '{"a":1}' },
  });

  test('calls without ids are paired by name', () => {
    const items = inputOf(legacy('f'), { role: 'function', name: 'f', content: 'one' }, legacy('f'), {
      role: 'function',
      name: 'f',
      content: null,
    });
    expect(items).toEqual([
      called('call_legacy_1', '{"a":1}'),
      { type: 'function_call_output', call_id: 'call_legacy_1', output: 'one' },
      called('call_legacy_2', '{"a":1}'),
      { type: 'function_call_output', call_id: 'call_legacy_2', output: '' },
    ]);
  });

  test('a result for a function that was not called', () => {
    expect(refusal(() => inputOf(legacy('f'), { role: 'function', name: 'g', content: '' })).param).toBe(
      'messages[1].name',
    );
  });
});

describe('refused', () => {
  const part = (content: object) => [{ role: 'user', content: ['x', content] }];
  const rows: [string, object[], string][] = [
    ['unknown role', [{ role: 'bot', content: 'x' }], 'messages[0].role'],
    ['no role', [{ content: 'x' }], 'messages[0].role'],
    ['nothing said at all', [{ role: 'user', content: '' }], 'messages'],
    ['user content that is no text', [{ role: 'user', content: { text: 'x' } }], 'messages[0].content'],
    ['user content that is missing', [{ role: 'user' }], 'messages[0].content'],
    [
      'an image in a system message',
      [{ role: 'system', content: [{ type: 'image_url', image_url: png }] }],
      'messages[0].content[0]',
    ],
    ['earlier audio alone', [user, { role: 'assistant', audio: { id: 'a1' } }], 'messages[1].audio'],
    ['a text part without text', part({ type: 'text' }), 'messages[0].content[1].text'],
    ['audio', part({ type: 'input_audio', input_audio: {} }), 'messages[0].content[1].type'],
    ['video', part({ type: 'video_url', video_url: {} }), 'messages[0].content[1].type'],
    ['an Anthropic part', part({ type: 'tool_result', tool_use_id: 'x' }), 'messages[0].content[1].type'],
    ['an Anthropic image', part({ type: 'image', source: {} }), 'messages[0].content[1].type'],
    ['a file id', part({ type: 'file', file: { file_id: 'file-1' } }), 'messages[0].content[1].file.file_id'],
    [
      'an image of another kind',
      part({ type: 'image_url', image_url: { url: 'data:image/tiff;base64,AA' } }),
      'messages[0].content[1].image_url.url',
    ],
    [
      'an image by another scheme',
      part({ type: 'image_url', image_url: { url: 'file:///etc/passwd' } }),
      'messages[0].content[1].image_url.url',
    ],
    [
      'a call without id',
      [{ role: 'assistant', tool_calls: [{ function: { name: 'f' } }] }],
      'messages[0].tool_calls[0].id',
    ],
    [
      'a call without name',
      [{ role: 'assistant', tool_calls: [{ id: 'c', function: {} }] }],
      'messages[0].tool_calls[0].function.name',
    ],
    [
      'a call of unknown type',
      [{ role: 'assistant', tool_calls: [{ id: 'c', type: 'mcp' }] }],
      'messages[0].tool_calls[0].type',
    ],
    ['a result without id', [calls('c'), { role: 'tool', content: 'x' }], 'messages[1].tool_call_id'],
    ['a result that is a number', [calls('c'), result('c', 7)], 'messages[1].content'],
    ['a result without call', [user, result('c')], 'messages[1].tool_call_id'],
    ['pairing rule 3: a second result', [calls('c'), result('c'), result('c')], 'messages[2].tool_call_id'],
    ['one id twice in a message', [calls('c', 'c'), result('c')], 'messages[0].tool_calls[1].id'],
  ];
  test.each(rows)('%s', (_, messages, param) => {
    expect(refusal(() => inputOf(...messages)).param).toBe(param);
  });

  const unanswered: [string, object[]][] = [
    ['before the user speaks', [calls('call_a', 'call_b'), result('call_b'), user]],
    ['before the assistant speaks', [calls('call_a'), { role: 'assistant', content: 'x' }]],
    ['at the end', [user, calls('call_a')]],
  ];
  test.each(unanswered)(
    'a call without a result %s passes: it gets one in turns/history.ts',
    (_, messages) => {
      expect(inputOf(...messages)).toContainEqual(called('call_a'));
    },
  );
});
