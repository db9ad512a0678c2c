// The routes of Anthropic's API, and what Claude Code calls beside it.

import { compactRequest } from '../dialects/anthropic/messages/checkpoint.ts';
import { countTokens, tokenCount } from '../dialects/anthropic/messages/count-tokens.ts';
import { anthropicMessages } from '../dialects/anthropic/messages/index.ts';
import { checkpointOf, compactionHeaders } from '../dialects/compacted-history.ts';
import { type Naming, resolve } from '../models/aliases.ts';
import { loadTokenizer } from '../models/tokenizer.ts';
import type { RequestContext } from '../responses/translator.ts';
import { discardBody, readJson } from './body.ts';
import type { Call } from './exchange.ts';
import type { Handler, Route } from './router.ts';
import type { TurnService } from './turns.ts';

export interface AnthropicRoutesOptions {
  turns: TurnService;
  naming: () => Promise<Naming>;
  context: Omit<RequestContext, 'headers'>;
  bodyLimitBytes: number;
}

export function anthropicRoutes(options: AnthropicRoutesOptions): Route[] {
  const { turns, naming, bodyLimitBytes } = options;
  const read = async (call: Call) => {
    const body = await readJson(call, bodyLimitBytes);
    return [body, { ...options.context, headers: call.request.headers }] as const;
  };
  const count = async (call: Call) => {
    const [body, context] = await read(call);
    const tokens = countTokens(body, context, await loadTokenizer());
    const { model: asked } = body as { model: string };
    const { model } = resolve(asked, await naming(), 'anthropic');
    call.modelAsked = asked;
    call.modelUsed = model.slug;
    return Response.json(tokenCount(tokens, model));
  };
  const compact = async (call: Call) => {
    const asked = compactRequest(...(await read(call)));
    const response = await turns.response(asked, 'anthropic', call, compactionHeaders);
    return Response.json(checkpointOf(response));
  };
  return [
    { path: '/v1/messages', methods: { POST: (call) => turns.answer(anthropicMessages, 'anthropic', call) } },
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
