// Top-level fields that codexd does not support. If ignoring a field would make the answer wrong, the request is refused;
// otherwise the field is dropped and reported, since Claude Code adds new fields every few weeks.

import { Failure } from '../../../failure.ts';
import { type Fields, isObject, isSet, numberOf } from '../../../responses/fields.ts';
import { droppedFields, hint, type Reason } from '../../dropped.ts';
import { cacheReason, type DroppedFields, invalid, listAt, optionalFields, quoted } from '../check.ts';

export function checkRefused(body: Fields): void {
  for (const field of ['prompt', 'max_tokens_to_sample']) {
    if (isSet(body[field])) {
      throw invalid(field, 'Text completions are not supported', 'Send `messages` to `/v1/messages`.');
    }
  }
  if (isSet(body.container)) throw invalid('container', 'This server does not execute code');
  if (listAt(body.mcp_servers, 'mcp_servers').length > 0) {
    throw invalid(
      'mcp_servers',
      'This server does not connect to MCP servers',
      'Connect to them from the client.',
    );
  }
  if (isSet(body.compaction)) {
    throw invalid(
      'compaction',
      'Server-side compaction is not supported',
      'Use `/v1/messages/compact`, or ask the model for a summary.',
    );
  }
  if (isObject(body.thread) && body.thread.type === 'continue') {
    throw new Failure('not_found', 'thread: This server does not store threads.', {
      code: 'thread_not_found',
      param: 'thread',
      advice: 'Send the whole conversation in `messages`.',
    });
  }
}

/** Fields that are sent upstream, implemented by codexd, or checked above. */
const supported = new Set([
  'model',
  // Not supported upstream, but every request must contain it, so reporting it would not help.
  'max_tokens',
  'messages',
  'system',
  'stream',
  'tools',
  'tool_choice',
  'thinking',
  'output_config',
  'output_format',
  'reasoning_effort',
  'stop_sequences',
  'metadata',
  'speed',
  'context_management',
  'mcp_servers',
  'prompt_cache_key',
  'text',
  'verbosity',
]);

const sampling = 'The upstream does not support sampling parameters.';
const account = 'This server does not use an Anthropic account.';
const bookkeeping = hint(account);

const reasons: Record<string, Reason> = {
  temperature: sampling,
  top_p: sampling,
  top_k: sampling,
  service_tier: hint('The upstream has different tiers; use `speed` to choose one.'),
  cache_control: cacheReason,
  diagnostics: hint('The upstream does not compare requests.'),
  inference_geo: account, // affects where the answer is generated, so not a hint
  user_profile_id: bookkeeping,
  workspace_id: bookkeeping,
  billing_policy: bookkeeping,
  fallbacks: 'The upstream does not fall back to another model.',
  fallback_credit_token: bookkeeping,
  thread: 'This server does not store threads.',
  safeguards: hint('The upstream does not check tool uses; Claude Code does so itself.'),
  tags: bookkeeping,
  data_flow: bookkeeping,
  betas: 'Send them in the header `anthropic-beta`.',
};

/** Documented defaults, which need no report. */
const defaults: Record<string, unknown> = { temperature: 1 };

export function dropFields(body: Fields, drops: DroppedFields): void {
  for (const { field, ...reason } of droppedFields(body, { supported, reasons, defaults })) {
    drops.add(quoted(field), reason);
  }
  const config = optionalFields(body.output_config, 'output_config') ?? {};
  if (isSet(config.task_budget)) {
    drops.add('output_config.task_budget', 'The upstream does not support token budgets.');
  }
}

/** How many of the latest turns keep their reasoning; undefined for all. Other edits are ignored. */
export function thinkingTurns(management: unknown, drops: DroppedFields): number | undefined {
  const path = 'context_management.edits';
  const edits = listAt(optionalFields(management, 'context_management')?.edits, path);
  let turns: number | undefined;
  for (const edit of edits.filter(isObject)) {
    if (edit.type !== 'clear_thinking_20251015') {
      drops.add(`context_management.${quoted(edit.type)}`, 'The conversation is sent unchanged.');
    } else if (isObject(edit.keep) && Number.isInteger(numberOf(edit.keep.value))) {
      turns = Math.max(1, Number(edit.keep.value));
    }
  }
  return turns;
}
