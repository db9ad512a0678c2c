// One `prompt_cache_key` per conversation and agent.
import { sha256 } from '../../../base/sha256.ts';
import { isObject, parsed } from '../../../responses/fields.ts';
import type { InputItem } from '../../../responses/request.ts';
import { optionalFields } from '../check.ts';

export interface Conversation {
  model: string;
  instructions: string;
  input: InputItem[];
}

export function cacheKey(headers: Headers, metadata: unknown, conversation: Conversation): string {
  const session =
    headers.get('x-claude-code-session-id') || sessionOfUser(metadata) || stablePrefix(conversation);
  const agent = headers.get('x-claude-code-agent-id') ?? '';
  return sha256(`codexd:anthropic:${session}:${agent}`).slice(0, 32);
}

/** `metadata.user_id` is JSON in newer versions of Claude Code; in older ones, it ends with the session. */
function sessionOfUser(metadata: unknown): string | undefined {
  const user = optionalFields(metadata, 'metadata')?.user_id;
  if (typeof user !== 'string' || user === '') return undefined;
  return sessionInJson(user) ?? /_session_([\w-]{1,256})$/.exec(user)?.[1] ?? user;
}

function sessionInJson(user: string): string | undefined {
  const fields = parsed(user);
  return isObject(fields) && typeof fields.session_id === 'string' ? fields.session_id : undefined;
}

/** The part that stays the same while the conversation grows. */
function stablePrefix({ model, instructions, input }: Conversation): string {
  const first = input.find((item) => 'role' in item && item.role === 'user') ?? input[0];
  return JSON.stringify([model, instructions, first]);
}
