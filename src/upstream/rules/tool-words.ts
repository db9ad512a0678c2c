// Rejects tool names and keywords that the upstream would refuse, with a 400 that names the field.
import { Failure } from '../../failure.ts';
import { isObject, isSet } from '../../responses/fields.ts';
import type { Tool } from '../../responses/request.ts';

const legalName = /^[A-Za-z0-9_-]{1,64}$/;
const members = ['function', 'custom'];

/** `inGroup`: a member of a `namespace`. */
export function checkToolWords(tool: Tool, param: string, inGroup: boolean): void {
  if (!isObject(tool)) throw refused(param, 'must be an object', 'invalid_type');
  const fields = tool as Record<string, unknown>;
  if (inGroup) checkWord(tool.type, members, `${param}.type`);
  if (members.includes(tool.type) && !legalName.test(String(fields.name))) {
    throw refused(`${param}.name`, 'must be 1 to 64 letters, digits, dashes or underscores');
  }
  if (tool.type === 'web_search') {
    checkWord(fields.search_context_size, ['low', 'medium', 'high'], `${param}.search_context_size`);
  }
  if (tool.type === 'custom' && isObject(fields.format)) checkFormat(fields.format, `${param}.format`);
}

function checkFormat(format: Record<string, unknown>, param: string): void {
  checkWord(format.type, ['text', 'grammar'], `${param}.type`);
  if (format.type !== 'grammar') return;
  checkWord(format.syntax, ['lark', 'regex'], `${param}.syntax`);
  if (typeof format.definition !== 'string') throw refused(`${param}.definition`, 'must be a string');
}

function checkWord(value: unknown, words: readonly string[], param: string): void {
  if (!isSet(value) || words.includes(value as string)) return;
  throw refused(param, `must be one of ${words.map((word) => `\`${word}\``).join(', ')}`);
}

function refused(param: string, problem: string, code = 'invalid_value'): Failure {
  return new Failure('invalid_request', `\`${param}\` ${problem}.`, { param, code });
}
