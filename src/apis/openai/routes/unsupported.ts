// The routes of OpenAI's API (product.md 5).

import type { Failure } from '../../../failure.ts';
import type { FailureResponse } from '../../../responses/translator.ts';
import type { Handler, Route } from '../../../server/router.ts';
import type { TurnResponder } from '../../../server/turn-responder.ts';
import { openaiChat } from '../chat/index.ts';
import { openaiCompletions } from '../completions/index.ts';
import { openaiFailure } from '../errors.ts';
import { openaiResponses } from '../responses/index.ts';
import { storedAnswers, unsupportedEndpoint, unsupportedEndpoints } from '../unsupported.ts';

export function openaiRoutes(turns: TurnResponder): Route[] {
  return [
    {
      path: '/v1/chat/completions',
      methods: {
        GET: refusal(storedAnswers['/v1/chat/completions']),
        POST: (exchange) => turns.respond(openaiChat, 'openai', exchange),
      },
    },
    {
      path: '/v1/completions',
      methods: { POST: (exchange) => turns.respond(openaiCompletions, 'openai', exchange) },
    },
    {
      path: '/v1/responses',
      methods: { POST: (exchange) => turns.respond(openaiResponses, 'openai', exchange) },
      webSocket: refuseWebSocket,
    },
  ];
}

/**
 * Codex asks for a WebSocket first. With this status it goes on over HTTP at once; any other makes it try seven times in
 * as many seconds, in front of its user.
 */
function refuseWebSocket(): Response {
  return new Response(null, { status: 426, headers: { 'content-length': '0' } });
}

/** The part of OpenAI's API that codexd does not have, refused with the reason after the key was checked. */
export function unsupportedRoutes(): Route[] {
  return [
    ...Object.entries(unsupportedEndpoints).flatMap(([path, why]) => [
      refused(path, why),
      refused(`${path}/:rest`, why),
    ]),
    ...Object.entries(storedAnswers).map(([path, why]) => refused(`${path}/:rest`, why)),
  ];
}

function refused(path: string, why: string): Route {
  const refuse = refusal(why);
  return { path, methods: { GET: refuse, POST: refuse, PUT: refuse, PATCH: refuse, DELETE: refuse } };
}

function refusal(why: string): Handler {
  return (exchange) => {
    throw unsupportedEndpoint(exchange.path, why);
  };
}

/** A failure in the words of the route: they name the field at fault, where the conversation is too long. */
export function openaiRefusal(path: string, failure: Failure): FailureResponse {
  if (path.endsWith('/responses')) return openaiResponses.failure(failure);
  if (/^(\/v1)?\/(completions$|inspect$|images\/)/.test(path)) return openaiFailure(failure, 'prompt');
  return openaiChat.failure(failure);
}
