// The named API keys, `[[server.keys]]`. Only the SHA-256 of a key is stored.
import type { ApiKey } from '../keys/api-key.ts';
import { isTable, type Kind, type ParseResult } from './kinds.ts';

const expects =
  'tables with name, sha256 (64 hex digits) and optionally models (list), per_minute, per_day, tokens_per_day (whole numbers above 0) and weekly_percent (above 0, up to 100), names unique';

export function apiKeys(): Kind<readonly ApiKey[]> {
  return {
    expects,
    hint: 'TABLE',
    flagForm: 'list',
    // The hash of a weak key can be reversed, and `config show` ends up in bug reports.
    shown: (keys) => keys.map((key) => ({ ...key, sha256: '********' })),
    fromToml: (value) => {
      const keys = Array.isArray(value) ? value.map(parseApiKey) : [undefined];
      const valid = keys.filter((key) => key !== undefined);
      const names = new Set(valid.map((key) => key.name));
      return valid.length === keys.length && names.size === keys.length ? { value: valid } : { why: expects };
    },
    fromText: () => ({ why: expects }),
  };
}

function parseApiKey(value: unknown): ApiKey | undefined {
  if (!isTable(value)) return undefined;
  const { name, sha256, models, ...limits } = value;
  if (typeof name !== 'string' || name === '') return undefined;
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/i.test(sha256)) return undefined;
  if (models !== undefined && !isStringList(models)) return undefined;
  const parsed = Object.entries(limits).map(([key, limit]) => parseLimit(key, limit));
  const valid = parsed.filter((limit) => limit !== undefined);
  if (valid.length < parsed.length) return undefined;
  return {
    name,
    sha256: sha256.toLowerCase(),
    ...(models === undefined ? {} : { models }),
    ...Object.fromEntries(valid),
  };
}

const limitNames = {
  per_minute: 'perMinute',
  per_day: 'perDay',
  tokens_per_day: 'tokensPerDay',
  weekly_percent: 'weeklyPercent',
} as const;

export type LimitName = keyof typeof limitNames;
export type LimitField = (typeof limitNames)[LimitName];

export const limitEntries = Object.entries(limitNames) as [LimitName, LimitField][];

function parseLimit(name: string, value: unknown): [LimitField, number] | undefined {
  if (!Object.hasOwn(limitNames, name)) return undefined;
  const result = validateLimit(name as LimitName, value);
  return 'value' in result ? [limitNames[name as LimitName], result.value] : undefined;
}

/** Of a key's limit, from TOML or a number that the command line was given. */
export function validateLimit(name: LimitName, value: unknown): ParseResult<number> {
  const isPercent = name === 'weekly_percent';
  const isValid = isPercent
    ? Number.isFinite(value) && (value as number) <= 100
    : Number.isSafeInteger(value);
  if (isValid && (value as number) > 0) return { value: value as number };
  return { why: isPercent ? 'a number above 0, up to 100' : 'a whole number above 0' };
}

function isStringList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}
