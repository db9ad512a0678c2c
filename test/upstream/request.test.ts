// What is sent upstream, and what never is (docs/wire/upstream.md#body, docs/wire/upstream.md#responses-lite).
import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { Failure } from '../../src/failure.ts';
import type { ResponsesRequest } from '../../src/responses/request.ts';
import { type ModelFacts, shapeRequest, withoutReasoning } from '../../src/upstream/request.ts';

const classicModel: ModelFacts = {
  slug: 'gpt-5.5',
  supportsVerbosity: true,
  usesResponsesLite: false,
  inputModalities: ['text', 'image'],
  serviceTiers: ['priority'],
};
const liteModel: ModelFacts = { ...classicModel, slug: 'gpt-6.1-sol', usesResponsesLite: true };

const user = (text: string) => ({
  type: 'message' as const,
  role: 'user' as const,
  content: [{ type: 'input_text' as const, text }],
});
const weather = {
  type: 'function' as const,
  name: 'get_weather',
  strict: false,
  parameters: { type: 'object', properties: {} },
};

function request(fields: Partial<ResponsesRequest> = {}): ResponsesRequest {
  return { model: 'a name of the client', input: [user('Hi.')], ...fields };
}

function failureOf(act: () => unknown): Failure {
  try {
    act();
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
    throw thrown;
  }
  throw new Error('nothing was thrown');
}

describe('classic', () => {
  test('the smallest body has store, stream, instructions and encrypted reasoning', () => {
    expect(shapeRequest(request(), classicModel, 'classic')).toEqual({
      body: {
        model: 'gpt-5.5',
        instructions: '',
        input: [user('Hi.')],
        store: false,
        stream: true,
        include: ['reasoning.encrypted_content'],
      },
      lite: false,
      dropped: [],
    });
  });

  test('a cache key of more than 64 characters is hashed, the same way every time; an empty one is left out', () => {
    const keyOf = (prompt_cache_key: string, untouched = false) =>
      shapeRequest(request({ prompt_cache_key }), classicModel, 'classic', untouched).body.prompt_cache_key;
    expect(keyOf('k'.repeat(64))).toBe('k'.repeat(64));
    expect(keyOf('k'.repeat(65))).toMatch(/^[0-9a-f-]{36}$/);
    expect(keyOf('k'.repeat(65))).toBe(keyOf('k'.repeat(65), true) as string);
    expect(keyOf('k'.repeat(66))).not.toBe(keyOf('k'.repeat(65)) as string);
    expect(keyOf('')).toBeUndefined();
  });

  test('every field that may go upstream goes', () => {
    const full = request({
      instructions: 'Be brief.',
      tools: [weather],
      tool_choice: 'auto',
      parallel_tool_calls: true,
      reasoning: { effort: 'low', summary: 'auto' },
      text: { format: { type: 'json_object' }, verbosity: 'low' },
      include: ['reasoning.encrypted_content'],
      prompt_cache_key: 'k',
      service_tier: 'flex',
      client_metadata: { a: 'b' },
      stream_options: { reasoning_summary_delivery: 'sequential_cutoff' },
      access_programs: { cyber: 'standard' },
    });
    const { model: _, ...rest } = full;
    expect(shapeRequest(full, classicModel, 'classic').body).toEqual({
      model: 'gpt-5.5',
      ...rest,
      store: false,
      stream: true,
    });
  });

  test('a field that is not on the list never gets through, at any level', () => {
    const allowed = new Set(
      'model instructions input tools tool_choice parallel_tool_calls reasoning include text store stream prompt_cache_key service_tier client_metadata stream_options access_programs'.split(
        ' ',
      ),
    );
    const refused = fc.constantFrom(
      ...'max_output_tokens max_tokens max_completion_tokens temperature top_p seed metadata user truncation stop background conversation prompt previous_response_id generate safety_identifier prompt_cache_retention n logprobs'.split(
        ' ',
      ),
    );
    const strange = fc.dictionary(fc.oneof(refused, fc.string()), fc.jsonValue());
    fc.assert(
      fc.property(strange, strange, strange, strange, (top, reasoning, text, streamOptions) => {
        const given = {
          ...top,
          ...request(),
          reasoning: { ...reasoning, effort: 'low' },
          text: { ...text, verbosity: 'low' },
          stream_options: streamOptions,
        } as ResponsesRequest;
        for (const key of ['tools', 'tool_choice', 'include', 'service_tier']) delete (given as never)[key];
        const { body } = shapeRequest(given, classicModel, 'classic');
        expect(Object.keys(body).filter((key) => !allowed.has(key))).toEqual([]);
        for (const [option, members] of [
          [body.reasoning, ['effort', 'summary', 'context']],
          [body.text, ['format', 'verbosity']],
          [body.stream_options, ['reasoning_summary_delivery']],
        ] as const) {
          expect(
            Object.keys(option ?? {}).filter((key) => !(members as readonly string[]).includes(key)),
          ).toEqual([]);
        }
        expect(body.store).toBe(false);
        expect(body.stream).toBe(true);
      }),
    );
  });

  test('an option without a known member is left out', () => {
    const odd = request({
      reasoning: { generate_summary: 'x' } as never,
      stream_options: { include_obfuscation: false } as never,
      text: {},
    });
    const { body } = shapeRequest(odd, classicModel, 'classic');
    expect(body).not.toHaveProperty('reasoning');
    expect(body).not.toHaveProperty('stream_options');
    expect(body).not.toHaveProperty('text');
  });

  test("the client's include is kept and named once", () => {
    const { body } = shapeRequest(
      request({ include: ['a', 'reasoning.encrypted_content', 'a'] }),
      classicModel,
      'classic',
    );
    expect(body.include).toEqual(['a', 'reasoning.encrypted_content']);
  });

  test('the given request is not changed', () => {
    const given = Object.freeze(request({ text: Object.freeze({ verbosity: 'low' }) }));
    const before = structuredClone(given);
    shapeRequest(given, { ...classicModel, supportsVerbosity: false }, 'classic');
    expect(given).toEqual(before);
  });
});

describe('what a model cannot', () => {
  test('verbosity is dropped and named, the format stays', () => {
    const shaped = shapeRequest(
      request({ text: { verbosity: 'high', format: { type: 'json_object' } } }),
      { ...classicModel, supportsVerbosity: false },
      'classic',
    );
    expect(shaped.body.text).toEqual({ format: { type: 'json_object' } });
    expect(shaped.dropped).toEqual([{ field: 'verbosity', why: 'gpt-5.5 does not support a verbosity.' }]);
  });

  const textOnly = { ...classicModel, inputModalities: ['text'] };
  const image = { type: 'input_image' as const, image_url: 'data:image/png;base64,AA==' };
  test('an image for a model without eyes is refused before it is sent, also inside a tool output', () => {
    const inMessage = request({ input: [{ type: 'message', role: 'user', content: [image] }] });
    const inOutput = request({ input: [{ type: 'function_call_output', call_id: 'c', output: [image] }] });
    for (const each of [inMessage, inOutput]) {
      const failure = failureOf(() => shapeRequest(each, textOnly, 'classic'));
      expect(failure).toMatchObject({ kind: 'invalid_request', code: 'unsupported_value', param: 'input' });
      expect(shapeRequest(each, classicModel, 'classic').body.input).toEqual(each.input);
    }
  });

  const odd = [
    { type: 'message', content: null },
    { type: 'x', output: 7 },
    { type: 'y', content: [null, 'text'] },
  ];
  test('items of any shape are looked at without stumbling', () => {
    expect(shapeRequest(request({ input: odd }), textOnly, 'classic').body.input).toEqual(odd);
  });
});

describe('service tier', () => {
  const cases: [asked: string | undefined, sent: string | undefined, dropped: boolean][] = [
    [undefined, undefined, false],
    ['auto', undefined, false],
    ['default', undefined, false],
    ['priority', 'priority', false],
    ['fast', 'priority', false],
    ['flex', 'flex', false],
    ['scale', undefined, true],
    ['constructor', undefined, true],
  ];
  test.each(cases)('%p goes out as %p', (asked, sent, dropped) => {
    const shaped = shapeRequest(request({ service_tier: asked as string }), classicModel, 'classic');
    expect(shaped.body.service_tier).toBe(sent as string);
    expect(shaped.dropped.map(({ field }) => field)).toEqual(dropped ? ['service_tier'] : []);
  });
});

describe('Responses Lite', () => {
  test('tools and instructions become the first items, and the rest of the set is complete', () => {
    const { body, lite } = shapeRequest(
      request({
        instructions: 'Be brief.',
        tools: [weather],
        parallel_tool_calls: true,
        tool_choice: 'auto',
        reasoning: { effort: 'low' },
      }),
      liteModel,
      'lite',
    );
    expect(lite).toBe(true);
    expect(body).toEqual({
      model: 'gpt-6.1-sol',
      input: [
        { type: 'additional_tools', role: 'developer', tools: [weather] },
        { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'Be brief.' }] },
        user('Hi.'),
      ],
      tool_choice: 'auto',
      parallel_tool_calls: false,
      reasoning: { effort: 'low', context: 'all_turns' },
      store: false,
      stream: true,
      include: ['reasoning.encrypted_content'],
    });
  });

  test('without tools and instructions there is nothing to put first', () => {
    const { body } = shapeRequest(request({ tools: [] }), liteModel, 'lite');
    expect(body.input).toEqual([user('Hi.')]);
    expect(body).not.toHaveProperty('tools');
    expect(body).not.toHaveProperty('instructions');
  });

  test('image detail is left out, in messages and in outputs; everything else about an item stays', () => {
    const image = { type: 'input_image', image_url: 'https://a/b.png', detail: 'high' };
    const bare = { type: 'input_image', image_url: 'https://a/b.png' };
    const input = [
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'x' }, image] },
      { type: 'function_call_output', call_id: 'c', output: [image] },
      { type: 'function_call_output', call_id: 'd', output: 'text' },
    ];
    expect(shapeRequest(request({ input }), liteModel, 'lite').body.input).toEqual([
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'x' }, bare] },
      { type: 'function_call_output', call_id: 'c', output: [bare] },
      { type: 'function_call_output', call_id: 'd', output: 'text' },
    ]);
  });

  test('hosted tools do not exist there', () => {
    const failure = failureOf(() =>
      shapeRequest(request({ tools: [{ type: 'web_search' }] }), liteModel, 'lite'),
    );
    expect(failure).toMatchObject({ kind: 'invalid_request', code: 'unsupported_tool', param: 'tools' });
  });

  test('only where the model knows it and it is asked for', () => {
    expect(shapeRequest(request(), classicModel, 'lite').lite).toBe(false);
    expect(shapeRequest(request(), liteModel, 'classic').lite).toBe(false);
  });

  test("a Codex client's own Lite request keeps its items and its order, and gets no instructions", () => {
    const input = [
      {
        type: 'additional_tools',
        id: 'at_1',
        role: 'developer',
        tools: [{ type: 'namespace', name: 'functions', tools: [] }],
      },
      { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'prompt' }] },
      user('Hi.'),
    ];
    const given = request({
      input,
      parallel_tool_calls: false,
      reasoning: { effort: 'low', context: 'all_turns' },
    });
    for (const shape of ['classic', 'lite'] as const) {
      const { body, lite } = shapeRequest(given, liteModel, shape);
      expect(lite).toBe(true);
      expect(body.input).toEqual(input);
      expect(body).not.toHaveProperty('instructions');
      expect(body.reasoning).toEqual({ effort: 'low', context: 'all_turns' });
      expect(body.parallel_tool_calls).toBe(false);
    }
  });

  test('one without tools is known by its reasoning context', () => {
    const { body, lite } = shapeRequest(
      request({ reasoning: { context: 'all_turns' } }),
      liteModel,
      'classic',
    );
    expect(lite).toBe(true);
    expect(body).not.toHaveProperty('instructions');
  });
});

test('without reasoning: those items are gone, all else is as it was', () => {
  const { body } = shapeRequest(
    request({ input: [user('a'), { type: 'reasoning', summary: [], encrypted_content: 'x' }, user('b')] }),
    classicModel,
    'classic',
  );
  expect(withoutReasoning(body)).toEqual({ ...body, input: [user('a'), user('b')] });
});

test('`speed`: the priority tier is asked for where the model has it, else named as dropped', () => {
  const asked = request({ service_tier: 'priority' });
  expect(shapeRequest(asked, classicModel, 'classic').body.service_tier).toBe('priority');
  const without = shapeRequest(asked, { ...classicModel, serviceTiers: [] }, 'classic');
  expect(without.body).not.toHaveProperty('service_tier');
  expect(without.dropped).toEqual([
    { field: 'service_tier', why: 'gpt-5.5 does not have a priority tier.', hint: true },
  ]);
});
