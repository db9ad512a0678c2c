// The Codex CLI (https://github.com/openai/codex): a provider of its config.toml. Which provider it uses is left to the user,
// who may want the CLI's own login as well.
import { type Client, joining, keyVariable, type Place, readsKey } from '../client.ts';
import type { Daemon } from '../daemon.ts';
import { setTable, tableText } from '../toml-text.ts';

const table = ['model_providers', 'codexd'] as const;

export const codex: Client = {
  title: 'the Codex CLI',
  shown: (daemon, place) => ({ text: tableText(table, provider(daemon, place)) }),
  file: {
    path: ({ codexConfigFile }) => codexConfigFile,
    edit: (file, daemon, place) => setTable(file, table, provider(daemon, place)),
    holdsKey: false,
  },
  notes: (daemon, place) => [
    ...startNotes(daemon, place),
    ...(daemon.keyIs === 'any' ? [] : [readsKey('The Codex CLI')]),
  ],
};

/** Codex compacts at the upstream, and sends what the upstream needs for it, only for a provider of this name. */
const providerName = 'OpenAI';

function provider(daemon: Daemon, place: Place) {
  return {
    name: providerName,
    base_url: `${daemon.origin}/v1`,
    wire_api: 'responses',
    supports_websockets: false,
    ...(sendsLogin(daemon, place) ? { requires_openai_auth: true } : {}),
    // With it the CLI does not start while the variable is not set.
    ...(daemon.keyIs === 'any' ? {} : { env_key: keyVariable }),
  };
}

/** With its own login the CLI shows the plan's limits. It sends that login in place of a key, which a daemon with keys refuses. */
function sendsLogin({ keyIs }: Daemon, place: Place): boolean {
  return keyIs === 'any' && isLoggedIn(place);
}

function isLoggedIn({ codexConfigFile, platform, readFile }: Place): boolean {
  try {
    const auth: unknown = JSON.parse(readFile(joining(platform)(codexConfigFile, '..', 'auth.json')) ?? '');
    const { tokens } = auth as { tokens?: { refresh_token?: unknown } | null };
    return typeof tokens?.refresh_token === 'string' && tokens.refresh_token !== '';
  } catch {
    return false;
  }
}

/** `chatgpt_base_url` is where the CLI asks for the limits. It stays out of the file: without a daemon the CLI would not start. */
function startNotes(daemon: Daemon, place: Place): string[] {
  const command = 'codex -c model_provider=codexd';
  const start = `Start it with \`${command}\`, or put \`model_provider = "codexd"\` at the top of that file.`;
  if (!sendsLogin(daemon, place)) return [start];
  return [
    start,
    `Add \`-c chatgpt_base_url=${daemon.origin}/backend-api/\` to see in \`/status\` the limits of the plan that codexd uses.`,
  ];
}
