// Bun.serve and what every request has in common: its id, authentication, routing, response headers and the call record.

import { chmodSync } from 'node:fs';
import { onAbort } from '../base/abort.ts';
import { Failure } from '../failure.ts';
import type { Keyring } from '../keys/keyring.ts';
import type { Log } from '../log.ts';
import type { FailureResponse } from '../responses/translator.ts';
import { anonymous, type Caller, type CallObserver } from '../turns/record.ts';
import { codexHeaders } from '../upstream/headers.ts';
import { discardBody } from './body.ts';
import { BodyBudget } from './body-budget.ts';
import { Exchange } from './exchange.ts';
import { headerText } from './headers.ts';
import { isPrivate, type Listener, listenerName } from './listener.ts';
import { callerOf } from './middleware/api-key.ts';
import { corsHeaders, optionsResponse } from './middleware/cors.ts';
import { checkExposure, checkHost } from './middleware/exposure.ts';
import { RateLimit } from './middleware/rate-limit.ts';
import { isAllowedLogin, loginNotAllowed, tailnetLogin } from './middleware/tailscale.ts';
import { noteFailure } from './note-failure.ts';
import { handlerOf, methodsOf, normalPath, type Route, Router, unknownUrl, urlOf } from './router.ts';
import { serverTiming } from './server-timing.ts';
import { type SocketCall, type SocketData, socketHandlers, Upgrade } from './web-socket.ts';

/** Settings that a reload can change. */
export interface ServerSettings {
  routes: Route[];
  keyring: Keyring;
  /** Requests per minute for keys without a limit of their own; 0 means no limit. */
  rateLimitPerMinute: number;
  allowedHosts: string[];
  corsOrigins: string[];
  /** Globs of the Tailscale logins that are accepted in place of a key; undefined if none is. */
  tailscaleLogins?: readonly string[] | undefined;
  /** For all request bodies together. */
  bodyMemoryBytes: number;
  /** Whether a bearer is the access token of the login in use, which is accepted instead of a key. */
  isOwnLogin?: (bearer: string) => Promise<boolean>;
}

export interface ServerOptions extends ServerSettings {
  listeners: Listener[];
  /** How long a keep-alive connection may be idle; 30 by default. */
  idleSeconds?: number;
  /** Renders a failure in the envelope of the API. There is no exchange if the server itself has failed. */
  failureResponse: (failure: Failure, exchange?: Exchange) => FailureResponse;
  /** Each gets the record of every call that has ended. */
  observers: readonly CallObserver[];
  log: Log;
  nowMs: () => number;
  newId: (prefix: string) => string;
}

export interface HttpServer {
  /** URLs or `unix:/path`, in the order of the listeners. */
  addresses: string[];
  /** Requests in progress. */
  readonly running: number;
  /** Streamed responses in progress. */
  readonly streaming: number;
  /** New requests use these settings; running ones keep theirs. */
  reload(settings: ServerSettings): void;
  /** Stops accepting, lets running responses finish within `graceMs` or until `hurry`, then ends the rest in-band. */
  stop(graceMs: number, hurry?: AbortSignal): Promise<void>;
}

/** Above all our own limits: Bun's 413 has no body. */
const bunBodyLimitBytes = 4 * 1024 * 1024 * 1024;
/** For connections between requests. Bun also applies it during a response, so each exchange lifts it. */
const defaultIdleSeconds = 30;
/** Only logged: the client has disconnected, and HTTP has no such status. */
const clientClosedRequest = 499;
/** After the grace time: how long the final in-band failures may take to reach the clients. */
const finalWriteMs = 500;

/** Above the sessions' own limits: Bun closes the socket without an error. */
const maxMessageBytes = 64 * 1024 * 1024;

/** The address that connected; undefined on a unix socket. */
type Peer = () => string | undefined;

/** The request that became a WebSocket, and who sent it. */
interface Upgraded {
  exchange: Exchange;
  peer: Peer;
  address: () => string;
}

export function startServer(options: ServerOptions): HttpServer {
  const { idleSeconds = defaultIdleSeconds } = options;
  const rateLimit = new RateLimit(options.nowMs);
  const running = new Set<Exchange>();
  /** Open WebSockets by their upgrades. Only their calls are requests in progress. */
  const sockets = new Map<Exchange, SocketData>();
  const budget = new BodyBudget(options.bodyMemoryBytes);
  const reserve = (bytes: number, signal: AbortSignal) => budget.take(bytes, signal);
  const exposed = options.listeners.some((listener) => !isPrivate(listener));
  const ownHosts = options.listeners.flatMap((listener) => (listener.kind === 'tcp' ? [listener.host] : []));
  let { settings, router } = withRouter(options);

  const ended = (exchange: Exchange) => {
    if (!running.delete(exchange) && !sockets.delete(exchange)) return;
    const record = exchange.record();
    for (const observe of options.observers) observe(record);
  };

  const answer = async (
    request: Request,
    server: Bun.Server<SocketData>,
    listener: Listener,
  ): Promise<Response | undefined> => {
    server.timeout(request, 0);
    const closing = () => server.timeout(request, idleSeconds);
    const address = () => server.requestIP(request)?.address;
    const hooks = { closing, reserve, ended, address };
    const exchange = new Exchange(options.newId('req'), request, options.nowMs, hooks);
    running.add(exchange);
    const peer = () =>
      listener.kind === 'unix' ? undefined : (server.requestIP(request)?.address ?? 'unknown');
    try {
      const response = await dispatch(exchange, listener, peer).catch(async (thrown: unknown) => {
        const ended = await discardBody(request);
        const answer = failureResponse(exchange, thrown);
        if (!ended) answer.headers.set('connection', 'close');
        return answer;
      });
      if (response instanceof Upgrade) return accept(exchange, server, response, peer());
      exchange.respond(exchange.facts.failure?.kind === 'cancelled' ? clientClosedRequest : response.status);
      return addHeaders(exchange, response);
    } finally {
      if (!exchange.isStreaming) {
        exchange.closing();
        exchange.end();
      }
    }
  };

  /** From here on the exchange ends when the socket closes. */
  const accept = (
    exchange: Exchange,
    server: Bun.Server<SocketData>,
    upgrade: Upgrade,
    peer: string | undefined,
  ) => {
    const headers = { ...upgrade.headers, 'x-request-id': exchange.id };
    const { address } = exchange; // unknown after the upgrade
    const from = { exchange, peer: () => peer, address: () => address };
    const call = (socketCall: SocketCall, closed: AbortSignal) => runCall(from, socketCall, closed);
    const data: SocketData = { exchange, upgrade, call };
    if (!server.upgrade(exchange.request, { headers, data })) {
      return addHeaders(exchange, failureResponse(exchange, notWebSocket()));
    }
    running.delete(exchange);
    sockets.set(exchange, data);
    exchange.respond(101);
    exchange.stream();
    return undefined;
  };

  /** A call on a WebSocket. The key is checked again, because it may have been removed since the upgrade. */
  const runCall = async (
    { exchange: { request, path, query, route }, peer, address }: Upgraded,
    { headers, handle, failed, ended: callEnded }: SocketCall,
    closed: AbortSignal,
  ): Promise<void> => {
    const post = new Request(request.url, { method: 'POST', headers, signal: closed });
    const hooks = { closing() {}, reserve, ended, address };
    const exchange = new Exchange(options.newId('req'), post, options.nowMs, hooks);
    running.add(exchange);
    exchange.accept({ path, query, route });
    exchange.stream();
    exchange.respond(200);
    try {
      if (route?.open !== true) await admit(exchange, trustedLogin(headers, peer));
      await handle(exchange);
    } catch (thrown) {
      const failure = noteFailure(thrown, exchange, options.log);
      exchange.respond(failure.kind === 'cancelled' ? clientClosedRequest : failure.status);
      failed(failure);
    } finally {
      exchange.end();
      callEnded(exchange.facts.failure !== undefined);
    }
  };

  const dispatch = async (
    exchange: Exchange,
    listener: Listener,
    peer: Peer,
  ): Promise<Response | Upgrade> => {
    const { request } = exchange;
    const { keyring, corsOrigins } = settings;
    checkHost(request.headers);
    const { pathname, searchParams } = urlOf(request);
    const path = normalPath(pathname);
    const match = router.match(path);
    exchange.accept({ path, query: searchParams, route: match?.route });
    const login = trustedLogin(request.headers, peer);
    checkExposure(request.headers, {
      keyed: keyring.isRequired,
      identified: login !== undefined,
      open: exposed,
      allowedHosts: listener.kind === 'unix' ? 'any' : [...ownHosts, ...settings.allowedHosts],
      corsOrigins,
    });
    if (request.method === 'OPTIONS') {
      return optionsResponse(request.headers, methodsOf(match?.route.methods ?? {}), corsOrigins);
    }
    if (match?.route.keyed && !keyring.isRequired) throw needsKey(exchange.path);
    if (match?.route.open !== true) await admit(exchange, login);
    if (match === undefined) throw unknownUrl(request.method, exchange.path);
    if (match.route.webSocket && wantsWebSocket(request))
      return match.route.webSocket(exchange, match.params);
    return handlerOf(match.route, request.method, exchange.path)(exchange, match.params);
  };

  /** The Tailscale user whom the settings allow. Throws `forbidden` for others, unless they may have a key. */
  const trustedLogin = (headers: Headers, peer: Peer): string | undefined => {
    const { tailscaleLogins, keyring } = settings;
    const login = tailscaleLogins && tailnetLogin(headers, peer());
    if (login === undefined || isAllowedLogin(login, tailscaleLogins ?? [])) return login;
    if (!keyring.isRequired) throw loginNotAllowed(login);
    return undefined;
  };

  const admit = async (exchange: Exchange, login: string | undefined): Promise<void> => {
    const caller = await identify(exchange.headers, login);
    exchange.authenticate(caller);
    rateLimit.take(caller.name, caller.limits?.perMinute ?? settings.rateLimitPerMinute);
  };

  const identify = async (headers: Headers, login: string | undefined): Promise<Caller> => {
    try {
      const caller = callerOf(headers, settings.keyring);
      return caller === anonymous && login !== undefined ? { name: login, models: undefined } : caller;
    } catch (refused) {
      const isEnded = refused instanceof Failure && refused.code === 'login_ended';
      if (login !== undefined && !isEnded) return { name: login, models: undefined };
      const bearer = /^bearer\s+(eyJ\S+)\s*$/i.exec(headers.get('authorization') ?? '')?.[1];
      const isOwn = bearer !== undefined && (await settings.isOwnLogin?.(bearer));
      if (!isOwn) throw refused;
      return { name: 'own-login', models: undefined };
    }
  };

  const failureResponse = (exchange: Exchange, thrown: unknown): Response => {
    const failure = noteFailure(thrown, exchange, options.log);
    const { status, headers: apiHeaders, body } = options.failureResponse(failure, exchange);
    const { upstreamHeaders } = failure;
    const headers = {
      ...(upstreamHeaders === undefined ? {} : codexHeaders(exchange.request.headers, upstreamHeaders)),
      ...apiHeaders,
    };
    const route = failure.status === 405 ? exchange.route : undefined;
    const allow = route === undefined ? {} : { allow: methodsOf(route.methods).join(', ') };
    return Response.json(body, {
      status: status === clientClosedRequest ? 400 : status,
      headers: { ...headers, ...allow },
    });
  };

  const addHeaders = (exchange: Exchange, response: Response): Response => {
    response.headers.set('x-request-id', exchange.id);
    response.headers.set('request-id', exchange.id); // Anthropic's name for it
    const { modelUsed, times = {} } = exchange.facts;
    response.headers.set('server-timing', serverTiming(times, exchange.elapsedMs));
    if (modelUsed !== undefined) response.headers.set('x-codexd-model', headerText(modelUsed));
    for (const [name, value] of Object.entries(corsHeaders(exchange.request.headers, settings.corsOrigins))) {
      response.headers.set(name, value);
    }
    return response;
  };

  const bug = () => options.failureResponse(new Failure('bug', 'Internal error in codexd.'));
  const servers = listenOnAll(options.listeners, (listener) =>
    Bun.serve({
      ...(listener.kind === 'unix'
        ? { unix: listener.path }
        : { hostname: listener.host, port: listener.port }),
      development: false,
      reusePort: false, // by default, Bun 1.4.5 shares the port with other processes
      idleTimeout: idleSeconds,
      maxRequestBodySize: bunBodyLimitBytes,
      fetch: (request: Request, server: Bun.Server<SocketData>) => answer(request, server, listener),
      error: () => Response.json(bug().body, { status: 500 }),
      websocket: socketHandlers(maxMessageBytes),
    } as Bun.Serve.Options<SocketData>),
  );

  return {
    addresses: servers.map((server, index) => addressOf(server, options.listeners[index] as Listener)),
    get running() {
      return running.size;
    },
    get streaming() {
      return [...running].filter(({ isStreaming }) => isStreaming).length;
    },
    reload(next) {
      ({ settings, router } = withRouter(next));
      budget.limitBytes = next.bodyMemoryBytes;
    },
    async stop(graceMs, hurry) {
      const stopped = Promise.all(servers.map((server) => server.stop()));
      const shuttingDown = new Failure('unavailable', 'codexd is shutting down.', {
        code: 'shutting_down',
        retryAfterMs: 1000,
        advice: 'Retry in a moment.',
      });
      for (const { session } of sockets.values()) session?.stop();
      const endAll = () => {
        clearTimeout(next);
        for (const exchange of running) exchange.abort(shuttingDown);
        next = setTimeout(() => void Promise.all(servers.map((server) => server.stop(true))), finalWriteMs);
      };
      let next = setTimeout(endAll, graceMs);
      const stopListening = hurry && onAbort(hurry, endAll);
      await stopped;
      stopListening?.();
      clearTimeout(next);
    },
  };
}

function withRouter(settings: ServerSettings): { settings: ServerSettings; router: Router } {
  return { settings, router: new Router(settings.routes) };
}

/** Opens all listeners or none. Only the owner can use a unix socket, whatever the umask. */
function listenOnAll(
  listeners: Listener[],
  listen: (listener: Listener) => Bun.Server<SocketData>,
): Bun.Server<SocketData>[] {
  const servers: Bun.Server<SocketData>[] = [];
  for (const listener of listeners) {
    try {
      servers.push(listen(listener));
      if (listener.kind === 'unix') chmodSync(listener.path, 0o600);
    } catch (cause) {
      for (const server of servers) void server.stop(true);
      throw cannotListen(listener, cause);
    }
  }
  return servers;
}

function cannotListen(listener: Listener, cause: unknown): Failure {
  const code = (cause as { code?: unknown } | null)?.code;
  const why = code === 'EADDRINUSE' ? 'it is in use' : typeof code === 'string' ? code : 'unknown';
  return new Failure('invalid_request', `Cannot listen on ${listenerName(listener)}: ${why}.`, {
    code: 'cannot_listen',
    advice: 'Stop the process that uses it, or choose another address with `--listen`.',
    cause,
  });
}

function addressOf(server: Bun.Server<SocketData>, listener: Listener): string {
  return listener.kind === 'unix'
    ? listenerName(listener)
    : `http://${listenerName({ ...listener, port: server.port ?? listener.port })}`;
}

/** Java's HTTP client and curl send the same header on ordinary requests, to ask for HTTP/2. */
function wantsWebSocket({ method, headers }: Request): boolean {
  return method === 'GET' && /(?:^|,)\s*websocket\s*(?:,|$)/i.test(headers.get('upgrade') ?? '');
}

function notWebSocket(): Failure {
  return new Failure('invalid_request', 'The WebSocket handshake is not valid.', { code: 'invalid_upgrade' });
}

function needsKey(path: string): Failure {
  return new Failure('forbidden', `${path} is available only if an API key is configured.`, {
    code: 'api_key_required',
    advice: 'Set `server.api_key`, or add a key with `codexd config key add NAME`.',
  });
}
