// Cross-origin sharing, off until origins are listed (docs/wire/openai.md#cors, #keyless-local).
import { allowedOrigin } from './exposure.ts';

/** Response headers that SDKs and users read. */
const exposedHeaders = [
  ...['x-request-id', 'request-id', 'retry-after', 'retry-after-ms', 'x-should-retry'],
  ...['limit', 'remaining', 'reset'].map((name) => `x-ratelimit-${name}-requests`),
  ...['x-codexd-ignored', 'x-codexd-model', 'x-codexd-warning', 'x-codexd-approximate'],
].join(', ');

/** Headers for a response to a page of a listed origin; empty for other origins. */
export function corsHeaders(headers: Headers, corsOrigins: string[]): Record<string, string> {
  const origin = headers.get('origin');
  if (origin === null || !allowedOrigin(origin, corsOrigins)) return {};
  return {
    'access-control-allow-origin': origin,
    'access-control-expose-headers': exposedHeaders,
    vary: 'Origin',
  };
}

/** The response to OPTIONS: to a preflight of a listed origin, or the methods of the path. */
export function optionsResponse(headers: Headers, methods: string[], corsOrigins: string[]): Response {
  const cors = corsHeaders(headers, corsOrigins);
  const allow = [...methods, 'OPTIONS'].join(', ');
  if (cors['access-control-allow-origin'] === undefined) {
    return new Response(null, { status: 204, headers: { allow } });
  }
  const requested = headers.get('access-control-request-headers');
  return new Response(null, {
    status: 204,
    headers: {
      ...cors,
      allow,
      'access-control-allow-methods': allow,
      ...(requested === null ? {} : { 'access-control-allow-headers': requested }),
      ...(headers.get('access-control-request-private-network') === 'true'
        ? { 'access-control-allow-private-network': 'true' }
        : {}),
      'access-control-max-age': '600',
    },
  });
}
