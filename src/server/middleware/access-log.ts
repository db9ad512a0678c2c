// One line per request, written when the answer has ended (product.md 5). Never message text, never a credential.
import type { Log } from '../../log.ts';
import type { Call } from '../call.ts';

export function writeAccessLine(log: Log, call: Call): void {
  const { usage, failure } = call;
  log.info('request', {
    requestId: call.id,
    method: call.request.method,
    path: call.path,
    status: call.status,
    client: call.caller.name,
    agent: agentOf(call.request.headers.get('user-agent')),
    model: call.modelAsked,
    modelUsed: call.modelUsed,
    inputTokens: usage?.input_tokens,
    cachedTokens: usage?.input_tokens_details?.cached_tokens,
    outputTokens: usage?.output_tokens,
    reasoningTokens: usage?.output_tokens_details?.reasoning_tokens,
    firstByteMs:
      call.firstByteAtMs === undefined ? undefined : Math.round(call.firstByteAtMs - call.receivedAtMs),
    totalMs: Math.round(call.nowMs() - call.receivedAtMs),
    upstreamRequestId: call.upstreamRequestId,
    failure: failure?.kind,
    code: failure?.code,
  });
}

/** The first product of a User-Agent, e.g. `OpenAI/JS`. */
function agentOf(userAgent: string | null): string | undefined {
  return userAgent?.split(' ')[0]?.slice(0, 64) || undefined;
}
