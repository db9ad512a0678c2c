// POST codex/responses/compact, the older form of compaction (docs/wire/upstream.md#compaction-v1).

import { type Fields, isObject } from '../base/object.ts';
import { findModel } from './catalog.ts';
import type { Account } from './identity.ts';
import type { Random } from './random.ts';
import { detail, modelNotFound, unknownParameter } from './refusal.ts';
import { countTokens, usageFor } from './response.ts';
import type { Seal } from './seal.ts';

const accepted = [
  'model',
  'input',
  'instructions',
  'tools',
  'parallel_tool_calls',
  'reasoning',
  'service_tier',
  'prompt_cache_key',
  'text',
];

export interface CompactContext {
  account: Account;
  seal: Seal;
  random: Random;
  nowMs: number;
}

/** Keeps the user's messages; everything else becomes one sealed item. */
export function compact(body: unknown, { account, seal, random, nowMs }: CompactContext): Fields {
  if (!isObject(body)) throw detail('Input must be a list');
  const unknown = Object.keys(body).find((key) => !accepted.includes(key));
  if (unknown) throw unknownParameter(unknown);
  if (!Array.isArray(body.input)) throw detail('Input must be a list');
  const model = findModel(String(body.model));
  if (!model) throw modelNotFound(String(body.model));
  const userMessages = body.input.filter((item) => isObject(item) && item.role === 'user');
  const encrypted_content = seal.issue(
    { accountId: account.accountId, model: model.slug },
    random.letters(60),
  );
  return {
    id: `resp_${random.hex(32)}`,
    object: 'response.compaction',
    created_at: Math.floor(nowMs / 1000),
    output: [...userMessages, { type: 'compaction', id: `cmp_${random.hex(32)}`, encrypted_content }],
    usage: usageFor(
      countTokens(body.input),
      0,
      [{ kind: 'compaction', sealed: encrypted_content }],
      undefined,
    ),
  };
}
