// One line per request, written when the answer has ended. Never message text, never a credential.
import type { Log, LogFields } from '../../log.ts';
import type { Call } from '../exchange.ts';
import { accessBrief } from './access-brief.ts';

export function writeAccessLine(log: Log, call: Call): void {
  const { usage, failure } = call;
  const { headers } = call.request;
  const fields: LogFields = {
    requestId: call.id,
    clientRequestId: short(headers.get('x-request-id') ?? headers.get('x-client-request-id')),
    method: call.request.method,
    path: short(call.path),
    status: call.status,
    client: call.caller.name,
    agent: short(headers.get('user-agent')?.split(' ')[0]),
    model: short(call.modelAsked),
    modelUsed: call.modelUsed,
    inputTokens: usage?.input_tokens,
    cachedTokens: usage?.input_tokens_details?.cached_tokens,
    outputTokens: usage?.output_tokens,
    reasoningTokens: usage?.output_tokens_details?.reasoning_tokens,
    audioSeconds: call.audioSeconds === undefined ? undefined : Math.round(call.audioSeconds * 10) / 10,
    firstByteMs:
      call.firstByteAtMs === undefined ? undefined : Math.round(call.firstByteAtMs - call.receivedAtMs),
    totalMs: Math.round(call.nowMs() - call.receivedAtMs),
    upstreamRequestId: call.upstreamRequestId,
    failure: failure?.kind,
    code: failure?.code,
  };
  log.info('request', fields, accessBrief);
}

/** What a client writes may be of any length; nobody reads more of it than this. */
function short(text: string | null | undefined): string | undefined {
  return text?.slice(0, 128) || undefined;
}
