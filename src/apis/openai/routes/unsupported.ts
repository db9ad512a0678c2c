// The part of OpenAI's API that codexd does not have, refused with the reason after the key was checked.
import type { Handler } from '../../../server/router.ts';
import { anyMethod, type Endpoint } from '../../api.ts';
import { storedAnswers, unsupportedEndpoint, unsupportedEndpoints } from '../unsupported.ts';

export const unsupported: readonly Endpoint[] = [
  ...Object.entries(unsupportedEndpoints).flatMap(([path, why]) => [
    refused(path, why),
    refused(`${path}/:rest`, why),
  ]),
  ...Object.entries(storedAnswers).map(([path, why]) => refused(`${path}/:rest`, why)),
];

function refused(path: string, why: string): Endpoint {
  return { path, methods: () => anyMethod(refusal(why)) };
}

export function refusal(why: string): Handler {
  return (exchange) => {
    throw unsupportedEndpoint(exchange.path, why);
  };
}

/**
 * Codex asks for a WebSocket first. With this status it goes on over HTTP at once; any other makes it try seven times in
 * as many seconds, in front of its user.
 */
export function refuseWebSocket(): Response {
  return new Response(null, { status: 426, headers: { 'content-length': '0' } });
}
