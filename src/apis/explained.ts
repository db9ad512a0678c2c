// Finds the endpoint of a request for `codexd explain`.
import { type Fields, isObject } from '../responses/fields.ts';
import { normalPath } from '../server/router.ts';
import type { Api, Endpoint } from './api.ts';

export type ExplainedEndpoint = Endpoint & Required<Pick<Endpoint, 'explain'>>;

export function explainedEndpoints(apis: readonly Api[]): ExplainedEndpoint[] {
  return apis.flatMap(({ endpoints }) => endpoints.filter(isExplained));
}

function isExplained(endpoint: Endpoint): endpoint is ExplainedEndpoint {
  return endpoint.explain !== undefined;
}

/** The endpoint of a path. Clients may omit `/v1` or write it twice. */
export function endpointAt(apis: readonly Api[], path: string): ExplainedEndpoint | undefined {
  const normal = normalPath(path.startsWith('/') ? path : `/${path}`);
  const all = explainedEndpoints(apis);
  const at = (wanted: string) =>
    all.find((endpoint) => endpoint.path === wanted || endpoint.aliases?.includes(wanted));
  return at(normal) ?? at(`/v1${normal}`);
}

/** The endpoint that a body seems to be for. The first API is the fallback. */
export function endpointFor(apis: readonly Api[], body: unknown): ExplainedEndpoint | undefined {
  const fields: Fields = isObject(body) ? body : {};
  for (const api of apis.toReversed()) {
    const path = api.recognize?.(fields);
    if (path !== undefined) return endpointAt([api], path);
  }
  return undefined;
}
