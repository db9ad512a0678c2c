// opencode (opencode.ai/docs/config, docs/providers#custom-provider): a provider of its configuration, which may have
// comments. The form is that of version 1, which version 2 reads too.
import { type Client, type ClientFile, inConfigHome, keyVariable, readsKey } from '../client.ts';
import { type Daemon, maxOutputTokens } from '../daemon.ts';
import { setMember } from '../json-text.ts';

const file: ClientFile = {
  // It reads both, the second over the first.
  path: (place) => {
    const [json, jsonc] = ['opencode.json', 'opencode.jsonc'].map((name) =>
      inConfigHome(place, 'opencode', name),
    ) as [string, string];
    return place.readFile(json) === undefined && place.readFile(jsonc) !== undefined ? jsonc : json;
  },
  edit: (text, daemon) => setMember(text, 'jsonc', [['provider'], 'codexd'], provider(daemon, daemon.key)),
  holdsKey: true,
};

export const opencode: Client = {
  title: 'opencode',
  shown: (daemon) => {
    const key = daemon.keyIs === 'any' ? daemon.key : `{env:${keyVariable}}`;
    return { text: `${JSON.stringify({ provider: { codexd: provider(daemon, key) } }, null, 2)}\n` };
  },
  file,
  notes: ({ main, keyIs }, _, written) => [
    `Choose a model with /models, or start it with \`opencode -m codexd/${main.model.slug}\`.`,
    ...(keyIs === 'any' || written ? [] : [readsKey('opencode')]),
  ],
};

function provider({ origin, models }: Daemon, apiKey: string) {
  return {
    npm: '@ai-sdk/openai-compatible',
    name: 'codexd',
    options: { baseURL: `${origin}/v1`, apiKey },
    models: Object.fromEntries(
      models.map(({ slug, displayName, contextWindow, inputModalities }) => [
        slug,
        {
          name: displayName,
          attachment: inputModalities.includes('image'),
          reasoning: true,
          tool_call: true,
          // Without these opencode withholds pictures from the model.
          modalities: { input: inputModalities, output: ['text'] },
          limit: { context: contextWindow, output: maxOutputTokens },
        },
      ]),
    ),
  };
}
