// Open WebUI (docs.openwebui.com/getting-started/env-configuration): environment variables of its container.
import type { Client, Machine } from '../client.ts';
import type { Daemon } from '../daemon.ts';

/** Docker Desktop's name for the host. On Linux, a container reaches the host's loopback only by sharing its network. */
const dockerHost = 'host.docker.internal';

export const openWebui: Client = {
  title: 'Open WebUI',
  configuration: (daemon, machine) => ({
    variables: {
      OPENAI_API_BASE_URL: `${needsName(daemon, machine) ? daemon.origin.replace(loopback, dockerHost) : daemon.origin}/v1`,
      OPENAI_API_KEY: daemon.key,
    },
  }),
  file: 'it stores its settings in its own database.',
  notes: (daemon, machine) => [
    `Start it with \`docker run ${network(machine)} -e OPENAI_API_BASE_URL -e OPENAI_API_KEY -v open-webui:/app/backend/data ghcr.io/open-webui/open-webui:main\`.`,
    'Open WebUI reads these only at its first start; later, change them in Admin Settings, Connections.',
    ...hostNotes(daemon, machine),
  ],
};

/** Without a key, a daemon accepts only its own host names, which do not include Docker Desktop's. */
function hostNotes(daemon: Daemon, machine: Machine): string[] {
  if (daemon.keyKind !== 'any' || !loopback.test(daemon.origin)) return [];
  const allow = `start the daemon with \`--allowed-hosts ${dockerHost}\``;
  return needsName(daemon, machine)
    ? [`So that the daemon accepts this host name, ${allow}.`]
    : [`In Docker Desktop, use ${daemon.origin.replace(loopback, dockerHost)}/v1 instead, and ${allow}.`];
}

const loopback = /(?<=^http:\/\/)(?:127(?:\.\d+){3}|localhost|\[::1\])(?=:)/;

function needsName({ origin }: Daemon, { platform }: Machine): boolean {
  return platform !== 'linux' && loopback.test(origin);
}

function network({ platform }: Machine): string {
  return platform === 'linux' ? '--network=host' : '-p 3000:8080';
}
