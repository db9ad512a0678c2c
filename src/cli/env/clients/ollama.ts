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
  launch: {
    program: 'ollama',
    install: 'https://ollama.com/download',
    settings: ({ daemon }) => ({ variables: { OLLAMA_HOST: daemon.origin } }),
  },
  about: {
    prints: "the variable of Ollama's command line and libraries",
    limits: [
      'Most Ollama clients cannot send a key; for them, the daemon must listen on loopback without keys.',
      'Models cannot be downloaded, and embeddings are not supported.',
    ],
    sources: ['https://docs.ollama.com/faq', 'https://github.com/ollama/ollama-python'],
    tried: 'ollama 0.6.1 (PyPI)',
  },
};
