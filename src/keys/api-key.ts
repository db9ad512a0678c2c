// The daemon's API keys, and what the holder of each may use. Only the SHA-256 of a key is stored.
import { randomBytes } from 'node:crypto';

/** Absent limits do not apply. */
export interface KeyLimits {
  /** Requests. */
  readonly perMinute?: number | undefined;
  /** Turns and transcriptions; days begin at midnight, local time. */
  readonly perDay?: number | undefined;
  /** Input and output tokens together. */
  readonly tokensPerDay?: number | undefined;
  /** Percent of the plan's weekly window. */
  readonly weeklyPercent?: number | undefined;
}

export interface ApiKey extends KeyLimits {
  readonly name: string;
  /** Lower-case hex. */
  readonly sha256: string;
  /** Globs of the models this key may use; all if absent. */
  readonly models?: readonly string[] | undefined;
  /** It is refused from then on; never if absent. */
  readonly expiresAtMs?: number | undefined;
}

export function newKey(): string {
  return `cdx_${randomBytes(32).toString('base64url')}`;
}

/** `3/min, 100/day, 50000 tokens/day, 20% of the week`; empty without limits. */
export function limitsText({ perMinute, perDay, tokensPerDay, weeklyPercent }: KeyLimits): string {
  const parts = [
    perMinute === undefined ? [] : `${perMinute}/min`,
    perDay === undefined ? [] : `${perDay}/day`,
    tokensPerDay === undefined ? [] : `${tokensPerDay} tokens/day`,
    weeklyPercent === undefined ? [] : `${weeklyPercent}% of the week`,
  ];
  return parts.flat().join(', ');
}

export function limitsOf({ perMinute, perDay, tokensPerDay, weeklyPercent }: ApiKey): KeyLimits {
  return { perMinute, perDay, tokensPerDay, weeklyPercent };
}
