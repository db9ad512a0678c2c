// The OpenAI libraries and the programs built on them.
import type { Client, Variables } from '../client.ts';
import type { Daemon } from '../daemon.ts';

export const openai: Client = {
  title: 'OpenAI clients',
  configuration: (daemon) => ({ variables: variables(daemon) }),
  file: 'they read the environment and have no configuration file.',
  notes: () => [],
  launch: {
    install: 'any program built on the OpenAI libraries.',
    settings: ({ daemon }) => ({ variables: variables(daemon) }),
  },
  about: {
    prints: 'variables of the OpenAI libraries',
    limits: ['Embeddings, moderations, files and batches are not supported.'],
    sources: ['https://github.com/openai/openai-python', 'https://github.com/openai/openai-node'],
    tried: 'openai 7 (npm) and openai 2 (PyPI)',
  },
};

function variables({ origin, key }: Daemon): Variables {
  return { OPENAI_BASE_URL: `${origin}/v1`, OPENAI_API_KEY: key };
}
