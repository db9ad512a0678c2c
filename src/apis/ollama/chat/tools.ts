// Translates the tools of a chat request.
import { type Fields, isObject, isSet } from '../../../responses/fields.ts';
import type { FunctionTool, ResponsesRequest, ToolChoice } from '../../../responses/request.ts';
import { choiceWord } from '../../tool-choice.ts';
import type { ToolNames } from '../../tool-names.ts';
import { fieldsAt, invalid, listAt, textAt } from '../check.ts';

export function toolOptions(body: Fields, names: ToolNames): Pick<ResponsesRequest, 'tools' | 'tool_choice'> {
  const tools = listAt(body.tools, 'tools').map((each, index) => toolOf(each, `tools[${index}]`, names));
  if (tools.length === 0) return {};
  const choice = choiceOf(body.tool_choice, names);
  return { tools, ...(choice === undefined ? {} : { tool_choice: choice }) };
}

/** `strict` is always set: upstream it defaults to true, which most schemas do not satisfy. */
function toolOf(value: unknown, path: string, names: ToolNames): FunctionTool {
  const called = fieldsAt(fieldsAt(value, path).function, `${path}.function`);
  const name = textAt(called.name, `${path}.function.name`);
  if (name === '') throw invalid(`${path}.function.name`, `${path}.function.name is required`);
  const described = textAt(called.description, `${path}.function.description`);
  const parameters = isSet(called.parameters)
    ? fieldsAt(called.parameters, `${path}.function.parameters`)
    : { type: 'object', properties: {} };
  return {
    type: 'function',
    name: names.upstream(name, `${path}.function.name`),
    ...(described === '' ? {} : { description: described }),
    parameters,
    strict: false,
  };
}

/** Not in Ollama's API, but some clients send it in OpenAI's or Anthropic's format. Whether the tool exists is checked later. */
function choiceOf(value: unknown, names: ToolNames): ToolChoice | undefined {
  if (!isSet(value)) return undefined;
  const choice = isObject(value) ? value : { type: value };
  const word = choiceWord(choice.type);
  if (word !== undefined) return word;
  const name = isObject(choice.function) ? choice.function.name : choice.name;
  if (typeof name === 'string') return { type: 'function', name: names.upstream(name, 'tool_choice') };
  throw invalid('tool_choice', 'tool_choice must be "auto", "none", "required" or name a function');
}
