// aider (aider.chat/docs/config/aider_conf.html): every option is also a variable. The prefix openai/ selects the OpenAI
// API in LiteLLM, which aider uses; it is not part of the model's name.
import { join } from 'node:path';
import { type Client, inHome, type Variables } from '../client.ts';
import { type Daemon, maxOutputTokens } from '../daemon.ts';
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
    settings: ({ daemon, directory }) => ({
      variables: { ...variables(daemon), AIDER_MODEL_METADATA_FILE: join(directory, metadataFile) },
      files: { [metadataFile]: JSON.stringify(metadata(daemon)) },
    }),
  },
  about: {
    prints: 'variables',
    edits: 'four lines of `~/.aider.conf.yml`',
    limits: [
      'aider does not know the context windows of these models and warns about it, except with `codexd run aider`.',
      'It asks them for whole files; with `--edit-format diff`, answers are shorter.',
      'It stores its history in the working directory, and a cache in `~/.aider`.',
    ],
    sources: [
      'https://aider.chat/docs/config/aider_conf.html',
      'https://aider.chat/docs/llms/openai-compat.html',
      'https://aider.chat/docs/config/adv-model-settings.html',
    ],
    tried: 'aider 0.86.2',
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

const metadataFile = 'aider-models.json';

/** What aider would otherwise look up by the model's name. */
function metadata({ models }: Daemon) {
  return Object.fromEntries(
    models.map(({ slug, contextWindow, inputModalities }) => [
      `openai/${slug}`,
      {
        litellm_provider: 'openai',
        mode: 'chat',
        max_input_tokens: contextWindow,
        max_output_tokens: maxOutputTokens,
        max_tokens: maxOutputTokens,
        input_cost_per_token: 0,
        output_cost_per_token: 0,
        supports_vision: inputModalities.includes('image'),
      },
    ]),
  );
}
