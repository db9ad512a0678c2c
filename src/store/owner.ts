// The owner of a response. Keys of daemons that share a store may have the same name, so names do not count.
import { sha256 } from '../base/sha256.ts';
import type { Caller } from '../turns/record.ts';

/** The upstream refuses the reasoning of another account, so a conversation belongs to one. */
export function ownerOf(account: string | undefined, { name, keySha256 }: Caller): string {
  const who = JSON.stringify([account ?? '', keySha256 ?? name]);
  return sha256(who).slice(0, 32);
}
