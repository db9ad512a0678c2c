// docs/wire/anthropic.md#thinking: `thinking` and `output_config.effort`.
import { describe, expect, test } from 'bun:test';
import { clampEffort } from '../../../../src/models/effort.ts';
import { refusal } from '../../openai/responses/refusal.ts';
import { context, droppedBy, hello, translate, translator, user } from './support.ts';

type Row = [string, object, object | undefined, string];

const effortOf = (effort: string) => ({ output_config: { effort } });

describe('thinking becomes reasoning, and decides whether there are thinking blocks', () => {
  const rows: Row[] = [
    ['nothing said', {}, undefined, 'hidden'],
    ['disabled', { thinking: { type: 'disabled' } }, { effort: 'none' }, 'hidden'],
    ['between_tools', { thinking: { type: 'between_tools' } }, undefined, 'hidden'],
    ['adaptive', { thinking: { type: 'adaptive' } }, { summary: 'auto' }, 'shown'],
    ['adaptive, omitted', { thinking: { type: 'adaptive', display: 'omitted' } }, undefined, 'omitted'],
    [
      'adaptive, updates',
      { thinking: { type: 'adaptive', display: 'updates' } },
      { summary: 'auto' },
      'shown',
    ],
    ['effort alone', effortOf('high'), { effort: 'high' }, 'hidden'],
    [
      'effort with adaptive',
      { thinking: { type: 'adaptive' }, ...effortOf('max') },
      { effort: 'max', summary: 'auto' },
      'shown',
    ],
    [
      'effort with disabled',
      { thinking: { type: 'disabled' }, ...effortOf('low') },
      { effort: 'low' },
      'hidden',
    ],
    [
      'effort beats a budget',
      { thinking: { type: 'enabled', budget_tokens: 1024 }, ...effortOf('high') },
      { effort: 'high', summary: 'auto' },
      'shown',
    ],
    ['a word of Claude Code', effortOf('ultracode'), { effort: 'ultra' }, 'hidden'],
    [
      'the extension beats them all',
      { reasoning_effort: 'low', ...effortOf('high') },
      { effort: 'low' },
      'hidden',
    ],
    ['enabled without a budget', { thinking: { type: 'enabled' } }, { summary: 'auto' }, 'shown'],
  ];
  test.each(rows)('%s', (_, body, reasoning, display) => {
    const translation = translate(body);
    expect(translation.request.reasoning).toEqual(reasoning as never);
    expect(translation.thinking).toBe(display as never);
    expect(translation.dropped).toEqual([]);
  });

  const short: [string, object, object | undefined][] = [
    ['thinking disabled', { max_tokens: 64, thinking: { type: 'disabled' } }, { effort: 'none' }],
    ['no thinking', { max_tokens: 1 }, { effort: 'none' }],
    ['an effort of its own', { max_tokens: 64, ...effortOf('high') }, { effort: 'high' }],
    ['more than a few words', { max_tokens: 257 }, undefined],
    ['adaptive thinking', { max_tokens: 64, thinking: { type: 'adaptive' } }, { summary: 'auto' }],
  ];
  test.each(short)('a short answer with %s', (_, body, reasoning) => {
    expect(translate(body).request.reasoning).toEqual(reasoning as never);
  });

  const budgets: [number, string][] = [
    [1, 'low'],
    [1024, 'low'],
    [1025, 'medium'],
    [8192, 'medium'],
    [8193, 'high'],
    [24_576, 'high'],
    [24_577, 'xhigh'],
    [31_999, 'xhigh'],
  ];
  test.each(budgets)('a budget of %p tokens is %s', (budget_tokens, effort) => {
    const { reasoning } = translate({ thinking: { type: 'enabled', budget_tokens } }).request;
    expect(reasoning).toEqual({ effort, summary: 'auto' });
  });

  test('the last system message with an effort beats the top level', () => {
    const system = (effort: string) => ({ role: 'system', output_config: { effort } });
    const messages = [user('a'), system('low'), user('b'), system('max'), { role: 'system', content: 'c' }];
    expect(translate({ messages, ...effortOf('high') }).request.reasoning).toEqual({ effort: 'max' });
    const extended = translate({ messages, reasoning_effort: 'medium' });
    expect(extended.request.reasoning).toEqual({ effort: 'medium' });
  });

  test('disabled is clamped to the lowest the model has', () => {
    const { reasoning } = translate({ thinking: { type: 'disabled' } }).request;
    const lowest = (efforts: string[]) => clampEffort(reasoning?.effort ?? '', { slug: 'x', efforts }).effort;
    expect(lowest(['none', 'low'])).toBe('none');
    expect(lowest(['minimal', 'low'])).toBe('minimal');
    expect(lowest(['low', 'high'])).toBe('low');
  });

  test('summaries that are switched off stay off, unless the client names a display', () => {
    const quiet = { ...context, reasoningSummary: 'none' };
    const summary = (thinking: object) =>
      translator.request({ ...hello, thinking }, quiet).request.reasoning?.summary;
    expect(summary({ type: 'adaptive' })).toBeUndefined();
    expect(summary({ type: 'adaptive', display: 'summarized' })).toBe('auto');
    const detailed = { ...context, reasoningSummary: 'detailed' };
    expect(
      translator.request({ ...hello, thinking: { type: 'adaptive' } }, detailed).request.reasoning,
    ).toEqual({ summary: 'detailed' });
  });

  test('a type nobody knows is taken for adaptive, by name', () => {
    const body = { thinking: { type: 'telepathic' } };
    expect(translate(body).thinking).toBe('shown');
    expect(droppedBy(body)).toEqual(['thinking.type']);
    expect(droppedBy({ thinking: { type: 'adaptive', block_binding: {} } })).toEqual([
      'thinking.block_binding',
    ]);
  });

  const refused: [object, string][] = [
    [{ thinking: 'on' }, 'thinking'],
    [{ output_config: { effort: 3 } }, 'output_config.effort'],
    [{ messages: [{ role: 'system', output_config: { effort: 3 } }] }, 'messages.0.output_config.effort'],
  ];
  test.each(refused)('refused: %j', (body, param) => {
    expect(refusal(() => translate(body)).param).toBe(param);
  });
});
