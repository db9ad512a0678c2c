// Deferred tools (https://docs.claude.com/en/docs/agents-and-tools/tool-use/tool-search-tool): invisible to the model until
// the conversation has named them. Claude Code sends them all along, with a dummy among them that must never be called.
import { type Fields, isObject } from '../../../responses/fields.ts';
import { toolNamed } from './system.ts';

export interface VisibleTools {
  /** What the model may call from the beginning, in the order given. */
  always: Fields[];
  /** What the conversation has named, in that order: new ones come last, so that the prompt before them stays. */
  loaded: Fields[];
}

export function visibleTools(tools: Fields[], messages: unknown, toolChoice: unknown): VisibleTools {
  // With a search on the server, which nobody would answer, all are visible.
  if (!tools.some(isDeferred) || tools.some(({ type }) => isToolSearch(type))) {
    return { always: tools, loaded: [] };
  }
  const deferred = new Map<unknown, Fields>(tools.filter(isDeferred).map((tool) => [tool.name, tool]));
  const loaded = [...namedTools(messages)]
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

/** The tools that were found or added in the conversation, and not removed later. */
function namedTools(messages: unknown): Set<unknown> {
  const named = new Set<unknown>();
  for (const block of blocksIn(messages)) {
    if (block.type === 'tool_removal') named.delete(toolNamed(block));
    else if (addsTool(block)) named.add(toolNamed(block));
  }
  return named;
}

/** The names of the tools that a message adds. */
export function toolsAddedBy(message: Fields): unknown[] {
  return [...blocksOfMessage(message)].filter(addsTool).map(toolNamed);
}

function addsTool({ type }: Fields): boolean {
  return type === 'tool_reference' || type === 'tool_addition';
}

function* blocksIn(messages: unknown): Generator<Fields> {
  for (const message of Array.isArray(messages) ? messages : []) {
    if (isObject(message)) yield* blocksOfMessage(message);
  }
}

/** All blocks, also those inside tool results. Malformed ones are reported where messages are translated. */
function* blocksOfMessage({ content }: Fields): Generator<Fields> {
  if (!Array.isArray(content)) return;
  for (const block of content.filter(isObject)) {
    yield block;
    if (Array.isArray(block.content)) yield* block.content.filter(isObject);
  }
}
