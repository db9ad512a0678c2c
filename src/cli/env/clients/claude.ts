// Claude Code (reference/anthropic-api.md 18.3): variables, or the same in the `env` of its user settings.
import type { Client, Variables } from '../client.ts';
import { inHome, joining } from '../client.ts';
import { type Daemon, maxOutputTokens } from '../daemon.ts';
import { setMember } from '../json-text.ts';

export const claude: Client = {
  title: 'Claude Code',
  shown: (daemon) => ({ variables: variables(daemon) }),
  file: {
    path: (place) => {
      const { CLAUDE_CONFIG_DIR: directory } = place.env;
      return directory
        ? joining(place.platform)(directory, 'settings.json')
        : inHome(place, '.claude', 'settings.json');
    },
    edit: ({ path, text }, daemon) =>
      Object.entries(variables(daemon)).reduce(
        (edited, [name, value]) => setMember({ path, text: edited }, 'json', [['env'], name], value),
        text,
      ),
    holdsKey: true,
  },
  notes: () => [],
};

function variables({ origin, key, main, small }: Daemon): Variables {
  return {
    // Claude Code adds /v1 itself.
    ANTHROPIC_BASE_URL: origin,
    ANTHROPIC_AUTH_TOKEN: key,
    // One that the shell has would be sent too, and asks for approval.
    ANTHROPIC_API_KEY: '',
    ANTHROPIC_MODEL: main.name,
    // Every alias: the ids they mean otherwise are known to Claude Code, and known ids have windows of their own.
    ANTHROPIC_DEFAULT_OPUS_MODEL: main.name,
    ANTHROPIC_DEFAULT_SONNET_MODEL: main.name,
    ANTHROPIC_DEFAULT_FABLE_MODEL: main.name,
    ANTHROPIC_DEFAULT_HAIKU_MODEL: small.name,
    CLAUDE_CODE_SUBAGENT_MODEL: main.name,
    // An id that it does not know counts as a million tokens, and compaction would come too late (field-notes 13).
    CLAUDE_CODE_MAX_CONTEXT_TOKENS: String(main.model.contextWindow),
    CLAUDE_CODE_MAX_OUTPUT_TOKENS: String(maxOutputTokens),
    // A billing line in the system prompt, which spoils the prompt cache (field-notes 14).
    CLAUDE_CODE_ATTRIBUTION_HEADER: '0',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  };
}
