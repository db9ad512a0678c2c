// JetBrains AI Assistant (https://www.jetbrains.com/help/ai-assistant/use-custom-models.html): a form in the IDE's settings.
import type { Client } from '../client.ts';
import { formText, keyField } from '../form-text.ts';

export const jetbrains: Client = {
  title: 'JetBrains AI Assistant',
  configuration: (daemon) => ({
    text: formText({
      Provider: 'OpenAI-compatible',
      URL: `${daemon.origin}/v1`,
      'API Key': keyField(daemon),
      'Tool calling': 'on',
      'Core features': daemon.main.name,
      'Instant helpers': daemon.small.name,
    }),
  }),
  file: 'its settings are stored inside the IDE.',
  notes: () => [
    'Enter these values in Settings > Tools > AI Assistant > Providers & API keys, under Third-party AI providers. Choose the models below, under Models Assignment.',
  ],
  about: {
    prints: 'the fields of its settings',
    limits: ["Code completion still uses JetBrains' own models.", 'For Junie, see `codexd env junie`.'],
    sources: ['https://www.jetbrains.com/help/ai-assistant/use-custom-models.html'],
  },
};
