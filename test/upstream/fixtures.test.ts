// codexd never sends the upstream what it refuses: every request of test/fixtures/requests becomes a body that the
// simulator accepts. The simulator's rules are written from the upstream's behaviour, not from our translator.
import { describe, expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../src/failure.ts';
import { refusalOf, translateForUpstream, translations } from './translated.ts';

const folder = join(import.meta.dir, '../fixtures/requests');

for (const api of Object.keys(translations)) {
  describe(api, () => {
    const files = readdirSync(join(folder, api));
    test.each(files)('%s', (file) => {
      const given = JSON.parse(readFileSync(join(folder, api, file), 'utf8'));
      expect(refusalOf(translateForUpstream(api, given).body)).toBeUndefined();
    });
  });
}

test('every folder is an API', () => {
  const folders = readdirSync(folder).filter((name) => !name.endsWith('.md'));
  expect(folders.sort()).toEqual(Object.keys(translations).sort());
});

describe('refused here, in the words of the client', () => {
  const f = { type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } };
  const g = {
    type: 'function',
    function: { name: 'f', parameters: { type: 'object', properties: { a: {} } } },
  };
  const ask = { messages: [{ role: 'user', content: 'x' }] };
  const flat = { type: 'function', name: 'f', parameters: {} };
  const cases: [string, object, string][] = [
    ['openai-chat', { ...ask, tools: [f], tool_choice: { type: 'banana', x: 1 } }, 'tool_choice'],
    ['openai-chat', { ...ask, tools: [f], tool_choice: { type: 'file_search' } }, 'tool_choice'],
    ['openai-chat', { ...ask, tools: [f], tool_choice: { type: 'image_generation' } }, 'tool_choice'],
    ['openai-chat', { ...ask, tool_choice: { type: 'image_generation' } }, 'tool_choice'],
    [
      'openai-chat',
      { ...ask, tools: [f], tool_choice: { type: 'function', function: { name: 'no' } } },
      'tool_choice',
    ],
    ['openai-chat', { ...ask, tools: [f, g] }, 'tools[1]'],
    [
      'openai-chat',
      { ...ask, tools: [{ ...f, function: { name: 'f', parameters: { type: 'string' } } }] },
      'tools[0].parameters',
    ],
    ['openai-chat', { ...ask, reasoning_effort: '' }, 'reasoning_effort'],
    ['openai-chat', { ...ask, reasoning_effort: 'banana' }, 'reasoning_effort'],
    ['openai-chat', { ...ask, verbosity: 'huge' }, 'verbosity'],
    ['openai-responses', { input: 'x', tools: [flat], tool_choice: { type: 'banana' } }, 'tool_choice'],
    ['openai-responses', { input: 'x', tools: [flat], tool_choice: { type: 'file_search' } }, 'tool_choice'],
    [
      'openai-responses',
      { input: 'x', tools: [flat], tool_choice: { type: 'image_generation' } },
      'tool_choice',
    ],
    ['openai-responses', { input: 'x', reasoning: { effort: 'turbo' } }, 'reasoning.effort'],
    ['openai-responses', { input: 'x', reasoning: { summary: 'loud' } }, 'reasoning.summary'],
    ['openai-responses', { input: 'x', text: { verbosity: '' } }, 'text.verbosity'],
    [
      'openai-responses',
      { input: 'x', tools: [{ type: 'web_search', search_context_size: 'huge' }] },
      'tools[0].search_context_size',
    ],
    [
      'openai-responses',
      { input: 'x', tools: [{ type: 'custom', name: 'c', format: { type: 'xml' } }] },
      'tools[0].format.type',
    ],
    [
      'openai-responses',
      {
        input: 'x',
        tools: [{ type: 'custom', name: 'c', format: { type: 'grammar', syntax: 'bnf', definition: 'x' } }],
      },
      'tools[0].format.syntax',
    ],
    [
      'openai-responses',
      { input: 'x', tools: [{ type: 'namespace', name: 'n', tools: [{ ...flat, name: 'a.b' }] }] },
      'tools[0].tools[0].name',
    ],
    [
      'openai-responses',
      { input: 'x', tools: [{ type: 'namespace', name: 'n', tools: [{ type: 'web_search' }] }] },
      'tools[0].tools[0].type',
    ],
    ['anthropic-messages', { max_tokens: 5, ...ask, verbosity: 'huge' }, 'verbosity'],
    [
      'anthropic-messages',
      { max_tokens: 5, ...ask, output_config: { effort: 'huge' } },
      'output_config.effort',
    ],
    [
      'ollama-chat',
      { ...ask, tools: [f], tool_choice: { type: 'function', function: { name: 'no' } } },
      'tool_choice',
    ],
    ['ollama-chat', { ...ask, tools: [f], tool_choice: 'banana' }, 'tool_choice'],
    ['ollama-chat', { ...ask, tools: [f, g] }, 'tools[1]'],
  ];
  test.each(cases)('%s %j → %s', (api, fields, param) => {
    let thrown: unknown;
    try {
      translateForUpstream(api, { model: api.startsWith('anthropic') ? 'claude-x' : 'gpt-5.5', ...fields });
    } catch (failure) {
      thrown = failure;
    }
    expect(thrown).toBeInstanceOf(Failure);
    expect(thrown).toMatchObject({ kind: 'invalid_request', param });
  });
});

describe('changed and named', () => {
  const read = (api: string, file: string) =>
    translateForUpstream(api, JSON.parse(readFileSync(join(folder, api, `${file}.json`), 'utf8')));

  test.each([
    ['openai-chat', 'duplicate-tools', ['tools[1]']],
    ['openai-chat', 'schema-root-anyof', ['tools[0].parameters']],
    ['openai-chat', 'schema-required-flag', ['tools[0].parameters']],
    ['anthropic-messages', 'schemas', ['tools[0].parameters', 'tools.strict']],
    ['openai-responses', 'phase-unknown', ['input[1].phase']],
    // Has no effect, so nothing is reported.
    ['openai-chat', 'schema-array-no-items', []],
    ['openai-chat', 'schema-capital-types', []],
    ['openai-chat', 'call-id-illegal', []],
  ])('%s %s', (api, file, dropped) => {
    expect(read(api, file).dropped.filter((field) => field !== 'max_tokens')).toEqual(dropped);
  });

  test.each([
    ['openai-chat', 'call-id-illegal'],
    ['openai-responses', 'call-id-too-long'],
    ['anthropic-messages', 'call-id-illegal'],
    ['ollama-chat', 'call-id-illegal'],
  ])('%s %s: a call and its output go by the same id', (api, file) => {
    const { input } = read(api, file).body as { input: { call_id?: string }[] };
    const ids = input.flatMap(({ call_id }) => call_id ?? []);
    expect(ids).toHaveLength(2);
    expect(ids[0]).toMatch(/^call_[0-9a-f]{48}$/);
    expect(ids[1]).toBe(ids[0] as string);
  });

  test('a pair is no half, and keeps its place', () => {
    const { input } = read('openai-chat', 'surrogate-in-text').body as {
      input: { content: { text: string }[] }[];
    };
    expect(input[0]?.content[0]?.text).toBe('a \ufffd b \u{1f600}');
  });

  test('an object with a schema aims at it', () => {
    expect(read('openai-chat', 'json-object-with-schema').body.text).toEqual({
      format: {
        type: 'json_schema',
        name: 'response',
        schema: { type: 'object', properties: { a: { type: 'string' } } },
        strict: false,
      },
    });
  });
});
