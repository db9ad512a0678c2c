// Routes about a conversation that is not answered: compacting it, and counting its tokens.

import { defaultModel, type Naming, resolve } from '../../../models/aliases.ts';
import { loadTokenizer } from '../../../models/tokenizer.ts';
import { isObject, isSet } from '../../../responses/fields.ts';
import type { ResponsesResponse } from '../../../responses/response.ts';
import { requestTokens } from '../../../responses/token-count.ts';
import type { RequestContext, Translation } from '../../../responses/translator.ts';
import { readJson } from '../../../server/body.ts';
import type { Exchange } from '../../../server/exchange.ts';
import { ignoredHeader } from '../../../server/headers.ts';
import type { Handler, Route } from '../../../server/router.ts';
import type { TurnResponder } from '../../../server/turn-responder.ts';
import { checkpointOf, compactionHeaders } from '../../compacted-history.ts';
import { chatCompaction, compactedResponse, responsesCompaction } from '../compaction.ts';
import { openaiResponses } from '../responses/index.ts';

export interface CompactionRoutesOptions {
  turns: TurnResponder;
  naming: () => Promise<Naming>;
  context: Omit<RequestContext, 'headers'>;
  bodyLimitBytes: number;
  newId: (prefix: string) => string;
}

export function compactionRoutes(options: CompactionRoutesOptions): Route[] {
  const { turns, naming, bodyLimitBytes, newId } = options;
  const contextOf = (exchange: Exchange): RequestContext => ({
    ...options.context,
    headers: exchange.request.headers,
    requestId: exchange.id,
  });
  const compact =
    (
      translate: (body: unknown, context: RequestContext, defaultSlug: string) => Translation,
      answer: (response: ResponsesResponse, translation: Translation) => object,
    ): Handler =>
    async (exchange) => {
      const body = await readJson(exchange, bodyLimitBytes);
      const translation = translate(body, contextOf(exchange), defaultModel(await naming()).slug);
      const response = await turns.collect(translation, 'openai', exchange, compactionHeaders);
      return Response.json(answer(response, translation), { headers: ignoredHeader(translation.dropped) });
    };
  const count: Handler = async (exchange) => {
    const body = await readJson(exchange, bodyLimitBytes);
    const known = await naming();
    const { request } = openaiResponses.request(
      withModel(body, defaultModel(known).slug),
      contextOf(exchange),
    );
    resolve(request.model, known, 'openai');
    const input_tokens = requestTokens(request, await loadTokenizer());
    return Response.json({ object: 'response.input_tokens', input_tokens });
  };
  return [
    { path: '/v1/compact', methods: { POST: compact(chatCompaction, checkpointOf) } },
    {
      path: '/v1/responses/compact',
      methods: {
        POST: compact(responsesCompaction, (response, { request }) =>
          compactedResponse(response, request, newId),
        ),
      },
    },
    { path: '/v1/responses/input_tokens', methods: { POST: count } },
  ];
}

function withModel(body: unknown, slug: string): unknown {
  return isObject(body) && !isSet(body.model) ? { ...body, model: slug } : body;
}
