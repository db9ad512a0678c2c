// Translates `tools`, the deprecated `functions`, `web_search_options`, and the tool choice
// (docs/wire/openai.md#chat-fields, #chat-tools, #tool-choice, #legacy-functions).
import { type Fields, isObject, isSet } from '../../../responses/fields.ts';
import type { ResponsesRequest, Tool, ToolChoice } from '../../../responses/request.ts';
import type { ToolNames } from '../../tool-names.ts';
import { fields, invalid, optionalArray, optionalBoolean, quoted, requiredString } from '../check.ts';
import { callableTool, toolChoice, webSearchTool } from '../tools.ts';

type ToolOptions = Pick<ResponsesRequest, 'tools' | 'tool_choice' | 'parallel_tool_calls'>;

/** Whether the request uses the functions of 2023, with at most one call per turn. */
export function isLegacy(body: Fields): boolean {
  return isSet(body.functions) || isSet(body.function_call);
}

export function toolOptions(body: Fields, names: ToolNames): ToolOptions {
  const legacy = isLegacy(body);
  const tools = currentTools(body.tools, names);
  if (legacy && tools.length > 0) {
    throw invalid('functions', '`functions` cannot be combined with `tools`.', 'invalid_value');
  }
  tools.push(...legacyTools(body.functions, names));
  const search = searchTool(body.web_search_options);
  if (search !== undefined && !tools.some((tool) => tool.type === 'web_search')) tools.push(search);
  const choice = legacy
    ? legacyChoice(body.function_call, tools, names)
    : toolChoice(body.tool_choice, tools, names);
  const parallel = legacy ? false : optionalBoolean(body.parallel_tool_calls, 'parallel_tool_calls');
  if (tools.length === 0) return {};
  return {
    tools,
    ...(choice === undefined ? {} : { tool_choice: choice }),
    ...(parallel === undefined ? {} : { parallel_tool_calls: parallel }),
  };
}

function currentTools(value: unknown, names: ToolNames): Tool[] {
  return (optionalArray(value, 'tools') ?? []).map((each, index) => {
    const param = `tools[${index}]`;
    const given = fields(each, param);
    // An Anthropic tool may have the type `custom`; its schema shows that it is a function.
    const tool = isObject(given.input_schema) ? { ...given, type: undefined } : given;
    const known = callableTool(tool, param, { names, flatStrict: false }) ?? webSearchTool(tool);
    if (known !== undefined) return known;
    throw invalid(
      `${param}.type`,
      `Chat completions do not support tools of type \`${quoted(tool.type)}\`; \`/v1/responses\` supports more types.`,
      'unsupported_tool',
    );
  });
}

function legacyTools(value: unknown, names: ToolNames): Tool[] {
  return (optionalArray(value, 'functions') ?? []).flatMap((each, index) => {
    const param = `functions[${index}]`;
    const { name, description, parameters } = fields(each, param);
    const tool = { type: 'function', name, description, parameters };
    return callableTool(tool, param, { names, flatStrict: false }) ?? [];
  });
}

function legacyChoice(value: unknown, tools: Tool[], names: ToolNames): ToolChoice | undefined {
  if (!isObject(value)) return toolChoice(value, tools, names);
  const name = requiredString(value.name, 'function_call.name');
  const declared = tools.some((tool) => 'name' in tool && names.client(String(tool.name)) === name);
  if (declared) return toolChoice({ type: 'function', name }, tools, names);
  throw invalid(
    'function_call',
    `\`function_call\` names \`${name}\`, which is not in \`functions\`.`,
    'invalid_value',
  );
}

/** Chat nests the location in `approximate`, Responses does not. */
function searchTool(value: unknown): Tool | undefined {
  if (!isSet(value)) return undefined;
  const { search_context_size, user_location } = fields(value, 'web_search_options');
  const location = isObject(user_location) ? user_location : undefined;
  const flat = isObject(location?.approximate) ? { type: 'approximate', ...location.approximate } : location;
  return webSearchTool({ type: 'web_search', search_context_size, user_location: flat });
}
