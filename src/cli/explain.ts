// `codexd explain`: what a client's request becomes upstream. Sends nothing (product.md 3).
import { anthropicMessages } from '../dialects/anthropic/messages/index.ts';
import type { Dialect, Translation } from '../dialects/dialect.ts';
import { openaiChat } from '../dialects/openai/chat/index.ts';
import { openaiResponses } from '../dialects/openai/responses/index.ts';
import { Failure } from '../failure.ts';
import { silentLog } from '../log.ts';
import { namingOf } from '../models/aliases.ts';
import { planTurn } from '../server/plan.ts';
import { turnHeaders } from '../upstream/headers.ts';
import { command, type Invocation } from './command.ts';
import { openRooms, planOptions, summaryWish } from './rooms.ts';
import { openSession } from './session.ts';

const routes: Record<string, Dialect> = {
  '/v1/chat/completions': openaiChat as unknown as Dialect,
  '/v1/responses': openaiResponses as unknown as Dialect,
  '/v1/messages': anthropicMessages as unknown as Dialect,
};

export default command({
  sections: ['upstream', 'auth', 'models', 'reasoning', 'log'],
  args: {
    file: { type: 'positional', required: true, description: 'The JSON body of a request; - reads stdin.' },
    route: {
      type: 'string',
      description: `The route it is for: ${Object.keys(routes).join(', ')}.`,
      valueHint: 'PATH',
    },
  },
  run: async (call) => {
    // Nothing is sent: the catalogue is the one kept on disk, or the bundled one.
    const session = { ...(await openSession(call)), log: silentLog };
    const { catalog } = openRooms(session);
    const body = await readBody(call, call.args.file);
    const route = call.args.route ?? routeOf(body);
    const dialect = Object.hasOwn(routes, route) ? routes[route] : undefined;
    if (dialect === undefined) {
      throw new Failure('invalid_request', `codexd has no route ${route} to explain.`, {
        next: `Use one of ${Object.keys(routes).join(', ')}.`,
      });
    }
    const headers = new Headers();
    const translation: Translation = dialect.request(body, {
      headers,
      reasoningStyle: session.config.reasoning.style,
      reasoningSummary: summaryWish(session.config),
    });
    const naming = namingOf(session.config.models, (await catalog.known()).models);
    const { turn, dropped } = planTurn(translation, headers, 'openai', planOptions(session, naming));
    const told = {
      target: `POST ${session.config.upstream.baseUrl}/codex/responses`,
      headers: {
        authorization: 'Bearer [redacted]',
        originator: session.config.upstream.originator,
        ...turnHeaders({ ...turn, model: turn.body.model, routingOverride: undefined }),
      },
      body: turn.body,
      dropped: [...translation.dropped, ...dropped],
    };
    call.terminal.stdout.write(call.json ? `${JSON.stringify(told)}\n` : pretty(told));
  },
});

async function readBody(call: Invocation, file: string): Promise<unknown> {
  const text = file === '-' ? await call.terminal.readStdin() : call.readFile(file);
  if (text === undefined) {
    throw new Failure('invalid_request', file === '-' ? 'Nothing is piped in.' : `There is no file ${file}.`);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Failure('invalid_request', `${file === '-' ? 'The input' : file} is not valid JSON.`, {
      cause,
    });
  }
}

/** The route a body looks made for. */
function routeOf(body: unknown): string {
  const hasMessages = typeof body === 'object' && body !== null && 'messages' in body;
  return hasMessages ? '/v1/chat/completions' : '/v1/responses';
}

function pretty(told: {
  target: string;
  headers: Record<string, string>;
  body: object;
  dropped: { field: string; why: string }[];
}): string {
  const headers = Object.entries(told.headers).map(([name, value]) => `${name}: ${value}`);
  const dropped = told.dropped.map(({ field, why }) => `  ${field}: ${why}`);
  return [
    told.target,
    ...headers,
    '',
    JSON.stringify(told.body, null, 2),
    '',
    dropped.length === 0 ? 'Nothing is dropped.' : 'Dropped:',
    ...dropped,
    '',
  ].join('\n');
}
