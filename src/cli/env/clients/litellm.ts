// The LiteLLM proxy (docs.litellm.ai/docs/proxy/configs). Its config.yaml lies wherever the proxy is told to look.
import { type Client, keyVariable, readsKey } from '../client.ts';
import { quoted } from '../yaml-text.ts';

export const litellm: Client = {
  title: 'LiteLLM',
  shown: ({ origin, key, keyIs, models }) => ({
    text: [
      'model_list:',
      ...models.flatMap(({ slug }) => [
        `  - model_name: ${quoted(slug)}`,
        '    litellm_params:',
        `      model: ${quoted(`openai/${slug}`)}`,
        `      api_base: ${quoted(`${origin}/v1`)}`,
        `      api_key: ${quoted(keyIs === 'any' ? key : `os.environ/${keyVariable}`)}`,
      ]),
      '',
    ].join('\n'),
  }),
  file: "LiteLLM's config.yaml lies wherever its proxy is told to look.",
  notes: ({ keyIs }) => [
    'Put this into the config.yaml that `litellm --config` is given.',
    ...(keyIs === 'any' ? [] : [readsKey('LiteLLM')]),
  ],
};
