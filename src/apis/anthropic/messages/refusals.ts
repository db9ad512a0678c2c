// Top-level fields that codexd cannot honour. What would give a silently wrong answer is refused, all else is dropped by
// name: Claude Code brings new fields every few weeks.

import { Failure } from '../../../failure.ts';
import { type Fields, isObject, isSet, numberOf } from '../../../responses/fields.ts';
import { droppedFields, hint, type Reason } from '../../dropped.ts';
import { cacheReason, type Drops, invalid, listAt, optionalFields, quoted } from '../check.ts';

export function checkRefused(body: Fields): void {
  for (const field of ['prompt', 'max_tokens_to_sample']) {
    if (isSet(body[field])) {
      throw invalid(field, 'Text completions are not offered', 'Send `messages` to `/v1/messages`.');
    }
  }
  if (isSet(body.container)) throw invalid('container', 'There is no code execution on this server');
  if (listAt(body.mcp_servers, 'mcp_servers').length > 0) {
    throw invalid('mcp_servers', 'This server calls no MCP servers', 'Let the client connect to them.');
  }
  if (isSet(body.compaction)) {
    throw invalid(
      'compaction',
      'Not offered here',
      'Use `/v1/messages/compact`, or ask for a summary in words.',
    );
  }
  if (isObject(body.thread) && body.thread.type === 'continue') {
    throw new Failure('not_found', 'thread: This server keeps no threads.', {
      code: 'thread_not_found',
      param: 'thread',
      advice: 'Send the whole conversation in `messages`.',
    });
  }
}

/** Fields that reach the upstream, are done by codexd itself, or were checked above. */
const honoured = new Set([
  'model',
  // Every request must have a limit, so that it is not followed is no news (the upstream takes none).
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

const sampling = 'The upstream takes no sampling parameters.';
const account = 'There is no account of that kind behind this server.';
const bookkeeping = hint(account);

const reasons: Record<string, Reason> = {
  temperature: sampling,
  top_p: sampling,
  top_k: sampling,
  service_tier: hint('The upstream has other tiers; `speed` chooses between them.'),
  cache_control: cacheReason,
  diagnostics: hint('The upstream compares no requests.'),
  inference_geo: account, // a promise of where the answer is made, which is not kept
  user_profile_id: bookkeeping,
  workspace_id: bookkeeping,
  billing_policy: bookkeeping,
  fallbacks: 'The upstream answers with the model that was asked.',
  fallback_credit_token: bookkeeping,
  thread: 'This server keeps no threads.',
  safeguards: hint('The upstream judges no tool uses; Claude Code then does so itself.'),
  tags: bookkeeping,
  data_flow: bookkeeping,
  betas: 'They belong in the header `anthropic-beta`.',
};

/** Documented defaults: sending one asks for nothing. */
const defaults: Record<string, unknown> = { temperature: 1 };

export function dropFields(body: Fields, drops: Drops): void {
  for (const { field, ...reason } of droppedFields(body, { honoured, reasons, defaults })) {
    drops.add(quoted(field), reason);
  }
  const config = optionalFields(body.output_config, 'output_config') ?? {};
  if (isSet(config.task_budget)) {
    drops.add('output_config.task_budget', 'The upstream takes no budget of tokens.');
  }
}

/** How many of the latest turns keep their reasoning, all when undefined; the other edits are left to the client. */
export function thinkingTurns(management: unknown, drops: Drops): number | undefined {
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
