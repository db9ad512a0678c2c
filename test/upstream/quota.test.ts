import { describe, expect, test } from 'bun:test';
import type { ResponsesEvent } from '../../src/responses/event.ts';
import {
  fetchQuotas,
  QuotaBook,
  quotasFromEvent,
  quotasFromHeaders,
  quotasFromUsage,
  windowLabel,
} from '../../src/upstream/quota.ts';

const nowMs = 1_790_000_000_000;

/** As recorded (docs/wire/upstream.md#quota-headers). */
const recorded = {
  'x-codex-active-limit': 'codex',
  'x-codex-plan-type': 'pro',
  'x-codex-primary-used-percent': '22',
  'x-codex-secondary-used-percent': '0',
  'x-codex-primary-window-minutes': '10080',
  'x-codex-secondary-window-minutes': '0',
  'x-codex-primary-reset-after-seconds': '155800',
  'x-codex-secondary-reset-after-seconds': '0',
  'x-codex-primary-reset-at': '1790426679',
  'x-codex-secondary-reset-at': '',
  'x-codex-primary-over-secondary-limit-percent': '0',
  'x-codex-credits-has-credits': 'False',
};

describe('headers', () => {
  test('the recorded ones: one weekly window, the empty secondary is absent', () => {
    expect(quotasFromHeaders(new Headers(recorded), nowMs)).toEqual([
      {
        limit: 'codex',
        name: undefined,
        plan: 'pro',
        windows: [{ label: 'weekly', usedPercent: 22, windowMinutes: 10080, resetsAtMs: 1_790_426_679_000 }],
        reached: undefined,
      },
    ]);
  });

  test('windows are named by their length, not by their slot, the shortest first', () => {
    const headers = new Headers({
      'x-codex-primary-used-percent': '12.5',
      'x-codex-primary-window-minutes': '10080',
      'x-codex-secondary-used-percent': '99',
      'x-codex-secondary-window-minutes': '300',
      'x-codex-secondary-reset-after-seconds': '60',
    });
    expect(quotasFromHeaders(headers, nowMs)[0]?.windows).toEqual([
      { label: '5 h', usedPercent: 99, windowMinutes: 300, resetsAtMs: nowMs + 60_000 },
      { label: 'weekly', usedPercent: 12.5, windowMinutes: 10080, resetsAtMs: undefined },
    ]);
  });

  test('another family is another limit, with its own name', () => {
    const headers = new Headers({
      ...recorded,
      'x-codex-bengalfox-primary-used-percent': '7',
      'x-codex-bengalfox-primary-window-minutes': '300',
      'x-codex-bengalfox-limit-name': 'GPT-5.3-Codex-Spark',
    });
    expect(
      quotasFromHeaders(headers, nowMs)
        .map(({ limit, name }) => [limit, name])
        .sort(),
    ).toEqual([
      ['codex', undefined],
      ['codex_bengalfox', 'GPT-5.3-Codex-Spark'],
    ]);
  });

  test('when another limit was active the plain family repeats it and says nothing of the plan', () => {
    const headers = new Headers({
      'x-codex-active-limit': 'codex_bengalfox',
      'x-codex-primary-used-percent': '100',
      'x-codex-primary-window-minutes': '300',
      'x-codex-bengalfox-primary-used-percent': '100',
      'x-codex-bengalfox-primary-window-minutes': '300',
    });
    expect(quotasFromHeaders(headers, nowMs).map(({ limit }) => limit)).toEqual(['codex_bengalfox']);
    headers.set('x-codex-active-limit', 'premium');
    expect(
      quotasFromHeaders(headers, nowMs)
        .map(({ limit }) => limit)
        .sort(),
    ).toEqual(['codex', 'codex_bengalfox']);
  });

  test('why nothing goes any more', () => {
    const headers = new Headers({
      ...recorded,
      'x-codex-rate-limit-reached-type': 'workspace_owner_credits_depleted',
    });
    expect(quotasFromHeaders(headers, nowMs)[0]?.reached).toBe('workspace_owner_credits_depleted');
  });

  test.each([
    ['none', {}],
    ['no numbers', { 'x-codex-primary-used-percent': 'many' }],
    ['no value', { 'x-codex-primary-used-percent': '' }],
  ])('%s: no window', (_, headers) => {
    expect(
      quotasFromHeaders(new Headers(headers as Record<string, string>), nowMs).flatMap(
        ({ windows }) => windows,
      ),
    ).toEqual([]);
  });
});

describe('events', () => {
  const event = (text: string) => JSON.parse(text) as ResponsesEvent;

  test('codex.rate_limits as documented', () => {
    const documented = event(
      '{"type":"codex.rate_limits","plan_type":"plus","rate_limits":{"allowed":true,"limit_reached":false,"primary":{"used_percent":0,"window_minutes":10080,"reset_after_seconds":604739,"reset_at":1787329759},"secondary":null},"code_review_rate_limits":null,"additional_rate_limits":null,"credits":{"has_credits":false,"unlimited":false,"balance":"0"},"promo":null}',
    );
    expect(quotasFromEvent(documented, nowMs)).toEqual([
      {
        limit: 'codex',
        name: undefined,
        plan: 'plus',
        windows: [{ label: 'weekly', usedPercent: 0, windowMinutes: 10080, resetsAtMs: 1_787_329_759_000 }],
        reached: undefined,
      },
    ]);
  });

  test('a metered limit goes by its own name; an error frame by its headers; everything else is no quota', () => {
    const metered = event(
      '{"type":"codex.rate_limits","metered_limit_name":"codex_bengalfox","rate_limits":{"limit_reached":true}}',
    );
    expect(quotasFromEvent(metered, nowMs)).toMatchObject([
      { limit: 'codex_bengalfox', windows: [], reached: 'rate_limit_reached' },
    ]);
    const error = event(
      '{"type":"error","status":429,"headers":{"x-codex-primary-used-percent":"100","n":5}}',
    );
    expect(quotasFromEvent(error, nowMs)[0]?.windows[0]?.usedPercent).toBe(100);
    for (const other of [
      '{"type":"error"}',
      '{"type":"response.created"}',
      '{"type":"codex.response.metadata","headers":null}',
    ]) {
      expect(quotasFromEvent(event(other), nowMs)).toEqual([]);
    }
  });
});

describe('usage', () => {
  const documented = {
    plan_type: 'pro',
    rate_limit: {
      allowed: true,
      limit_reached: false,
      primary_window: {
        used_percent: 17,
        limit_window_seconds: 604800,
        reset_after_seconds: 282635,
        reset_at: 1788862420,
      },
      secondary_window: null,
    },
    additional_rate_limits: [
      {
        limit_name: 'GPT-5.3-Codex-Spark',
        metered_feature: 'codex_bengalfox',
        rate_limit: {
          primary_window: {
            used_percent: 0,
            limit_window_seconds: 18000,
            reset_after_seconds: 18000,
            reset_at: 1788597785,
          },
          secondary_window: null,
        },
      },
    ],
    rate_limit_reached_type: null,
  };

  test('as documented', () => {
    expect(quotasFromUsage(documented, nowMs)).toEqual([
      {
        limit: 'codex',
        name: undefined,
        plan: 'pro',
        windows: [{ label: 'weekly', usedPercent: 17, windowMinutes: 10080, resetsAtMs: 1_788_862_420_000 }],
        reached: undefined,
      },
      {
        limit: 'codex_bengalfox',
        name: 'GPT-5.3-Codex-Spark',
        plan: 'pro',
        windows: [{ label: '5 h', usedPercent: 0, windowMinutes: 300, resetsAtMs: 1_788_597_785_000 }],
        reached: undefined,
      },
    ]);
  });

  test.each([
    ['null', null, undefined],
    ['a word', 'rate_limit_reached', 'rate_limit_reached'],
    ['an object', { type: 'workspace_owner_credits_depleted' }, 'workspace_owner_credits_depleted'],
  ])('rate_limit_reached_type may be %s', (_, value, reached) => {
    expect(quotasFromUsage({ ...documented, rate_limit_reached_type: value }, nowMs)[0]?.reached).toBe(
      reached,
    );
  });

  test('null everywhere is no window and no crash', () => {
    expect(quotasFromUsage({ rate_limit: null, additional_rate_limits: null }, nowMs)).toMatchObject([
      { windows: [] },
    ]);
    expect(quotasFromUsage(null, nowMs)).toMatchObject([{ limit: 'codex', windows: [] }]);
  });

  test.each([
    ['https://chatgpt.example/backend-api', '/wham/usage'],
    ['https://gateway.example/x', '/api/codex/usage'],
  ])('%s is asked at %s', async (baseUrl, path) => {
    const asked: string[] = [];
    const get = async (at: string) => {
      asked.push(at);
      return Response.json(documented);
    };
    expect(await fetchQuotas(get, baseUrl, () => nowMs)).toHaveLength(2);
    expect(asked).toEqual([path]);
  });

  test.each([
    ['a page', new Response('<html>')],
    ['a number', new Response('5')],
    ['nothing there', new Response('{}', { status: 404 })],
  ])('%s is no quota', async (_, answer) => {
    const asked = fetchQuotas(
      async () => answer,
      '',
      () => nowMs,
    );
    await expect(asked).rejects.toMatchObject({ kind: 'upstream_broke' });
  });
});

describe('the book', () => {
  const reading = (usedPercent: number, resetsAtMs: number | undefined, limit = 'codex') => ({
    limit,
    name: undefined,
    plan: 'plus',
    windows: [{ label: '5 h', usedPercent, windowMinutes: 300, resetsAtMs }],
    reached: 'rate_limit_reached',
  });

  test('keeps the latest of every limit, the plan first', () => {
    const book = new QuotaBook(() => nowMs);
    book.note([reading(1, undefined, 'codex_other'), reading(5, undefined)]);
    book.note(quotasFromHeaders(new Headers(recorded), nowMs));
    book.note([]);
    expect(book.current().map(({ limit, windows }) => [limit, windows[0]?.usedPercent])).toEqual([
      ['codex', 22],
      ['codex_other', 1],
    ]);
  });

  test('a window counts as empty after its reset, without a request', () => {
    let clockMs = nowMs;
    const book = new QuotaBook(() => clockMs);
    book.note([reading(100, nowMs + 1_000)]);
    expect(book.current()[0]).toMatchObject({
      reached: 'rate_limit_reached',
      windows: [{ usedPercent: 100 }],
    });
    clockMs += 1_000;
    expect(book.current()[0]).toMatchObject({
      reached: undefined,
      windows: [{ usedPercent: 0, resetsAtMs: undefined }],
    });
  });
});

test.each([
  [300, '5 h'],
  [10080, 'weekly'],
  [1440, '1 d'],
  [43200, '30 d'],
  [90, '90 min'],
  [0, 'limit'],
])('a window of %d minutes is called %s', (minutes, label) => {
  expect(windowLabel(minutes)).toBe(label);
});
