// One `prompt_cache_key` per conversation and agent.
import { isObject, parsed } from '../../../responses/fields.ts';
import type { InputItem } from '../../../responses/request.ts';
import { sha256 } from '../../tool-names.ts';
import { optionalFields } from '../check.ts';

export interface Conversation {
  model: string;
  instructions: string;
  input: InputItem[];
}

export function cacheKey(headers: Headers, metadata: unknown, conversation: Conversation): string {
  const session =
    headers.get('x-claude-code-session-id') || sessionOfUser(metadata) || beginning(conversation);
  const agent = headers.get('x-claude-code-agent-id') ?? '';
  return sha256(`codexd:anthropic:${session}:${agent}`).slice(0, 32);
}

/** `metadata.user_id` is JSON in newer versions of Claude Code and has the session at its end in older ones. */
function sessionOfUser(metadata: unknown): string | undefined {
  const user = optionalFields(metadata, 'metadata')?.user_id;
  if (typeof user !== 'string' || user === '') return undefined;
  return sessionInJson(user) ?? /_session_([\w-]{1,256})$/.exec(user)?.[1] ?? user;
}

function sessionInJson(user: string): string | undefined {
  const told = parsed(user);
  return isObject(told) && typeof told.session_id === 'string' ? told.session_id : undefined;
}

/** What stays the same while the conversation grows. */
function beginning({ model, instructions, input }: Conversation): string {
  const first = input.find((item) => 'role' in item && item.role === 'user') ?? input[0];
  return JSON.stringify([model, instructions, first]);
}
