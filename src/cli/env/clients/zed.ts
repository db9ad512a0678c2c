// Zed (zed.dev/docs/ai/use-api-access#openai-compatible): a provider in its settings, which contain comments. The key is
// not stored there: Zed reads it from the system's keychain or from a variable named after the provider.
import { type Client, inConfigHome, inHome, keyVariable, type Machine, pathJoiner } from '../client.ts';
import { type Daemon, maxOutputTokens } from '../daemon.ts';
import { setMember } from '../json-text.ts';

const parents = ['language_models', 'openai_compatible'] as const;

export const zed: Client = {
  title: 'Zed',
  configuration: (daemon) => {
    const [outer, inner] = parents;
    return { text: `${JSON.stringify({ [outer]: { [inner]: { codexd: provider(daemon) } } }, null, 2)}\n` };
  },
  file: {
    path: settingsFile,
    edit: (file, daemon) => setMember(file, 'jsonc', [parents, 'codexd'], provider(daemon)),
    containsKey: false,
  },
  notes: ({ keyKind }) => [
    keyKind === 'any'
      ? 'Zed requires a key for the provider: enter any text in its settings (`agent: open settings`, codexd).'
      : `Zed requires the daemon's key: enter it in its settings (\`agent: open settings\`, codexd), or export ${keyVariable} in the shell that starts Zed.`,
  ],
  about: {
    prints: 'a provider',
    edits: '`language_models.openai_compatible.codexd` in `~/.config/zed/settings.json`',
    limits: ['Zed asks for a key even if the daemon has none: enter any text.'],
    sources: ['https://zed.dev/docs/ai/use-api-access#openai-compatible'],
  },
};

/** On macOS it is below ~/.config too, even if XDG_CONFIG_HOME is set. */
function settingsFile(machine: Machine): string {
  if (machine.platform === 'win32') {
    const roaming = machine.env.APPDATA || inHome(machine, 'AppData', 'Roaming');
    return pathJoiner(machine.platform)(roaming, 'Zed', 'settings.json');
  }
  return machine.platform === 'darwin'
    ? inHome(machine, '.config', 'zed', 'settings.json')
    : inConfigHome(machine, 'zed', 'settings.json');
}

function provider({ origin, models }: Daemon) {
  return {
    api_url: `${origin}/v1`,
    available_models: models.map(({ slug, displayName, contextWindow, inputModalities }) => ({
      name: slug,
      display_name: displayName,
      max_tokens: contextWindow,
      max_output_tokens: maxOutputTokens,
      capabilities: {
        tools: true,
        images: inputModalities.includes('image'),
        parallel_tool_calls: true,
        prompt_cache_key: true,
      },
    })),
  };
}
