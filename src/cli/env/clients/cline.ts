// Cline (docs.cline.bot/provider-config/openai-compatible): a form in the editor.
import type { Client } from '../client.ts';
import { maxOutputTokens } from '../daemon.ts';

export const cline: Client = {
  title: 'Cline',
  configuration: ({ origin, keyKind, main }) => ({
    text: [
      ['API Provider', 'OpenAI Compatible'],
      ['Base URL', `${origin}/v1`],
      ['API Key', keyKind === 'any' ? 'any text' : "the daemon's key"],
      ['Model ID', main.name],
      ['Supports Images', main.model.inputModalities.includes('image') ? 'on' : 'off'],
      ['Context Window Size', String(main.model.contextWindow)],
      ['Max Output Tokens', String(maxOutputTokens)],
    ]
      .map(([field, value]) => `${field!.padEnd(20)} ${value}\n`)
      .join(''),
  }),
  file: 'its settings are stored inside the editor.',
  notes: () => ["Enter these in Cline's settings (gear icon, API Configuration)."],
};
