// aider (aider.chat/docs/config/aider_conf.html): every option is also a variable. The prefix openai/ selects the OpenAI
// API in LiteLLM, which aider uses; it is not part of the model's name.
import { type Client, inHome } from '../client.ts';
import { setKeys, topLevel } from '../yaml-text.ts';

export const aider: Client = {
  title: 'aider',
  configuration: ({ origin, key, main, small }) => ({
    variables: {
      OPENAI_API_BASE: `${origin}/v1`,
      OPENAI_API_KEY: key,
      AIDER_MODEL: `openai/${main.name}`,
      AIDER_WEAK_MODEL: `openai/${small.name}`,
    },
  }),
  file: {
    path: (machine) => inHome(machine, '.aider.conf.yml'),
    edit: (file, { origin, key, main, small }) =>
      setKeys(file, {
        'openai-api-base': `${origin}/v1`,
        'openai-api-key': key,
        model: `openai/${main.name}`,
        'weak-model': `openai/${small.name}`,
      }),
    userValues: topLevel,
    containsKey: true,
  },
  notes: () => [],
};
