// Continue (docs.continue.dev/reference): models of its config.yaml.
import { type Client, type ClientFile, inHome, keyVariable } from '../client.ts';
import type { Daemon } from '../daemon.ts';
import { notEditable } from '../file-text.ts';
import { quoted, setItems } from '../yaml-text.ts';

const mark = 'codexd: made by `codexd env continue --write`';
/** What Continue demands of the file beside the models. */
const head = 'name: Local Config\nversion: 1.0.0\nschema: v1\n';

const file: ClientFile = {
  path: (place) => inHome(place, '.continue', 'config.yaml'),
  edit: ({ path, text }, daemon, place) => {
    const isNew = text.trim() === '';
    if (isNew && place.readFile(inHome(place, '.continue', 'config.json')) !== undefined) {
      throw notEditable(
        path,
        'would take the place of the config.json beside it, which Continue reads as long as this one is not there',
      );
    }
    return setItems({ path, text: isNew ? head : text }, 'models', mark, items(daemon, daemon.key));
  },
  holdsKey: true,
};

export const continueDev: Client = {
  title: 'Continue',
  shown: (daemon) => {
    const key = daemon.keyIs === 'any' ? daemon.key : `\${{ secrets.${keyVariable} }}`;
    const lines = items(daemon, key).flat();
    return { text: ['models:', ...lines.map((line) => `  ${line}`), ''].join('\n') };
  },
  file,
  notes: ({ keyIs }, place, written) =>
    keyIs === 'any' || written
      ? []
      : [
          `Continue reads the daemon's key from a line ${keyVariable}=… in ${inHome(place, '.continue', '.env')}.`,
        ],
};

/** The lines of each model's entry. */
function items({ origin, models }: Daemon, apiKey: string): string[][] {
  return models.map(({ slug, contextWindow, inputModalities }) => {
    const capabilities = ['tool_use', ...(inputModalities.includes('image') ? ['image_input'] : [])];
    return [
      `- name: ${quoted(`codexd ${slug}`)}`,
      '  provider: openai',
      `  model: ${quoted(slug)}`,
      `  apiBase: ${quoted(`${origin}/v1`)}`,
      `  apiKey: ${quoted(apiKey)}`,
      `  capabilities: [${capabilities.join(', ')}]`,
      '  defaultCompletionOptions:',
      `    contextLength: ${contextWindow}`,
    ];
  });
}
