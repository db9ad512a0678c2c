// One way out for login, refresh and turns alike: the same proxy, the same certificate authorities, no redirects.

export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

export interface TransportOptions {
  /** An http or https proxy; without one Bun follows `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`. */
  proxy: string | undefined;
  /** PEM text of additional certificate authorities. */
  ca: string | undefined;
  fetch?: Fetch;
}

export function createFetch({ proxy, ca, fetch = globalThis.fetch }: TransportOptions): Fetch {
  return (url, init) =>
    fetch(url, {
      redirect: 'error',
      ...(isLoopback(new URL(url).hostname) ? { proxy: false } : proxy === undefined ? {} : { proxy }),
      ...(ca === undefined ? {} : { tls: { ca } }),
      ...init,
    } as RequestInit);
}

/** Whether a host name, as URLs spell it, is this machine. Bun's proxy variables do not exempt it (bun-notes.md 4). */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' || hostname === '[::1]' || hostname === '::1' || /^127(\.\d+){3}$/.test(hostname)
  );
}
