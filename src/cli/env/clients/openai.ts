// The OpenAI libraries and the programs built on them.
import type { Client } from '../client.ts';

export const openai: Client = {
  title: 'OpenAI clients',
  configuration: ({ origin, key }) => ({
    variables: { OPENAI_BASE_URL: `${origin}/v1`, OPENAI_API_KEY: key },
  }),
  file: 'they read the environment and have no configuration file.',
  notes: () => [],
};
