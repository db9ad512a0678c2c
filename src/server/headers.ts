// Headers of codexd's own responses.
import type { Dropped } from '../responses/request.ts';

/** For every stream: proxies must neither cache nor buffer it. */
export const streamHeaders = {
  'cache-control': 'no-cache',
  connection: 'keep-alive',
  'x-accel-buffering': 'no',
};

/** Lists the ignored fields of a request. */
export function ignoredHeader(dropped: readonly Dropped[]): Record<string, string> {
  if (dropped.length === 0) return {};
  const fields = [...new Set(dropped.map(({ field }) => field))];
  return { 'x-codexd-ignored': headerText(fields.join(', ')) };
}

/** The text as a header value: printable ASCII, truncated. */
export function headerText(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 1024);
}
