// Deferred tools (https://docs.claude.com/en/docs/agents-and-tools/tool-use/tool-search-tool): hidden from the model until the
// conversation mentions them. Claude Code always sends all of them, including a dummy that must never be called.
import { type Fields, isObject } from '../../../responses/fields.ts';
import { toolNameOf } from './system.ts';

export interface VisibleTools {
  /** Visible from the beginning, in the client's order. */
  always: Fields[];
  /** Loaded by the conversation, in that order: new ones come last, so that the cached prompt before them stays the same. */
  loaded: Fields[];
}

export function visibleTools(tools: Fields[], messages: unknown, toolChoice: unknown): VisibleTools {
  // With a server-side tool search, which codexd does not run, all are visible.
  if (!tools.some(isDeferred) || tools.some(({ type }) => isToolSearch(type))) {
    return { always: tools, loaded: [] };
  }
  const deferred = new Map<unknown, Fields>(tools.filter(isDeferred).map((tool) => [tool.name, tool]));
  const loaded = [...loadedNames(messages)]
    .map((name) => deferred.get(name))
    .filter((tool) => tool !== undefined);
  const chosen = isObject(toolChoice) ? toolChoice.name : undefined;
  const isChosen = (tool: Fields) => tool.name === chosen && !loaded.includes(tool);
  return { always: tools.filter((tool) => !isDeferred(tool) || isChosen(tool)), loaded };
}

function isDeferred({ defer_loading }: Fields): boolean {
  return defer_loading === true;
}

export function isToolSearch(type: unknown): boolean {
  return typeof type === 'string' && type.startsWith('tool_search_tool_');
}

/** Names of the tools that the conversation has loaded and not removed. */
function loadedNames(messages: unknown): Set<unknown> {
  const names = new Set<unknown>();
  for (const block of blocksIn(messages)) {
    if (block.type === 'tool_removal') names.delete(toolNameOf(block));
    else if (addsTool(block)) names.add(toolNameOf(block));
  }
  return names;
}

/** The names of the tools that a message adds. */
export function toolsAddedBy(message: Fields): unknown[] {
  return [...blocksOfMessage(message)].filter(addsTool).map(toolNameOf);
}

function addsTool({ type }: Fields): boolean {
  return type === 'tool_reference' || type === 'tool_addition';
}

function* blocksIn(messages: unknown): Generator<Fields> {
  for (const message of Array.isArray(messages) ? messages : []) {
    if (isObject(message)) yield* blocksOfMessage(message);
  }
}

/** All blocks, also those inside tool results. The translation of the messages reports malformed ones. */
function* blocksOfMessage({ content }: Fields): Generator<Fields> {
  if (!Array.isArray(content)) return;
  for (const block of content.filter(isObject)) {
    yield block;
    if (Array.isArray(block.content)) yield* block.content.filter(isObject);
  }
}
