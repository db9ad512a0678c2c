// Tool calls and their outputs in the input of a Responses request, matched by `call_id` (docs/wire/openai.md#input-normalised,
// #orphans).
import { type Fields, isSet } from '../../../responses/fields.ts';
import type { InputItem } from '../../../responses/request.ts';
import { fields, invalid, requiredString } from '../check.ts';
import { toolOutput } from '../content.ts';
import type { InputOptions } from './types.ts';

export function callItem(
  type: 'function_call' | 'custom_tool_call',
  item: Fields,
  param: string,
  { names, namespaces }: InputOptions,
): InputItem {
  const call_id = requiredString(item.call_id ?? item.id, `${param}.call_id`);
  const given = requiredString(item.name, `${param}.name`);
  const grouped = typeof item.namespace === 'string' && namespaces.has(item.namespace);
  const name = grouped ? given : names.upstream(given, `${param}.name`);
  const namespace = grouped ? { namespace: item.namespace as string } : {};
  return type === 'function_call'
    ? { type, call_id, name, arguments: text(item.arguments) || '{}', ...namespace }
    : { type, call_id, name, input: text(item.input), ...namespace };
}

export function outputItem(
  type: 'function_call_output' | 'custom_tool_call_output',
  item: Fields,
  id: unknown,
  param: string,
): InputItem {
  return {
    type,
    call_id: requiredString(id, `${param}.call_id`),
    output: toolOutput(item.output, `${param}.output`),
  };
}

/** The calls in an assistant message in chat format. */
export function chatCalls(item: Fields, param: string, options: InputOptions): InputItem[] {
  if (!Array.isArray(item.tool_calls)) return [];
  return item.tool_calls.map((value: unknown, index) => {
    const where = `${param}.tool_calls[${index}]`;
    const { id, function: called } = fields(value, where);
    const { name, arguments: args } = fields(called, `${where}.function`);
    return callItem('function_call', { call_id: id, name, arguments: args }, where, options);
  });
}

/** In the public API, `local_shell_call_output` has the call's id only in `id`. */
export function withCallId(item: Fields, param: string): InputItem {
  const { id, ...rest } = item;
  return { ...rest, call_id: requiredString(item.call_id ?? id, `${param}.call_id`) } as InputItem;
}

/** Strings unchanged; objects, which some clients send, as JSON. */
function text(value: unknown): string {
  if (typeof value === 'string') return value;
  return isSet(value) ? JSON.stringify(value) : '';
}

/**
 * Throws if a call or an output is unmatched. The upstream's 400 names only one id, this one all of them. Function and custom
 * tool calls without an output are allowed: `turns/history.ts` adds it.
 */
export function checkPairs(items: InputItem[]): void {
  const calls = callIds(items, /_call$/);
  const outputs = callIds(items, /_call_output$/);
  const others = callIds(items, /^(?!function_call$|custom_tool_call$).*_call$/);
  const unanswered = [...others].filter((id) => !outputs.has(id));
  const orphans = [...outputs].filter((id) => !calls.has(id));
  if (unanswered.length === 0 && orphans.length === 0) return;
  const problems = [
    unanswered.length > 0 ? `No tool output found for function call ${unanswered.join(', ')}.` : '',
    orphans.length > 0
      ? `No tool call found for function call output with call_id ${orphans.join(', ')}.`
      : '',
  ];
  throw invalid('input', problems.filter(Boolean).join(' '), 'invalid_value');
}

function callIds(items: InputItem[], type: RegExp): Set<string> {
  const ids = items.map((item) =>
    type.test(item.type) && 'call_id' in item && typeof item.call_id === 'string' ? item.call_id : '',
  );
  return new Set(ids.filter(Boolean));
}
