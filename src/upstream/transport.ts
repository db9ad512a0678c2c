// The one `fetch` for login, refresh and turns: the same proxy and certificate authorities, no redirects, and a connect
// timeout, which Bun's `fetch` does not have (docs/bun.md#fetch).
import * as tls from 'node:tls';
import { type Address, ConnectLimit, type Probe } from './connect.ts';
import { decompress } from './decompress.ts';

export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

export interface TransportOptions {
  /** An http or https proxy; without one Bun follows `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`. */
  proxy: string | undefined;
  /** PEM text of additional certificate authorities. */
  ca: string | undefined;
  /** Timeout for connecting to the origin or the proxy; none if absent or 0. */
  connectTimeoutMs?: number;
  /** The environment in which Bun finds proxy variables, to know which host it connects to. */
  env?: Readonly<Record<string, string | undefined>>;
  fetch?: Fetch;
  probe?: Probe;
  nowMs?: () => number;
}

export function createFetch(options: TransportOptions): Fetch {
  const { proxy, ca, connectTimeoutMs = 0, env = {}, fetch = globalThis.fetch } = options;
  // For Bun, a list of authorities replaces the default ones.
  const authorities = ca === undefined ? {} : { tls: { ca: [...tls.getCACertificates('default'), ca] } };
  const send = async (url: URL, init?: RequestInit) => {
    const response = await fetch(url.href, {
      redirect: 'error',
      // With this, Bun also sends no `accept-encoding`.
      ...{ decompress: false },
      ...(isLoopback(url.hostname) ? { proxy: false } : proxy === undefined ? {} : { proxy }),
      ...authorities,
      ...init,
    } as RequestInit);
    return decompress(response);
  };
  if (connectTimeoutMs === 0) return async (url, init) => send(new URL(url), init);
  const limit = new ConnectLimit(connectTimeoutMs, options.probe, options.nowMs);
  return (url, init) => {
    const parsed = new URL(url);
    return limit.send(send, parsed, init, firstHop(parsed, proxy, env));
  };
}

/** Whether a URL's host name is this machine. Bun applies proxy variables even to it (docs/bun.md#fetch). */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' || hostname === '[::1]' || hostname === '::1' || /^127(\.\d+){3}$/.test(hostname)
  );
}

/** The address Bun connects to for `url`; undefined if that depends on `NO_PROXY` or an invalid variable. */
function firstHop(
  url: URL,
  proxy: string | undefined,
  env: NonNullable<TransportOptions['env']>,
): Address | undefined {
  if (isLoopback(url.hostname)) return addressOf(url);
  const via = proxyOf(url, proxy, env)?.url;
  if (via === undefined) return addressOf(url);
  return variableOf(env, 'no_proxy') || !URL.canParse(via) ? undefined : addressOf(new URL(via));
}

/** The proxy that requests for `url` go through unless `NO_PROXY` excludes it; `from` is the variable that sets it. */
export function proxyOf(
  { protocol }: URL,
  configured: string | undefined,
  env: NonNullable<TransportOptions['env']>,
): { url: string; from: string | undefined } | undefined {
  if (configured !== undefined) return { url: configured, from: undefined };
  const names = protocol === 'https:' ? ['https_proxy', 'all_proxy'] : ['http_proxy', 'all_proxy'];
  const from = names.flatMap((name) => [name, name.toUpperCase()]).find((name) => env[name]);
  return from === undefined ? undefined : { url: env[from]!, from };
}

function variableOf(env: NonNullable<TransportOptions['env']>, name: string): string | undefined {
  return env[name] || env[name.toUpperCase()];
}

function addressOf({ protocol, hostname, port }: URL): Address | undefined {
  const defaultPort = { 'https:': 443, 'http:': 80 }[protocol];
  if (defaultPort === undefined) return undefined;
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: port === '' ? defaultPort : Number(port) };
}
