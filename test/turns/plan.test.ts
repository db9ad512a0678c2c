// How a client's request is planned.
import { describe, expect, test } from 'bun:test';
import type { Failure } from '../../src/failure.ts';
import type { Model } from '../../src/models/model.ts';
import type { ResponsesRequest } from '../../src/responses/request.ts';
import type { Translation } from '../../src/responses/translator.ts';
import { type PlanOptions, planTurn } from '../../src/turns/plan.ts';
import { naming } from '../server/support.ts';

const options: PlanOptions = { naming, shape: 'classic', effort: undefined, verbosity: undefined };

function translation(model: string, more: Partial<ResponsesRequest> = {}): Translation {
  const request: ResponsesRequest = {
    model,
    input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi.' }] }],
    ...more,
  };
  return { model, stream: true, request, dropped: [] };
}

interface Planning {
  request?: Partial<ResponsesRequest>;
  headers?: Record<string, string>;
  options?: Partial<PlanOptions>;
  allowed?: string[];
}

function plan(model: string, { request, headers, options: more, allowed }: Planning = {}) {
  return planTurn(
    translation(model, request),
    new Headers(headers),
    'strict',
    { ...options, ...more },
    allowed,
  );
}

/** The catalogue with one model changed. */
function naming1(slug: string, fields: Partial<Model>): PlanOptions['naming'] {
  return {
    ...naming,
    models: naming.models.map((model) => (model.slug === slug ? { ...model, ...fields } : model)),
  };
}

describe('the model', () => {
  test.each([
    ['gpt-5.5', 'gpt-5.5'],
    ['openai/gpt-5.5', 'gpt-5.5'],
    ['gpt-5.5-high', 'gpt-5.5'],
    ['GPT-5.5', 'gpt-5.5'],
  ])('%s means %s', (name, slug) => {
    const { turn, contextWindow } = plan(name);
    expect(turn.body.model).toBe(slug);
    expect(contextWindow).toBe(272_000);
  });

  test('an unknown one is a 404', () => {
    expect(() => plan('gpt-nope')).toThrow('does not exist');
  });

  test('a key may be limited to some', () => {
    expect(plan('gpt-5.5', { allowed: ['gpt-6*', 'gpt-5.5'] }).turn.body.model).toBe('gpt-5.5');
    expect(() => plan('gpt-5.5', { allowed: ['gpt-6*'] })).toThrow('this key is not allowed to use it');
    expect(() => plan('gpt-5.5', { allowed: [] })).toThrow();
  });
});

describe('the effort', () => {
  const cases: [
    name: string,
    model: string,
    asked: string | undefined,
    config: string | undefined,
    sent: string | undefined,
    clamped: boolean,
  ][] = [
    ["nobody says: the catalogue's, as Codex does", 'gpt-5.5', undefined, undefined, 'medium', false],
    ['the configuration', 'gpt-5.5', undefined, 'low', 'low', false],
    ['the suffix beats it', 'gpt-5.5-high', undefined, 'low', 'high', false],
    ['the request beats both', 'gpt-5.5-high', 'medium', 'low', 'medium', false],
    [
      'what the model has not becomes the nearest lower, and is named',
      'gpt-5.5',
      'max',
      undefined,
      'xhigh',
      true,
    ],
    ['or the lowest', 'gpt-5.5', 'minimal', undefined, 'low', true],
    ['ultra goes out as what the catalogue says', 'gpt-6.1-sol', 'ultra', undefined, 'xhigh', false],
    ['or as max', 'gpt-6-sol', 'ultra', undefined, 'max', false],
  ];
  test.each(cases)('%s', (_, model, asked, config, sent, clamped) => {
    const { turn, dropped } = plan(model, {
      request: asked === undefined ? {} : { reasoning: { effort: asked } },
      options: { effort: config },
    });
    expect(turn.body.reasoning?.effort).toBe(sent as string);
    expect(dropped.map(({ field }) => field)).toEqual(clamped ? [`reasoning effort ${asked}`] : []);
  });

  test('an effort nobody knows is a 400', () => {
    expect(() => plan('gpt-5.5', { request: { reasoning: { effort: 'extreme' } } })).toThrow('extreme');
  });
});

describe('the rest of the request', () => {
  test('a summary is asked for where the model gives one', () => {
    const request = { reasoning: { summary: 'auto' } };
    expect(plan('gpt-5.5', { request }).turn.body.reasoning).toMatchObject({ summary: 'auto' });
    const without = { naming: naming1('gpt-5.5', { supportsReasoningSummary: false }) };
    expect(plan('gpt-5.5', { request, options: without }).turn.body.reasoning).not.toHaveProperty('summary');
  });

  test('what a Codex client leaves out stays out', () => {
    const headers = { originator: 'codex_exec' };
    const { body, isFromCodex } = { ...plan('gpt-5.5', { headers }).turn };
    expect(body).not.toHaveProperty('reasoning');
    expect(body).not.toHaveProperty('instructions');
    expect(isFromCodex).toBe(true);
  });

  test('ultra is what the catalogue names for several agents, else max', () => {
    const effort = (fields: Partial<Model>) =>
      plan('gpt-5.5', {
        request: { reasoning: { effort: 'ultra' } },
        options: { naming: naming1('gpt-5.5', fields) },
      }).turn.body.reasoning?.effort;
    const efforts = ['low', 'max', 'ultra'];
    expect(effort({ efforts, multiAgentEffort: 'xhigh' })).toBe('xhigh');
    expect(effort({ efforts, multiAgentEffort: undefined })).toBe('max');
  });

  test('verbosity of the configuration where the request has none and the model can', () => {
    const withIt = naming1('gpt-5.5', { supportsVerbosity: true });
    const verbosityOf = (text: ResponsesRequest['text'], supports = true) =>
      plan('gpt-5.5', {
        request: text === undefined ? {} : { text },
        options: {
          verbosity: 'low',
          naming: supports ? withIt : naming1('gpt-5.5', { supportsVerbosity: false }),
        },
      });
    expect(verbosityOf(undefined).turn.body.text).toEqual({ verbosity: 'low' });
    expect(verbosityOf({ format: { type: 'json_object' } }).turn.body.text).toEqual({
      format: { type: 'json_object' },
      verbosity: 'low',
    });
    expect(verbosityOf({ verbosity: 'high' }).turn.body.text).toEqual({ verbosity: 'high' });
    const unable = verbosityOf(undefined, false);
    expect(unable.turn.body).not.toHaveProperty('text');
    expect(unable.dropped).toEqual([]);
  });

  test('a tier named by the model, unless the request names one', () => {
    expect(plan('gpt-5.5-fast').turn.body.service_tier).toBe('priority');
    expect(plan('gpt-5.5-fast', { request: { service_tier: 'flex' } }).turn.body.service_tier).toBe('flex');
    expect(plan('gpt-5.5').turn.body).not.toHaveProperty('service_tier');
  });

  test('what was dropped on the way here is added to', () => {
    const { dropped } = plan('gpt-5.5', { request: { service_tier: 'scale', reasoning: { effort: 'max' } } });
    expect(dropped.map(({ field }) => field)).toEqual(['reasoning effort max', 'service_tier']);
  });
});

describe('the conversation', () => {
  test('session and cache key are one where nobody names either', () => {
    const { turn } = plan('gpt-5.5');
    expect(turn.session).toMatch(/^[0-9a-f-]{36}$/);
    expect(turn.body.prompt_cache_key).toBe(turn.session);
    expect(plan('gpt-5.5').turn.session).toBe(turn.session);
  });

  test("a client's session header is the cache key too; a cache key of its own stays", () => {
    const named = plan('gpt-5.5', { headers: { 'session-id': 'mine' } }).turn;
    expect([named.session, named.body.prompt_cache_key]).toEqual(['mine', 'mine']);
    const both = plan('gpt-5.5', {
      headers: { 'session-id': 'mine' },
      request: { prompt_cache_key: 'key' },
    }).turn;
    expect([both.session, both.body.prompt_cache_key]).toEqual(['mine', 'key']);
    const key = plan('gpt-5.5', { request: { prompt_cache_key: 'x'.repeat(100) } }).turn;
    expect(key.body.prompt_cache_key).toHaveLength(36);
    expect(key.session).toBe(key.body.prompt_cache_key as string);
  });

  test('headers of a Codex client go along', () => {
    const headers = { originator: 'codex_exec', 'x-codex-turn-state': 'state', authorization: 'Bearer x' };
    expect(plan('gpt-5.5', { headers }).turn.forwardedHeaders).toEqual({ 'x-codex-turn-state': 'state' });
  });
});

describe('the shape', () => {
  const tools = [{ type: 'function' as const, name: 'f', strict: false }];
  test.each([
    ['classic', 'gpt-6.1-sol', false, false],
    ['lite', 'gpt-6.1-sol', true, false],
    ['lite', 'gpt-5.5', false, false],
    ['auto', 'gpt-6.1-sol', false, true],
    ['auto', 'gpt-5.5', false, false],
  ] as const)('%s for %s: lite %p, with a way out %p', (shape, model, lite, fallback) => {
    const { turn } = plan(model, { options: { shape }, request: { tools } });
    expect(turn.lite).toBe(lite);
    expect(turn.body.input[0]?.type === 'additional_tools').toBe(lite);
    const liteBody = turn.liteBody?.();
    expect(liteBody !== undefined).toBe(fallback);
    if (liteBody) expect(liteBody.input[0]).toMatchObject({ type: 'additional_tools', tools });
  });

  test('a request that does not fit the other shape has no way out', () => {
    const { turn } = plan('gpt-6.1-sol', {
      options: { shape: 'auto' },
      request: { tools: [{ type: 'web_search' }] },
    });
    expect(turn.liteBody?.()).toBeUndefined();
    const refused = (): unknown =>
      plan('gpt-6.1-sol', { options: { shape: 'lite' }, request: { tools: [{ type: 'web_search' }] } });
    let failure: Failure | undefined;
    try {
      refused();
    } catch (thrown) {
      failure = thrown as Failure;
    }
    expect(failure).toMatchObject({
      code: 'unsupported_tool',
      advice: expect.stringContaining('upstream.shape'),
    });
  });
});

describe('the history', () => {
  const call = { type: 'function_call', call_id: 'call_x', name: 'f', arguments: '{}' };

  test('gets what it lacks', () => {
    const { turn, dropped } = plan('gpt-5.5', { request: { input: [call] } });
    expect(turn.body.input).toHaveLength(2);
    expect(dropped.map(({ field }) => field)).toEqual(['tool call call_x']);
  });

  test('of a Codex client is sent unchanged, whatever it holds', () => {
    const input = [call, { type: 'message', role: 'user', content: null }] as never;
    const request = { ...translation('gpt-5.5', { input }), keepsHistory: true };
    const { turn, dropped } = planTurn(request, new Headers(), 'strict', options);
    expect(turn.body.input).toEqual(input);
    expect(dropped).toEqual([]);
  });
});
