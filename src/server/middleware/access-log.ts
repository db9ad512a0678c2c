// Logs one line per request when the response has ended, without message text or credentials.

import type { LogFields } from '../../log/line.ts';
import type { Log } from '../../log.ts';
import type { CallObserver } from '../../turns/record.ts';
import { accessBrief } from './access-brief.ts';

export function accessLog(log: Log): CallObserver {
  return (record) => {
    const { usage, failure, audioSeconds, firstByteMs } = record;
    const fields: LogFields = {
      requestId: record.requestId,
      clientRequestId: short(record.clientRequestId),
      method: record.method,
      path: short(record.path),
      status: record.status,
      client: record.caller.name,
      agent: short(record.agent?.split(' ')[0]),
      model: short(record.modelRequested),
      modelUsed: record.modelUsed,
      inputTokens: usage?.input_tokens,
      cachedTokens: usage?.input_tokens_details?.cached_tokens,
      outputTokens: usage?.output_tokens,
      reasoningTokens: usage?.output_tokens_details?.reasoning_tokens,
      audioSeconds: audioSeconds === undefined ? undefined : Math.round(audioSeconds * 10) / 10,
      firstByteMs: firstByteMs === undefined ? undefined : Math.round(firstByteMs),
      totalMs: Math.round(record.totalMs),
      upstreamRequestId: record.upstreamRequestId,
      failure: failure?.kind,
      code: failure?.code,
    };
    log.info('request', fields, accessBrief);
  };
}

/** Text from clients may be long. */
function short(text: string | undefined): string | undefined {
  return text?.slice(0, 128) || undefined;
}
