// The upstream's own search as the blocks of a server tool (reference/anthropic-api.md 10.5). The item says what it looked
// for only when it is done, and pages it opened meanwhile are nobody's business (trap 62).
import { isObject } from '../../../responses/fields.ts';
import type { MessageOutput, OutputItem } from '../../../responses/response.ts';
import type { Citation, ServerToolUseBlock, WebSearchResult, WebSearchResultBlock } from './types.ts';

/** The two blocks of a finished search; undefined for every other item. */
export function searchBlocks(item: OutputItem): [ServerToolUseBlock, WebSearchResultBlock] | undefined {
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
  const shown = typeof title === 'string' && title !== '' ? title : url;
  return { type: 'web_search_result', url, title: shown, encrypted_content: '', page_age: null };
}

/** What a message cites. The upstream does not tell the cited words. */
export function citationsOf(message: MessageOutput): Citation[] {
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
