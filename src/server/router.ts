// Maps paths to handlers. The query does not count, and clients may write `/v1` and slashes in several ways.
import { Failure } from '../failure.ts';
import type { Exchange, RouteFacts } from './exchange.ts';
import type { Upgrade } from './web-socket.ts';

/** Responds to a request. Calls `exchange.stream` if the response continues after it returns. */
export type Handler = (exchange: Exchange, params: Record<string, string>) => Promise<Response> | Response;

/** Accepts a WebSocket, or responds to the request as to any other. */
export type SocketHandler = (
  exchange: Exchange,
  params: Record<string, string>,
) => Promise<Response | Upgrade> | Response | Upgrade;

export interface Route extends RouteFacts {
  /** Such as `/v1/models/:id`. A final `:name` matches the rest of the path, including slashes; another, one segment. */
  path: string;
  methods: Record<string, Handler>;
  /** Available only if an API key is configured. */
  keyed?: boolean;
  /** Handles WebSocket upgrades; without it, they are ordinary requests. */
  webSocket?: SocketHandler;
}

export interface Match {
  route: Route;
  params: Record<string, string>;
}

export class Router {
  readonly #exact = new Map<string, Route>();
  /** The most specific first. */
  readonly #patterns: Pattern[];

  constructor(routes: Route[]) {
    for (const route of routes) {
      if (!route.path.includes(':')) this.#exact.set(route.path, route);
    }
    const patterns = routes.filter(({ path }) => path.includes(':')).map(patternOf);
    this.#patterns = patterns.sort(
      (a, b) => b.prefix.length - a.prefix.length || b.suffix.length - a.suffix.length,
    );
  }

  /** The route of a normalized path, also if the client omitted `/v1`. */
  match(path: string): Match | undefined {
    return this.#find(path) ?? this.#find(`/v1${path}`);
  }

  #find(path: string): Match | undefined {
    const exact = this.#exact.get(path);
    if (exact !== undefined) return { route: exact, params: {} };
    for (const { prefix, name, suffix, route } of this.#patterns) {
      if (!path.startsWith(prefix) || !path.endsWith(suffix)) continue;
      const value = path.slice(prefix.length, path.length - suffix.length);
      if (value === '' || (suffix !== '' && value.includes('/'))) continue;
      return { route, params: { [name]: decodedSegment(value) } };
    }
    return undefined;
  }
}

interface Pattern {
  prefix: string;
  name: string;
  /** Empty for a name that takes the whole rest. */
  suffix: string;
  route: Route;
}

function patternOf(route: Route): Pattern {
  const [, prefix = '', name = '', suffix = ''] = /^([^:]*):(\w+)(.*)$/.exec(route.path) ?? [];
  return { prefix, name, suffix, route };
}

/** Throws for an invalid Host header. Without one, as in HTTP/1.0, Bun's `url` is only the path. */
export function urlOf({ url, headers }: Pick<Request, 'url' | 'headers'>): URL {
  const parsed = headers.has('host') ? URL.parse(url) : URL.parse(url, 'http://localhost');
  if (parsed !== null) return parsed;
  throw new Failure('invalid_request', 'The Host header is not valid.', { code: 'invalid_host' });
}

/** The path with single slashes, none at the end, and `/v1` at most once: clients configure base URLs with and without it. */
export function normalPath(pathname: string): string {
  const path = pathname.replace(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '');
  return path.startsWith('/v1/v1/') ? path.slice(3) : path;
}

/** The handler of a method; HEAD uses that of GET. Throws 405 with the allowed methods. */
export function handlerOf({ methods }: Route, method: string, path: string): Handler {
  const name = method === 'HEAD' ? 'GET' : method;
  if (Object.hasOwn(methods, name)) return methods[name] as Handler;
  throw new Failure('invalid_request', `${method} is not allowed on ${path}.`, {
    status: 405,
    code: 'method_not_allowed',
    advice: `Use ${methodsOf(methods).join(' or ')}.`,
  });
}

export function methodsOf(methods: RouteFacts['methods']): string[] {
  return Object.keys(methods).flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
}

function decodedSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

export function unknownUrl(method: string, path: string): Failure {
  return new Failure('not_found', `${method} ${path} does not exist.`, {
    code: 'unknown_url',
    advice: 'See the table of endpoints in the README.',
  });
}
