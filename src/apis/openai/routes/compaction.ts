// Endpoints that compact a conversation or count its tokens.
import { defaultModel, resolve } from '../../../models/aliases.ts';
import { loadTokenizer } from '../../../models/tokenizer.ts';
import { isObject, isSet } from '../../../responses/fields.ts';
import type { ResponsesResponse } from '../../../responses/response.ts';
import { requestTokens } from '../../../responses/token-count.ts';
import type { RequestContext, Translation } from '../../../responses/translator.ts';
import { readJson } from '../../../server/body.ts';
import { ignoredHeader } from '../../../server/headers.ts';
import type { Handler } from '../../../server/router.ts';
import type { Endpoint } from '../../api.ts';
import { checkpointOf, compactionHeaders } from '../../compacted-history.ts';
import type { ApiServices } from '../../services.ts';
import { chatCompaction, compactedResponse, responsesCompaction } from '../compaction.ts';
import { openaiResponses } from '../responses/index.ts';
import { contextWithEarlier } from './earlier.ts';

type Translate = (body: unknown, context: RequestContext, defaultSlug: string) => Translation;
type Encode = (response: ResponsesResponse, translation: Translation, services: ApiServices) => object;

function compactEndpoint(
  endpoint: Pick<Endpoint, 'path' | 'aliases' | 'summary'>,
  translate: Translate,
  encode: Encode,
): Endpoint {
  return {
    ...endpoint,
    explain: {
      translate: (body, context, naming) => translate(body, context, defaultModel(naming).slug),
      naming: 'strict',
      upstreamHeaders: compactionHeaders,
    },
    methods: (services) => {
      const compact: Handler = async (exchange) => {
        const { turns, naming, bodyLimitBytes } = services;
        const body = await readJson(exchange, bodyLimitBytes);
        const context = await contextWithEarlier(body, exchange, services);
        const translation = translate(body, context, defaultModel(await naming()).slug);
        const response = await turns.collect(translation, 'strict', exchange, compactionHeaders);
        const headers = ignoredHeader(translation.dropped);
        return Response.json(encode(response, translation, services), { headers });
      };
      return { POST: compact };
    },
  };
}

export const compactResponses = compactEndpoint(
  {
    path: '/v1/responses/compact',
    aliases: ['/codex/responses/compact', '/backend-api/codex/responses/compact'],
    summary: "the upstream's own compaction of a conversation",
  },
  responsesCompaction,
  (response, { request }, { newId }) => compactedResponse(response, request, newId),
);

export const compactChat = compactEndpoint(
  {
    path: '/v1/compact',
    summary:
      'compacts a chat conversation to a checkpoint, which later requests send as a system message, as in codex-as-api',
  },
  chatCompaction,
  checkpointOf,
);

export const countInputTokens: Endpoint = {
  path: '/v1/responses/input_tokens',
  summary: "an estimate of a conversation's tokens without a turn",
  explain: 'counts tokens',
  methods: (services) => {
    const { naming, bodyLimitBytes } = services;
    const count: Handler = async (exchange) => {
      const body = await readJson(exchange, bodyLimitBytes);
      const known = await naming();
      const named =
        isObject(body) && !isSet(body.model) ? { ...body, model: defaultModel(known).slug } : body;
      const context = await contextWithEarlier(body, exchange, services);
      const { request } = openaiResponses.request(named, context);
      resolve(request.model, known, 'strict');
      const input_tokens = requestTokens(request, await loadTokenizer());
      return Response.json({ object: 'response.input_tokens', input_tokens });
    };
    return { POST: count };
  },
};
