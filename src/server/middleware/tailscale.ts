// The identity that `tailscale serve` adds to the requests of a tailnet (https://tailscale.com/kb/1312/serve#identity-headers). It
// removes such headers of the client, and connects from this machine, so they count only from there.
import { isIP } from 'node:net';
import { Failure } from '../../failure.ts';
import { matchesGlob } from '../../models/glob.ts';
import { isForwardingHeader } from './exposure.ts';

const loginHeader = 'tailscale-user-login';
/** The request came from the internet through `tailscale funnel`, which knows nobody's identity. */
const funnelHeader = 'tailscale-funnel-request';

/**
 * The login of the user who sent the request through `tailscale serve`; undefined if nobody's identity is known. `peer`: the
 * address that connected; undefined on a unix socket, which only its owner and root can use.
 */
export function tailnetLogin(headers: Headers, peer: string | undefined): string | undefined {
  const login = headers.get(loginHeader)?.trim().toLowerCase();
  const isLocal = peer === undefined || isLoopbackAddress(peer);
  if (!login || !isLocal || headers.has(funnelHeader) || cameThroughOthers(headers)) return undefined;
  return login;
}

/** `allowed`: globs such as `*@example.com`. */
export function isAllowedLogin(login: string, allowed: readonly string[]): boolean {
  return allowed.some((glob) => matchesGlob(glob.toLowerCase(), login));
}

export function loginNotAllowed(login: string): Failure {
  return new Failure(
    'forbidden',
    `The Tailscale user ${JSON.stringify(login.slice(0, 100))} is not allowed.`,
    {
      code: 'identity_not_allowed',
      advice: 'Add the login to `tailscale.allowed_logins`.',
    },
  );
}

export function isLoopbackAddress(address: string): boolean {
  return address === '::1' || /^(?:::ffff:)?127(?:\.\d+){3}$/i.test(address);
}

/** `tailscale serve` sets these, to the one address of its client. */
const ownHeaders = /^(?:x-forwarded-(?:for|host|proto)|tailscale-user-.*)$/;

/** Another reverse proxy on this machine would pass on an identity that its client made up. */
function cameThroughOthers(headers: Headers): boolean {
  if ([...headers.keys()].some((name) => isForwardingHeader(name) && !ownHeaders.test(name))) return true;
  const address = headers.get('x-forwarded-for');
  return address !== null && !isTailnetAddress(address.trim());
}

/** 100.64.0.0/10, or Tailscale's own /48 (https://tailscale.com/kb/1033/ip-and-dns-addresses). */
function isTailnetAddress(address: string): boolean {
  if (isIP(address) === 6) return address.toLowerCase().startsWith('fd7a:115c:a1e0:');
  const [first, second] = address.split('.').map(Number);
  return isIP(address) === 4 && first === 100 && second !== undefined && second >= 64 && second < 128;
}
