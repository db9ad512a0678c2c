// `codexd explain`: what a client's request becomes upstream. Sends nothing.

import { createServices } from '../app/services.ts';
import { planOptions, translationContext } from '../app/turns.ts';
import { parseExact } from '../base/exact-json.ts';
import { Failure } from '../failure.ts';
import { silentLog } from '../log.ts';
import { isAccountModel, namingOf } from '../models/aliases.ts';
import { isObject } from '../responses/fields.ts';
import type { Dropped } from '../responses/request.ts';
import { planTurn } from '../turns/plan.ts';
import { turnHeaders } from '../upstream/headers.ts';
import { replaceLoneSurrogates } from '../upstream/rules/lone-surrogates.ts';
import { usageFailure } from './arguments.ts';
import { command, type Invocation } from './command.ts';
import { countRoutes, explainedRoute, routeNamed, routeOf, routePaths } from './explain-routes.ts';
import { noSuchFile } from './no-such-file.ts';
import { openSession, type Session } from './session.ts';

interface Told {
  /** The route the request was taken for. */
  route: string;
  /** What is not to be seen from the rest. */
  note?: string;
  /** Absent where nothing is sent. */
  target?: string;
  headers?: Record<string, string>;
  body?: unknown;
  dropped: Dropped[];
}

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
    // Nothing is sent: the catalogue is the one kept on disk, or the bundled one.
    const session = { ...(await openSession(call)), log: silentLog };
    const body = await readBody(call, call.args.file);
    const { route: named } = call.args;
    const told = await explained(named === undefined ? routeOf(body) : routeNamed(named), body, session);
    call.terminal.stdout.write(call.json ? `${replaceLoneSurrogates(JSON.stringify(told))}\n` : pretty(told));
  },
});

async function explained(path: string, body: unknown, session: Session): Promise<Told> {
  const { upstream, ollama, models } = session.config;
  const route = `POST ${path}`;
  if (countRoutes.includes(path)) return { route, note: 'codexd counts the tokens itself.', dropped: [] };
  const naming = namingOf(models, (await createServices(session).catalog.known()).models);
  const name = isObject(body) && typeof body.model === 'string' ? body.model : '';
  const { naming: dialect, translate, headers: added } = explainedRoute(path);
  if (dialect === 'ollama' && ollama.url !== undefined && !isAccountModel(name, naming)) {
    const note = 'codexd does not have this model: the request goes to the real Ollama unchanged.';
    return { route, note, target: `POST ${ollama.url}${path}`, body, dropped: [] };
  }
  const headers = new Headers();
  const context = { ...translationContext(session), headers };
  const translation = translate(body, context, naming);
  const { turn, dropped } = planTurn(translation, headers, dialect, planOptions(session, naming));
  const all = [...translation.dropped, ...dropped];
  if (translation.ready !== undefined) {
    return { route, note: 'codexd answers this request itself, without the upstream.', dropped: all };
  }
  const count = 'count' in translation ? Number(translation.count) : 1;
  return {
    route,
    ...(count > 1 ? { note: `It is sent ${count} times: each turn makes one image.` } : {}),
    target: `POST ${upstream.baseUrl}/codex/responses`,
    headers: {
      authorization: 'Bearer [redacted]',
      originator: upstream.originator,
      ...turnHeaders({
        ...turn,
        model: turn.body.model,
        serviceTier: turn.body.service_tier,
        routingOverride: undefined,
      }),
      ...added,
    },
    body: turn.body,
    dropped: all,
  };
}

async function readBody(call: Invocation, file: string): Promise<unknown> {
  const text = file === '-' ? await call.terminal.readStdin() : call.readFile(file);
  if (text === undefined) {
    if (file === '-')
      throw usageFailure('Nothing is piped in.', 'Pipe a request body into `codexd explain -`.');
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

function pretty({ route, note, target, headers = {}, body, dropped }: Told): string {
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
