// Open WebUI (https://docs.openwebui.com/getting-started/env-configuration): environment variables of its container.
import { join } from 'node:path';
import type { Client, Variables } from '../client.ts';
import { containerNotes, networkOption, originForContainer } from '../container.ts';

export const openWebui: Client = {
  title: 'Open WebUI',
  configuration: (daemon, machine) => ({
    variables: variables(originForContainer(daemon, machine), daemon.key),
  }),
  file: 'it stores its settings in its own database.',
  notes: (daemon, machine) => [
    `Start it with \`docker run ${networkOption(machine, '3000:8080')} -e OPENAI_API_BASE_URL -e OPENAI_API_KEY -v open-webui:/app/backend/data ghcr.io/open-webui/open-webui:main\`.`,
    'Open WebUI reads these only at its first start; later, change them in Admin Settings > Connections.',
    ...containerNotes(daemon, machine),
  ],
  launch: {
    program: 'open-webui',
    install: '`python -m pip install open-webui`.',
    settings: ({ daemon, directory }) => ({
      variables: {
        ...variables(daemon.origin, daemon.key),
        // Its database would otherwise keep the address of a daemon that is gone.
        DATA_DIR: join(directory, 'open-webui'),
        WEBUI_AUTH: 'False',
      },
    }),
  },
  about: {
    prints: 'variables of its container, and how to start it',
    limits: [
      'On macOS and Windows the container reaches the daemon as `host.docker.internal`.',
      '`codexd run open-webui serve` runs the version from PyPI with an empty database that is deleted at the end, without accounts.',
    ],
    sources: ['https://docs.openwebui.com/getting-started/env-configuration'],
  },
};

function variables(origin: string, key: string): Variables {
  return { OPENAI_API_BASE_URL: `${origin}/v1`, OPENAI_API_KEY: key };
}
