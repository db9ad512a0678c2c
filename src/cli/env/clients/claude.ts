// Claude Code: variables (https://code.claude.com/docs/en/settings), or the same in the `env` of its user settings.
import type { Model } from '../../../models/model.ts';
import { gatewayToken } from '../../../server/middleware/gateway-token.ts';
import type { Client, Variables } from '../client.ts';
import { inHome, joining } from '../client.ts';
import { type Choice, type Daemon, maxOutputTokens } from '../daemon.ts';
import { objectAt, setMember } from '../json-text.ts';

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
    shared: (text) => objectAt(text, 'json', ['env']),
    holdsKey: true,
  },
  notes: ({ keyIs, main, small }) => [
    ...(keyIs === 'missing'
      ? ['With the key in CODEXD_API_KEY, this command prints it in the form that shows plan limits.']
      : []),
    ...(small.model.contextWindow < main.model.contextWindow ? [windowNote(main, small)] : []),
  ],
};

/** Claude Code has one window for all models that it does not know. */
function windowNote({ model: main }: Choice, { model: small }: Choice): string {
  return `Claude Code compacts all models at the window of ${main.slug} (${count(main)} tokens); ${small.slug} has ${count(small)}. For long sessions on it, use \`codexd env claude --model ${small.slug}\`.`;
}

function count({ contextWindow }: Model): string {
  return contextWindow.toLocaleString('en');
}

function variables({ origin, key, keyIs, main, small }: Daemon): Variables {
  return {
    // Claude Code adds /v1 itself.
    ANTHROPIC_BASE_URL: origin,
    ANTHROPIC_AUTH_TOKEN: keyIs === 'missing' ? key : gatewayToken(key),
    // One that the shell has would be sent too, and asks for approval.
    ANTHROPIC_API_KEY: '',
    // One that is set would win over every choice in `/model`; the next only names the default.
    ANTHROPIC_MODEL: '',
    ANTHROPIC_DEFAULT_MODEL: main.plainName,
    // Every alias: the ids they mean otherwise are known to Claude Code, and known ids have windows of their own.
    ...alias('opus', main),
    ...alias('sonnet', main),
    ...alias('fable', main),
    ...alias('haiku', small),
    CLAUDE_CODE_SUBAGENT_MODEL: main.plainName,
    // Only for who chose an effort with the model: it takes `/effort` away.
    ...(main.effort === undefined ? {} : { CLAUDE_CODE_EFFORT_LEVEL: effortLevel(main.effort) }),
    // An id that it does not know counts as a million tokens, and compaction would come too late.
    CLAUDE_CODE_MAX_CONTEXT_TOKENS: String(main.model.contextWindow),
    // Else `/model` offers the default as a model with a million tokens.
    CLAUDE_CODE_DISABLE_1M_CONTEXT: '1',
    CLAUDE_CODE_MAX_OUTPUT_TOKENS: String(maxOutputTokens),
    // A billing line in the system prompt, which spoils the prompt cache.
    CLAUDE_CODE_ATTRIBUTION_HEADER: '0',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    // With that traffic off, auto mode would ask Anthropic's server for a check and never run it; so it asks a model.
    CLAUDE_CODE_AUTO_MODE_SERVER: '0',
  };
}

/** The model behind an alias of Claude Code, and how `/model` shows it. */
function alias(family: string, { plainName, model }: Choice): Variables {
  const variable = `ANTHROPIC_DEFAULT_${family.toUpperCase()}_MODEL`;
  return {
    [variable]: plainName,
    [`${variable}_NAME`]: model.displayName,
    [`${variable}_DESCRIPTION`]: `What "${family}" means: ${plainName}, ${Math.floor(model.contextWindow / 1000)}k context`,
  };
}

/** The levels that Claude Code has. */
function effortLevel(effort: string): string {
  if (effort === 'none' || effort === 'minimal') return 'low';
  return effort === 'ultra' ? 'max' : effort;
}
