// aider (aider.chat/docs/config/aider_conf.html): every option is also a variable. The prefix openai/ selects the OpenAI
// API in LiteLLM, which aider uses; it is not part of the model's name.
import { type Client, inHome, type Variables } from '../client.ts';
import type { Daemon } from '../daemon.ts';
import { setKeys, topLevel } from '../yaml-text.ts';

export const aider: Client = {
  title: 'aider',
  configuration: (daemon) => ({ variables: variables(daemon) }),
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
  launch: {
    program: 'aider',
    install: '`python -m pip install aider-install && aider-install`.',
    settings: ({ daemon }) => ({ variables: variables(daemon) }),
  },
  about: {
    prints: 'variables',
    edits: 'four lines of `~/.aider.conf.yml`',
    limits: [
      "aider does not know the models' context windows and prices, and warns about it.",
      'It stores its history in the working directory, and a cache in `~/.aider`.',
    ],
    sources: [
      'https://aider.chat/docs/config/aider_conf.html',
      'https://aider.chat/docs/llms/openai-compat.html',
    ],
  },
};

function variables({ origin, key, main, small }: Daemon): Variables {
  return {
    OPENAI_API_BASE: `${origin}/v1`,
    OPENAI_API_KEY: key,
    AIDER_MODEL: `openai/${main.name}`,
    AIDER_WEAK_MODEL: `openai/${small.name}`,
  };
}
