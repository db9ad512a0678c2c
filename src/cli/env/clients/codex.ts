// The Codex CLI (reference/upstream-codex.md 14, openai-api.md K): a provider of its config.toml. Which provider it uses is
// left to the user, who may want the CLI's own login as well.
import { type Client, keyVariable, readsKey } from '../client.ts';
import type { Daemon } from '../daemon.ts';
import { setTable, tableText } from '../toml-text.ts';

const table = ['model_providers', 'codexd'] as const;

export const codex: Client = {
  title: 'the Codex CLI',
  shown: (daemon) => ({ text: tableText(table, provider(daemon)) }),
  file: {
    path: ({ codexConfigFile }) => codexConfigFile,
    edit: (file, daemon) => setTable(file, table, provider(daemon)),
    holdsKey: false,
  },
  notes: ({ main, keyIs }) => [
    `Start it with \`codex -c model_provider=codexd -m ${main.name}\`, or put \`model_provider = "codexd"\` at the top of that file.`,
    ...(keyIs === 'any' ? [] : [readsKey('The Codex CLI')]),
  ],
};

function provider({ origin, keyIs }: Daemon) {
  return {
    name: 'codexd',
    base_url: `${origin}/v1`,
    wire_api: 'responses',
    supports_websockets: false,
    // With it the CLI does not start while the variable is not set.
    ...(keyIs === 'any' ? {} : { env_key: keyVariable }),
  };
}
