// Whose response it is. Keys of daemons that share a store may have the same name, so their names do not count.
import { createHash } from 'node:crypto';
import type { Caller } from '../turns/record.ts';

/** The upstream refuses the reasoning of another account, so a conversation belongs to one. */
export function ownerOf(account: string | undefined, { name, keySha256 }: Caller): string {
  const who = JSON.stringify([account ?? '', keySha256 ?? name]);
  return createHash('sha256').update(who).digest('hex').slice(0, 32);
}
