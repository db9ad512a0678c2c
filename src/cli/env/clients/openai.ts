// The OpenAI libraries and whatever is built on them.
import type { Client } from '../client.ts';

export const openai: Client = {
  title: 'OpenAI clients',
  shown: ({ origin, key }) => ({ variables: { OPENAI_BASE_URL: `${origin}/v1`, OPENAI_API_KEY: key } }),
  file: 'The OpenAI libraries read the environment and have no file.',
  notes: () => [],
};
