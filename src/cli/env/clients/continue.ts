// Continue (docs.continue.dev/reference): models in its config.yaml.
import { join } from 'node:path';
import { type Client, type ClientFile, inHome, keyVariable } from '../client.ts';
import type { Daemon } from '../daemon.ts';
import { notEditable } from '../file-text.ts';
import { quote, setItems } from '../yaml-text.ts';

const mark = 'codexd: made by `codexd env continue --write`';
/** What Continue requires in the file besides the models. */
const head = 'name: Local Config\nversion: 1.0.0\nschema: v1\n';

const file: ClientFile = {
  path: (machine) => inHome(machine, '.continue', 'config.yaml'),
  edit: ({ path, text }, daemon, machine) => {
    const isNew = text.trim() === '';
    if (isNew && machine.readFile(inHome(machine, '.continue', 'config.json')) !== undefined) {
      throw notEditable(
        path,
        'would replace the config.json beside it, which Continue reads only while there is no config.yaml',
      );
    }
    return setItems({ path, text: isNew ? head : text }, 'models', mark, items(daemon, daemon.key));
  },
  containsKey: true,
};

export const continueDev: Client = {
  title: 'Continue',
  configuration: (daemon) => {
    const key = daemon.keyKind === 'any' ? daemon.key : `\${{ secrets.${keyVariable} }}`;
    return { text: modelList(daemon, key) };
  },
  file,
  notes: ({ keyKind }, machine, written) =>
    keyKind === 'any' || written
      ? []
      : [
          `Continue reads the daemon's key from ${inHome(machine, '.continue', '.env')}: add the line ${keyVariable}=….`,
        ],
  launch: {
    program: 'cn',
    install: '`npm install -g @continuedev/cli`.',
    settings: ({ daemon, directory }) => ({
      arguments: ['--config', join(directory, configFile)],
      files: { [configFile]: head + modelList(daemon, daemon.key) },
    }),
    storage: {
      paths: (machine) => [machine.env.CONTINUE_GLOBAL_DIR || inHome(machine, '.continue')],
      variables: (directory) => ({ CONTINUE_GLOBAL_DIR: directory }),
    },
  },
  about: {
    prints: 'models',
    edits: 'a marked block in `models` of `~/.continue/config.yaml`',
    limits: [
      '`codexd run continue` runs its command line, `cn`, with these models only.',
      'Autocompletion and embeddings need other models.',
    ],
    sources: ['https://docs.continue.dev/reference'],
    tried: 'Continue CLI 1.5.47',
  },
};

const configFile = 'continue.yaml';

function modelList(daemon: Daemon, apiKey: string): string {
  const lines = items(daemon, apiKey).flat();
  return ['models:', ...lines.map((line) => `  ${line}`), ''].join('\n');
}

/** The lines of each model's entry. */
function items({ origin, models }: Daemon, apiKey: string): string[][] {
  return models.map(({ slug, contextWindow, inputModalities }) => {
    const capabilities = ['tool_use', ...(inputModalities.includes('image') ? ['image_input'] : [])];
    return [
      `- name: ${quote(`codexd ${slug}`)}`,
      '  provider: openai',
      `  model: ${quote(slug)}`,
      `  apiBase: ${quote(`${origin}/v1`)}`,
      `  apiKey: ${quote(apiKey)}`,
      `  capabilities: [${capabilities.join(', ')}]`,
      '  defaultCompletionOptions:',
      `    contextLength: ${contextWindow}`,
    ];
  });
}
