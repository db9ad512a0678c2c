// Limits above which no store accepts entries, even if it were empty.
import { Failure } from '../failure.ts';
import type { EntryLimits } from './entries.ts';

export function checkFits(sizes: readonly number[], { entries, bytes }: EntryLimits): void {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total <= bytes && sizes.length <= entries) return;
  throw new Failure('too_large', 'The response is larger than the whole response store.', {
    code: 'response_store_full',
    advice: 'Raise `store.max_mb` or `store.max_entries`.',
  });
}
