// A call of the model's as Ollama's clients take it: whole, its arguments an object (docs/wire/ollama.md#chat-response, #lines).
import { Failure } from '../../failure.ts';
import { isObject, parsed } from '../../responses/fields.ts';
import type { FunctionCall } from '../../responses/response.ts';
import type { ToolNames } from '../tool-names.ts';
import type { ToolCall } from './types.ts';

/**
 * Undefined for a call that was cut with the answer. Arguments that are no object throw: with `{}` in their place the
 * client would run the tool with nothing.
 */
export function toolCall(
  { call_id: id, name, arguments: given, status }: FunctionCall,
  index: number,
  names: ToolNames,
): ToolCall | undefined {
  const called = argumentsOf(given);
  if (called !== undefined) return { id, function: { index, name: names.client(name), arguments: called } };
  if (status === 'incomplete') return undefined;
  throw new Failure('upstream_broke', 'The model produced invalid tool arguments.', {
    code: 'invalid_tool_arguments',
  });
}

function argumentsOf(given: string): Record<string, unknown> | undefined {
  if (given.trim() === '') return {};
  const called = parsed(given);
  return isObject(called) ? called : undefined;
}
