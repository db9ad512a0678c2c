// Clients that usually run in a container, from where the host has another name.
import type { Machine } from './client.ts';
import type { Daemon } from './daemon.ts';

/** Docker Desktop's name for the host. On Linux, a container reaches the host's loopback only by sharing its network. */
const dockerHost = 'host.docker.internal';
const loopback = /(?<=^http:\/\/)(?:127(?:\.\d+){3}|localhost|\[::1\])(?=:)/;

/** The daemon's origin, as a container sees it. */
export function originForContainer(daemon: Daemon, machine: Machine): string {
  return needsName(daemon, machine) ? daemon.origin.replace(loopback, dockerHost) : daemon.origin;
}

/** The option of `docker run` with which a server in the container can be reached on `port`. */
export function networkOption({ platform }: Machine, port: string): string {
  return platform === 'linux' ? '--network=host' : `-p ${port}`;
}

/** Without a key, a daemon accepts only its own host names, which do not include Docker Desktop's. */
export function containerNotes(daemon: Daemon, machine: Machine): string[] {
  if (daemon.keyKind !== 'any' || !loopback.test(daemon.origin)) return [];
  const allow = `start the daemon with \`--allowed-hosts ${dockerHost}\``;
  return needsName(daemon, machine)
    ? [`So that the daemon accepts this host name, ${allow}.`]
    : [`In Docker Desktop, use ${daemon.origin.replace(loopback, dockerHost)}/v1 instead, and ${allow}.`];
}

function needsName({ origin }: Daemon, { platform }: Machine): boolean {
  return platform !== 'linux' && loopback.test(origin);
}
