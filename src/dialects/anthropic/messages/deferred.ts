// Deferred tools (reference/anthropic-api.md 5.5): invisible to the model until the conversation has named them. Claude
// Code sends them all along, with a dummy among them that must never be called (trap 34).
import { type Fields, isObject } from '../../../responses/fields.ts';
import { toolNamed } from './system.ts';

/** The tools of `tools` that the model may see. */
export function visibleTools(tools: Fields[], messages: unknown, toolChoice: unknown): Fields[] {
  if (!tools.some(isDeferred)) return tools;
  if (tools.some(({ type }) => isToolSearch(type))) return tools; // whose search nobody would answer
  const named = namedTools(messages);
  if (isObject(toolChoice)) named.add(toolChoice.name);
  return tools.filter((tool) => !isDeferred(tool) || named.has(tool.name));
}

function isDeferred({ defer_loading }: Fields): boolean {
  return defer_loading === true;
}

export function isToolSearch(type: unknown): boolean {
  return typeof type === 'string' && type.startsWith('tool_search_tool_');
}

/** The tools that were found or added in the conversation, and not removed later. */
function namedTools(messages: unknown): Set<unknown> {
  const named = new Set<unknown>();
  for (const block of blocksIn(messages)) {
    if (block.type === 'tool_removal') named.delete(toolNamed(block));
    else if (block.type === 'tool_reference' || block.type === 'tool_addition') named.add(toolNamed(block));
  }
  return named;
}

/** All blocks, also those inside tool results. What is malformed is told where messages are translated. */
function* blocksIn(messages: unknown): Generator<Fields> {
  for (const message of Array.isArray(messages) ? messages : []) {
    if (!isObject(message) || !Array.isArray(message.content)) continue;
    for (const block of message.content.filter(isObject)) {
      yield block;
      if (Array.isArray(block.content)) yield* block.content.filter(isObject);
    }
  }
}
