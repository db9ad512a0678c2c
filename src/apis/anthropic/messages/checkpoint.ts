// POST /v1/messages/compact, an extension of codex-as-api: the upstream's own compaction, a turn that ends with a trigger and
// returns one item. The client keeps that as text.
import type { Fields } from '../../../responses/fields.ts';
import type { RequestContext } from '../../../responses/translator.ts';
import { compactionTrigger } from '../../compacted-history.ts';
import { fieldsAt, flagAt, invalid, optionalFields } from '../check.ts';
import { translateBody } from './request.ts';
import type { MessagesTranslation } from './types.ts';

/** Unlike a request for an answer, a conversation to compact may end with an assistant message. */
export function compactRequest(given: unknown, context: RequestContext): MessagesTranslation {
  const body = fieldsAt(given, 'body');
  checkCompactable(body);
  const { request, ...translation } = translateBody(body, context, '', false);
  const input = [...request.input, compactionTrigger];
  return { ...translation, request: { ...request, input } };
}

function checkCompactable(body: Fields): void {
  if (flagAt(body.stream, 'stream')) throw invalid('stream', 'A compaction cannot be streamed');
  const { type = 'auto' } = optionalFields(body.tool_choice, 'tool_choice') ?? {};
  if (type !== 'auto')
    throw invalid('tool_choice.type', 'Input should be `auto`, since a compaction calls no tools');
}
