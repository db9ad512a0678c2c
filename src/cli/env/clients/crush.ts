// Crush (https://github.com/charmbracelet/crush/blob/main/docs/config/README.md): a provider in its crush.json, which it
// merges with its crushrc.
import { join } from 'node:path';
import { type Client, inConfigHome, inHome, keyNote, keyVariable, type Machine } from '../client.ts';
import { type Daemon, maxOutputTokens } from '../daemon.ts';
import type { FileText } from '../file-text.ts';
import { setMember } from '../json-text.ts';

export const crush: Client = {
  title: 'Crush',
  configuration: (daemon) => {
    const key = daemon.keyKind === 'any' ? daemon.key : `$${keyVariable}`;
    return { text: `${JSON.stringify({ providers: { codexd: provider(daemon, key) } }, null, 2)}\n` };
  },
  file: {
    path: configFile,
    edit: (file, daemon) => withProvider(file, daemon),
    containsKey: true,
  },
  notes: ({ keyKind }, _, written) => [
    'Choose a model with Ctrl+L in Crush.',
    ...(keyKind === 'any' || written ? [] : [keyNote('Crush')]),
  ],
  launch: {
    program: 'crush',
    install: '`npm install -g @charmland/crush`.',
    settings: ({ daemon, machine, directory }) => {
      const path = configFile(machine);
      const text = withProvider({ path, text: machine.readFile(path) ?? '' }, daemon);
      return {
        variables: { CRUSH_GLOBAL_CONFIG: join(directory, 'crush') },
        files: { 'crush/crush.json': withModels({ path, text }, daemon) },
      };
    },
    storage: {
      paths: (machine) => [inConfigHome(machine, 'crush'), inHome(machine, '.local', 'share', 'crush')],
      variables: (directory) => ({ CRUSH_GLOBAL_DATA: directory }),
    },
  },
  about: {
    prints: 'a provider',
    edits: '`providers.codexd` in `~/.config/crush/crush.json`',
    limits: [
      '`codexd run crush` uses a copy of your crush.json, and does not read your crushrc.',
      'Crush stores its sessions in `.crush` in the working directory.',
    ],
    sources: ['https://github.com/charmbracelet/crush/blob/main/docs/config/README.md'],
  },
};

function configFile(machine: Machine): string {
  const { CRUSH_GLOBAL_CONFIG: directory } = machine.env;
  return directory ? join(directory, 'crush.json') : inConfigHome(machine, 'crush', 'crush.json');
}

function withProvider(file: FileText, daemon: Daemon): string {
  return setMember(file, 'json', [['providers'], 'codexd'], provider(daemon, daemon.key));
}

/** Sets the models for main tasks and for small ones. */
function withModels({ path, text }: FileText, { main, small }: Daemon): string {
  const choices = { large: main.model.slug, small: small.model.slug };
  return Object.entries(choices).reduce(
    (edited, [size, model]) =>
      setMember({ path, text: edited }, 'json', [['models'], size], { provider: 'codexd', model }),
    text,
  );
}

function provider({ origin, models }: Daemon, apiKey: string) {
  return {
    name: 'codexd',
    type: 'openai-compat',
    base_url: `${origin}/v1`,
    api_key: apiKey,
    models: models.map(({ slug, displayName, contextWindow, inputModalities }) => ({
      id: slug,
      name: displayName,
      context_window: contextWindow,
      default_max_tokens: maxOutputTokens,
      can_reason: true,
      supports_attachments: inputModalities.includes('image'),
    })),
  };
}
