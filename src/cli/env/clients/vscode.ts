// VS Code's chat (https://code.visualstudio.com/docs/agent-customization/model-providers): a provider "Custom Endpoint" in its
// chatLanguageModels.json, which is a list.
import { type Client, inConfigHome, inHome, type Machine, pathJoiner } from '../client.ts';
import { type Daemon, maxOutputTokens } from '../daemon.ts';
import { setItem } from '../json-text.ts';

export const vscode: Client = {
  title: 'VS Code',
  configuration: (daemon) => ({ text: `${JSON.stringify([provider(daemon)], null, 2)}\n` }),
  file: {
    path: (machine) => pathJoiner(machine.platform)(userDirectory(machine), 'chatLanguageModels.json'),
    edit: (file, daemon) => setItem(file, 'jsonc', isOurs, provider(daemon)),
    containsKey: false,
  },
  notes: ({ keyKind }) => [
    'Choose a model in the model picker of the chat; if codexd is not listed there, restart VS Code.',
    ...(keyKind === 'any'
      ? []
      : [
          "VS Code stores the daemon's key itself: enter it with `Chat: Manage Language Models`, codexd, Update API Key.",
        ]),
  ],
  about: {
    prints: 'a provider for its chat',
    edits: 'the provider codexd in `~/.config/Code/User/chatLanguageModels.json`',
    limits: [
      'VS Code 1.122 or newer, with the extension GitHub Copilot Chat; a GitHub login is not needed.',
      "Inline suggestions and semantic search still use GitHub's models.",
      'The models are listed in the file: run the command again when your account gets new ones.',
    ],
    sources: [
      'https://code.visualstudio.com/docs/agent-customization/model-providers',
      'https://github.com/microsoft/vscode/issues/316916',
    ],
  },
};

function userDirectory(machine: Machine): string {
  const { platform, env } = machine;
  if (platform === 'darwin') return inHome(machine, 'Library', 'Application Support', 'Code', 'User');
  if (platform !== 'win32') return inConfigHome(machine, 'Code', 'User');
  return pathJoiner(platform)(env.APPDATA || inHome(machine, 'AppData', 'Roaming'), 'Code', 'User');
}

function isOurs(item: unknown): boolean {
  const { name, vendor } = (item ?? {}) as { name?: unknown; vendor?: unknown };
  return name === 'codexd' && vendor === 'customendpoint';
}

function provider({ origin, key, keyKind, models }: Daemon) {
  return {
    name: 'codexd',
    vendor: 'customendpoint',
    ...(keyKind === 'any' ? { apiKey: key } : {}),
    apiType: 'responses',
    models: models.map(({ slug, displayName, contextWindow, inputModalities }) => ({
      id: slug,
      name: displayName,
      // The whole URL of the endpoint.
      url: `${origin}/v1/responses`,
      toolCalling: true,
      vision: inputModalities.includes('image'),
      thinking: true,
      maxInputTokens: contextWindow - maxOutputTokens,
      maxOutputTokens,
    })),
  };
}
