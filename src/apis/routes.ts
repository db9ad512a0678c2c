// The routes of a list of APIs: one per path, which carries its API and endpoint.
import type { Failure } from '../failure.ts';
import type { FailureContext, FailureResponse } from '../responses/translator.ts';
import type { Exchange } from '../server/exchange.ts';
import type { Handler, Route } from '../server/router.ts';
import type { Api, Endpoint } from './api.ts';
import type { ApiServices } from './services.ts';

interface Owned {
  api: Api;
  endpoint: Endpoint;
}

export function routesOf(apis: readonly Api[], services: ApiServices): Route[] {
  const byPath = new Map<string, Owned[]>();
  for (const api of apis) {
    for (const endpoint of api.endpoints) {
      for (const path of [endpoint.path, ...(endpoint.aliases ?? [])]) {
        byPath.set(path, [...(byPath.get(path) ?? []), { api, endpoint }]);
      }
    }
  }
  return [...byPath].map(([path, owners]) => routeOf(path, owners, services));
}

function routeOf(path: string, owners: Owned[], services: ApiServices): Route {
  const usual = usualOf(owners);
  const { open, keyed, webSocket } = usual.endpoint;
  return {
    path,
    api: usual.api.name,
    endpoint: usual.endpoint.path,
    methods: merged(owners, services),
    failure: usual.endpoint.failure ?? usual.endpoint.translator?.failure ?? usual.api.failure,
    ...(open === undefined ? {} : { open }),
    ...(keyed === undefined ? {} : { keyed }),
    ...(webSocket === undefined ? {} : { webSocket }),
  };
}

/** Where several APIs have a path: for clients who do not say which API they speak. */
function usualOf(owners: Owned[]): Owned {
  return owners.find(({ api }) => api.isSpokenBy === undefined) ?? (owners.at(-1) as Owned);
}

/** Each method goes to the API that the client speaks, if that API has it. */
function merged(owners: Owned[], services: ApiServices): Record<string, Handler> {
  const usual = usualOf(owners);
  const inOrder = [usual, ...owners.filter((owner) => owner !== usual)];
  const all = inOrder.map(({ api, endpoint }) => ({ api, methods: endpoint.methods(services) }));
  if (all.length === 1) return all[0]?.methods ?? {};
  const names = new Set(all.flatMap(({ methods }) => Object.keys(methods)));
  return Object.fromEntries(
    [...names].map((name): [string, Handler] => {
      const having = all.filter(({ methods }) => Object.hasOwn(methods, name));
      return [
        name,
        (exchange, params) => {
          const spoken = having.find(({ api }) => api.isSpokenBy?.(exchange.headers));
          const { methods } = spoken ?? (having[0] as (typeof having)[number]);
          return (methods[name] as Handler)(exchange, params);
        },
      ];
    }),
  );
}

/** A failure in the envelope of the API that the client says it speaks, else of the route's, else of the first. */
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
