// Whether a daemon listens at an address of the settings.
import type { Fetch } from '../upstream/transport.ts';

export interface Daemon {
  address: string;
  listening: boolean;
}

const timeoutMs = 1_000;

export async function probeDaemon(address: string, fetch: Fetch): Promise<Daemon> {
  const unix = address.startsWith('unix:') ? address.slice(5) : undefined;
  const host = address.replace(/^0\.0\.0\.0:/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:');
  try {
    const response = await fetch(`http://${unix ? 'localhost' : host}/healthz`, {
      ...(unix ? { unix } : {}),
      signal: AbortSignal.timeout(timeoutMs),
      // A daemon of our own is never behind the proxy of the upstream.
      ...({ proxy: false } as object),
    });
    const body = (await response.json()) as { status?: unknown } | null;
    return { address, listening: response.ok && body?.status === 'ok' };
  } catch {
    return { address, listening: false };
  }
}
