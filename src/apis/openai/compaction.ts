// POST /v1/responses/compact (https://platform.openai.com/docs/api-reference/responses/compact) and POST /v1/compact, an
// extension of codex-as-api for chat conversations: the upstream's own compaction, a turn that ends with a trigger.
import { type Fields, isObject, isSet } from '../../responses/fields.ts';
import type { InputItem, ResponsesRequest } from '../../responses/request.ts';
import type { ResponsesResponse } from '../../responses/response.ts';
import type { RequestContext, Translation } from '../../responses/translator.ts';
import { compactionOf, compactionTrigger } from '../compacted-history.ts';
import { translateChatRequest } from './chat/request.ts';
import { invalid, optionalBoolean } from './check.ts';
import { translateResponsesBody } from './responses/request.ts';

/** Translates a chat body, in which only `messages` is required. */
export function chatCompaction(given: unknown, context: RequestContext, defaultModel: string): Translation {
  const body = compactable(given);
  const model = isSet(body.model) ? body.model : defaultModel;
  return withTrigger(translateChatRequest({ ...body, model }, context));
}

/** Translates a Responses body. A compaction calls no tools, so they are omitted. */
export function responsesCompaction(given: unknown, context: RequestContext): Translation {
  return withTrigger(translateResponsesBody(compactable(given), context));
}

const unusedFields = ['tools', 'tool_choice', 'parallel_tool_calls', 'store', 'client_metadata'];

function compactable(given: unknown): Fields {
  if (!isObject(given)) throw invalid(undefined, 'The request body must be a JSON object.', 'invalid_type');
  if (optionalBoolean(given.stream, 'stream')) {
    throw invalid('stream', 'A compaction cannot be streamed.', 'unsupported_value');
  }
  return Object.fromEntries(Object.entries(given).filter(([field]) => !unusedFields.includes(field)));
}

function withTrigger({ request, ...translation }: Translation): Translation {
  const { stream_options: _, ...rest } = request;
  return {
    ...translation,
    stream: false,
    request: { ...rest, input: [...request.input, compactionTrigger] },
  };
}

interface CompactedResponse {
  id: string;
  object: 'response.compaction';
  created_at: number;
  output: Fields[];
  usage: ResponsesResponse['usage'];
}

/** What the client sends later instead of its conversation: the user's messages and the compaction item. */
export function compactedResponse(
  response: ResponsesResponse,
  { input }: ResponsesRequest,
  newId: (prefix: string) => string,
): CompactedResponse {
  const { id, encrypted_content } = compactionOf(response);
  return {
    id: response.id ?? newId('resp'),
    object: 'response.compaction',
    created_at: response.created_at ?? Math.floor(Date.now() / 1000),
    output: [
      ...input.filter(isUserMessage).map((message) => ({
        type: 'message',
        id: newId('msg'),
        status: 'completed',
        role: 'user',
        content: message.content,
      })),
      { type: 'compaction', id: id ?? newId('cmp'), encrypted_content },
    ],
    usage: response.usage ?? null,
  };
}

function isUserMessage(item: InputItem): item is InputItem & { content: unknown } {
  return 'role' in item && item.role === 'user';
}
