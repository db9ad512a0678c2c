// The named API keys, `[[server.keys]]`. Only the SHA-256 of a key is stored.
import { isTable, type Kind } from './kinds.ts';

export interface ApiKey {
  readonly name: string;
  /** Lower-case hex. */
  readonly sha256: string;
  /** Globs of the models this key may use; all if absent. */
  readonly models?: readonly string[];
  /** Maximum requests per minute; no limit of its own if absent. */
  readonly perMinute?: number;
}

export function apiKeys(): Kind<readonly ApiKey[]> {
  const expects =
    'tables with name, sha256 (64 hex digits) and optionally models (list) and per_minute (number), names unique';
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
  const { name, sha256, models, per_minute: perMinute, ...rest } = value;
  if (Object.keys(rest).length > 0) return undefined;
  if (typeof name !== 'string' || name === '') return undefined;
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/i.test(sha256)) return undefined;
  if (models !== undefined && !isStringList(models)) return undefined;
  if (perMinute !== undefined && !(Number.isSafeInteger(perMinute) && (perMinute as number) > 0))
    return undefined;
  return {
    name,
    sha256: sha256.toLowerCase(),
    ...(models === undefined ? {} : { models }),
    ...(perMinute === undefined ? {} : { perMinute: perMinute as number }),
  };
}

function isStringList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}
