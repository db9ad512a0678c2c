// Identifies the conversation of a request. The upstream's prompt cache depends on `session-id` and `prompt_cache_key`:
// both must stay the same throughout a conversation and differ between conversations.
import type { InputItem, ResponsesRequest } from '../responses/request.ts';
import { uuidOf, validCacheKey } from './rules/cache-key.ts';

/** Headers in which clients name their conversation, the most specific first. */
const sessionHeaders = [
  'session-id',
  'session_id',
  'x-claude-code-session-id',
  'x-session-affinity',
  'conversation_id',
];

/** Whether the client names its conversation. */
export function namesSession(headers: Headers): boolean {
  return sessionHeaders.some((name) => headers.get(name)?.trim());
}

/** At most 64 characters, the upstream's limit for `prompt_cache_key`. */
export function sessionOf(headers: Headers, request: ResponsesRequest): string {
  for (const name of sessionHeaders) {
    const value = headers.get(name)?.trim();
    if (value) return headerValue(value);
  }
  if (request.prompt_cache_key) return headerValue(request.prompt_cache_key);
  return uuidOf(JSON.stringify([request.model, request.instructions ?? '', beginning(request.input)]));
}

/** `fetch` throws for header values with other characters. */
function headerValue(key: string): string {
  return /^[\x20-\x7e]*$/.test(key) ? validCacheKey(key) : uuidOf(key);
}

/** The part that stays the same while the conversation grows: everything up to the user's first message. */
function beginning(input: InputItem[]): InputItem[] {
  const first = input.findIndex((item) => 'role' in item && item.role === 'user');
  return input.slice(0, Math.max(first, 0) + 1);
}
