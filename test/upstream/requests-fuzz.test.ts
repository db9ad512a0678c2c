// Random requests to OpenAI's and Ollama's APIs are rejected with a message, or become bodies that the simulator
// accepts.
import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { Failure } from '../../src/failure.ts';
import { refusalOf, translateForUpstream } from './translated.ts';

const text = fc.constantFrom('json', '', '\ud83d', 'a\ude00b', 'High', 'low', 'none', 'auto', 'banana');
const junk = fc.oneof(fc.constantFrom(null, true, false, 0, -1, 'x', [], {}, ['a'], [null]), text);
const type = fc.constantFrom(
  'object',
  'array',
  'string',
  'OBJECT',
  ['object', 'null'],
  ['array'],
  null,
  'nonsense',
  7,
);
const { schema } = fc.letrec<{ schema: unknown }>((tie) => ({
  schema: fc.oneof(
    { depthSize: 'small' },
    junk,
    fc.record(
      {
        type,
        properties: fc.oneof(fc.dictionary(fc.constantFrom('a', 'b', '\udc00'), tie('schema')), junk),
        required: junk,
        items: tie('schema'),
        anyOf: fc.oneof(fc.array(tie('schema'), { maxLength: 2 }), junk),
        allOf: fc.array(tie('schema'), { maxLength: 2 }),
        additionalProperties: tie('schema'),
        $defs: fc.dictionary(fc.constantFrom('A'), tie('schema')),
        $ref: fc.constantFrom('#/$defs/A', '#', 'x'),
        enum: junk,
        description: text,
      },
      { requiredKeys: [] },
    ),
  ),
}));
const name = fc.constantFrom('f', 'g', 'f', 'a.b', 'x'.repeat(70), '');
const chatTool = fc.record({
  type: fc.constant('function'),
  function: fc.record({ name, description: text, parameters: schema }, { requiredKeys: ['name'] }),
});
const choice = fc.oneof(
  junk,
  fc.record(
    { type: fc.constantFrom('auto', 'any', 'tool', 'function', 'file_search', 'web_search'), name },
    { requiredKeys: ['type'] },
  ),
  fc.record({ type: fc.constant('function'), function: fc.record({ name }) }),
);
const common = { tools: fc.array(chatTool, { maxLength: 3 }), tool_choice: choice };
const messages = fc.constantFrom([{ role: 'user', content: 'a json \ud83d' }]);

const requests: Record<string, fc.Arbitrary<object>> = {
  'openai-chat': fc.record(
    {
      ...common,
      messages,
      reasoning_effort: junk,
      verbosity: junk,
      service_tier: junk,
      response_format: fc.record(
        { type: fc.constantFrom('json_object', 'text'), schema },
        { requiredKeys: ['type'] },
      ),
    },
    { requiredKeys: ['messages'] },
  ),
  'openai-responses': fc.record(
    {
      input: fc.constant('json'),
      tools: fc.array(
        fc.oneof(
          fc.record({ type: fc.constant('function'), name, parameters: schema }),
          fc.record({
            type: fc.constant('namespace'),
            name: fc.constantFrom('n', 'm'),
            tools: fc.array(
              fc.oneof(
                fc.record({
                  type: fc.constantFrom('function', 'custom', 'web_search'),
                  name,
                  parameters: schema,
                }),
                junk,
              ),
              { maxLength: 2 },
            ),
          }),
          fc.constant({ type: 'web_search' }),
        ),
        { maxLength: 3 },
      ),
      tool_choice: choice,
      reasoning: fc.record({ effort: junk, summary: junk }, { requiredKeys: [] }),
      text: fc.record({ verbosity: junk }, { requiredKeys: [] }),
    },
    { requiredKeys: ['input'] },
  ),
  'ollama-chat': fc.record({ ...common, messages, think: junk }, { requiredKeys: ['messages'] }),
};

describe.each(Object.keys(requests))('%s', (api) => {
  test('600 requests', () => {
    fc.assert(
      fc.property(requests[api] as fc.Arbitrary<object>, (fields) => {
        let body: Record<string, unknown>;
        try {
          body = translateForUpstream(api, { model: 'gpt-5.5', ...fields }).body;
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(Failure);
          expect((thrown as Failure).kind).toBe('invalid_request');
          return;
        }
        expect(refusalOf(body)).toBeUndefined();
      }),
      { numRuns: 600, seed: 20_261_201 },
    );
  }, 60_000);
});
