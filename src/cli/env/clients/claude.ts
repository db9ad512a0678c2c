// Claude Code: environment variables (https://code.claude.com/docs/en/settings), or the same in `env` of its user settings.
import { join } from 'node:path';
import { modelVariables } from '../../../apis/anthropic/claude-code-models.ts';
import type { Model } from '../../../models/model.ts';
import { gatewayToken } from '../../../server/middleware/gateway-token.ts';
import { type Client, inHome, type Machine, pathJoiner, type Variables } from '../client.ts';
import { type Daemon, type ModelChoice, maxOutputTokens } from '../daemon.ts';
import { objectAt, setMember } from '../json-text.ts';
import { claudeLogin } from './claude-login.ts';

export const claude: Client = {
  title: 'Claude Code',
  configuration: (daemon) => ({ variables: variables(daemon) }),
  file: {
    path: (machine) => pathJoiner(machine.platform)(configDirectory(machine), 'settings.json'),
    edit: ({ path, text }, daemon) =>
      Object.entries(variables(daemon)).reduce(
        (edited, [name, value]) => setMember({ path, text: edited }, 'json', [['env'], name], value),
        text,
      ),
    userValues: (text) => objectAt(text, 'json', ['env']),
    containsKey: true,
  },
  notes: ({ keyKind, main, small }) => [
    ...(keyKind === 'missing'
      ? [
          'To see plan limits in Claude Code, set CODEXD_API_KEY for this command: it then prints the key in the form that shows them.',
        ]
      : []),
    ...(small.model.contextWindow < main.model.contextWindow ? [windowNote(main, small)] : []),
  ],
  login: claudeLogin,
  launch: {
    program: 'claude',
    install: '`npm install -g @anthropic-ai/claude-code`.',
    settings: ({ daemon, directory }) => ({
      variables: variables(daemon),
      // `env` in the user's or the project's settings overrides the environment; this overrides them.
      arguments: ['--settings', join(directory, settingsFile)],
      files: { [settingsFile]: JSON.stringify({ env: variables(daemon), ...noDeepLinks }) },
    }),
    storage: {
      paths: (machine) => [configDirectory(machine), inHome(machine, '.claude.json')],
      variables: (directory) => ({ CLAUDE_CONFIG_DIR: directory }),
    },
  },
  about: {
    prints: 'variables of Claude Code, with context window and output limit',
    edits: '`env` in `~/.claude/settings.json`',
    limits: [
      'Claude Code uses one context window for all models.',
      'The details, plan limits and errors are described in [Claude Code with codexd](../claude-code.md).',
    ],
    sources: [
      'https://code.claude.com/docs/en/settings',
      'https://code.claude.com/docs/en/llm-gateway-protocol',
    ],
    tried: 'Claude Code 2.1.332',
  },
};

const settingsFile = 'claude-settings.json';

/** Otherwise its terminal program registers a handler for its links with the desktop, in the home directory. */
const noDeepLinks = { disableDeepLinkRegistration: 'disable' };

function configDirectory(machine: Machine): string {
  return machine.env.CLAUDE_CONFIG_DIR || inHome(machine, '.claude');
}

/** Claude Code uses one context window for all models that it does not know. */
function windowNote({ model: main }: ModelChoice, { model: small }: ModelChoice): string {
  return `Claude Code uses one context window for all models, here that of ${main.slug} (${count(main)} tokens); ${small.slug} has ${count(small)}. For long sessions with ${small.slug}, use \`codexd env claude --model ${small.slug}\`.`;
}

function count({ contextWindow }: Model): string {
  return contextWindow.toLocaleString('en');
}

function variables({ origin, key, keyKind, main, small }: Daemon): Variables {
  return {
    // Claude Code adds /v1 itself.
    ANTHROPIC_BASE_URL: origin,
    ANTHROPIC_AUTH_TOKEN: keyKind === 'missing' ? key : gatewayToken(key),
    // Empty, because Claude Code would also send a key from the shell, after a prompt for approval.
    ANTHROPIC_API_KEY: '',
    // Empty, because it would override every choice in `/model`; the next variable only sets the default.
    ANTHROPIC_MODEL: '',
    ANTHROPIC_DEFAULT_MODEL: main.plainName,
    ...modelVariables(main, small),
    // Only if the user chose an effort with the model, because it disables `/effort`.
    ...(main.effort === undefined ? {} : { CLAUDE_CODE_EFFORT_LEVEL: effortLevel(main.effort) }),
    // Claude Code assumes a million tokens for an unknown id, and would compact too late.
    CLAUDE_CODE_MAX_CONTEXT_TOKENS: String(main.model.contextWindow),
    // Otherwise `/model` also offers the default with a context of a million tokens.
    CLAUDE_CODE_DISABLE_1M_CONTEXT: '1',
    CLAUDE_CODE_MAX_OUTPUT_TOKENS: String(maxOutputTokens),
    // Removes a billing line from the system prompt that would defeat the prompt cache.
    CLAUDE_CODE_ATTRIBUTION_HEADER: '0',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    // Without nonessential traffic, auto mode's check on Anthropic's server would never run; this makes it use a model.
    CLAUDE_CODE_AUTO_MODE_SERVER: '0',
  };
}

/** The nearest of Claude Code's effort levels. */
function effortLevel(effort: string): string {
  if (effort === 'none' || effort === 'minimal') return 'low';
  return effort === 'ultra' ? 'max' : effort;
}
