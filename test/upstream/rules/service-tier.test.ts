import { expect, test } from 'bun:test';
import { checkServiceTier } from '../../../src/upstream/rules/service-tier.ts';

const model = { slug: 'gpt-5.5', serviceTiers: ['priority'] };

test.each([
  ['priority', 'priority'],
  ['fast', 'priority'],
  ['flex', 'flex'],
  ['auto', undefined],
  ['default', undefined],
  [undefined, undefined],
])('%p is sent as %p', (requested, tier) => {
  expect(checkServiceTier(requested, model)).toEqual({ tier, dropped: [] });
});

test.each(['scale', 'constructor'])('%s is dropped: the upstream has no such tier', (requested) => {
  expect(checkServiceTier(requested, model)).toEqual({
    tier: undefined,
    dropped: [
      { field: 'service_tier', why: 'The upstream has only the tiers `priority` and `flex`.', hint: true },
    ],
  });
});

test('priority is dropped for a model without it', () => {
  const { tier, dropped } = checkServiceTier('fast', { slug: 'gpt-5.5-mini', serviceTiers: [] });
  expect(tier).toBeUndefined();
  expect(dropped).toEqual([
    { field: 'service_tier', why: 'gpt-5.5-mini does not have a priority tier.', hint: true },
  ]);
});
