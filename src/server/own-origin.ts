// The address under which a client reached the daemon, for links in responses.
import { urlOf } from './router.ts';

/** Behind a proxy that ends TLS, the scheme is the one that the proxy reports. */
export function ownOrigin(request: Pick<Request, 'url' | 'headers'>): string {
  const { protocol, host } = urlOf(request);
  const isHttps = request.headers.get('x-forwarded-proto') === 'https';
  return `${isHttps ? 'https:' : protocol}//${host}`;
}

/** Whether a form was submitted by a page of the daemon, or by a program that is no browser. */
export function isFromOwnPage({ headers }: Pick<Request, 'headers'>): boolean {
  const site = headers.get('sec-fetch-site');
  if (site !== null && site !== 'same-origin') return false;
  const origin = headers.get('origin');
  return origin === null || URL.parse(origin)?.host === headers.get('host');
}
