// Endpoints of Anthropic's API other than turns, and further ones that Claude Code calls.
import { Failure } from '../../failure.ts';
import { resolve } from '../../models/aliases.ts';
import { foundFor, offeredTo } from '../../models/permitted.ts';
import { loadTokenizer } from '../../models/tokenizer.ts';
import { discardBody, readJson } from '../../server/body.ts';
import { type Handler, unknownUrl } from '../../server/router.ts';
import { anyMethod, type Endpoint } from '../api.ts';
import { checkpointOf, compactionHeaders } from '../compacted-history.ts';
import { compactRequest } from './messages/checkpoint.ts';
import { countTokens, tokenCount } from './messages/count-tokens.ts';
import { discoverableModels, modelNotFound, modelObject, modelPage } from './models.ts';

export const countMessageTokens: Endpoint = {
  path: '/v1/messages/count_tokens',
  summary: "an estimate with the models' own tokenizer, without an upstream request",
  explain: 'counts tokens',
  methods: ({ turns, naming, bodyLimitBytes }) => {
    const count: Handler = async (exchange) => {
      const body = await readJson(exchange, bodyLimitBytes);
      const tokens = countTokens(body, turns.contextOf(exchange), await loadTokenizer());
      const { model: requested } = body as { model: string };
      const { model } = resolve(requested, await naming(), 'strict');
      exchange.note({ modelRequested: requested, modelUsed: model.slug });
      return Response.json(tokenCount(tokens, model));
    };
    return { POST: count };
  },
};

export const compactMessages: Endpoint = {
  path: '/v1/messages/compact',
  summary: "the upstream's own compaction of a conversation, as in codex-as-api",
  explain: { translate: compactRequest, naming: 'strict', upstreamHeaders: compactionHeaders },
  methods: ({ turns, bodyLimitBytes }) => {
    const compact: Handler = async (exchange) => {
      const body = await readJson(exchange, bodyLimitBytes);
      const translation = compactRequest(body, turns.contextOf(exchange));
      const response = await turns.collect(translation, 'strict', exchange, compactionHeaders);
      return Response.json(checkpointOf(response));
    };
    return { POST: compact };
  },
};

export const models: readonly Endpoint[] = [
  {
    path: '/v1/models',
    methods: ({ naming }) => ({
      GET: async ({ caller, query, headers }) => {
        const offered = offeredTo(caller, await naming());
        const isDiscovery = headers.get('user-agent')?.startsWith('claude-code/') === true;
        return Response.json(modelPage(isDiscovery ? discoverableModels(offered) : offered, query));
      },
    }),
  },
  {
    path: '/v1/models/:id',
    methods: ({ naming }) => {
      const one: Handler = async (exchange, { id = '' }) => {
        const model = foundFor(exchange.caller, id, await naming());
        if (model === undefined) throw modelNotFound(id);
        exchange.note({ modelUsed: model.slug });
        return Response.json({ ...modelObject(model), id });
      };
      return { GET: one };
    },
  },
];

/** Claude Code opens its connection with the first. Older versions send telemetry to the others, which is discarded. */
export const claudeCode: readonly Endpoint[] = [
  { path: '/api/hello', open: true, methods: () => ({ GET: empty(200) }) },
  { path: '/api/event_logging/batch', open: true, methods: () => ({ POST: empty(204) }) },
  { path: '/api/event_logging/v2/batch', open: true, methods: () => ({ POST: empty(204) }) },
];

function empty(status: number): Handler {
  return async ({ request }) => {
    await discardBody(request);
    return new Response(null, { status });
  };
}

const batches = anyMethod(({ path }) => {
  throw new Failure(
    'not_found',
    `codexd does not serve ${path}: a ChatGPT login does not support batches; send the requests one by one.`,
    { code: 'unsupported_endpoint' },
  );
});

export const unsupported: readonly Endpoint[] = [
  { path: '/v1/messages/batches', methods: () => batches },
  { path: '/v1/messages/batches/:rest', methods: () => batches },
];

const unknownPath = anyMethod(({ request, path }) => {
  throw unknownUrl(request.method, path);
});

/** Listed, so that failures there are in Anthropic's envelope. */
export const unknownPaths: readonly Endpoint[] = [
  { path: '/v1/messages/:rest', methods: () => unknownPath },
  { path: '/api/:rest', methods: () => unknownPath },
];
