// The description of all endpoints in OpenAPI's format (https://spec.openapis.org/oas/v3.1.1.html), generated from the list of
// APIs. Bodies are described by the vendors' own pages, to which it links.
import { Failure } from '../failure.ts';
import type { Api, Endpoint } from './api.ts';
import type { ApiServices } from './services.ts';

interface Operation {
  tags: string[];
  operationId: string;
  summary: string;
  [field: string]: unknown;
}

type PathItem = Record<string, unknown>;

const json = 'application/json';
const anyObject = { type: 'object', additionalProperties: true };
const security = [{ bearer: [] }, { xApiKey: [] }, { apiKey: [] }];

/** Lists the paths of endpoints that have a summary; the others only say why they are refused. */
export function openApiDocument(apis: readonly Api[], services: ApiServices): object {
  const paths: Record<string, PathItem> = {};
  const all = apis.flatMap((api) => api.endpoints.map((endpoint) => ({ api, endpoint })));
  const listed = new Set(all.filter(({ endpoint }) => endpoint.summary !== undefined).map(pathOf));
  for (const one of all.filter((one) => listed.has(pathOf(one)))) {
    addPath(paths, one.api, one.endpoint, services);
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'codexd',
      version: services.version,
      description:
        'OpenAI, Anthropic and Ollama APIs on a ChatGPT login. If the daemon has no API keys, none is needed. `/v1` may be omitted.',
    },
    servers: [{ url: '/' }],
    security,
    tags: apis.map(({ name, docs }) => ({
      name,
      ...(docs === undefined ? {} : { externalDocs: { url: docs } }),
    })),
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        xApiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
        apiKey: { type: 'apiKey', in: 'header', name: 'api-key' },
      },
      responses: Object.fromEntries(apis.map((api) => [`${api.name}Failure`, failureOf(api)])),
    },
  };
}

function pathOf({ endpoint }: { endpoint: Endpoint }): string {
  return endpoint.path;
}

/** Several APIs may have the same path, and then share its operations. */
function addPath(paths: Record<string, PathItem>, api: Api, endpoint: Endpoint, services: ApiServices): void {
  const names = [...endpoint.path.matchAll(/:(\w+)/g)].map(([, name = '']) => name);
  const path = endpoint.path.replace(/:(\w+)/g, '{$1}');
  const parameters = names.map((name) => ({
    ...{ name, in: 'path', required: true },
    schema: { type: 'string' },
  }));
  paths[path] ??= parameters.length === 0 ? {} : { parameters };
  const item = paths[path];
  const methods = Object.keys(endpoint.methods(services));
  for (const method of methods.filter((one) => !endpoint.refused?.includes(one))) {
    const key = method.toLowerCase();
    const shared = item[key] as Operation | undefined;
    if (shared === undefined) item[key] = operationOf(api, endpoint, key, path);
    else shared.tags = [...new Set([...shared.tags, api.name])];
  }
}

function operationOf(api: Api, endpoint: Endpoint, method: string, path: string): Operation {
  const { summary = '', aliases = [], open, translator, accepts = [json] } = endpoint;
  const streamed = translator?.contentType.split(';')[0];
  const returns = endpoint.returns ?? [json, ...(streamed === undefined ? [] : [streamed])];
  const hasBody = ['post', 'put', 'patch'].includes(method);
  return {
    tags: [api.name],
    operationId: `${method}${path.replace(/[^a-zA-Z0-9]+(.?)/g, (_, letter: string) => letter.toUpperCase())}`,
    summary,
    ...(aliases.length === 0 ? {} : { description: `Also at ${aliases.join(', ')}.` }),
    ...(open ? { security: [] } : {}),
    ...(hasBody ? { requestBody: { content: contentOf(accepts) } } : {}),
    responses: {
      200: { description: 'The response.', content: contentOf(returns) },
      default: { $ref: `#/components/responses/${api.name}Failure` },
    },
  };
}

function contentOf(types: readonly string[]): object {
  const schemaOf = (type: string) => (/json|form/.test(type) ? anyObject : { type: 'string' });
  return Object.fromEntries(types.map((type) => [type, { schema: schemaOf(type) }]));
}

/** The API's own envelope, with an example. */
function failureOf(api: Api): object {
  const failure = new Failure('bad_api_key', 'The API key is not valid.');
  const { body } = api.failure(failure, { planWindows: [] });
  return {
    description: 'The request failed.',
    content: { [json]: { schema: anyObject, example: body } },
  };
}
