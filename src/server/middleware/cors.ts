// Cross-origin sharing, off until origins are listed (docs/wire/openai.md#cors, #keyless-local).
import { allowedOrigin } from './exposure.ts';

/** What the SDKs and our users read of an answer. */
const exposed = [
  ...['x-request-id', 'request-id', 'retry-after', 'retry-after-ms', 'x-should-retry'],
  ...['x-codexd-ignored', 'x-codexd-model', 'x-codexd-warning', 'x-codexd-approximate'],
].join(', ');

/** Headers for an answer to a page of a listed origin; none for anybody else. */
export function corsHeaders(headers: Headers, corsOrigins: string[]): Record<string, string> {
  const origin = headers.get('origin');
  if (origin === null || !allowedOrigin(origin, corsOrigins)) return {};
  return { 'access-control-allow-origin': origin, 'access-control-expose-headers': exposed, vary: 'Origin' };
}

/** The answer to an OPTIONS request: a preflight of a listed origin, or the methods of the path. */
export function optionsAnswer(headers: Headers, methods: string[], corsOrigins: string[]): Response {
  const cors = corsHeaders(headers, corsOrigins);
  const allow = [...methods, 'OPTIONS'].join(', ');
  if (cors['access-control-allow-origin'] === undefined) {
    return new Response(null, { status: 204, headers: { allow } });
  }
  const asked = headers.get('access-control-request-headers');
  return new Response(null, {
    status: 204,
    headers: {
      ...cors,
      allow,
      'access-control-allow-methods': allow,
      ...(asked === null ? {} : { 'access-control-allow-headers': asked }),
      ...(headers.get('access-control-request-private-network') === 'true'
        ? { 'access-control-allow-private-network': 'true' }
        : {}),
      'access-control-max-age': '600',
    },
  });
}
