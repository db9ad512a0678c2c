// codex-as-api's extensions of a request body, which are sent upstream as headers.
import type { Fields } from '../../responses/fields.ts';
import { optionalBoolean, optionalString } from './check.ts';

export const codexFields = ['subagent', 'memgen_request'];

/** The headers for these fields. Values that are not valid in a header are ignored. */
export function codexHeadersOf(body: Fields): { upstreamHeaders?: Record<string, string> } {
  const subagent = optionalString(body.subagent, 'subagent');
  const memgen = optionalBoolean(body.memgen_request, 'memgen_request');
  const upstreamHeaders = {
    ...(subagent !== undefined && /^[\x21-\x7e]{1,64}$/.test(subagent)
      ? { 'x-openai-subagent': subagent }
      : {}),
    ...(memgen === undefined ? {} : { 'x-openai-memgen-request': String(memgen) }),
  };
  return Object.keys(upstreamHeaders).length === 0 ? {} : { upstreamHeaders };
}
