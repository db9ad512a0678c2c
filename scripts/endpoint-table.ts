// Generates the README's table of endpoints from the list of APIs. test/house/readme.test.ts checks that the README
// contains it; `UPDATE=1 ./scripts/bun.sh test test/house` rewrites it.
import type { Api, Endpoint } from '../src/apis/api.ts';
import type { ApiServices } from '../src/apis/services.ts';

/** Consecutive endpoints with the same summary share a row. */
export function endpointTable(apis: readonly Api[]): string {
  const rows: { names: string[]; summary: string }[] = [];
  for (const endpoint of apis.flatMap(({ endpoints }) => endpoints)) {
    const { summary } = endpoint;
    if (summary === undefined) continue;
    const last = rows.at(-1);
    if (last?.summary === summary) last.names.push(nameOf(endpoint));
    else rows.push({ names: [nameOf(endpoint)], summary });
  }
  const lines = rows.map(({ names, summary }) => `| ${names.join(', ')} | ${summary} |`);
  return ['| endpoint | what it supports |', '| --- | --- |', ...lines].join('\n');
}

function nameOf(endpoint: Endpoint): string {
  const methods = Object.keys(endpoint.methods(noServices()));
  const method = methods.includes('POST') ? 'POST' : methods[0];
  return `\`${method} ${endpoint.path.replace(/:(\w+)/, '{$1}')}\``;
}

/** Handlers use their services only when called, which never happens here. */
function noServices(): ApiServices {
  const nothing: object = new Proxy({}, { get: () => nothing });
  return nothing as ApiServices;
}
