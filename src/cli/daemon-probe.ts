// Checks whether a daemon is listening on a configured address.
import type { Fetch } from '../upstream/transport.ts';

export interface DaemonStatus {
  address: string;
  listening: boolean;
}

const timeoutMs = 1_000;

export async function probeDaemon(address: string, fetch: Fetch): Promise<DaemonStatus> {
  const unix = address.startsWith('unix:') ? address.slice(5) : undefined;
  const host = address.replace(/^0\.0\.0\.0:/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:');
  try {
    const response = await fetch(`http://${unix ? 'localhost' : host}/healthz`, {
      ...(unix ? { unix } : {}),
      signal: AbortSignal.timeout(timeoutMs),
      // The proxy is for the upstream; the daemon is called directly.
      ...({ proxy: false } as object),
    });
    const body = (await response.json()) as { status?: unknown } | null;
    return { address, listening: response.ok && body?.status === 'ok' };
  } catch {
    return { address, listening: false };
  }
}
