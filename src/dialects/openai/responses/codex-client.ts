// Telling Codex's own clients from everybody else (reference/openai-api.md D.2, D.5 and 0.11).
import { isObject } from '../../../responses/fields.ts';

const codexWords = ['codex_', 'codex-tui', 'Codex '];

export function isCodexClient(headers: Headers, input: unknown): boolean {
  const names = [headers.get('originator'), headers.get('user-agent')];
  return names.some((name) => codexWords.some((word) => name?.startsWith(word))) || isLiteInput(input);
}

/** Input that already has the shape of Responses Lite: it goes upstream untouched. */
export function isLiteInput(input: unknown): boolean {
  return Array.isArray(input) && input.some((item) => isObject(item) && item.type === 'additional_tools');
}
