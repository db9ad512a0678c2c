// Ids and keys the upstream refuses (reference/openai-api.md A.2 rule 4 and D.1).
import { sha256 } from '../tool-names.ts';

const maxIdLength = 64;

/** A call id as the upstream takes it; call and output are given the same one because this is a pure function. */
export function upstreamCallId(id: string): string {
  return id.length <= maxIdLength ? id : `call_${sha256(id).slice(0, 48)}`;
}

/** A cache key as the upstream takes it; absent when empty (it refuses `""`). */
export function upstreamCacheKey(key: string | undefined): string | undefined {
  if (key === undefined || key === '') return undefined;
  return key.length <= maxIdLength ? key : sha256(key);
}
