// Restricts a loopback server without a key to this machine. Web pages (Origin, Fetch Metadata), DNS rebinding (Host) and
// reverse proxies (forwarding headers) could otherwise let others use up the user's plan.
import { isIP } from 'node:net';
import { Failure } from '../../failure.ts';

export interface ExposureOptions {
  /** Whether callers need a key; then nothing else is checked, unless they are identified otherwise. */
  keyed: boolean;
  /**
   * The caller's identity comes from the tailnet. Like a cookie, it also comes with requests that web pages make, and a page
   * whose name was rebound to this machine could make one up.
   */
  identified?: boolean;
  /** Whether the user allowed calls from other machines without a key: by address, and through a proxy. */
  open: boolean;
  /** Host names besides loopback ones; `any` on a unix socket, which web pages cannot reach. */
  allowedHosts: string[] | 'any';
  corsOrigins: string[];
}

/** Set by reverse proxies, tunnels and CDNs (RFC 9110 7.6.3, RFC 7239, and each vendor's documentation). */
const forwarding = new Set([
  ...['forwarded', 'via', 'x-real-ip', 'x-client-ip', 'x-cluster-client-ip', 'true-client-ip', 'cdn-loop'],
  ...['x-original-forwarded-for', 'x-original-host', 'fastly-client-ip', 'fly-client-ip', 'x-amzn-trace-id'],
  ...['x-azure-clientip', 'x-appengine-user-ip', 'x-envoy-external-address', 'x-proxyuser-ip'],
]);
const forwardingFamily = /^(?:x-forwarded(?:-|$)|tailscale-(?:user|funnel)-|cf-)/;

/** Rejects a request with several hosts, since proxies and servers disagree about which one counts (RFC 9112 3.2). */
export function checkHost(headers: Headers): void {
  if (!headers.get('host')?.includes(',')) return;
  throw new Failure('invalid_request', 'The request has more than one Host header.', {
    code: 'invalid_host',
  });
}

export function isForwardingHeader(name: string): boolean {
  return forwarding.has(name) || forwardingFamily.test(name);
}

/** Throws `forbidden` if a server without a key must not accept the request. */
export function checkExposure(headers: Headers, options: ExposureOptions): void {
  const { keyed, identified = false, open, allowedHosts } = options;
  if (keyed && !identified) return;
  if (!open && !identified) refuseForwarded(headers);
  if (allowedHosts !== 'any' && !(identified && isTailnetName(headers.get('host'))))
    refuseForeignHost(headers, allowedHosts, open && !identified);
  refuseForeignPage(headers, options.corsOrigins);
}

function refuseForwarded(headers: Headers): void {
  const name = [...headers.keys()].find(isForwardingHeader);
  if (name === undefined) return;
  throw new Failure(
    'forbidden',
    `The request came through a proxy (header ${name}), and this daemon has no API key.`,
    {
      code: 'forwarded_without_key',
      advice: 'Set `server.api_key`, so that others who can reach the proxy cannot use your login.',
    },
  );
}

/** Names of machines in tailnets; nobody else can make one refer to this machine. */
function isTailnetName(host: string | null): boolean {
  return host !== null && hostName(host).endsWith('.ts.net');
}

/** Health checks over HTTP/1.0 send no Host; browsers always send one. */
function refuseForeignHost(headers: Headers, allowedHosts: string[], open: boolean): void {
  const value = headers.get('host');
  if (value === null) return;
  const host = hostName(value);
  const byAddress = open && isIP(host.replace(/^\[(.*)\]$/, '$1')) !== 0;
  if (isLocal(host) || byAddress || allowedHosts.some((name) => name.toLowerCase() === host)) return;
  throw new Failure('forbidden', `The host name ${JSON.stringify(host)} is not allowed.`, {
    code: 'host_not_allowed',
    advice: `Use a loopback address, or start the daemon with \`--allowed-hosts ${nameForFlag(host)}\` (\`server.allowed_hosts\`).`,
  });
}

function refuseForeignPage(headers: Headers, corsOrigins: string[]): void {
  const origin = headers.get('origin');
  if (origin === null) {
    if (headers.get('sec-fetch-site') !== 'cross-site') return;
    throw new Failure('forbidden', 'Web pages of other sites cannot call this daemon.', {
      code: 'origin_not_allowed',
      advice: 'Add the origin of the page to `server.cors_origins`, or type the address into the browser.',
    });
  }
  if (allowedOrigin(origin, corsOrigins)) return;
  if (URL.canParse(origin) && new URL(origin).host === headers.get('host')) return; // our own status page
  throw new Failure('forbidden', `Web pages of ${JSON.stringify(origin)} cannot call this daemon.`, {
    code: 'origin_not_allowed',
    advice: 'Add the origin to `server.cors_origins`.',
  });
}

export function allowedOrigin(origin: string, corsOrigins: string[]): boolean {
  return corsOrigins.includes(origin) || corsOrigins.includes('*');
}

/** The name if it can be pasted into a shell. */
function nameForFlag(host: string): string {
  return /^[\w.-]{1,253}$/.test(host) ? host : 'NAME';
}

function hostName(host: string): string {
  const name = host.startsWith('[') ? host.slice(0, host.indexOf(']') + 1) : host.split(':')[0];
  return name?.toLowerCase() ?? '';
}

function isLocal(host: string): boolean {
  return (
    host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127(\.\d+){3}$/.test(host)
  );
}
