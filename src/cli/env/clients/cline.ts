// Cline (https://docs.cline.bot/provider-config/openai-compatible): a form in the editor.
import type { Client } from '../client.ts';
import { maxOutputTokens } from '../daemon.ts';
import { formText, keyField } from '../form-text.ts';

export const cline: Client = {
  title: 'Cline',
  configuration: (daemon) => ({
    text: formText({
      'API Provider': 'OpenAI Compatible',
      'Base URL': `${daemon.origin}/v1`,
      'API Key': keyField(daemon),
      'Model ID': daemon.main.name,
      'Supports Images': daemon.main.model.inputModalities.includes('image') ? 'on' : 'off',
      'Context Window Size': String(daemon.main.model.contextWindow),
      'Max Output Tokens': String(maxOutputTokens),
    }),
  }),
  file: 'its settings are stored inside the editor.',
  notes: () => ["Enter these values in Cline's settings (gear icon > API Configuration)."],
  about: {
    prints: 'the fields of its settings',
    limits: [
      'The model and its context window are entered by hand; to change the model, enter the fields again.',
    ],
    sources: ['https://docs.cline.bot/provider-config/openai-compatible'],
  },
};
