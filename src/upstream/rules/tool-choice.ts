// `tool_choice` must be a word that the upstream knows or name one of the tools.
import { Failure } from '../../failure.ts';
import { isObject } from '../../responses/fields.ts';
import type { Tool, ToolChoice } from '../../responses/request.ts';

const words = ['none', 'auto', 'required'];

/** Throws a 400 for a choice that the upstream would refuse. */
export function checkToolChoice(choice: ToolChoice | undefined, tools: readonly Tool[]): void {
  if (choice === undefined || (typeof choice === 'string' && words.includes(choice))) return;
  if (!isObject(choice)) throw refusal(`\`tool_choice\` must not be \`${String(choice)}\`.`);
  const { type, tools: allowed } = choice;
  const chosen = type === 'allowed_tools' && Array.isArray(allowed) ? allowed : [choice];
  for (const each of chosen) checkOffered(each, tools);
}

function checkOffered(choice: unknown, tools: readonly Tool[]): void {
  const { type, name } = (isObject(choice) ? choice : {}) as { type?: unknown; name?: unknown };
  const wanted = typeof name === 'string' ? name : String(type);
  if (tools.some((tool) => offers(tool, type, name))) return;
  throw refusal(`\`tool_choice\` names \`${wanted}\`, which is not in \`tools\`.`);
}

function offers(tool: Tool, type: unknown, name: unknown): boolean {
  const { name: own, tools: members } = tool as { name?: unknown; tools?: unknown };
  if (tool.type === type && own === name) return true;
  return (
    Array.isArray(members) &&
    members.some((each) => isObject(each) && each.type === type && each.name === name)
  );
}

function refusal(message: string): Failure {
  return new Failure('invalid_request', message, {
    param: 'tool_choice',
    code: 'invalid_value',
    advice: 'Use `none`, `auto`, `required`, or choose one of `tools`.',
  });
}
