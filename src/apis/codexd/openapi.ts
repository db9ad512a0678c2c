// `GET /openapi.json`: all endpoints, for tools that generate clients or pages from it.
import type { Endpoint } from '../api.ts';

export const openApiEndpoint: Endpoint = {
  path: '/openapi.json',
  summary: 'all endpoints in OpenAPI format',
  methods: ({ openApi }) => ({ GET: () => Response.json(openApi()) }),
};
