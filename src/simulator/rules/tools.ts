// Checks tools and tool_choice.
import { type Fields, isObject } from '../../base/object.ts';
import { detail, invalid } from '../refusal.ts';
import { arrayAt, checkKeys, checkType, checkWord, fieldsAt, textAt, toolNameAt } from './checks.ts';
import { checkLooseSchema, checkParameters, checkStrictSchema } from './schema.ts';

const hosted = ['web_search', 'image_generation', 'local_shell'];
const nestable = ['function', 'custom'];

/** A tool with the group it was declared in; `undefined` for a flat one. */
export interface DeclaredTool {
  tool: Fields;
  namespace: string | undefined;
}

/** All declared tools: top-level ones, those in `additional_tools` items, and the members of namespaces. */
export function declaredTools(body: Fields): DeclaredTool[] {
  return toolLists(body).flatMap((tools) =>
    tools.filter(isObject).flatMap((tool): DeclaredTool[] => {
      if (tool.type !== 'namespace') return [{ tool, namespace: undefined }];
      const members = Array.isArray(tool.tools) ? tool.tools.filter(isObject) : [];
      return members.map((member) => ({ tool: member, namespace: String(tool.name) }));
    }),
  );
}

export function checkTools(body: Fields, plan: string): void {
  if (body.tools !== undefined && body.tools !== null) checkList(arrayAt(body.tools, 'tools'), 'tools');
  for (const [i, item] of (body.input as unknown[]).entries()) {
    if (!isObject(item) || item.type !== 'additional_tools') continue;
    const param = `input[${i}].tools`;
    checkList(arrayAt(item.tools, param), param);
  }
  const offered = declaredTools(body);
  if (plan === 'free' && offered.some(({ tool }) => tool.type === 'image_generation')) {
    throw invalid(`Hosted tool 'image_generation' is not supported with ${body.model}.`, 'tools');
  }
  checkChoice(
    body.tool_choice,
    offered.map(({ tool }) => tool),
  );
}

/** Whether Responses Lite accepts all tools, and all are in the input (docs/wire/upstream.md#lite-rules). */
export function areLiteTools(body: Fields): boolean {
  if (Array.isArray(body.tools) && body.tools.length > 0) return false;
  return declaredTools(body).every(
    ({ tool }) =>
      nestable.includes(String(tool.type)) || (tool.type === 'tool_search' && tool.execution === 'client'),
  );
}

function toolLists(body: Fields): unknown[][] {
  const items = (Array.isArray(body.input) ? body.input : []).filter(isObject);
  const additional = items.filter((item) => item.type === 'additional_tools').map((item) => item.tools);
  return [body.tools, ...additional].filter(Array.isArray);
}

function checkList(tools: unknown[], param: string): void {
  const names = new Set<string>();
  for (const [i, value] of tools.entries()) {
    const tool = fieldsAt(value, `${param}[${i}]`);
    const name = checkTool(tool, `${param}[${i}]`);
    if (name === undefined) continue;
    if (names.has(name))
      throw invalid(`Tool names must be unique. Duplicate name: '${name}'.`, param, 'invalid_value');
    names.add(name);
  }
}

/** The tool's name, if it has one. */
function checkTool(tool: Fields, param: string): string | undefined {
  const type = String(tool.type);
  if (type === 'function') return checkFunction(tool, param);
  if (type === 'custom') return checkCustom(tool, param);
  if (type === 'namespace') return checkNamespace(tool, param);
  if (type === 'tool_search' || hosted.includes(type)) return type;
  throw detail(`Unsupported tool type: ${tool.type === undefined ? 'None' : type}`);
}

function checkFunction(tool: Fields, param: string): string {
  const name = toolNameAt(tool, param);
  checkKeys(tool, ['type', 'name', 'description', 'parameters', 'strict', 'defer_loading'], param);
  checkType(tool.strict, 'boolean', `${param}.strict`);
  if (tool.parameters === undefined || tool.parameters === null) return name;
  const owner = {
    kind: 'function',
    name,
    param: `${param}.parameters`,
    code: 'invalid_function_parameters',
  } as const;
  checkParameters(tool.parameters, owner);
  checkLooseSchema(tool.parameters, owner);
  if (tool.strict === true) checkStrictSchema(tool.parameters, owner);
  return name;
}

function checkCustom(tool: Fields, param: string): string {
  const name = toolNameAt(tool, param);
  checkKeys(tool, ['type', 'name', 'description', 'format', 'defer_loading'], param);
  if (tool.format === undefined || tool.format === null) return name;
  const format = fieldsAt(tool.format, `${param}.format`);
  checkWord(format.type ?? '', ['text', 'grammar'], `${param}.format.type`);
  if (format.type === 'grammar') {
    checkKeys(format, ['type', 'syntax', 'definition'], `${param}.format`);
    checkWord(format.syntax ?? '', ['lark', 'regex'], `${param}.format.syntax`);
    textAt(format, 'definition', `${param}.format`);
  }
  return name;
}

function checkNamespace(tool: Fields, param: string): string {
  const name = toolNameAt(tool, param);
  const members = arrayAt(tool.tools, `${param}.tools`);
  for (const [i, member] of members.entries()) {
    const type = fieldsAt(member, `${param}.tools[${i}]`).type;
    checkWord(type ?? '', nestable, `${param}.tools[${i}].type`);
  }
  checkList(members, `${param}.tools`);
  return name;
}

function checkChoice(choice: unknown, offered: Fields[]): void {
  if (choice === undefined || choice === null) return;
  if (typeof choice === 'string') {
    checkWord(choice, ['none', 'auto', 'required'], 'tool_choice');
    return;
  }
  const { type, tools, ...rest } = fieldsAt(choice, 'tool_choice');
  checkWord(
    type ?? '',
    ['function', 'custom', 'allowed_tools', 'web_search', 'image_generation'],
    'tool_choice.type',
  );
  const wanted = type === 'allowed_tools' ? arrayAt(tools, 'tool_choice.tools') : [{ type, ...rest }];
  for (const one of wanted.filter(isObject)) {
    if (nestable.includes(String(one.type))) textAt(one, 'name', 'tool_choice');
    if (!offered.some((tool) => tool.type === one.type && tool.name === one.name)) {
      throw invalid(`Tool choice '${one.type}' not found in 'tools' parameter.`, 'tool_choice');
    }
  }
}
