// Translates tools and `tool_choice`, in every form that clients send to the chat and Responses APIs, to the flat form
// (docs/wire/openai.md#chat-tools, #responses-tools). Each API decides which hosted tools it allows.
import { type Fields, isObject, isSet } from '../../responses/fields.ts';
import type { CustomTool, FunctionTool, Tool, ToolChoice } from '../../responses/request.ts';
import { choiceWord } from '../tool-choice.ts';
import type { ToolNames } from '../tool-names.ts';
import { fields, invalid, optionalBoolean, optionalString, quoted, requiredString } from './check.ts';
import { checkStrictSchema } from './strict-schema.ts';

export interface CallableToolOptions {
  names: ToolNames;
  /** Default for `strict` in a flat function tool: false for chat; undefined for Responses, which means true upstream. */
  flatStrict: false | undefined;
}

/**
 * A function or custom tool, nested as in chat or flat as in Responses; undefined for any other type. `param`: such as
 * `tools[2]`.
 */
export function callableTool(
  tool: Fields,
  param: string,
  options: CallableToolOptions,
): FunctionTool | CustomTool | undefined {
  switch (tool.type ?? undefined) {
    case 'function':
      if (isObject(tool.function))
        return functionTool(tool.function, `${param}.function`, false, options.names);
      return functionTool(tool, param, options.flatStrict, options.names);
    case 'custom':
      if (isObject(tool.custom)) return customTool(tool.custom, `${param}.custom`, options.names);
      return customTool(tool, param, options.names);
    case undefined:
      return typelessTool(tool, param, options);
    default:
      return undefined;
  }
}

/** A tool without `type`: a chat function, a flat one, or an Anthropic tool that came through LiteLLM. */
function typelessTool(tool: Fields, param: string, options: CallableToolOptions): FunctionTool {
  if (isObject(tool.function)) return functionTool(tool.function, `${param}.function`, false, options.names);
  if (isObject(tool.input_schema)) {
    return functionTool({ ...tool, parameters: tool.input_schema }, param, false, options.names);
  }
  if (typeof tool.name !== 'string') {
    throw invalid(`${param}.type`, `\`${param}.type\` is required.`, 'missing_required_parameter');
  }
  return functionTool(tool, param, options.flatStrict, options.names);
}

function functionTool(
  tool: Fields,
  param: string,
  defaultStrict: false | undefined,
  names: ToolNames,
): FunctionTool {
  const name = requiredString(tool.name, `${param}.name`);
  const description = optionalString(tool.description, `${param}.description`);
  const strict = optionalBoolean(tool.strict, `${param}.strict`) ?? defaultStrict;
  const parameters = tool.parameters ?? { type: 'object', properties: {} };
  if (!isObject(parameters)) {
    throw invalid(`${param}.parameters`, `\`${param}.parameters\` must be a JSON schema.`, 'invalid_type');
  }
  if (strict === true) checkStrictSchema(parameters, `${param}.parameters`, 'invalid_function_parameters');
  return {
    type: 'function',
    name: names.upstream(name, `${param}.name`),
    ...(description === undefined ? {} : { description }),
    ...(strict === undefined ? {} : { strict }),
    parameters,
  };
}

function customTool(tool: Fields, param: string, names: ToolNames): CustomTool {
  const name = requiredString(tool.name, `${param}.name`);
  const description = optionalString(tool.description, `${param}.description`);
  const format = customFormat(tool.format, `${param}.format`);
  return {
    type: 'custom',
    name: names.upstream(name, `${param}.name`),
    ...(description === undefined ? {} : { description }),
    ...(format === undefined ? {} : { format }),
  };
}

/** Chat nests the grammar: `{type, grammar: {syntax, definition}}`. */
function customFormat(value: unknown, param: string): Fields | undefined {
  if (!isSet(value)) return undefined;
  const format = fields(value, param);
  if (format.type !== 'grammar' || !isObject(format.grammar)) return format;
  const { syntax, definition } = format.grammar;
  return { type: 'grammar', syntax, definition };
}

const webSearchType = /^web_search(_preview)?(_\d{4}_\d{2}_\d{2})?$/;
const webSearchKeys = [
  'filters',
  'search_context_size',
  'user_location',
  'external_web_access',
  'search_content_types',
];

/** A web search tool of any version under the upstream's name; undefined for any other tool. */
export function webSearchTool(tool: Fields): Tool | undefined {
  if (!isWebSearch(tool.type)) return undefined;
  const kept = webSearchKeys.filter((key) => isSet(tool[key]));
  return { type: 'web_search', ...Object.fromEntries(kept.map((key) => [key, tool[key]])) };
}

function isWebSearch(type: unknown): boolean {
  return typeof type === 'string' && webSearchType.test(type);
}

/** The name by which a function or custom tool is called. */
function callableName(tool: Tool): string | undefined {
  const isCallable = tool.type === 'function' || tool.type === 'custom';
  return isCallable && 'name' in tool && typeof tool.name === 'string' ? tool.name : undefined;
}

/**
 * `tool_choice` in the flat form, with the upstream's names; undefined if there are no tools. A named tool must be in
 * `tools`.
 */
export function toolChoice(
  value: unknown,
  tools: Tool[] | undefined,
  names: ToolNames,
): ToolChoice | undefined {
  if (!isSet(value)) return undefined;
  const any = tools !== undefined && tools.length > 0;
  if (typeof value === 'string') return choiceByWord(value, any);
  const choice = fields(value, 'tool_choice');
  if (choiceWord(choice.type) !== undefined) return choiceByWord(String(choice.type), any); // Anthropic's form
  if (choice.type === 'allowed_tools') return allowedTools(choice, tools ?? [], names);
  return namedTool(choice, tools ?? [], names, 'tool_choice');
}

function choiceByWord(word: string, any: boolean): ToolChoice | undefined {
  const choice = choiceWord(word);
  switch (choice) {
    case 'none':
    case 'auto':
      return any ? choice : undefined;
    case 'required':
      if (any) return choice;
      throw invalid('tool_choice', '`tool_choice` requires `tools`.', 'invalid_value');
    default:
      throw invalid(
        'tool_choice',
        `\`tool_choice\` must be \`none\`, \`auto\`, \`required\` or an object, not \`${word}\`.`,
        'invalid_value',
      );
  }
}

/** Chat nests the list in `allowed_tools`, Responses does not. */
function allowedTools(choice: Fields, tools: Tool[], names: ToolNames): ToolChoice {
  const { mode, tools: allowed } = isObject(choice.allowed_tools) ? choice.allowed_tools : choice;
  if ((mode !== 'auto' && mode !== 'required') || !Array.isArray(allowed)) {
    throw invalid(
      'tool_choice',
      '`tool_choice` of type `allowed_tools` needs `mode` (`auto` or `required`) and `tools`.',
      'invalid_value',
    );
  }
  const flat = allowed.map((each: unknown, index) => {
    const param = `tool_choice.tools[${index}]`;
    return namedTool(fields(each, param), tools, names, param);
  });
  return { type: 'allowed_tools', mode, tools: flat };
}

function namedTool(
  choice: Fields,
  tools: Tool[],
  names: ToolNames,
  param: string,
): Fields & { type: string } {
  const { type } = choice;
  if (type === 'function' || type === 'custom' || type === 'tool') {
    const nested = choice[type];
    const given = requiredString(isObject(nested) ? nested.name : choice.name, `${param}.name`);
    const name = names.upstream(given, `${param}.name`);
    if (!tools.some((tool) => declares(tool, name))) {
      throw invalid(
        'tool_choice',
        `\`tool_choice\` names \`${given}\`, which is not in \`tools\`.`,
        'invalid_value',
      );
    }
    return { type: type === 'custom' ? 'custom' : 'function', name };
  }
  if (typeof type !== 'string') {
    throw invalid(`${param}.type`, `\`${param}.type\` is required.`, 'missing_required_parameter');
  }
  const hosted = isWebSearch(type) ? 'web_search' : type;
  if (tools.some((tool) => tool.type === hosted)) return { type: hosted };
  throw invalid(
    'tool_choice',
    `\`tool_choice\` names \`${quoted(type)}\`, which is not in \`tools\`.`,
    'invalid_value',
  );
}

/** Whether the tool, or a tool in the group, has this name. */
function declares(tool: Tool, name: string): boolean {
  if (callableName(tool) === name) return true;
  const inner = 'tools' in tool ? tool.tools : undefined;
  return Array.isArray(inner) && inner.some((each) => isObject(each) && each.name === name);
}
