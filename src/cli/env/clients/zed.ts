// Zed (zed.dev/docs/ai/use-api-access#openai-compatible): a provider of its settings, which have comments. The key is never
// in them: Zed takes it from the system's keychain or from a variable named after the provider.
import { type Client, inConfigHome, inHome, joining, keyVariable, type Place } from '../client.ts';
import { type Daemon, maxOutputTokens } from '../daemon.ts';
import { setMember } from '../json-text.ts';

const parents = ['language_models', 'openai_compatible'] as const;

export const zed: Client = {
  title: 'Zed',
  shown: (daemon) => {
    const [outer, inner] = parents;
    return { text: `${JSON.stringify({ [outer]: { [inner]: { codexd: provider(daemon) } } }, null, 2)}\n` };
  },
  file: {
    path: settingsFile,
    edit: (file, daemon) => setMember(file, 'jsonc', [parents, 'codexd'], provider(daemon)),
    holdsKey: false,
  },
  notes: ({ keyIs }) => [
    keyIs === 'any'
      ? 'Zed wants a key for the provider: enter any text in its settings (`agent: open settings`, codexd).'
      : `Zed wants the daemon's key: enter it in its settings (\`agent: open settings\`, codexd), or export ${keyVariable} in the shell that starts Zed.`,
  ],
};

/** On macOS too it is below ~/.config, and there only. */
function settingsFile(place: Place): string {
  if (place.platform === 'win32') {
    const roaming = place.env.APPDATA || inHome(place, 'AppData', 'Roaming');
    return joining(place.platform)(roaming, 'Zed', 'settings.json');
  }
  return place.platform === 'darwin'
    ? inHome(place, '.config', 'zed', 'settings.json')
    : inConfigHome(place, 'zed', 'settings.json');
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
