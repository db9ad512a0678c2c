// Bun.serve and what is done for every request: an id, who may call, the route, the response's headers, the record of the call.

import { chmodSync } from 'node:fs';
import { onAbort } from '../base/abort.ts';
import { Failure } from '../failure.ts';
import type { Log } from '../log.ts';
import type { FailureResponse } from '../responses/translator.ts';
import type { CallObserver } from '../turns/record.ts';
import { codexHeaders } from '../upstream/headers.ts';
import { discardBody } from './body.ts';
import { BodyBudget } from './body-budget.ts';
import { Exchange } from './exchange.ts';
import { headerText } from './headers.ts';
import { isPrivate, type Listener, nameOf } from './listener.ts';
import type { Keyring } from './middleware/api-key.ts';
import { corsHeaders, optionsAnswer } from './middleware/cors.ts';
import { checkExposure, checkHost } from './middleware/exposure.ts';
import { RateLimit } from './middleware/rate-limit.ts';
import { noteFailure } from './note-failure.ts';
import { handlerOf, methodsOf, normalPath, type Route, Router, unknownUrl, urlOf } from './router.ts';

/** What may change while the daemon runs. */
export interface ServerSettings {
  routes: Route[];
  keyring: Keyring;
  /** Requests per minute of a key that has no limit of its own; 0 for none. */
  rateLimitPerMinute: number;
  allowedHosts: string[];
  corsOrigins: string[];
  /** Of all request bodies in memory together. */
  bodyMemoryBytes: number;
  /** Whether a bearer is the access token of the login in use: whoever has it needs no key of codexd's. */
  isOwnLogin?: (bearer: string) => Promise<boolean>;
}

export interface ServerOptions extends ServerSettings {
  listeners: Listener[];
  /** How long a kept connection may be idle [30]. */
  idleSeconds?: number;
  /** A failure in the envelope of the API; the exchange is unknown when the server itself has failed. */
  failureResponse: (failure: Failure, exchange?: Exchange) => FailureResponse;
  /** Each is given the record of every call that has ended. */
  observers: readonly CallObserver[];
  log: Log;
  nowMs: () => number;
  newId: (prefix: string) => string;
}

export interface HttpServer {
  /** Where it listens, as URLs or `unix:/path`, in the order of the listeners. */
  addresses: string[];
  /** Requests being answered. */
  readonly running: number;
  /** Every request from now on is answered by these settings; those under way end as they began. */
  reload(settings: ServerSettings): void;
  /** Stops accepting, lets running answers finish up to `graceMs` or until `hurry`, and ends the rest in-band. */
  stop(graceMs: number, hurry?: AbortSignal): Promise<void>;
}

/** Large enough that our own limits answer first, in the dialect's words (Bun's own 413 has no body). */
const bunBodyLimitBytes = 4 * 1024 * 1024 * 1024;
/** For connections between requests. Bun counts while a response is being made too, so each exchange lifts it for itself. */
const usualIdleSeconds = 30;
/** For the log alone: nobody is there to read it, and HTTP has no such status. */
const clientLeft = 499;
/** After the grace time: how long the last in-band words may take to reach their clients. */
const farewellMs = 500;

export function startServer(options: ServerOptions): HttpServer {
  const { idleSeconds = usualIdleSeconds } = options;
  const rateLimit = new RateLimit(options.nowMs);
  const running = new Set<Exchange>();
  const budget = new BodyBudget(options.bodyMemoryBytes);
  const reserve = (bytes: number, signal: AbortSignal) => budget.take(bytes, signal);
  const exposed = options.listeners.some((listener) => !isPrivate(listener));
  const ownHosts = options.listeners.flatMap((listener) => (listener.kind === 'tcp' ? [listener.host] : []));
  let { settings, router } = applied(options);

  const ended = (exchange: Exchange) => {
    if (!running.delete(exchange)) return;
    const record = exchange.record();
    for (const observe of options.observers) observe(record);
  };

  const answer = async (
    request: Request,
    server: Bun.Server<undefined>,
    listener: Listener,
  ): Promise<Response> => {
    server.timeout(request, 0);
    const closing = () => server.timeout(request, idleSeconds);
    const exchange = new Exchange(options.newId('req'), request, options.nowMs, { closing, reserve, ended });
    running.add(exchange);
    try {
      const response = await dispatch(exchange, listener).catch(async (thrown: unknown) => {
        const ended = await discardBody(request);
        const answer = refusal(exchange, thrown);
        if (!ended) answer.headers.set('connection', 'close');
        return answer;
      });
      exchange.respond(exchange.facts.failure?.kind === 'cancelled' ? clientLeft : response.status);
      return dressed(exchange, response);
    } finally {
      if (!exchange.isStreaming) {
        exchange.closing();
        exchange.end();
      }
    }
  };

  const dispatch = async (exchange: Exchange, listener: Listener): Promise<Response> => {
    const { request } = exchange;
    const { keyring, corsOrigins, rateLimitPerMinute } = settings;
    checkHost(request.headers);
    const { pathname, searchParams } = urlOf(request);
    const path = normalPath(pathname);
    const match = router.match(path);
    exchange.accept({ path, query: searchParams, route: match?.route });
    checkExposure(request.headers, {
      keyed: !keyring.isEmpty,
      open: exposed,
      allowedHosts: listener.kind === 'unix' ? 'any' : [...ownHosts, ...settings.allowedHosts],
      corsOrigins,
    });
    if (request.method === 'OPTIONS') {
      return optionsAnswer(request.headers, methodsOf(match?.route.methods ?? {}), corsOrigins);
    }
    if (match?.route.keyed && keyring.isEmpty) throw needsKey(exchange.path);
    if (match?.route.open !== true) {
      const caller = await callerOf(request.headers);
      exchange.authenticate(caller);
      rateLimit.take(caller.name, caller.perMinute ?? rateLimitPerMinute);
    }
    if (match === undefined) throw unknownUrl(request.method, exchange.path);
    if (match.route.webSocket && wantsWebSocket(request))
      return match.route.webSocket(exchange, match.params);
    return handlerOf(match.route, request.method, exchange.path)(exchange, match.params);
  };

  const callerOf = async (headers: Headers) => {
    try {
      return settings.keyring.callerOf(headers);
    } catch (refused) {
      const bearer = /^bearer\s+(eyJ\S+)\s*$/i.exec(headers.get('authorization') ?? '')?.[1];
      const isOwn = bearer !== undefined && (await settings.isOwnLogin?.(bearer));
      if (!isOwn) throw refused;
      return { name: 'own-login', models: undefined, perMinute: undefined };
    }
  };

  const refusal = (exchange: Exchange, thrown: unknown): Response => {
    const failure = noteFailure(thrown, exchange, options.log);
    const { status, headers: dialectHeaders, body } = options.failureResponse(failure, exchange);
    const { upstreamHeaders } = failure;
    const headers = {
      ...(upstreamHeaders === undefined ? {} : codexHeaders(exchange.request.headers, upstreamHeaders)),
      ...dialectHeaders,
    };
    const route = failure.status === 405 ? exchange.route : undefined;
    const allow = route === undefined ? {} : { allow: methodsOf(route.methods).join(', ') };
    return Response.json(body, {
      status: status === clientLeft ? 400 : status,
      headers: { ...headers, ...allow },
    });
  };

  const dressed = (exchange: Exchange, response: Response): Response => {
    response.headers.set('x-request-id', exchange.id);
    response.headers.set('request-id', exchange.id); // Anthropic's name for it
    const { modelUsed } = exchange.facts;
    if (modelUsed !== undefined) response.headers.set('x-codexd-model', headerText(modelUsed));
    for (const [name, value] of Object.entries(corsHeaders(exchange.request.headers, settings.corsOrigins))) {
      response.headers.set(name, value);
    }
    return response;
  };

  const bug = () => options.failureResponse(new Failure('bug', 'Internal error in codexd.'));
  const servers = listening(options.listeners, (listener) =>
    Bun.serve({
      ...(listener.kind === 'unix'
        ? { unix: listener.path }
        : { hostname: listener.host, port: listener.port }),
      development: false,
      reusePort: false, // without development Bun 1.4.5 shares the port with whoever else does
      idleTimeout: idleSeconds,
      maxRequestBodySize: bunBodyLimitBytes,
      fetch: (request: Request, server: Bun.Server<undefined>) => answer(request, server, listener),
      error: () => Response.json(bug().body, { status: 500 }),
    } as Bun.Serve.Options<undefined>),
  );

  return {
    addresses: servers.map((server, index) => addressOf(server, options.listeners[index] as Listener)),
    get running() {
      return running.size;
    },
    reload(next) {
      ({ settings, router } = applied(next));
      budget.limitBytes = next.bodyMemoryBytes;
    },
    async stop(graceMs, hurry) {
      const stopped = Promise.all(servers.map((server) => server.stop()));
      const farewell = new Failure('unavailable', 'codexd is shutting down.', {
        code: 'shutting_down',
        retryAfterMs: 1000,
        advice: 'Send the request again in a moment.',
      });
      const endAll = () => {
        clearTimeout(next);
        for (const exchange of running) exchange.abort(farewell);
        next = setTimeout(() => void Promise.all(servers.map((server) => server.stop(true))), farewellMs);
      };
      let next = setTimeout(endAll, graceMs);
      const stopListening = hurry && onAbort(hurry, endAll);
      await stopped;
      stopListening?.();
      clearTimeout(next);
    },
  };
}

function applied(settings: ServerSettings): { settings: ServerSettings; router: Router } {
  return { settings, router: new Router(settings.routes) };
}

/** All listeners or none. A unix socket is its owner's alone, whatever the umask. */
function listening(
  listeners: Listener[],
  listen: (listener: Listener) => Bun.Server<undefined>,
): Bun.Server<undefined>[] {
  const servers: Bun.Server<undefined>[] = [];
  for (const listener of listeners) {
    try {
      servers.push(listen(listener));
      if (listener.kind === 'unix') chmodSync(listener.path, 0o600);
    } catch (cause) {
      for (const server of servers) void server.stop(true);
      throw notListening(listener, cause);
    }
  }
  return servers;
}

function notListening(listener: Listener, cause: unknown): Failure {
  const code = (cause as { code?: unknown } | null)?.code;
  const why = code === 'EADDRINUSE' ? 'it is in use' : typeof code === 'string' ? code : 'unknown';
  return new Failure('invalid_request', `Cannot listen on ${nameOf(listener)}: ${why}.`, {
    code: 'cannot_listen',
    advice: 'Stop what listens there, or choose another address with `--listen`.',
    cause,
  });
}

function addressOf(server: Bun.Server<undefined>, listener: Listener): string {
  return listener.kind === 'unix'
    ? nameOf(listener)
    : `http://${nameOf({ ...listener, port: server.port ?? listener.port })}`;
}

/** Java's and curl's clients ask for HTTP/2 with the same header, on ordinary requests. */
function wantsWebSocket({ method, headers }: Request): boolean {
  return method === 'GET' && /(?:^|,)\s*websocket\s*(?:,|$)/i.test(headers.get('upgrade') ?? '');
}

function needsKey(path: string): Failure {
  return new Failure('forbidden', `${path} is served only with an API key, and this codexd has none.`, {
    code: 'api_key_required',
    advice: 'Set `server.api_key`, or add a key with `codexd config key add NAME`.',
  });
}
