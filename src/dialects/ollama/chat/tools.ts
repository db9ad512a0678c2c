// Tools of a chat request (reference/ollama-api.md 4.1).
import { type Fields, isObject, isSet } from '../../../responses/fields.ts';
import type { FunctionTool, ResponsesRequest, ToolChoice } from '../../../responses/request.ts';
import type { ToolNames } from '../../tool-names.ts';
import { toolSchema } from '../../tool-schema.ts';
import { fieldsAt, invalid, listAt, textAt } from '../check.ts';

export function toolOptions(body: Fields, names: ToolNames): Pick<ResponsesRequest, 'tools' | 'tool_choice'> {
  const tools = listAt(body.tools, 'tools').map((each, index) => toolOf(each, `tools[${index}]`, names));
  if (tools.length === 0) return {};
  const choice = choiceOf(body.tool_choice, names);
  return { tools, ...(choice === undefined ? {} : { tool_choice: choice }) };
}

/** `strict` is always said: left out it means true upstream, which most schemas fail. */
function toolOf(value: unknown, path: string, names: ToolNames): FunctionTool {
  const called = fieldsAt(fieldsAt(value, path).function, `${path}.function`);
  const name = textAt(called.name, `${path}.function.name`);
  if (name === '') throw invalid(`${path}.function.name`, `${path}.function.name is required`);
  const described = textAt(called.description, `${path}.function.description`);
  const given = isSet(called.parameters) ? fieldsAt(called.parameters, `${path}.function.parameters`) : {};
  const { parameters, note } = toolSchema(given);
  const description = [described, note].filter(Boolean).join('\n\n');
  return {
    type: 'function',
    name: names.upstream(name, `${path}.function.name`),
    ...(description === '' ? {} : { description }),
    parameters,
    strict: false,
  };
}

/** Not in Ollama's API, but some clients send it as OpenAI spells it; what is no choice chooses nothing. */
function choiceOf(value: unknown, names: ToolNames): ToolChoice | undefined {
  if (value === 'auto' || value === 'none' || value === 'required') return value;
  const name = isObject(value) && isObject(value.function) ? value.function.name : undefined;
  if (typeof name !== 'string') return undefined;
  return { type: 'function', name: names.upstream(name, 'tool_choice.function.name') };
}
