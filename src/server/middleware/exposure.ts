// Keeps a keyless loopback server to this machine: web pages (Origin), DNS rebinding (Host) and reverse proxies
// (forwarding headers) would otherwise let anybody spend the user's plan (openai-api.md J.4, field-notes.md 9).
import { isIP } from 'node:net';
import { Failure } from '../../failure.ts';

export interface ExposureOptions {
  /** Whether callers must show a key; then nothing is checked here. */
  keyed: boolean;
  /** Other machines may call without a key, as the user has spelled out: by address, and through a proxy. */
  open: boolean;
  /** Host names besides loopback ones. */
  allowedHosts: string[];
  corsOrigins: string[];
}

const forwarding = ['x-forwarded-for', 'x-forwarded-host', 'forwarded', 'x-real-ip', 'tailscale-user-login'];

/** Throws `forbidden` when the request comes from where a keyless server must not be called from. */
export function checkExposure(headers: Headers, options: ExposureOptions): void {
  if (options.keyed) return;
  const forwarded = forwarding.find((name) => headers.has(name));
  if (forwarded !== undefined && !options.open) {
    throw new Failure(
      'forbidden',
      `The request came through a proxy (header ${forwarded}), and this codexd has no API key.`,
      {
        code: 'forwarded_without_key',
        next: 'Set `server.api_key`, so that whoever can reach the proxy cannot use your login.',
      },
    );
  }
  const host = hostName(headers.get('host') ?? '');
  const byAddress = options.open && isIP(host.replace(/^\[(.*)\]$/, '$1')) !== 0;
  if (!isLocal(host) && !byAddress && !options.allowedHosts.some((name) => name.toLowerCase() === host)) {
    throw new Failure('forbidden', `The host name ${JSON.stringify(host)} is not this codexd's.`, {
      code: 'host_not_allowed',
      next: 'Call it by a loopback address, or add the name to `server.allowed_hosts`.',
    });
  }
  const origin = headers.get('origin');
  if (origin === null || allowedOrigin(origin, options.corsOrigins)) return;
  if (URL.canParse(origin) && new URL(origin).host === headers.get('host')) return; // our own status page
  throw new Failure('forbidden', `Web pages of ${JSON.stringify(origin)} may not call this codexd.`, {
    code: 'origin_not_allowed',
    next: 'Add the origin to `server.cors_origins`.',
  });
}

export function allowedOrigin(origin: string, corsOrigins: string[]): boolean {
  return corsOrigins.includes(origin) || corsOrigins.includes('*');
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
