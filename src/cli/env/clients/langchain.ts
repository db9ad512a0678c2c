// LangChain's OpenAI package for Python reads OPENAI_API_BASE, the one for JavaScript OPENAI_BASE_URL
// (https://docs.langchain.com/oss/python/integrations/chat/openai).
import type { Client, Variables } from '../client.ts';
import type { Daemon } from '../daemon.ts';

export const langchain: Client = {
  title: 'LangChain',
  configuration: (daemon) => ({ variables: variables(daemon) }),
  file: 'it reads the environment and has no configuration file.',
  notes: ({ main }) => [`In Python, for example: \`ChatOpenAI(model="${main.name}")\`.`],
  launch: {
    install: 'any program built on LangChain.',
    settings: ({ daemon }) => ({ variables: variables(daemon) }),
  },
  about: {
    prints: 'variables of its OpenAI packages',
    limits: [
      'Embeddings are not supported; use another provider for them.',
      'ChatAnthropic works too: set ANTHROPIC_BASE_URL to the address without /v1.',
    ],
    sources: ['https://docs.langchain.com/oss/python/integrations/chat/openai'],
    tried: 'langchain-openai 1.7.4',
  },
};

function variables({ origin, key }: Daemon): Variables {
  return { OPENAI_API_BASE: `${origin}/v1`, OPENAI_BASE_URL: `${origin}/v1`, OPENAI_API_KEY: key };
}
