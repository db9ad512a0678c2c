// Translates the upstream's web searches to server tool blocks
// (https://docs.claude.com/en/docs/agents-and-tools/tool-use/web-search-tool). The item contains its query only when it is
// done; pages that it opened are not shown.
import { isObject } from '../../../responses/fields.ts';
import type { OutputItem, OutputMessage } from '../../../responses/response.ts';
import type { Citation, ServerToolUseBlock, WebSearchResult, WebSearchResultBlock } from './types.ts';

export type SearchBlocks = [use: ServerToolUseBlock, result: WebSearchResultBlock];

/** The two blocks of a finished search; undefined for every other item. */
export function searchBlocks(item: OutputItem): SearchBlocks | undefined {
  const query = item.type === 'web_search_call' ? queryOf(item) : undefined;
  if (query === undefined) return undefined;
  const id = `srvtoolu_${item.id.replace(/^ws_/, '')}`;
  const caller = { type: 'direct' } as const;
  return [
    { type: 'server_tool_use', id, name: 'web_search', input: { query }, caller },
    { type: 'web_search_tool_result', tool_use_id: id, caller, content: resultOf(item) },
  ];
}

function actionOf(item: OutputItem): Record<string, unknown> {
  const { action } = item as { action?: unknown };
  return isObject(action) ? action : {};
}

function queryOf(item: OutputItem): string | undefined {
  const { type, query, queries } = actionOf(item);
  const first: unknown = query ?? (Array.isArray(queries) ? queries[0] : undefined);
  return type === 'search' && typeof first === 'string' && first !== '' ? first : undefined;
}

function resultOf(item: OutputItem): WebSearchResultBlock['content'] {
  if (item.status === 'failed') return { type: 'web_search_tool_result_error', error_code: 'unavailable' };
  const { sources } = actionOf(item);
  return (Array.isArray(sources) ? sources : []).flatMap(searchResult);
}

function searchResult(source: unknown): WebSearchResult | [] {
  if (!isObject(source) || typeof source.url !== 'string') return [];
  const { url, title } = source;
  return resultOfPage(url, typeof title === 'string' && title !== '' ? title : url);
}

function resultOfPage(url: string, title: string): WebSearchResult {
  return { type: 'web_search_result', url, title, encrypted_content: '', page_age: null };
}

/** Whether the upstream reported no sources. Then the citations of the next message are used instead. */
export function lacksSources([, { content }]: SearchBlocks): boolean {
  return Array.isArray(content) && content.length === 0;
}

/** Adds the pages that a message cites to the last search, since it is unknown which search found them. */
export function withCitations(searches: SearchBlocks[], message: OutputMessage): SearchBlocks[] {
  const titles = new Map(citationsOf(message).map(({ url, title }) => [url, title]));
  const content = [...titles].map(([url, title]) => resultOfPage(url, title));
  return searches.map(([use, result], index) => [
    use,
    index === searches.length - 1 ? { ...result, content } : result,
  ]);
}

/** A message's citations. The upstream does not report the cited text. */
export function citationsOf(message: OutputMessage): Citation[] {
  const annotations = message.content.flatMap((part) =>
    part.type === 'output_text' && part.text !== '' ? (part.annotations ?? []) : [],
  );
  return annotations.flatMap(({ type, url, title }): Citation | [] => {
    if (type !== 'url_citation' || typeof url !== 'string') return [];
    return {
      type: 'web_search_result_location',
      url,
      title: typeof title === 'string' ? title : url,
      cited_text: '',
      encrypted_index: '',
    };
  });
}
