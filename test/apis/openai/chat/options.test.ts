// docs/wire/openai.md#response-format, #reasoning-effort: the format of the answer and the reasoning effort.
import { describe, expect, test } from 'bun:test';
import type { RequestContext } from '../../../../src/responses/translator.ts';
import { refusal } from '../responses/refusal.ts';
import { translate } from './support.ts';

describe('response_format', () => {
  const schema = { type: 'object', properties: {}, additionalProperties: false };
  const rows: [string, object, unknown][] = [
    ['text', { type: 'text' }, undefined],
    ['json_object', { type: 'json_object' }, { type: 'json_object' }],
    [
      'json_schema becomes flat, and not strict',
      { type: 'json_schema', json_schema: { name: 'r', schema, description: 'd' } },
      { type: 'json_schema', name: 'r', schema, description: 'd', strict: false },
    ],
    [
      'strict as asked',
      { type: 'json_schema', json_schema: { name: 'r', schema, strict: true } },
      { type: 'json_schema', name: 'r', schema, strict: true },
    ],
    [
      'flat already',
      { type: 'json_schema', name: 'r', schema },
      { type: 'json_schema', name: 'r', schema, strict: false },
    ],
    [
      'no schema',
      { type: 'json_schema', json_schema: { name: 'r' } },
      { type: 'json_schema', name: 'r', schema: {}, strict: false },
    ],
  ];
  test.each(rows)('%s', (_, response_format, format) => {
    expect(translate({ response_format }).request.text?.format).toEqual(format as never);
  });

  test('it shares `text` with the verbosity', () => {
    expect(translate({ response_format: { type: 'json_object' }, verbosity: 'low' }).request.text).toEqual({
      format: { type: 'json_object' },
      verbosity: 'low',
    });
  });

  const refused: [string, unknown, string][] = [
    ['no object', 'json', 'response_format'],
    ['unknown type', { type: 'xml' }, 'response_format.type'],
    ['no name', { type: 'json_schema', json_schema: { schema } }, 'response_format.json_schema.name'],
    ['a bad name', { type: 'json_schema', json_schema: { name: 'a b' } }, 'response_format.json_schema.name'],
    ['neither nested nor flat', { type: 'json_schema' }, 'response_format.name'],
  ];
  test.each(refused)('refused: %s', (_, response_format, param) => {
    expect(refusal(() => translate({ response_format })).param).toBe(param);
  });
});

describe('reasoning', () => {
  const rows: [string, object, unknown][] = [
    ['nothing asked, nothing sent', {}, undefined],
    ['reasoning_effort', { reasoning_effort: 'minimal' }, { effort: 'minimal' }],
    ['ultra', { reasoning_effort: 'ultra' }, { effort: 'ultra' }],
    ["Cursor's extra", { reasoning_effort: 'extra' }, { effort: 'xhigh' }],
    ["Cursor's extra-high", { reasoning_effort: 'extra-high' }, { effort: 'xhigh' }],
    ['an effort of tomorrow is judged by the catalogue', { reasoning_effort: 'Hyper' }, { effort: 'hyper' }],
    [
      "OpenRouter's object",
      { reasoning: { effort: 'high', summary: 'detailed' } },
      { effort: 'high', summary: 'detailed' },
    ],
    ['reasoning_effort wins', { reasoning_effort: 'low', reasoning: { effort: 'high' } }, { effort: 'low' }],
    ['enabled without effort', { reasoning: { enabled: true } }, { effort: 'medium' }],
    ['disabled', { reasoning: { enabled: false } }, { effort: 'none' }],
    ['enable_thinking', { enable_thinking: true }, { effort: 'medium' }],
    ['enable_thinking: false', { enable_thinking: false }, { effort: 'none' }],
    ['thinking enabled', { thinking: { type: 'enabled', budget_tokens: 1024 } }, { effort: 'medium' }],
    ['thinking disabled', { thinking: { type: 'disabled' } }, { effort: 'none' }],
    ['chat_template_kwargs', { chat_template_kwargs: { enable_thinking: false } }, { effort: 'none' }],
    ['an explicit effort wins', { enable_thinking: false, reasoning_effort: 'high' }, { effort: 'high' }],
  ];
  test.each(rows)('%s', (_, body, reasoning) => {
    expect(translate(body).request.reasoning).toEqual(reasoning as never);
    expect(translate(body).dropped).toEqual([]);
  });

  const summaries: [string, object, Partial<RequestContext>, unknown][] = [
    ['asked for when reasoning is shown', {}, { reasoningSummary: 'auto' }, { summary: 'auto' }],
    [
      'beside an effort',
      { reasoning_effort: 'low' },
      { reasoningSummary: 'auto' },
      { effort: 'low', summary: 'auto' },
    ],
    [
      "the client's word wins",
      { reasoning: { summary: 'concise' } },
      { reasoningSummary: 'auto' },
      { summary: 'concise' },
    ],
    ['`on` is `auto`', { reasoning: { summary: 'on' } }, {}, { summary: 'auto' }],
    ['`off` counts as absent', { reasoning: { summary: 'off' } }, { reasoningSummary: 'auto' }, undefined],
    ['the client wants none', { reasoning: { summary: 'none' } }, { reasoningSummary: 'auto' }, undefined],
    [
      'not asked for what nobody will see',
      {},
      { reasoningSummary: 'auto', reasoningStyle: 'none' },
      undefined,
    ],
    [
      'not asked for when excluded',
      { reasoning: { exclude: true } },
      { reasoningSummary: 'auto' },
      undefined,
    ],
  ];
  test('codex-as-api’s subagent and memgen_request become headers; nonsense is left out', () => {
    expect(translate({ subagent: 'review', memgen_request: true })).toMatchObject({
      upstreamHeaders: { 'x-openai-subagent': 'review', 'x-openai-memgen-request': 'true' },
      dropped: [],
    });
    expect(translate({ subagent: 'two words\n' })).not.toHaveProperty('upstreamHeaders');
    expect(() => translate({ memgen_request: 'yes' })).toThrow('memgen_request');
  });

  test.each(summaries)('summary: %s', (_, body, over, reasoning) => {
    expect(translate(body, over).request.reasoning).toEqual(reasoning as never);
  });

  test('exclude: true hides it', () => {
    expect(translate({ reasoning: { exclude: true } }).reasoningStyle).toBe('none');
  });

  test.each([
    ['reasoning_content', 'reasoning_content'],
    ['think-tags', 'think-tags'],
    ['o3', 'o3'],
    ['none', 'none'],
    ['parsed', 'reasoning_content'],
    ['raw', 'think-tags'],
    ['hidden', 'none'],
    ['auto', 'o3'],
    [null, 'o3'],
  ] as const)('reasoning_format: %p goes before the configuration', (reasoning_format, style) => {
    for (const more of [{}, { messages: undefined, input: 'Hi' }]) {
      const translation = translate({ reasoning_format, ...more }, { reasoningStyle: 'o3' });
      expect([translation.reasoningStyle, translation.dropped]).toEqual([style, []]);
    }
  });

  test('reasoning_format: what is asked to be shown is asked for', () => {
    const hidden = { reasoningStyle: 'none', reasoningSummary: 'none' } as const;
    expect(translate({ reasoning_format: 'raw' }, hidden).request.reasoning).toEqual({ summary: 'auto' });
    const off = { reasoningStyle: 'o3', reasoningSummary: 'none' } as const;
    expect(translate({ reasoning_format: 'raw' }, off).request.reasoning).toBeUndefined();
    const json = { reasoning_format: 'raw', response_format: { type: 'json_object' } };
    expect(translate(json).reasoningStyle).toBe('reasoning_content');
    expect(() => translate({ reasoning_format: 'loud' })).toThrow('`reasoning_format` must be one of');
  });

  test('no think tags in an answer that must be JSON', () => {
    const tagged = { reasoningStyle: 'think-tags' } as const;
    expect(translate({}, tagged).reasoningStyle).toBe('think-tags');
    expect(translate({ response_format: { type: 'text' } }, tagged).reasoningStyle).toBe('think-tags');
    for (const format of [{ type: 'json_object' }, { type: 'json_schema', json_schema: { name: 'r' } }]) {
      expect(translate({ response_format: format }, tagged).reasoningStyle).toBe('reasoning_content');
      const shaped = { messages: undefined, input: 'json', text: { format: { name: 'r', ...format } } };
      expect(translate(shaped, tagged).reasoningStyle).toBe('reasoning_content');
    }
  });
});
