// Home Assistant with the custom integration "Local OpenAI LLM" (https://github.com/skye-harris/hass_local_openai_llm). Its
// own OpenAI integration does not accept another address.
import type { Client } from '../client.ts';
import { containerNotes, originForContainer } from '../container.ts';
import { formText, keyField } from '../form-text.ts';

export const homeAssistant: Client = {
  title: 'Home Assistant',
  configuration: (daemon, machine) => ({
    text: formText({
      Integration: 'Local OpenAI LLM',
      'Server URL': `${originForContainer(daemon, machine)}/v1`,
      'API Key': daemon.keyKind === 'any' ? 'empty' : keyField(daemon),
      Model: daemon.small.name,
    }),
  }),
  file: 'it stores its settings in its own database.',
  notes: (daemon, machine) => [
    'Install the integration "Local OpenAI LLM" with HACS, add it in Settings > Devices & services, and add a conversation agent to it.',
    'If Home Assistant runs on another machine, the daemon must listen on its network with a key: `codexd config key add home-assistant`, then `codexd serve --listen 0.0.0.0:8787`.',
    ...containerNotes(daemon, machine),
  ],
  about: {
    prints: 'the fields of a conversation agent',
    limits: [
      "Home Assistant's own OpenAI integration accepts no other address.",
      'Its Ollama integration works with the address without /v1, if the daemon has no keys.',
      'For voice, its speech-to-text integrations that accept an OpenAI base URL can use `/v1/audio/transcriptions`.',
    ],
    sources: [
      'https://github.com/skye-harris/hass_local_openai_llm',
      'https://www.home-assistant.io/integrations/ollama',
    ],
  },
};
