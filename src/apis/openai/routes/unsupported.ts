// Endpoints of OpenAI's API that codexd does not support. They return the reason, after the key has been checked.
import type { Handler } from '../../../server/router.ts';
import { anyMethod, type Endpoint } from '../../api.ts';
import { storedResponses, unsupportedEndpoint, unsupportedEndpoints } from '../unsupported.ts';

export const unsupported: readonly Endpoint[] = [
  ...Object.entries(unsupportedEndpoints).flatMap(([path, why]) => [
    refused(path, why),
    refused(`${path}/:rest`, why),
  ]),
  ...Object.entries(storedResponses).map(([path, why]) => refused(`${path}/:rest`, why)),
];

function refused(path: string, why: string): Endpoint {
  return { path, methods: () => anyMethod(refusal(why)) };
}

export function refusal(why: string): Handler {
  return (exchange) => {
    throw unsupportedEndpoint(exchange.path, why);
  };
}
