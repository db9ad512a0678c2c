// The tools of a Responses request: which ones the upstream has, and how the response reports them (docs/wire/openai.md#responses-tools).
import type { Fields } from '../../../responses/fields.ts';
import type { FunctionTool, Tool } from '../../../responses/request.ts';
import type { ToolNames } from '../../tool-names.ts';
import { fields, invalid, optionalArray, quoted } from '../check.ts';
import { callableTool, webSearchTool } from '../tools.ts';

export interface ResponsesTools {
  /** Absent when the client named none. */
  tools: Tool[] | undefined;
  /** As the response object shows them: the client's own names, every key of a function there. */
  echo: unknown[];
}

export function responsesTools(value: unknown, codex: boolean, names: ToolNames): ResponsesTools {
  const given = (optionalArray(value, 'tools') ?? []).map((tool, index) => fields(tool, `tools[${index}]`));
  if (given.length === 0) return { tools: undefined, echo: [] };
  if (codex) return { tools: given as Tool[], echo: given };
  const tools = given.map((tool, index) => responsesTool(tool, `tools[${index}]`, names));
  return { tools, echo: tools.map((tool, index) => echoed(tool, given[index]!, names)) };
}

/** Hosted tools and groups that the upstream knows, or that its clients run themselves. */
const passedOn = new Set([
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
  if (passedOn.has(type)) return given as Tool;
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

/** The groups a replayed call may name (docs/wire/upstream.md#input-items). */
export function namespacesOf(tools: Tool[] | undefined): Set<string> {
  const groups = (tools ?? []).filter((tool) => tool.type === 'namespace');
  return new Set(groups.map((tool) => String((tool as Fields).name)));
}
