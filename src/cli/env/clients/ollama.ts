// Ollama's command line and libraries: they take the address of another server from one variable.
import type { Client } from '../client.ts';

export const ollama: Client = {
  title: 'Ollama clients',
  shown: ({ origin }) => ({ variables: { OLLAMA_HOST: origin } }),
  file: 'The Ollama clients read the environment and have no file.',
  notes: ({ keyIs, main }) => [
    `The models are those of \`codexd models\`, e.g. ${main.name}.`,
    ...(keyIs === 'any'
      ? []
      : ["Send the daemon's key as `Authorization: Bearer …`: most Ollama clients send none by themselves."]),
  ],
};
