// A tool call in Ollama's format: complete, with an object as its arguments (docs/wire/ollama.md#chat-response, #lines).
import { Failure } from '../../failure.ts';
import { isObject, parsed } from '../../responses/fields.ts';
import type { FunctionCall } from '../../responses/response.ts';
import type { ToolNames } from '../tool-names.ts';
import type { ToolCall } from './types.ts';

/**
 * Undefined for a call that was truncated with the answer. Throws if the arguments are not an object: with `{}` instead, the
 * client would run the tool without arguments.
 */
export function toolCall(
  { call_id: id, name, arguments: given, status }: FunctionCall,
  index: number,
  names: ToolNames,
): ToolCall | undefined {
  const parsedArguments = argumentsOf(given);
  if (parsedArguments !== undefined)
    return { id, function: { index, name: names.client(name), arguments: parsedArguments } };
  if (status === 'incomplete') return undefined;
  throw new Failure('upstream_broke', 'The model produced invalid tool arguments.', {
    code: 'invalid_tool_arguments',
  });
}

function argumentsOf(given: string): Record<string, unknown> | undefined {
  if (given.trim() === '') return {};
  const value = parsed(given);
  return isObject(value) ? value : undefined;
}
