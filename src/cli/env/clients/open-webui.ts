// Open WebUI (docs.openwebui.com/getting-started/env-configuration): variables of its container.
import type { Client, Place } from '../client.ts';
import type { Daemon } from '../daemon.ts';

/** What Docker Desktop calls the machine it runs on. Docker on Linux has no way to that machine's loopback but to share it. */
const dockerHost = 'host.docker.internal';

export const openWebui: Client = {
  title: 'Open WebUI',
  shown: (daemon, place) => ({
    variables: {
      OPENAI_API_BASE_URL: `${needsName(daemon, place) ? daemon.origin.replace(loopback, dockerHost) : daemon.origin}/v1`,
      OPENAI_API_KEY: daemon.key,
    },
  }),
  file: 'Open WebUI keeps its settings in its own database.',
  notes: (daemon, place) => [
    `Start it with \`docker run ${network(place)} -e OPENAI_API_BASE_URL -e OPENAI_API_KEY -v open-webui:/app/backend/data ghcr.io/open-webui/open-webui:main\`.`,
    'It reads these at its first start only; later they are in its Admin Settings, Connections.',
    ...hostNotes(daemon, place),
  ],
};

/** A keyless daemon answers to its own names only, and Docker Desktop knows it by another. */
function hostNotes(daemon: Daemon, place: Place): string[] {
  if (daemon.keyIs !== 'any' || !loopback.test(daemon.origin)) return [];
  const allow = `start the daemon with \`--allowed-hosts ${dockerHost}\``;
  return needsName(daemon, place)
    ? [`For this name, ${allow}: without a key the daemon answers to its own names only.`]
    : [`In Docker Desktop, use ${daemon.origin.replace(loopback, dockerHost)}/v1 instead, and ${allow}.`];
}

const loopback = /(?<=^http:\/\/)(?:127(?:\.\d+){3}|localhost|\[::1\])(?=:)/;

function needsName({ origin }: Daemon, { platform }: Place): boolean {
  return platform !== 'linux' && loopback.test(origin);
}

function network({ platform }: Place): string {
  return platform === 'linux' ? '--network=host' : '-p 3000:8080';
}
