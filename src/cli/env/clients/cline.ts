// Cline (docs.cline.bot/provider-config/openai-compatible): a form in the editor.
import type { Client } from '../client.ts';
import { maxOutputTokens } from '../daemon.ts';

export const cline: Client = {
  title: 'Cline',
  shown: ({ origin, keyIs, main }) => ({
    text: [
      ['API Provider', 'OpenAI Compatible'],
      ['Base URL', `${origin}/v1`],
      ['API Key', keyIs === 'any' ? 'any text' : "the daemon's key"],
      ['Model ID', main.name],
      ['Supports Images', main.model.inputModalities.includes('image') ? 'on' : 'off'],
      ['Context Window Size', String(main.model.contextWindow)],
      ['Max Output Tokens', String(maxOutputTokens)],
    ]
      .map(([field, value]) => `${field!.padEnd(20)} ${value}\n`)
      .join(''),
  }),
  file: 'Cline keeps its settings inside the editor.',
  notes: () => ["Put these into Cline's settings (the gear icon, API Configuration)."],
};
