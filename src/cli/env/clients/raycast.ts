// Raycast AI (https://manual.raycast.com/ai/custom-providers): providers in its providers.yaml.
import { type Client, inHome, keyVariable } from '../client.ts';
import type { Daemon } from '../daemon.ts';
import { quote, setItems } from '../yaml-text.ts';

const mark = 'codexd: made by `codexd env raycast --write`';

export const raycast: Client = {
  title: 'Raycast',
  configuration: (daemon) => ({
    text: [
      'providers:',
      ...item(daemon, daemon.keyKind === 'any' ? undefined : `$${keyVariable}`).map((line) => `  ${line}`),
      '',
    ].join('\n'),
  }),
  file: {
    path: (machine) => inHome(machine, '.config', 'raycast', 'ai', 'providers.yaml'),
    edit: (file, daemon) =>
      setItems(file, 'providers', mark, [item(daemon, daemon.keyKind === 'any' ? undefined : daemon.key)]),
    containsKey: true,
  },
  notes: ({ keyKind }, _, written) => [
    "Turn on Custom Providers in Raycast's Settings > AI.",
    ...(keyKind === 'any' || written
      ? []
      : [`Raycast does not read variables: insert the daemon's key for $${keyVariable}.`]),
  ],
  about: {
    prints: 'a provider',
    edits: 'a marked block in `providers` of `~/.config/raycast/ai/providers.yaml`',
    platforms: ['darwin', 'win32'],
    limits: ['Raycast runs on macOS and Windows; custom providers need a version from 2025 or newer.'],
    sources: [
      'https://manual.raycast.com/ai/custom-providers',
      'https://www.raycast.com/ernest0n/raycast-ai-custom-providers',
    ],
  },
};

/** The lines of the provider. */
function item({ origin, models }: Daemon, apiKey: string | undefined): string[] {
  return [
    '- id: codexd',
    '  name: codexd',
    `  base_url: ${quote(`${origin}/v1`)}`,
    ...(apiKey === undefined ? [] : ['  api_keys:', `    codexd: ${quote(apiKey)}`]),
    '  models:',
    ...models.flatMap(({ slug, displayName, contextWindow, inputModalities }) => [
      `    - id: ${quote(slug)}`,
      `      name: ${quote(displayName)}`,
      `      context: ${contextWindow}`,
      ...(apiKey === undefined ? [] : ['      provider: codexd']),
      '      abilities:',
      '        temperature: { supported: false }',
      `        vision: { supported: ${inputModalities.includes('image')} }`,
      '        system_message: { supported: true }',
      '        tools: { supported: true }',
      '        reasoning_effort: { supported: true }',
    ]),
  ];
}
