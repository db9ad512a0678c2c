// Obsidian with the plugin Copilot (https://github.com/logancyang/obsidian-copilot/blob/master/docs/llm-providers.md): a form.
import type { Client } from '../client.ts';
import { formText, keyField } from '../form-text.ts';

export const obsidian: Client = {
  title: 'Obsidian Copilot',
  configuration: (daemon) => ({
    text: formText({
      Provider: '3rd Party (OpenAI-Format)',
      'Base URL': `${daemon.origin}/v1`,
      'API Key': keyField(daemon),
      Model: daemon.main.name,
    }),
  }),
  file: 'its settings are stored inside the vault.',
  notes: () => [
    "Enter these values in Obsidian's Settings > Copilot, where you add a provider or a custom model.",
    'So that answers are streamed, start the daemon with `--cors-origins app://obsidian.md`, or else turn on CORS for the model in the plugin.',
  ],
  about: {
    prints: 'the fields of its settings',
    limits: [
      "With the plugin's CORS option, answers are not streamed.",
      'Searching your notes needs an embedding model from another provider.',
    ],
    sources: ['https://github.com/logancyang/obsidian-copilot/blob/master/docs/llm-providers.md'],
  },
};
