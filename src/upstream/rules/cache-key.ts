// `prompt_cache_key`: at most 64 characters. A longer key becomes a hash in the form of a UUID, which is what Codex sends.
import { sha256 } from '../../base/sha256.ts';

export function validCacheKey(key: string): string {
  return key.length <= 64 ? key : uuidOf(key);
}

/** A hash of the text in the form of a UUID. */
export function uuidOf(text: string): string {
  const hex = sha256(text);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
