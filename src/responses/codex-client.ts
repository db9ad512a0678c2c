// Codex's own clients: the CLI, its TUI, the IDE extensions and the desktop app. They know the upstream's rules, so their
// requests go there unchanged, and they see its private headers and events.
import { isObject } from './fields.ts';

/**
 * Identified by its `originator`, or else its user agent. A client with another `originator` that runs Codex's code
 * does not count.
 */
export function isCodexClient(headers: Headers): boolean {
  return /^codex[_-]|^codex /i.test(headers.get('originator') ?? headers.get('user-agent') ?? '');
}

/** Whether the input already has the shape of Responses Lite, which is sent upstream unchanged. */
export function isLiteInput(input: unknown): boolean {
  return Array.isArray(input) && input.some((item) => isObject(item) && item.type === 'additional_tools');
}
