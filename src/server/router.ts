// Paths to handlers. Only the path counts, the query never; clients spell paths in more ways than one.
import { Failure } from '../failure.ts';
import type { Exchange, RouteFacts } from './exchange.ts';

/** Responds to a request. Where the response goes on afterwards, it says so with `exchange.stream`. */
export type Handler = (exchange: Exchange, params: Record<string, string>) => Promise<Response> | Response;

export interface Route extends RouteFacts {
  /** E.g. `/v1/models/:id`; a last `:name` takes the whole rest of the path, slashes included. */
  path: string;
  methods: Record<string, Handler>;
  /** Answers without an API key. */
  open?: boolean;
  /** Answers only where an API key is configured. */
  keyed?: boolean;
  /** Answers a request for a WebSocket; without it that is an ordinary request. */
  webSocket?: Handler;
}

export interface Match {
  route: Route;
  params: Record<string, string>;
}

export class Router {
  readonly #exact = new Map<string, Route>();
  readonly #rest: { prefix: string; name: string; route: Route }[] = [];

  constructor(routes: Route[]) {
    for (const route of routes) {
      const at = route.path.indexOf(':');
      if (at === -1) this.#exact.set(route.path, route);
      else this.#rest.push({ prefix: route.path.slice(0, at), name: route.path.slice(at + 1), route });
      // The most specific path wins, whatever the order of the list.
      this.#rest.sort((a, b) => b.prefix.length - a.prefix.length);
    }
    // The most specific path wins, whatever the order of the list.
    this.#rest.sort((a, b) => b.prefix.length - a.prefix.length);
  }

  /** The route of a path as `normalPath` gives it, also where the client left `/v1` out. */
  match(path: string): Match | undefined {
    return this.#find(path) ?? this.#find(`/v1${path}`);
  }

  #find(path: string): Match | undefined {
    const exact = this.#exact.get(path);
    if (exact !== undefined) return { route: exact, params: {} };
    const found = this.#rest.find(({ prefix }) => path.startsWith(prefix) && path.length > prefix.length);
    if (found === undefined) return undefined;
    return { route: found.route, params: { [found.name]: decodedSegment(path.slice(found.prefix.length)) } };
  }
}

/** Throws for a Host header that makes no URL. Without one, as in HTTP/1.0, Bun gives only the path. */
export function urlOf({ url, headers }: Pick<Request, 'url' | 'headers'>): URL {
  const parsed = headers.has('host') ? URL.parse(url) : URL.parse(url, 'http://localhost');
  if (parsed !== null) return parsed;
  throw new Failure('invalid_request', 'The Host header is not valid.', { code: 'invalid_host' });
}

/** One slash between segments, none at the end, and `/v1` once: base URLs are typed with and without it. */
export function normalPath(pathname: string): string {
  const path = pathname.replace(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '');
  return path.startsWith('/v1/v1/') ? path.slice(3) : path;
}

/** The handler of a method. HEAD is answered by GET without its body. Throws 405 with what is allowed. */
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
  return new Failure('not_found', `There is no ${method} ${path}.`, {
    code: 'unknown_url',
    advice: 'See the list of routes in the README.',
  });
}
