// Checks whether a daemon is listening on a configured address.
import { isObject } from '../base/object.ts';
import type { Fetch } from '../upstream/transport.ts';

export interface DaemonStatus {
  address: string;
  listening: boolean;
}

const timeoutMs = 1_000;

export async function probeDaemon(address: string, fetch: Fetch): Promise<DaemonStatus> {
  const body = await getJson(address, '/healthz', fetch);
  return { address, listening: body?.status === 'ok' };
}

/** The version of the daemon that listens there, if it reports one. */
export async function daemonVersion(address: string, fetch: Fetch): Promise<string | undefined> {
  const version = (await getJson(address, '/health', fetch))?.version;
  return typeof version === 'string' ? version : undefined;
}

/** Undefined if there is no successful response in time. */
async function getJson(
  address: string,
  path: string,
  fetch: Fetch,
): Promise<Record<string, unknown> | undefined> {
  const unix = address.startsWith('unix:') ? address.slice(5) : undefined;
  const host = address.replace(/^0\.0\.0\.0:/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:');
  try {
    const response = await fetch(`http://${unix ? 'localhost' : host}${path}`, {
      ...(unix ? { unix } : {}),
      signal: AbortSignal.timeout(timeoutMs),
      // The proxy is for the upstream; the daemon is called directly.
      ...({ proxy: false } as object),
    });
    const body: unknown = await response.json();
    return response.ok && isObject(body) ? body : undefined;
  } catch {
    return undefined;
  }
}
