// codex-as-api's extensions of a request body: facts about the turn that travel upstream as headers.
import type { Fields } from '../../responses/fields.ts';
import { optionalBoolean, optionalString } from './check.ts';

export const codexFields = ['subagent', 'memgen_request'];

/** The headers those fields mean. A value that no header can carry is left out. */
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
