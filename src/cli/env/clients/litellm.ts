// The LiteLLM proxy (docs.litellm.ai/docs/proxy/configs). The user chooses the path of its config.yaml.
import { join } from 'node:path';
import { type Client, keyNote, keyVariable } from '../client.ts';
import type { Daemon } from '../daemon.ts';
import { quote } from '../yaml-text.ts';

export const litellm: Client = {
  title: 'LiteLLM',
  configuration: (daemon) => ({ text: modelList(daemon) }),
  file: 'the path of its config.yaml is unknown.',
  notes: ({ keyKind }) => [
    'Add this to the config.yaml that you pass to `litellm --config`.',
    ...(keyKind === 'any' ? [] : [keyNote('LiteLLM')]),
  ],
  launch: {
    program: 'litellm',
    install: "`python -m pip install 'litellm[proxy]'`.",
    settings: ({ daemon, directory }) => ({
      variables: { [keyVariable]: daemon.key },
      arguments: ['--config', join(directory, configFile)],
      files: { [configFile]: modelList(daemon) },
    }),
  },
  about: {
    prints: 'a `model_list`',
    limits: [
      "`codexd run litellm` uses codexd's models only; add the list to your own file to combine it with others.",
    ],
    sources: ['https://docs.litellm.ai/docs/proxy/configs'],
  },
};

const configFile = 'litellm.yaml';

function modelList({ origin, key, keyKind, models }: Daemon): string {
  return [
    'model_list:',
    ...models.flatMap(({ slug }) => [
      `  - model_name: ${quote(slug)}`,
      '    litellm_params:',
      `      model: ${quote(`openai/${slug}`)}`,
      `      api_base: ${quote(`${origin}/v1`)}`,
      `      api_key: ${quote(keyKind === 'any' ? key : `os.environ/${keyVariable}`)}`,
    ]),
    '',
  ].join('\n');
}
