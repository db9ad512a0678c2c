// The Codex CLI (https://github.com/openai/codex): a provider in its config.toml. The default provider is not changed,
// because the user may want the CLI's own login as well.
import { type Client, keyNote, keyVariable, type Machine, pathJoiner } from '../client.ts';
import type { Daemon } from '../daemon.ts';
import { setTable, tableText } from '../toml-text.ts';

const table = ['model_providers', 'codexd'] as const;

export const codex: Client = {
  title: 'the Codex CLI',
  configuration: (daemon, machine) => ({ text: tableText(table, provider(daemon, machine)) }),
  file: {
    path: ({ codexConfigFile }) => codexConfigFile,
    edit: (file, daemon, machine) => setTable(file, table, provider(daemon, machine)),
    containsKey: false,
  },
  notes: (daemon, machine) => [
    ...startNotes(daemon, machine),
    ...(daemon.keyKind === 'any' ? [] : [keyNote('The Codex CLI')]),
  ],
  launch: {
    program: 'codex',
    install: '`npm install -g @openai/codex`.',
    settings: ({ daemon, machine }) => ({
      variables: { [keyVariable]: daemon.key },
      arguments: Object.entries(overrides(daemon, machine)).flatMap(([key, value]) => [
        '-c',
        `${key}=${value}`,
      ]),
    }),
    storage: {
      paths: ({ codexConfigFile, platform }) => [pathJoiner(platform)(codexConfigFile, '..')],
      variables: (directory) => ({ CODEX_HOME: directory }),
    },
  },
  about: {
    prints: 'a provider of the Codex CLI',
    edits: '`[model_providers.codexd]` in `~/.codex/config.toml`',
    limits: [
      'The default provider is not changed by `--write`; `codexd run codex` uses codexd for that run only.',
      'Codex shows plan limits only with its own ChatGPT login, and only if the daemon has no API keys.',
    ],
    sources: ['https://github.com/openai/codex'],
    tried: 'Codex 0.171.0',
  },
};

/** Settings for `-c`, as TOML. */
function overrides(daemon: Daemon, machine: Machine): Record<string, string> {
  const members = Object.entries(provider(daemon, machine)).map(
    ([key, value]) => `${key}=${JSON.stringify(value)}`,
  );
  const { main, isModelChosen } = daemon;
  return {
    model_provider: '"codexd"',
    'model_providers.codexd': `{${members.join(',')}}`,
    ...(sendsLogin(daemon, machine) ? { chatgpt_base_url: `"${daemon.origin}/backend-api/"` } : {}),
    ...(isModelChosen ? { model: JSON.stringify(main.plainName) } : {}),
    ...(isModelChosen && main.effort !== undefined
      ? { model_reasoning_effort: JSON.stringify(main.effort) }
      : {}),
  };
}

/** Only for a provider of this name does Codex compact upstream and send what the upstream needs for it. */
const providerName = 'OpenAI';

function provider(daemon: Daemon, machine: Machine) {
  return {
    name: providerName,
    base_url: `${daemon.origin}/v1`,
    wire_api: 'responses',
    supports_websockets: true,
    ...(sendsLogin(daemon, machine) ? { requires_openai_auth: true } : {}),
    // Only with keys: the CLI refuses to start if this variable is unset.
    ...(daemon.keyKind === 'any' ? {} : { env_key: keyVariable }),
  };
}

/** With its own login, the CLI shows the plan's limits. It sends the login in place of a key, which a daemon with keys rejects. */
function sendsLogin({ keyKind }: Daemon, machine: Machine): boolean {
  return keyKind === 'any' && isLoggedIn(machine);
}

function isLoggedIn({ codexConfigFile, platform, readFile }: Machine): boolean {
  try {
    const auth: unknown = JSON.parse(
      readFile(pathJoiner(platform)(codexConfigFile, '..', 'auth.json')) ?? '',
    );
    const { tokens } = auth as { tokens?: { refresh_token?: unknown } | null };
    return typeof tokens?.refresh_token === 'string' && tokens.refresh_token !== '';
  } catch {
    return false;
  }
}

/** The CLI requests limits from `chatgpt_base_url`. It is not written to the file, because the CLI would not start without a daemon. */
function startNotes(daemon: Daemon, machine: Machine): string[] {
  const command = 'codex -c model_provider=codexd';
  const start = `Start it with \`${command}\`, or add \`model_provider = "codexd"\` at the top of that file.`;
  if (!sendsLogin(daemon, machine)) return [start];
  return [
    start,
    `To see the limits of the plan that codexd uses in \`/status\`, add \`-c chatgpt_base_url=${daemon.origin}/backend-api/\`.`,
  ];
}
