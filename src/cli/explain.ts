// `codexd explain`: what a client's request becomes upstream. Sends nothing.

import { type ExplainedEndpoint, endpointAt, endpointFor, explainedEndpoints } from '../apis/explained.ts';
import { apis } from '../apis/index.ts';
import { type ExplainedRequest, explainRequest } from '../app/explain.ts';
import { noSuchFile } from '../app/no-such-file.ts';
import { parseExact } from '../base/exact-json.ts';
import { Failure } from '../failure.ts';
import { silentLog } from '../log.ts';
import { replaceLoneSurrogates } from '../upstream/rules/lone-surrogates.ts';
import { usageFailure } from './arguments.ts';
import { command, type Invocation } from './command.ts';
import { openSession } from './session.ts';

const routePaths = explainedEndpoints(apis).map(({ path }) => path);

export default command({
  settings: ['upstream', 'auth', 'models.default', 'reasoning.effort'],
  examples: ['codexd explain request.json', 'codexd explain request.json --route /v1/messages'],
  args: {
    file: { type: 'positional', required: true, description: 'A JSON request body; - reads standard input.' },
    route: {
      type: 'string',
      description: `The route of the request, if its body fits several: ${routePaths.join(', ')}.`,
      valueHint: 'PATH',
    },
  },
  run: async (call) => {
    // Nothing is sent, so the catalogue is the cached or the bundled one.
    const session = { ...(await openSession(call)), log: silentLog };
    const body = await readBody(call, call.args.file);
    const { route: named } = call.args;
    const endpoint = named === undefined ? endpointOf(body) : endpointNamed(named);
    const explained = await explainRequest(endpoint, body, session);
    call.terminal.stdout.write(
      call.json ? `${replaceLoneSurrogates(JSON.stringify(explained))}\n` : pretty(explained),
    );
  },
});

function endpointNamed(path: string): ExplainedEndpoint {
  const endpoint = endpointAt(apis, path);
  if (endpoint !== undefined) return endpoint;
  throw usageFailure(`codexd cannot explain the route ${path}.`, `Use one of ${routePaths.join(', ')}.`);
}

function endpointOf(body: unknown): ExplainedEndpoint {
  const endpoint = endpointFor(apis, body);
  if (endpoint !== undefined) return endpoint;
  throw usageFailure('The body has no `messages`, `input` or `prompt`.', 'Name its route with --route.');
}

async function readBody(call: Invocation, file: string): Promise<unknown> {
  const text = file === '-' ? await call.terminal.readStdin() : call.readFile(file);
  if (text === undefined) {
    if (file === '-') throw usageFailure('No piped input.', 'Pipe a request body into `codexd explain -`.');
    throw noSuchFile(file);
  }
  try {
    return parseExact(text);
  } catch (cause) {
    const name = file === '-' ? 'The input' : file;
    throw new Failure('invalid_request', `${name} is not valid JSON.`, {
      advice: 'Save the JSON body of one request, without headers.',
      cause,
    });
  }
}

function pretty({ route, note, target, headers = {}, body, dropped }: ExplainedRequest): string {
  const lines = dropped.map(({ field, why, hint }) => `  ${field}: ${why}${hint ? ' (a hint)' : ''}`);
  return [
    `${route} becomes ${target ?? 'nothing upstream'}`,
    ...(note === undefined ? [] : [note]),
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(body === undefined ? [] : ['', replaceLoneSurrogates(JSON.stringify(body, null, 2))]),
    '',
    lines.length === 0 ? 'Nothing is dropped.' : 'Dropped:',
    ...lines,
    '',
  ].join('\n');
}
