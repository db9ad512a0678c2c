// Bun.serve and what is done for every request: an id, who may call, the route, the answer's headers, the access line.
import type { FailureAnswer } from '../dialects/dialect.ts';
import { asFailure, Failure } from '../failure.ts';
import type { Log } from '../log.ts';
import { Call } from './call.ts';
import type { Listener } from './listener.ts';
import { writeAccessLine } from './middleware/access-log.ts';
import type { Keyring } from './middleware/api-key.ts';
import { corsHeaders, optionsAnswer } from './middleware/cors.ts';
import { checkExposure } from './middleware/exposure.ts';
import { RateLimit } from './middleware/rate-limit.ts';
import { handlerOf, methodsOf, normalPath, type Route, Router } from './router.ts';
import { logBug } from './turns.ts';

export interface DaemonOptions {
  listeners: Listener[];
  routes: Route[];
  keyring: Keyring;
  /** Requests per minute of a key that has no limit of its own; 0 for none. */
  rateLimitPerMinute: number;
  allowedHosts: string[];
  corsOrigins: string[];
  /** The envelope failures wear on a path. */
  dress: (path: string, failure: Failure) => FailureAnswer;
  log: Log;
  nowMs: () => number;
  newId: (prefix: string) => string;
}

export interface Daemon {
  /** Where it listens, as URLs or `unix:/path`, in the order of the listeners. */
  addresses: string[];
  /** Requests being answered. */
  readonly running: number;
  /** Stops accepting, lets running answers finish up to `graceMs`, tells the rest in-band. */
  stop(graceMs: number): Promise<void>;
}

/** Large enough that our own limits answer first, in the dialect's words (Bun's own 413 has no body). */
const bunBodyLimitBytes = 4 * 1024 * 1024 * 1024;
/** For connections between requests; answers lift it for themselves (bun-notes.md 3). */
const idleTimeoutSeconds = 30;
/** After the grace time: how long the last in-band words may take to reach their clients. */
const farewellMs = 500;

export function startDaemon(options: DaemonOptions): Daemon {
  const router = new Router(options.routes);
  const rateLimit = new RateLimit(options.nowMs);
  const running = new Set<Call>();

  const ended = (call: Call) => {
    if (running.delete(call)) writeAccessLine(options.log, call);
  };

  const answer = async (request: Request, server: Bun.Server<undefined>): Promise<Response> => {
    server.timeout(request, 0);
    const path = normalPath(new URL(request.url).pathname);
    const call = new Call(options.newId('req'), request, path, options.nowMs, ended);
    running.add(call);
    let response: Response;
    try {
      response = await dispatch(call);
    } catch (thrown) {
      response = refusal(call, thrown);
    }
    call.status = response.status;
    if (!call.streams) call.end();
    return dressed(call, response);
  };

  const dispatch = async (call: Call): Promise<Response> => {
    const { request, path } = call;
    checkExposure(request.headers, {
      keyed: !options.keyring.isEmpty,
      allowedHosts: options.allowedHosts,
      corsOrigins: options.corsOrigins,
    });
    const match = router.match(path);
    if (request.method === 'OPTIONS') {
      return optionsAnswer(request.headers, methodsOf(match?.route.methods ?? {}), options.corsOrigins);
    }
    if (match?.route.open !== true) {
      const caller = options.keyring.callerOf(request.headers);
      call.caller = caller;
      rateLimit.take(caller.name, caller.perMinute ?? options.rateLimitPerMinute);
    }
    if (match === undefined) throw unknownUrl(request.method, path);
    return handlerOf(match.route, request.method, path)(call, match.params);
  };

  const refusal = (call: Call, thrown: unknown): Response => {
    const failure = call.signal.reason instanceof Failure ? call.signal.reason : asFailure(thrown);
    if (failure.kind === 'bug') logBug(options.log, call, failure);
    call.failure = failure;
    const { status, headers, body } = options.dress(call.path, failure);
    const allow = failure.status === 405 ? router.match(call.path) : undefined;
    return Response.json(body, {
      // 499 is for the log: nobody is there to read it.
      status: status === 499 ? 400 : status,
      headers: {
        ...headers,
        ...(allow === undefined ? {} : { allow: methodsOf(allow.route.methods).join(', ') }),
      },
    });
  };

  const dressed = (call: Call, response: Response): Response => {
    response.headers.set('x-request-id', call.id);
    for (const [name, value] of Object.entries(corsHeaders(call.request.headers, options.corsOrigins))) {
      response.headers.set(name, value);
    }
    return response;
  };

  const servers = options.listeners.map((listener) =>
    Bun.serve({
      ...(listener.kind === 'unix'
        ? { unix: listener.path }
        : { hostname: listener.host, port: listener.port }),
      development: false,
      idleTimeout: idleTimeoutSeconds,
      maxRequestBodySize: bunBodyLimitBytes,
      fetch: answer,
      error: () => new Response('Something in codexd went wrong.', { status: 500 }),
    } as Bun.Serve.Options<undefined>),
  );

  return {
    addresses: servers.map((server, index) => addressOf(server, options.listeners[index] as Listener)),
    get running() {
      return running.size;
    },
    async stop(graceMs) {
      const stopped = Promise.all(servers.map((server) => server.stop()));
      const farewell = new Failure('unavailable', 'codexd is shutting down.', {
        code: 'shutting_down',
        next: 'Send the request again in a moment.',
      });
      const grace = setTimeout(() => {
        for (const call of running) call.abort(farewell);
        setTimeout(() => void Promise.all(servers.map((server) => server.stop(true))), farewellMs).unref();
      }, graceMs);
      await stopped;
      clearTimeout(grace);
    },
  };
}

function addressOf(server: Bun.Server<undefined>, listener: Listener): string {
  if (listener.kind === 'unix') return `unix:${listener.path}`;
  const host = listener.host.includes(':') ? `[${listener.host}]` : listener.host;
  return `http://${host}:${server.port}`;
}

function unknownUrl(method: string, path: string): Failure {
  return new Failure('not_found', `There is no ${method} ${path}.`, {
    code: 'unknown_url',
    next: 'See the list of routes in the README.',
  });
}
