// n8n (https://docs.n8n.io/integrations/builtin/credentials/openai): an OpenAI credential with another base URL.
import type { Client } from '../client.ts';
import { containerNotes, originForContainer } from '../container.ts';
import { formText, keyField } from '../form-text.ts';

export const n8n: Client = {
  title: 'n8n',
  configuration: (daemon, machine) => ({
    text: formText({
      Credential: 'OpenAI',
      'API Key': keyField(daemon),
      'Base URL': `${originForContainer(daemon, machine)}/v1`,
      Model: daemon.main.name,
    }),
  }),
  file: 'it stores its credentials in its own database.',
  notes: (daemon, machine) => [
    'Create the credential in n8n, then choose it and the model (By ID) in the OpenAI Chat Model node.',
    ...containerNotes(daemon, machine),
  ],
  about: {
    prints: 'the fields of a credential',
    limits: [
      'Embeddings nodes need another provider.',
      'The Ollama Chat Model node works with the address without /v1 and the key as its API key.',
    ],
    sources: [
      'https://docs.n8n.io/integrations/builtin/credentials/openai',
      'https://docs.n8n.io/integrations/builtin/credentials/ollama',
    ],
  },
};
