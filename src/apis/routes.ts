// Creates the routes of a list of APIs: one per path, with the names of its API and endpoint.
import type { Failure } from '../failure.ts';
import type { FailureContext, FailureResponse } from '../responses/translator.ts';
import type { Exchange } from '../server/exchange.ts';
import type { Handler, Route } from '../server/router.ts';
import type { Api, Endpoint } from './api.ts';
import type { ApiServices } from './services.ts';

interface Owner {
  api: Api;
  endpoint: Endpoint;
}

export function routesOf(apis: readonly Api[], services: ApiServices): Route[] {
  const byPath = new Map<string, Owner[]>();
  for (const api of apis) {
    for (const endpoint of api.endpoints) {
      for (const path of [endpoint.path, ...(endpoint.aliases ?? [])]) {
        byPath.set(path, [...(byPath.get(path) ?? []), { api, endpoint }]);
      }
    }
  }
  return [...byPath].map(([path, owners]) => routeOf(path, owners, services));
}

function routeOf(path: string, owners: Owner[], services: ApiServices): Route {
  const main = defaultOwner(owners);
  const { open, keyed, webSocket } = main.endpoint;
  return {
    path,
    api: main.api.name,
    endpoint: main.endpoint.path,
    methods: mergeMethods(owners, services),
    failure: main.endpoint.failure ?? main.endpoint.translator?.failure ?? main.api.failure,
    ...(open === undefined ? {} : { open }),
    ...(keyed === undefined ? {} : { keyed }),
    ...(webSocket === undefined ? {} : { webSocket: webSocket(services) }),
  };
}

/** The owner of a shared path for clients that do not identify their API. */
function defaultOwner(owners: Owner[]): Owner {
  return owners.find(({ api }) => api.isSpokenBy === undefined) ?? (owners.at(-1) as Owner);
}

/** Each method goes to the client's API, if that API has it. */
function mergeMethods(owners: Owner[], services: ApiServices): Record<string, Handler> {
  const main = defaultOwner(owners);
  const inOrder = [main, ...owners.filter((owner) => owner !== main)];
  const all = inOrder.map(({ api, endpoint }) => ({ api, methods: endpoint.methods(services) }));
  if (all.length === 1) return all[0]?.methods ?? {};
  const names = new Set(all.flatMap(({ methods }) => Object.keys(methods)));
  return Object.fromEntries(
    [...names].map((name): [string, Handler] => {
      const candidates = all.filter(({ methods }) => Object.hasOwn(methods, name));
      return [
        name,
        (exchange, params) => {
          const spoken = candidates.find(({ api }) => api.isSpokenBy?.(exchange.headers));
          const { methods } = spoken ?? (candidates[0] as (typeof candidates)[number]);
          return (methods[name] as Handler)(exchange, params);
        },
      ];
    }),
  );
}

/** Renders a failure in the envelope of the client's API, otherwise of the route's, otherwise of the first API. */
export function failureResponse(
  apis: readonly Api[],
  failure: Failure,
  exchange: Exchange | undefined,
  planWindows: FailureContext['planWindows'],
): FailureResponse {
  const context: FailureContext = {
    ...(exchange === undefined ? {} : { requestId: exchange.id }),
    planWindows,
  };
  const route = exchange?.route;
  const spoken = exchange && apis.find((api) => api.isSpokenBy?.(exchange.headers));
  if (spoken !== undefined && spoken.name !== route?.api) return spoken.failure(failure, context);
  const render = route?.failure ?? (apis[0] as Api).failure;
  return render(failure, context);
}
