// Translates the tools of a Responses request, and for the response object (docs/wire/openai.md#responses-tools).
import type { Fields } from '../../../responses/fields.ts';
import type { FunctionTool, Tool } from '../../../responses/request.ts';
import type { ToolNames } from '../../tool-names.ts';
import { fields, invalid, optionalArray, quoted } from '../check.ts';
import { callableTool, webSearchTool } from '../tools.ts';

export interface ResponsesTools {
  /** Undefined if the client sent none. */
  tools: Tool[] | undefined;
  /** For the response object: with the client's own names and all keys of a function. */
  echo: unknown[];
}

export function responsesTools(value: unknown, codex: boolean, names: ToolNames): ResponsesTools {
  const given = (optionalArray(value, 'tools') ?? []).map((tool, index) => fields(tool, `tools[${index}]`));
  if (given.length === 0) return { tools: undefined, echo: [] };
  if (codex) return { tools: given as Tool[], echo: given };
  const tools = given.map((tool, index) => responsesTool(tool, `tools[${index}]`, names));
  return { tools, echo: tools.map((tool, index) => echoed(tool, given[index]!, names)) };
}

/** Tools and groups that the upstream supports or that clients run themselves; sent unchanged. */
const unchangedTypes = new Set([
  'image_generation',
  'namespace',
  'tool_search',
  'local_shell',
  'shell',
  'apply_patch',
  'programmatic_tool_calling',
]);

function responsesTool(given: Fields, param: string, names: ToolNames): Tool {
  const tool = callableTool(given, param, { names, flatStrict: undefined }) ?? webSearchTool(given);
  if (tool !== undefined) return tool;
  const type = String(given.type);
  if (unchangedTypes.has(type)) return given as Tool;
  throw invalid(
    `${param}.type`,
    `Tools of type \`${quoted(given.type)}\` are not available with a ChatGPT login.`,
    type === 'mcp' ? 'unsupported_tool' : 'unsupported_value',
    'Use function or custom tools, `web_search` or `image_generation`.',
  );
}

function echoed(tool: Tool, given: Fields, names: ToolNames): unknown {
  if (tool.type === 'custom') return { ...tool, name: names.client(String(tool.name)) };
  if (tool.type !== 'function') return given;
  const { name, description, parameters, strict } = tool as FunctionTool;
  return {
    type: 'function',
    name: names.client(name),
    description: description ?? null,
    parameters,
    strict: strict ?? true,
  };
}

/** The groups that a call in the history may refer to (docs/wire/upstream.md#input-items). */
export function namespacesOf(tools: Tool[] | undefined): Set<string> {
  const groups = (tools ?? []).filter((tool) => tool.type === 'namespace');
  return new Set(groups.map((tool) => String((tool as Fields).name)));
}
