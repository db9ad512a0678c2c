// Renders results of server tools in earlier answers, from codexd or another provider, as assistant text: the upstream does not
// accept its own search items back and does not know other server tools.
import { type Fields, isObject } from '../../../responses/fields.ts';

const foreignTypes = new Set([
  'web_fetch_tool_result',
  'code_execution_tool_result',
  'bash_code_execution_tool_result',
  'text_editor_code_execution_tool_result',
  'tool_search_tool_result',
  'mcp_tool_use',
  'mcp_tool_result',
  'container_upload',
  'advisor_tool_result',
]);

/** Enough to know what was found; a fetched page may be megabytes long. */
const foreignTextLimit = 4000;

export function isForeignResult(type: unknown): boolean {
  return typeof type === 'string' && foreignTypes.has(type);
}

/** One line with the tool's name, and the plain text inside. Never a call, which would need a result. */
export function foreignText(block: Fields): string {
  const name = textOf(block.name) && `: ${textOf(block.name)}`;
  const inside = [...textsIn(block.content)].filter(Boolean).join('\n').slice(0, foreignTextLimit);
  return `[${String(block.type)}${name}]${inside === '' ? '' : `\n${inside}`}`.toWellFormed();
}

function* textsIn(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (Array.isArray(value)) for (const each of value) yield* textsIn(each);
  else if (isObject(value)) {
    for (const key of ['text', 'stdout', 'stderr', 'content', 'source']) yield* textsIn(value[key]);
    if (value.media_type === 'text/plain') yield* textsIn(value.data);
  }
}

/** The queries of the searches in an assistant message, by the id in their results. */
export function searchQueries(blocks: readonly { type: unknown; fields: Fields }[]): Map<unknown, string> {
  const searches = blocks.filter(({ type, fields }) => type === 'server_tool_use' && isObject(fields.input));
  return new Map(searches.map(({ fields }) => [fields.id, textOf((fields.input as Fields).query)]));
}

/** `[web search: <query>] <title> <url>; …`, or the search's error code. */
export function searchText({ content }: Fields, query: string): string {
  const head = `[web search: ${query}]`;
  if (isObject(content)) return `${head} ${textOf(content.error_code) || 'failed'}`;
  const results = (Array.isArray(content) ? content : []).filter(isObject);
  const found = results.map(({ title, url }) => [textOf(title), textOf(url)].filter(Boolean).join(' '));
  return `${head} ${found.filter(Boolean).join('; ')}`.trimEnd().toWellFormed();
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
