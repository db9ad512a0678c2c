// codexd never sends the upstream what it refuses: random Messages requests are either rejected with a message, or
// accepted by the simulator's rules, which are written from docs/wire/upstream.md and not from our translator.
import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Fields } from '../../../../src/base/object.ts';
import { Failure } from '../../../../src/failure.ts';
import { bundledEntries } from '../../../../src/models/bundle.ts';
import { readModels } from '../../../../src/models/model.ts';

import { checkTurn } from '../../../../src/simulator/rules/turn.ts';
import { Seal } from '../../../../src/simulator/seal.ts';
import { lenientRules } from '../../../../src/simulator/strict.ts';
import { planTurn } from '../../../../src/turns/plan.ts';
import { context, translator } from './support.ts';

const naming = {
  models: readModels(bundledEntries),
  aliases: {},
  allowed: [],
  default: undefined,
  unknown: 'error' as const,
};
const plan = { naming, shape: 'classic' as const, effort: undefined, verbosity: undefined };
const account = { accountId: 'acc_1', email: 'a@example.com', plan: 'plus', userId: 'u' };

/** The upstream body of this request. */
function bodyOf(request: unknown): Fields {
  const translation = translator.request(request, context);
  return planTurn(translation, context.headers, 'strict', plan).turn.body as unknown as Fields;
}

/** Throws the upstream's refusal. */
function check(body: Fields): void {
  const seal = new Seal('secret', false);
  const wire = JSON.parse(JSON.stringify(body)) as Fields;
  checkTurn(wire, {
    transport: 'http',
    headers: { originator: 'codexd' },
    account,
    seal,
    strict: lenientRules,
    earlier: [],
  });
}

test('the rules are really asked', () => {
  const body = bodyOf({ model: 'claude-x', max_tokens: 1, messages: [{ role: 'user', content: 'a' }] });
  expect(() => check(body)).not.toThrow();
  expect(() => check({ ...body, max_output_tokens: 1 })).toThrow();
  expect(() =>
    check({ ...body, input: [{ type: 'function_call', call_id: 'a', name: 'f', arguments: '{}' }] }),
  ).toThrow();
});

// --- what clients send, and what they should not ---

const png =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const cached = <T extends object>(block: fc.Arbitrary<T>) =>
  fc
    .tuple(block, fc.boolean())
    .map(([fields, isCached]) => (isCached ? { ...fields, cache_control: { type: 'ephemeral' } } : fields));

const said = fc.oneof(fc.string(), fc.constantFrom('', 'a\ud83d', ' \n'));
const text = cached(fc.record({ type: fc.constant('text'), text: said }));
const image = fc.constant({ type: 'image', source: { type: 'base64', media_type: 'image/jpeg', data: png } });
const document = fc.constantFrom(
  { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' } },
  { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'a' }, title: 'T' },
  { type: 'document', source: { type: 'content', content: [{ type: 'text', text: 'a' }] } },
);
const found = fc.constantFrom(
  { type: 'search_result', title: 'T', source: 'https://a.no', content: [{ type: 'text', text: 'a' }] },
  { type: 'tool_reference', tool_name: 'mcp__x.y' },
  { type: 'hologram', beams: 3 },
);
const ids = fc.constantFrom('toolu_1', 'call_2', 'x'.repeat(80), 'a.b');
const names = fc.constantFrom('Read', 'mcp__server__'.repeat(8), 'browser.open', 'web_search');
const input = fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.constant(null), fc.constant('{"a":1}'));
const use = cached(fc.record({ type: fc.constant('tool_use'), id: ids, name: names, input }));
const result = cached(
  fc.record(
    {
      type: fc.constant('tool_result'),
      tool_use_id: ids,
      content: fc.oneof(said, fc.array(fc.oneof(text, image, document, found), { maxLength: 3 })),
      is_error: fc.boolean(),
    },
    { requiredKeys: ['type', 'tool_use_id'] },
  ),
);
const thinking = fc.record({
  type: fc.constant('thinking'),
  thinking: said,
  signature: fc.constantFrom('cdx1.gAAAAABq1', `gAAAAABq${'x'.repeat(92)}==`, 'EqQBCkYIAxgC', ''),
});
const search = fc.constantFrom(
  { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'q' } },
  {
    type: 'web_search_tool_result',
    tool_use_id: 'srvtoolu_1',
    content: [{ type: 'web_search_result', url: 'u' }],
  },
  { type: 'mcp_tool_result', tool_use_id: 'x', content: [{ type: 'text', text: 'a' }] },
  { type: 'redacted_thinking', data: 'abc' },
  { type: 'compaction', content: 'So far.' },
  { type: 'fallback' },
);
const message = fc.oneof(
  fc.record({
    role: fc.constant('user'),
    content: fc.oneof(said, fc.array(fc.oneof(text, image, document, found, result))),
  }),
  fc.record({
    role: fc.constant('assistant'),
    content: fc.oneof(said, fc.array(fc.oneof(text, thinking, use, search))),
  }),
  fc.record(
    {
      role: fc.constant('system'),
      content: fc.oneof(said, fc.array(text)),
      clear_at: fc.constantFrom('never', 'next_user_message'),
      output_config: fc.record({ effort: fc.constantFrom('low', 'max') }),
    },
    { requiredKeys: ['role'] },
  ),
);

const { schema } = fc.letrec<{ schema: object; node: object }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom({ type: 'string' }, { type: 'array' }, { type: 'object' }, { $ref: '#/$defs/a' }),
    tie('node'),
  ),
  node: fc.record(
    {
      $schema: fc.constant('https://json-schema.org/draft/2020-12/schema'),
      type: fc.constantFrom('object', 'object', 'string', ['object', 'null'], ['array', 'string']),
      properties: fc.oneof(
        fc.dictionary(fc.constantFrom('a', 'b', 'default'), fc.oneof(tie('schema'), fc.boolean())),
        fc.constant(null),
      ),
      required: fc.oneof(fc.subarray(['a', 'b']), fc.constant(null)),
      additionalProperties: fc.boolean(),
      items: tie('schema'),
      anyOf: fc.array(tie('schema'), { maxLength: 2 }),
      oneOf: fc.array(tie('schema'), { maxLength: 2 }),
      allOf: fc.array(tie('schema'), { maxLength: 2 }),
      enum: fc.constant(['x']),
      not: tie('schema'),
      $ref: fc.constantFrom('#/$defs/a', '#'),
      $defs: fc.dictionary(fc.constant('a'), tie('schema')),
    },
    { requiredKeys: [] },
  ),
}));
const tools = fc.array(
  fc.oneof(
    fc.record(
      {
        name: names,
        description: said,
        input_schema: schema,
        strict: fc.boolean(),
        defer_loading: fc.boolean(),
        cache_control: fc.constant({ type: 'ephemeral' }),
      },
      { requiredKeys: ['name', 'input_schema'] },
    ),
    fc.constantFrom(
      { type: 'web_search_20250305', name: 'web_search', max_uses: 8, allowed_domains: ['a.no'] },
      { type: 'bash_20250124', name: 'bash' },
      { type: 'text_editor_20250728', name: 'str_replace_based_edit_tool', max_characters: 10 },
      { type: 'memory_20250818', name: 'memory' },
      { type: 'tool_search_tool_bm25_20251119', name: 'tool_search_tool_bm25' },
    ),
  ),
  { maxLength: 4 },
);
const everyField = {
  model: fc.constantFrom('claude-opus-5-5', 'claude-haiku-5-5', 'gpt-5.5', 'gpt-6-sol[1m]'),
  max_tokens: fc.constantFrom(1, 32_000),
  messages: fc.array(message, { minLength: 1, maxLength: 6 }),
  system: fc.oneof(said, fc.array(text)),
  tools,
  tool_choice: fc.oneof(
    fc.record({
      type: fc.constantFrom('auto', 'any', 'none'),
      disable_parallel_tool_use: fc.boolean(),
    }),
    fc.record({ type: fc.constant('tool'), name: names }),
  ),
  thinking: fc.constantFrom(
    { type: 'adaptive' },
    { type: 'disabled' },
    { type: 'enabled', budget_tokens: 4000 },
    { type: 'adaptive', display: 'omitted' },
  ),
  output_config: fc.record(
    {
      effort: fc.constantFrom('low', 'medium', 'high', 'xhigh', 'max', 'ultra'),
      format: fc.record({ type: fc.constant('json_schema'), schema }),
    },
    { requiredKeys: [] },
  ),
  context_management: fc.constant({
    edits: [{ type: 'clear_thinking_20251015', keep: { type: 'thinking_turns', value: 1 } }],
  }),
  stop_sequences: fc.constant(['</block>']),
  temperature: fc.double(),
  top_k: fc.nat(),
  metadata: fc.record({ user_id: fc.string() }),
  speed: fc.constantFrom('fast', 'standard'),
  service_tier: fc.constant('auto'),
  stream: fc.boolean(),
  safeguards: fc.constant([{ type: 'dangerous_tool_use' }]),
};
const body = fc.record(everyField, { requiredKeys: ['model', 'max_tokens', 'messages'] });
/** Fields of blocks. */
const blockKeys = [
  ...['text', 'source', 'title', 'context', 'citations', 'content', 'id', 'name', 'input', 'is_error'],
  ...[
    'tool_use_id',
    'thinking',
    'signature',
    'data',
    'tool_name',
    'tool',
    'cache_control',
    'transformations',
  ],
];

describe('random requests', () => {
  test('each is refused here, or taken upstream', () => {
    let taken = 0;
    fc.assert(
      fc.property(body, (request) => {
        let upstream: Fields;
        try {
          upstream = bodyOf(request);
        } catch (thrown) {
          if (thrown instanceof Failure && thrown.kind === 'invalid_request') return;
          throw thrown;
        }
        taken++;
        check(upstream);
      }),
      { numRuns: 3000, seed: 20_261_120 },
    );
    expect(taken).toBeGreaterThan(300);
  }, 60_000);

  test('nonsense in any field or block is refused with a sentence, or dropped; it never breaks anything', () => {
    const types = ['text', 'image', 'document', 'tool_use', 'tool_result', 'thinking', 'search_result'];
    const block = fc
      .tuple(fc.constantFrom(...types), fc.dictionary(fc.constantFrom(...blockKeys), fc.jsonValue()))
      .map(([type, rest]) => ({ type, ...rest }));
    const spoilt = fc
      .tuple(body, fc.constantFrom(...Object.keys(everyField)), fc.jsonValue())
      .map(([request, field, value]) => ({
        ...request,
        [field]: value,
      }));
    const odd = fc
      .tuple(fc.constantFrom('user', 'assistant', 'system'), fc.array(block, { minLength: 1 }))
      .map(([role, content]) => ({ model: 'claude-x', max_tokens: 1, messages: [{ role, content }] }));
    let refused = 0;
    fc.assert(
      fc.property(fc.oneof(spoilt, odd), (request) => {
        try {
          translator.request(request, context);
        } catch (thrown) {
          if (!(thrown instanceof Failure) || thrown.status >= 500) throw thrown;
          refused++;
        }
      }),
      { numRuns: 4000, seed: 11 },
    );
    expect(refused).toBeGreaterThan(100);
  }, 60_000);

  test('the client’s own objects stay as they were', () => {
    fc.assert(
      fc.property(body, (request) => {
        const before = JSON.stringify(request);
        try {
          bodyOf(request);
        } catch {
          // a refusal must not change them either
        }
        expect(JSON.stringify(request)).toBe(before);
      }),
      { numRuns: 300, seed: 7 },
    );
  }, 60_000);
});
