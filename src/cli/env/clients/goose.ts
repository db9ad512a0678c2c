// goose (https://goose-docs.ai/docs/guides/environment-variables): its OpenAI provider, with another host.
import { type Client, inConfigHome, inHome, pathJoiner, type Variables } from '../client.ts';
import type { Daemon } from '../daemon.ts';
import { setKeys, topLevel } from '../yaml-text.ts';

export const goose: Client = {
  title: 'goose',
  configuration: (daemon) => ({ variables: { ...settings(daemon), OPENAI_API_KEY: daemon.key } }),
  file: {
    path: (machine) =>
      machine.platform === 'win32'
        ? pathJoiner('win32')(
            machine.env.APPDATA || inHome(machine, 'AppData', 'Roaming'),
            'Block/goose/config/config.yaml',
          )
        : machine.platform === 'darwin'
          ? inHome(machine, '.config', 'goose', 'config.yaml')
          : inConfigHome(machine, 'goose', 'config.yaml'),
    edit: (file, daemon) => setKeys(file, settings(daemon)),
    userValues: topLevel,
    containsKey: false,
  },
  notes: ({ keyKind }, _, written) =>
    written
      ? [
          keyKind === 'any'
            ? 'goose requires a key, and does not read it from this file: export OPENAI_API_KEY with any value.'
            : "goose does not read keys from this file: export the daemon's key as OPENAI_API_KEY.",
        ]
      : [],
  launch: {
    program: 'goose',
    install: 'https://goose-docs.ai/docs/getting-started/installation',
    settings: ({ daemon }) => ({ variables: { ...settings(daemon), OPENAI_API_KEY: daemon.key } }),
  },
  about: {
    prints: 'variables',
    edits: 'five lines of `~/.config/goose/config.yaml`',
    limits: [
      'A key that `goose configure` has stored in the system keychain is used only if OPENAI_API_KEY is not set.',
      'goose uses the OpenAI provider, so it cannot use codexd and OpenAI in the same session.',
    ],
    sources: [
      'https://goose-docs.ai/docs/getting-started/providers',
      'https://goose-docs.ai/docs/guides/environment-variables',
    ],
  },
};

function settings({ origin, main }: Daemon): Variables {
  return {
    GOOSE_PROVIDER: 'openai',
    GOOSE_MODEL: main.name,
    GOOSE_CONTEXT_LIMIT: String(main.model.contextWindow),
    // The address in two parts.
    OPENAI_HOST: origin,
    OPENAI_BASE_PATH: 'v1/chat/completions',
  };
}
