// POST /v1/messages/count_tokens (https://docs.claude.com/en/api/messages-count-tokens): a local estimate for the request that
// would be sent upstream.
import { type CountText, requestTokens } from '../../../responses/token-count.ts';
import type { RequestContext } from '../../../responses/translator.ts';
import { fieldsAt } from '../check.ts';
import { translateBody } from './request.ts';

/** The `input_tokens` of a request's body, which is checked like that of a turn, except that `max_tokens` is optional. */
export function countTokens(given: unknown, context: RequestContext, count: CountText): number {
  const { request } = translateBody(fieldsAt(given, 'body'), context, '');
  return requestTokens(request, count);
}

interface Window {
  contextWindow: number;
  autoCompactTokenLimit: number | undefined;
}

/** The response, with the fields that codex-as-api adds. */
export function tokenCount(input_tokens: number, { contextWindow, autoCompactTokenLimit }: Window) {
  return {
    input_tokens,
    context_window: contextWindow,
    auto_compact_token_limit: autoCompactTokenLimit ?? null,
  };
}
