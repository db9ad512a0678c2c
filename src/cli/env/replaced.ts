// Values of the user's own that `--write` replaced: they are in the backup, and are named so that nobody looks for them.
import { redactUserInfo } from '../../config/addresses.ts';
import { redact } from '../../log/redact.ts';
import type { ClientFile } from './client.ts';

export interface ReplacedValue {
  name: string;
  before: unknown;
}

export function replacedValues({ shared }: ClientFile, before: string, after: string): ReplacedValue[] {
  if (shared === undefined || before.trim() === '') return [];
  const now = shared(after);
  return Object.entries(shared(before))
    .filter(([name, value]) => value !== '' && !Bun.deepEquals(value, now[name]))
    .map(([name, value]) => ({ name, before: value }));
}

/** `model (was "sonnet")`; what may be a secret is not repeated. */
export function replacedText({ name, before }: ReplacedValue): string {
  if (/key|token|secret/i.test(name)) return name;
  return `${name} (was ${redact(redactUserInfo(JSON.stringify(before))).slice(0, 80)})`;
}
