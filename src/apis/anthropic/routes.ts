// The routes of Anthropic's API, and what Claude Code calls beside it.

import { type Naming, resolve } from '../../models/aliases.ts';
import { loadTokenizer } from '../../models/tokenizer.ts';
import type { RequestContext } from '../../responses/translator.ts';
import { discardBody, readJson } from '../../server/body.ts';
import type { Exchange } from '../../server/exchange.ts';
import type { Handler, Route } from '../../server/router.ts';
import type { TurnResponder } from '../../server/turn-responder.ts';
import { checkpointOf, compactionHeaders } from '../compacted-history.ts';
import { compactRequest } from './messages/checkpoint.ts';
import { countTokens, tokenCount } from './messages/count-tokens.ts';
import { anthropicMessages } from './messages/index.ts';

export interface AnthropicRoutesOptions {
  turns: TurnResponder;
  naming: () => Promise<Naming>;
  context: Omit<RequestContext, 'headers'>;
  bodyLimitBytes: number;
}

export function anthropicRoutes(options: AnthropicRoutesOptions): Route[] {
  const { turns, naming, bodyLimitBytes } = options;
  const read = async (exchange: Exchange) => {
    const body = await readJson(exchange, bodyLimitBytes);
    return [body, { ...options.context, headers: exchange.request.headers }] as const;
  };
  const count = async (exchange: Exchange) => {
    const [body, context] = await read(exchange);
    const tokens = countTokens(body, context, await loadTokenizer());
    const { model: asked } = body as { model: string };
    const { model } = resolve(asked, await naming(), 'anthropic');
    exchange.note({ modelRequested: asked });
    exchange.note({ modelUsed: model.slug });
    return Response.json(tokenCount(tokens, model));
  };
  const compact = async (exchange: Exchange) => {
    const asked = compactRequest(...(await read(exchange)));
    const response = await turns.collect(asked, 'anthropic', exchange, compactionHeaders);
    return Response.json(checkpointOf(response));
  };
  return [
    {
      path: '/v1/messages',
      methods: { POST: (exchange) => turns.respond(anthropicMessages, 'anthropic', exchange) },
    },
    { path: '/v1/messages/count_tokens', methods: { POST: count } },
    { path: '/v1/messages/compact', methods: { POST: compact } },
    { path: '/api/hello', open: true, methods: { GET: empty(200) } },
    { path: '/api/event_logging/batch', open: true, methods: { POST: empty(204) } },
    { path: '/api/event_logging/v2/batch', open: true, methods: { POST: empty(204) } },
  ];
}

/** Claude Code warms its connection up, and older versions send telemetry here: it is discarded. */
function empty(status: number): Handler {
  return async ({ request }) => {
    await discardBody(request);
    return new Response(null, { status });
  };
}
