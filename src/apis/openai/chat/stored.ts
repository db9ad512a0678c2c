// A chat completion that is stored, as a Response object: `/v1/responses` can continue and show it.
import type { Fields } from '../../../responses/fields.ts';
import { echoOf } from '../responses/echo.ts';
import type { ResponsesTranslation } from '../responses/types.ts';
import type { ChatTranslation } from './types.ts';

export function chatEcho(translation: ChatTranslation, body: Fields): ResponsesTranslation {
  const { request, toolNames, continues } = translation;
  const { model, metadata, prompt_cache_key, user } = body;
  const repeated = {
    ...{ model, metadata, prompt_cache_key, user, store: true },
    previous_response_id: continues,
    instructions: request.instructions,
    parallel_tool_calls: request.parallel_tool_calls,
  };
  const echo = echoOf(repeated, {
    tools: request.tools ?? [],
    choice: request.tool_choice,
    text: request.text ?? {},
    names: toolNames,
  });
  return { ...translation, echo, codex: false, showEncrypted: false };
}
