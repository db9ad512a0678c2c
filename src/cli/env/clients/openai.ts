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
    settings: (daemon) => ({ variables: variables(daemon) }),
  },
};

function variables({ origin, key }: Daemon): Variables {
  return { OPENAI_BASE_URL: `${origin}/v1`, OPENAI_API_KEY: key };
}
