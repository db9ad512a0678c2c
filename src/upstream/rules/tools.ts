// Repairs the tools of a turn so that the upstream accepts them: valid schemas, each name once.
import { Failure } from '../../failure.ts';
import { type Fields, isObject, isSet } from '../../responses/fields.ts';
import { isStrict } from '../../responses/json-schema.ts';
import type { Dropped, Tool } from '../../responses/request.ts';
import { repairToolSchema } from './tool-schema.ts';
import { checkToolWords } from './tool-words.ts';

export interface CheckedTools {
  tools: Tool[];
  dropped: Dropped[];
}

export function checkTools(given: readonly Tool[], param = 'tools', inGroup = false): CheckedTools {
  const dropped: Dropped[] = [];
  const byName = new Map<string, Tool>();
  for (const [index, each] of given.entries()) {
    const where = `${param}[${index}]`;
    checkToolWords(each, where, inGroup);
    const tool = checkTool(each, where, dropped);
    const name = nameOf(tool);
    const known = byName.get(name);
    if (known === undefined) byName.set(name, tool);
    else if (JSON.stringify(known) === JSON.stringify(tool))
      dropped.push({ field: where, why: 'The same tool is listed twice.', hint: true });
    else throw namedTwice(name, where);
  }
  return { tools: [...byName.values()], dropped };
}

/** Hosted tools have no name, only a type. */
function nameOf(tool: Tool): string {
  return 'name' in tool && typeof tool.name === 'string' ? tool.name : tool.type;
}

function namedTwice(name: string, param: string): Failure {
  return new Failure('invalid_request', `Two different tools are named \`${name}\`.`, {
    param,
    code: 'invalid_value',
    advice: 'Give each tool a unique name.',
  });
}

function checkTool(tool: Tool, param: string, dropped: Dropped[]): Tool {
  if (tool.type === 'function') return functionTool(tool as Fields, param, dropped);
  if (tool.type !== 'namespace' || !('tools' in tool) || !Array.isArray(tool.tools)) return tool;
  const members = checkTools(tool.tools as Tool[], `${param}.tools`, true);
  dropped.push(...members.dropped);
  return { ...tool, tools: members.tools };
}

function functionTool(tool: Fields, param: string, dropped: Dropped[]): Tool {
  if (!isSet(tool.parameters)) return tool as unknown as Tool;
  const { parameters, note, changesMeaning } = repairToolSchema(
    schemaAt(tool.parameters, `${param}.parameters`),
  );
  if (changesMeaning) {
    const why = 'The upstream does not accept this schema, so codexd sent one that allows more.';
    dropped.push({ field: `${param}.parameters`, why });
  }
  const described = [tool.description, note].filter(Boolean).join('\n\n');
  const strict = tool.strict === true && !isStrict(parameters) ? false : tool.strict;
  if (strict !== tool.strict) {
    dropped.push({ field: 'tools.strict', why: 'The upstream does not accept this schema with `strict`.' });
  }
  return {
    ...tool,
    ...(note === undefined ? {} : { description: described }),
    ...(strict === tool.strict ? {} : { strict }),
    parameters,
  } as Tool;
}

function schemaAt(value: unknown, param: string): Fields {
  if (isObject(value) && isObjectType(value.type) && isNames(value.properties)) return value;
  throw new Failure('invalid_request', `\`${param}\` must be a JSON schema of type \`object\`.`, {
    param,
    code: 'invalid_function_parameters',
  });
}

function isObjectType(type: unknown): boolean {
  return [type ?? 'object'].flat().some((each) => String(each).toLowerCase() === 'object');
}

/** PHP writes an empty object as `[]`. */
function isNames(properties: unknown): boolean {
  return !isSet(properties) || isObject(properties) || (Array.isArray(properties) && properties.length === 0);
}
