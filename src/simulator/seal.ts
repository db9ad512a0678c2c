// `encrypted_content`: opaque to clients, and verifiable without storing what was issued.
import { unverified } from './refusal.ts';

const prefix = 'gAAAAABq';
const markLength = 64;

export interface SealOwner {
  accountId: string;
  /** Content from one family of models is refused by another (docs/wire/upstream.md#encrypted-content). */
  model: string;
}

export class Seal {
  /** `strict`: accepts only content issued for this account and family; otherwise any that starts like it. */
  constructor(
    private readonly secret: string,
    private readonly strict: boolean,
  ) {}

  issue(owner: SealOwner, nonce: string): string {
    return `${prefix}${nonce}${this.mark(owner, nonce)}==`;
  }

  check(owner: SealOwner, content: string): void {
    const nonce = content.slice(prefix.length, -(markLength + 2));
    if (content === this.issue(owner, nonce)) return;
    if (!this.strict && content.startsWith('gAAAA')) return;
    throw unverified(content);
  }

  private mark(owner: SealOwner, nonce: string): string {
    const family = /^[a-z]+-\d+(?:\.\d+)?/.exec(owner.model)?.[0] ?? owner.model;
    return new Bun.CryptoHasher('sha256', this.secret)
      .update(`${owner.accountId} ${family} ${nonce}`)
      .digest('hex');
  }
}
