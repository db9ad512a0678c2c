// Ollama's command line and libraries, which read the server's address from one variable.
import type { Client } from '../client.ts';

export const ollama: Client = {
  title: 'Ollama clients',
  configuration: ({ origin }) => ({ variables: { OLLAMA_HOST: origin } }),
  file: 'they read the environment and have no configuration file.',
  notes: ({ keyKind, main }) => [
    `For the models, run \`codexd models\`; for example ${main.name}.`,
    ...(keyKind === 'any'
      ? []
      : [
          "Clients must send the daemon's key as `Authorization: Bearer …`, which most Ollama clients cannot.",
        ]),
  ],
};
