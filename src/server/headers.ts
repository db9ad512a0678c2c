// Headers of codexd's own responses.
import type { Dropped } from '../responses/request.ts';

/** Of every stream: proxies on the way must neither cache nor buffer it. */
export const streamHeaders = {
  'cache-control': 'no-cache',
  connection: 'keep-alive',
  'x-accel-buffering': 'no',
};

/** Names what the request asked for and is not supported. */
export function ignoredHeader(dropped: readonly Dropped[]): Record<string, string> {
  if (dropped.length === 0) return {};
  const fields = [...new Set(dropped.map(({ field }) => field))];
  return { 'x-codexd-ignored': headerText(fields.join(', ')) };
}

/** What a header can carry of a text. */
export function headerText(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 1024);
}
