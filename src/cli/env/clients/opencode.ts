// opencode (opencode.ai/docs/config, docs/providers#custom-provider): a provider in its configuration, which may contain
// comments. The format is version 1's, which version 2 also reads.
import { type Client, type ClientFile, inConfigHome, keyNote, keyVariable } from '../client.ts';
import { type Daemon, maxOutputTokens } from '../daemon.ts';
import { setMember } from '../json-text.ts';

const file: ClientFile = {
  // opencode reads both; the second overrides the first.
  path: (machine) => {
    const [json, jsonc] = ['opencode.json', 'opencode.jsonc'].map((name) =>
      inConfigHome(machine, 'opencode', name),
    ) as [string, string];
    return machine.readFile(json) === undefined && machine.readFile(jsonc) !== undefined ? jsonc : json;
  },
  edit: (text, daemon) => setMember(text, 'jsonc', [['provider'], 'codexd'], provider(daemon, daemon.key)),
  containsKey: true,
};

export const opencode: Client = {
  title: 'opencode',
  configuration: (daemon) => {
    const key = daemon.keyKind === 'any' ? daemon.key : `{env:${keyVariable}}`;
    return { text: `${JSON.stringify({ provider: { codexd: provider(daemon, key) } }, null, 2)}\n` };
  },
  file,
  notes: ({ main, keyKind }, _, written) => [
    `Choose a model with /models, or start opencode with \`opencode -m codexd/${main.model.slug}\`.`,
    ...(keyKind === 'any' || written ? [] : [keyNote('opencode')]),
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
          // Without these, opencode does not send images to the model.
          modalities: { input: inputModalities, output: ['text'] },
          limit: { context: contextWindow, output: maxOutputTokens },
        },
      ]),
    ),
  };
}
