// What Claude Code requests from a gateway that it is logged in to, besides turns (docs/wire/anthropic.md#gateway-login).
import { Failure } from '../../../failure.ts';
import { type Naming, resolveDefault, smallestModel } from '../../../models/aliases.ts';
import { type ModelCaller, permitsName } from '../../../models/permitted.ts';
import { discardBody } from '../../../server/body.ts';
import type { Exchange } from '../../../server/exchange.ts';
import type { Endpoint } from '../../api.ts';
import type { NamedModel } from '../claude-code-models.ts';
import { type ManagedSettings, managedSettings } from '../managed-settings.ts';

export const gatewayEndpoints: readonly Endpoint[] = [
  {
    path: '/managed/settings',
    summary: 'the models of a Claude Code that is logged in, with `gateway.managed_settings`',
    methods: ({ gateway, naming }) => ({
      GET: async ({ headers, caller }) => {
        if (!gateway.managesSettings) throw notManaged();
        const { main, small } = modelsFor(caller, await naming());
        return respond(headers, managedSettings(main, small));
      },
    }),
  },
  ...['/v1/metrics', '/v1/logs', '/v1/traces'].map(
    (path): Endpoint => ({ path, methods: () => ({ POST: discard }) }),
  ),
];

function modelsFor(caller: ModelCaller, naming: Naming): { main: NamedModel; small: NamedModel } {
  const permitted = { ...naming, models: naming.models.filter(({ slug }) => permitsName(caller, slug)) };
  const { model } = resolveDefault(permitted);
  const small = smallestModel(permitted) ?? model;
  return { main: { plainName: model.slug, model }, small: { plainName: small.slug, model: small } };
}

function respond(requested: Headers, settings: ManagedSettings): Response {
  const headers = { etag: `"${settings.checksum}"`, 'cache-control': 'no-store' };
  const isKnown = requested.get('if-none-match') === headers.etag;
  return isKnown ? new Response(null, { status: 304, headers }) : Response.json(settings, { headers });
}

function notManaged(): Failure {
  return new Failure('not_found', 'This daemon has no managed settings.', {
    advice: 'Set `gateway.managed_settings` to give Claude Code its models.',
  });
}

/** Telemetry (OTLP), if its user switched it on. Any other response would be logged as an error at every flush. */
async function discard({ request }: Exchange): Promise<Response> {
  await discardBody(request);
  const isJson = request.headers.get('content-type')?.includes('json') ?? false;
  return isJson
    ? Response.json({})
    : new Response(null, { headers: { 'content-type': 'application/x-protobuf' } });
}
