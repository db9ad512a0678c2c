// POST /v1/messages/compact, an extension of codex-as-api (reference/anthropic-api.md 15.2): the upstream's own compaction,
// which is a turn that ends in a trigger and answers with one item (upstream-observed.md 7). The client keeps it as a text.

import { Failure } from '../../../failure.ts';
import type { Fields } from '../../../responses/fields.ts';
import type { ResponsesResponse } from '../../../responses/response.ts';
import type { RequestContext } from '../../dialect.ts';
import { fieldsAt, flagAt, invalid, optionalFields } from '../check.ts';
import { historyMarker } from './compacted-history.ts';
import { translateBody } from './request.ts';
import type { MessagesTranslation } from './types.ts';

/** Unlike a conversation that wants an answer, one to be compacted may end with anything the assistant said or called. */
export function compactRequest(given: unknown, context: RequestContext): MessagesTranslation {
  const body = fieldsAt(given, 'body');
  checkCompactable(body);
  const { request, ...translation } = translateBody(body, context, '', false);
  const input = [...request.input, { type: 'compaction_trigger' }];
  return { ...translation, request: { ...request, input } };
}

function checkCompactable(body: Fields): void {
  if (flagAt(body.stream, 'stream')) throw invalid('stream', 'A compaction is answered in one piece');
  const { type = 'auto' } = optionalFields(body.tool_choice, 'tool_choice') ?? {};
  if (type !== 'auto') throw invalid('tool_choice.type', 'Input should be `auto`: nothing is called here');
}

/** What the client keeps in place of its history, and sends back as a system text. */
export function checkpointOf({ output = [] }: ResponsesResponse): { checkpoint: string } {
  const items = output.filter(({ type }) => type === 'compaction') as { encrypted_content?: unknown }[];
  const encrypted_content = items.at(0)?.encrypted_content;
  if (items.length !== 1 || typeof encrypted_content !== 'string') {
    throw new Failure('upstream_broke', 'The upstream did not answer with one compacted history.', {
      code: 'upstream_error',
    });
  }
  return { checkpoint: historyMarker + JSON.stringify([{ type: 'compaction', encrypted_content }]) };
}
