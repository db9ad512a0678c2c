// opencode (opencode.ai/docs/config, docs/providers#custom-provider): a provider in its configuration, which may contain
// comments. The format is version 1's, which version 2 also reads.
import { join } from 'node:path';
import { type Client, type ClientFile, inConfigHome, inHome, keyNote, keyVariable } from '../client.ts';
import { type Daemon, maxOutputTokens } from '../daemon.ts';
import { setMember } from '../json-text.ts';

/** opencode adds this to a file that does not have it. */
const head = '{\n  "$schema": "https://opencode.ai/config.json"\n}\n';

const file: ClientFile = {
  // opencode reads both; the second overrides the first.
  path: (machine) => {
    const [json, jsonc] = ['opencode.json', 'opencode.jsonc'].map((name) =>
      inConfigHome(machine, 'opencode', name),
    ) as [string, string];
    return machine.readFile(json) === undefined && machine.readFile(jsonc) !== undefined ? jsonc : json;
  },
  edit: ({ path, text }, daemon) =>
    setMember(
      { path, text: text.trim() === '' ? head : text },
      'jsonc',
      [['provider'], 'codexd'],
      provider(daemon, daemon.key),
    ),
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
  launch: {
    program: 'opencode',
    install: '`npm install -g opencode-ai`.',
    settings: ({ daemon }) => ({
      // Merged over every configuration file.
      variables: { OPENCODE_CONFIG_CONTENT: JSON.stringify(wholeConfiguration(daemon)) },
    }),
    storage: {
      paths: (machine) => [
        inConfigHome(machine, 'opencode'),
        machine.env.XDG_DATA_HOME
          ? join(machine.env.XDG_DATA_HOME, 'opencode')
          : inHome(machine, '.local', 'share', 'opencode'),
      ],
      variables: (directory) => ({
        XDG_CONFIG_HOME: join(directory, 'config'),
        XDG_DATA_HOME: join(directory, 'data'),
        XDG_STATE_HOME: join(directory, 'state'),
        XDG_CACHE_HOME: join(directory, 'cache'),
        // opencode installs packages.
        npm_config_cache: join(directory, 'npm'),
      }),
    },
  },
  about: {
    prints: 'a provider',
    edits: '`provider.codexd` in `~/.config/opencode/opencode.json`',
    limits: [
      'On a machine where opencode was never used, `codexd run opencode` also gives the commands that it runs other XDG directories.',
    ],
    sources: ['https://opencode.ai/docs/config', 'https://opencode.ai/docs/providers#custom-provider'],
    tried: 'opencode 1.18.33',
  },
};

function wholeConfiguration(daemon: Daemon) {
  const { main, small, key } = daemon;
  return {
    model: `codexd/${main.model.slug}`,
    small_model: `codexd/${small.model.slug}`,
    provider: { codexd: provider(daemon, key) },
  };
}

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
