// Keys the upstream refuses.
import { sha256 } from '../tool-names.ts';

const maxLength = 64;

/** A cache key as the upstream takes it; absent when empty (it refuses `""`). */
export function upstreamCacheKey(key: string | undefined): string | undefined {
  if (key === undefined || key === '') return undefined;
  return key.length <= maxLength ? key : sha256(key);
}
