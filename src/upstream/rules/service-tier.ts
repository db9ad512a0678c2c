// Checks service tiers (docs/wire/upstream.md#body).
import type { Dropped } from '../../responses/request.ts';

const tiers = new Map([
  ['priority', 'priority'],
  ['fast', 'priority'],
  ['flex', 'flex'],
]);

export interface CheckedTier {
  tier: string | undefined;
  dropped: Dropped[];
}

export function checkServiceTier(
  requested: string | undefined,
  model: { slug: string; serviceTiers: readonly string[] },
): CheckedTier {
  if (requested === undefined || requested === 'auto' || requested === 'default') return without();
  const tier = tiers.get(requested);
  if (tier === undefined) return without('The upstream has only the tiers `priority` and `flex`.');
  if (tier !== 'priority' || model.serviceTiers.includes(tier)) return { tier, dropped: [] };
  return without(`${model.slug} does not have a priority tier.`);
}

function without(why?: string): CheckedTier {
  return { tier: undefined, dropped: why === undefined ? [] : [{ field: 'service_tier', why, hint: true }] };
}
