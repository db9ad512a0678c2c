// One way out for login, refresh and turns alike: the same proxy, the same certificate authorities, no redirects, and a
// limit on connecting, which Bun's `fetch` has not (reference/bun-notes.md 4).
import { getCACertificates } from 'node:tls';
import { type Address, ConnectLimit, type Probe } from './connect.ts';
import { decompressed } from './decompress.ts';

export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

export interface TransportOptions {
  /** An http or https proxy; without one Bun follows `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`. */
  proxy: string | undefined;
  /** PEM text of additional certificate authorities. */
  ca: string | undefined;
  /** Until a connection to the origin (or the proxy) is there; no limit when absent or 0. */
  connectTimeoutMs?: number;
  /** Where Bun finds the proxy variables, to know whom it connects to. */
  env?: Readonly<Record<string, string | undefined>>;
  fetch?: Fetch;
  probe?: Probe;
  nowMs?: () => number;
}

export function createFetch(options: TransportOptions): Fetch {
  const { proxy, ca, connectTimeoutMs = 0, env = {}, fetch = globalThis.fetch } = options;
  // Bun takes a given list instead of the usual authorities, not beside them.
  const tls = ca === undefined ? {} : { tls: { ca: [...getCACertificates('default'), ca] } };
  const send: Fetch = async (url, init) => {
    const answer = await fetch(url, {
      redirect: 'error',
      // Nor does it ask for compression then.
      ...{ decompress: false },
      ...(isLoopback(new URL(url).hostname) ? { proxy: false } : proxy === undefined ? {} : { proxy }),
      ...tls,
      ...init,
    } as RequestInit);
    return decompressed(answer);
  };
  if (connectTimeoutMs === 0) return send;
  const limit = new ConnectLimit(connectTimeoutMs, options.probe, options.nowMs);
  return (url, init) => limit.send(send, url, init, firstHop(new URL(url), proxy, env));
}

/** Whether a host name, as URLs spell it, is this machine. Bun's proxy variables do not exempt it (bun-notes.md 4). */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' || hostname === '[::1]' || hostname === '::1' || /^127(\.\d+){3}$/.test(hostname)
  );
}

/** Whom Bun connects to for `url`; undefined where that depends on how Bun reads `NO_PROXY` or an odd variable. */
function firstHop(
  url: URL,
  proxy: string | undefined,
  env: NonNullable<TransportOptions['env']>,
): Address | undefined {
  if (isLoopback(url.hostname)) return addressOf(url);
  const names = url.protocol === 'https:' ? ['https_proxy', 'all_proxy'] : ['http_proxy', 'all_proxy'];
  const given = (name: string) => env[name] || env[name.toUpperCase()];
  const via = proxy ?? names.map(given).find(Boolean);
  if (via === undefined) return addressOf(url);
  return given('no_proxy') || !URL.canParse(via) ? undefined : addressOf(new URL(via));
}

function addressOf({ protocol, hostname, port }: URL): Address | undefined {
  const usual = { 'https:': 443, 'http:': 80 }[protocol];
  if (usual === undefined) return undefined;
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: port === '' ? usual : Number(port) };
}
