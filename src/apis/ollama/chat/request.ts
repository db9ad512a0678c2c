// Translates a chat request to a Responses request (docs/wire/ollama.md#chat-request).
import type { RequestContext } from '../../../responses/translator.ts';
import { ToolNames } from '../../tool-names.ts';
import { fieldsAt } from '../check.ts';
import { translationOf } from '../translation.ts';
import type { Clock, OllamaTranslation } from '../types.ts';
import { translateMessages } from './messages.ts';
import { toolOptions } from './tools.ts';

export function translateChatRequest(
  given: unknown,
  context: RequestContext,
  nowMs: Clock,
): OllamaTranslation {
  const body = fieldsAt(given, 'the body');
  const toolNames = new ToolNames();
  const tools = toolOptions(body, toolNames);
  const { instructions, input } = translateMessages(body.messages, toolNames);
  const parts = { instructions, input, tools, toolNames, fields: ['messages', 'tools', 'tool_choice'] };
  return translationOf(body, parts, context, nowMs);
}
