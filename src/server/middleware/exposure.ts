// Keeps a keyless loopback server to this machine: web pages (Origin, Fetch Metadata), DNS rebinding (Host) and reverse
// proxies (forwarding headers) would otherwise let anybody spend the user's plan.
import { isIP } from 'node:net';
import { Failure } from '../../failure.ts';

export interface ExposureOptions {
  /** Whether callers must show a key; then nothing is checked here. */
  keyed: boolean;
  /** Other machines may call without a key, as the user has spelled out: by address, and through a proxy. */
  open: boolean;
  /** Host names besides loopback ones; `any` on a unix socket, which no web page can reach. */
  allowedHosts: string[] | 'any';
  corsOrigins: string[];
}

/** Set by reverse proxies, tunnels and CDNs (RFC 9110 7.6.3, RFC 7239, and each vendor's documentation). */
const forwarding = new Set([
  ...['forwarded', 'via', 'x-real-ip', 'x-client-ip', 'x-cluster-client-ip', 'true-client-ip', 'cdn-loop'],
  ...['x-original-forwarded-for', 'x-original-host', 'fastly-client-ip', 'fly-client-ip', 'x-amzn-trace-id'],
  ...['x-azure-clientip', 'x-appengine-user-ip', 'x-envoy-external-address', 'x-proxyuser-ip'],
]);
const forwardingFamily = /^(?:x-forwarded(?:-|$)|tailscale-user-|cf-)/;

/** Refuses a request that names several hosts: proxies and servers disagree about which of them counts (RFC 9112 3.2). */
export function checkHost(headers: Headers): void {
  if (!headers.get('host')?.includes(',')) return;
  throw new Failure('invalid_request', 'The request has more than one Host.', { code: 'invalid_host' });
}

/** Throws `forbidden` when the request comes from where a keyless server must not be called from. */
export function checkExposure(headers: Headers, options: ExposureOptions): void {
  if (options.keyed) return;
  if (!options.open) refuseForwarded(headers);
  if (options.allowedHosts !== 'any') refuseForeignHost(headers, options.allowedHosts, options.open);
  refuseForeignPage(headers, options.corsOrigins);
}

function refuseForwarded(headers: Headers): void {
  const name = [...headers.keys()].find((each) => forwarding.has(each) || forwardingFamily.test(each));
  if (name === undefined) return;
  throw new Failure(
    'forbidden',
    `The request came through a proxy (header ${name}), and this codexd has no API key.`,
    {
      code: 'forwarded_without_key',
      advice: 'Set `server.api_key`, so that whoever can reach the proxy cannot use your login.',
    },
  );
}

/** No Host at all is HTTP/1.0, as health checks send it; browsers always send one. */
function refuseForeignHost(headers: Headers, allowedHosts: string[], open: boolean): void {
  const given = headers.get('host');
  if (given === null) return;
  const host = hostName(given);
  const byAddress = open && isIP(host.replace(/^\[(.*)\]$/, '$1')) !== 0;
  if (isLocal(host) || byAddress || allowedHosts.some((name) => name.toLowerCase() === host)) return;
  throw new Failure('forbidden', `The host name ${JSON.stringify(host)} is not this codexd's.`, {
    code: 'host_not_allowed',
    advice: `Call it by a loopback address, or start it with \`--allowed-hosts ${nameForFlag(host)}\` (\`server.allowed_hosts\`).`,
  });
}

function refuseForeignPage(headers: Headers, corsOrigins: string[]): void {
  const origin = headers.get('origin');
  if (origin === null) {
    if (headers.get('sec-fetch-site') !== 'cross-site') return;
    throw new Failure('forbidden', 'Web pages of other sites may not call this codexd.', {
      code: 'origin_not_allowed',
      advice:
        'Type the address into the browser; pages that call it need their origin in `server.cors_origins`.',
    });
  }
  if (allowedOrigin(origin, corsOrigins)) return;
  if (URL.canParse(origin) && new URL(origin).host === headers.get('host')) return; // our own status page
  throw new Failure('forbidden', `Web pages of ${JSON.stringify(origin)} may not call this codexd.`, {
    code: 'origin_not_allowed',
    advice: 'Add the origin to `server.cors_origins`.',
  });
}

export function allowedOrigin(origin: string, corsOrigins: string[]): boolean {
  return corsOrigins.includes(origin) || corsOrigins.includes('*');
}

/** Only what can be pasted into a shell. */
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
