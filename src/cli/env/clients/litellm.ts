// The LiteLLM proxy (docs.litellm.ai/docs/proxy/configs). The user chooses the path of its config.yaml.
import { type Client, keyNote, keyVariable } from '../client.ts';
import { quote } from '../yaml-text.ts';

export const litellm: Client = {
  title: 'LiteLLM',
  configuration: ({ origin, key, keyKind, models }) => ({
    text: [
      'model_list:',
      ...models.flatMap(({ slug }) => [
        `  - model_name: ${quote(slug)}`,
        '    litellm_params:',
        `      model: ${quote(`openai/${slug}`)}`,
        `      api_base: ${quote(`${origin}/v1`)}`,
        `      api_key: ${quote(keyKind === 'any' ? key : `os.environ/${keyVariable}`)}`,
      ]),
      '',
    ].join('\n'),
  }),
  file: 'the path of its config.yaml is unknown.',
  notes: ({ keyKind }) => [
    'Add this to the config.yaml that you pass to `litellm --config`.',
    ...(keyKind === 'any' ? [] : [keyNote('LiteLLM')]),
  ],
};
