// Tools that a client loaded in the middle of a conversation. Adding them to `tools` would change the prompt before the
// conversation and lose the prompt cache. So they are sent where they were loaded, as an `additional_tools` item, which
// Codex itself sends.
import type { InputItem, LoadedTools, ResponsesRequest, Tool } from '../responses/request.ts';

/** Moves each loaded tool to where it was loaded. Undefined if nothing can be moved. */
export function placeLoadedTools<Body extends ResponsesRequest>(body: Body): Body | undefined {
  const marks = body.input.filter(isMark);
  if (marks.length === 0) return undefined;
  const byName = new Map((body.tools ?? []).map((tool) => [nameOf(tool), tool]));
  const placed = new Set<Tool>();
  const input = body.input.flatMap((item) => {
    if (!isMark(item)) return item;
    const tools = item.names.flatMap((name) => byName.get(name) ?? []).filter((tool) => !placed.has(tool));
    for (const tool of tools) placed.add(tool);
    return tools.length === 0 ? [] : { type: 'additional_tools', role: 'developer', tools };
  });
  const tools = body.tools?.filter((tool) => !placed.has(tool));
  // The upstream refuses `tool_choice` without `tools`.
  if (tools === undefined || tools.length === 0) return undefined;
  return { ...body, input, tools };
}

/** Leaves all of them in `tools`, for models and upstreams that do not know the item. */
export function gatherLoadedTools<Body extends ResponsesRequest>(body: Body): Body {
  return body.input.some(isMark) ? { ...body, input: body.input.filter((item) => !isMark(item)) } : body;
}

function isMark(item: InputItem): item is LoadedTools {
  // A client of the Responses API may send an item of any type.
  return item.type === 'loaded_tools' && 'names' in item && Array.isArray(item.names);
}

function nameOf(tool: Tool): unknown {
  return 'name' in tool ? tool.name : undefined;
}
