// The user's own values that `--write` replaced. They are in the backup; naming them saves the user a search.
import { redactUserInfo } from '../../config/addresses.ts';
import { redact } from '../../log/redact.ts';
import type { ClientFile } from './client.ts';

export interface ReplacedValue {
  name: string;
  before: unknown;
}

export function replacedValues({ userValues }: ClientFile, before: string, after: string): ReplacedValue[] {
  if (userValues === undefined || before.trim() === '') return [];
  const now = userValues(after);
  return Object.entries(userValues(before))
    .filter(([name, value]) => value !== '' && !Bun.deepEquals(value, now[name]))
    .map(([name, value]) => ({ name, before: value }));
}

/** `model (was "sonnet")`; only the name if the value may be a secret. */
export function replacedText({ name, before }: ReplacedValue): string {
  if (/key|token|secret/i.test(name)) return name;
  return `${name} (was ${redact(redactUserInfo(JSON.stringify(before))).slice(0, 80)})`;
}
