// pi (https://pi.dev): a provider in its models.json.
import { join } from 'node:path';
import { type Client, inHome, keyNote, keyVariable, type Machine, pathJoiner } from '../client.ts';
import { type Daemon, maxOutputTokens } from '../daemon.ts';
import { setMember } from '../json-text.ts';

/** pi's own commands, which do not accept the options of a conversation. */
const commands = ['install', 'remove', 'uninstall', 'update', 'list', 'config', 'auth', 'mcp'];

export const pi: Client = {
  title: 'pi',
  configuration: (daemon) => {
    const key = daemon.keyKind === 'any' ? daemon.key : `$${keyVariable}`;
    return { text: `${JSON.stringify({ providers: { codexd: provider(daemon, key) } }, null, 2)}\n` };
  },
  file: {
    path: (machine) => pathJoiner(machine.platform)(directoryOf(machine), 'models.json'),
    edit: (file, daemon) => setMember(file, 'jsonc', [['providers'], 'codexd'], provider(daemon, daemon.key)),
    containsKey: true,
  },
  notes: ({ main, keyKind }, _, written) => [
    `Choose a model with /model, or start pi with \`pi --model codexd/${main.model.slug}\`.`,
    ...(keyKind === 'any' || written ? [] : [keyNote('pi')]),
  ],
  launch: {
    program: 'pi',
    install: '`npm install -g @earendil-works/pi-coding-agent`.',
    settings: ({ daemon, directory, words }) => ({
      arguments: commands.includes(words[0] ?? '')
        ? []
        : ['--extension', join(directory, extensionFile), '--model', modelOf(daemon)],
      files: { [extensionFile]: extension(daemon) },
    }),
    storage: {
      paths: (machine) => [directoryOf(machine)],
      variables: (directory) => ({ PI_CODING_AGENT_DIR: directory }),
    },
  },
  about: {
    prints: 'a provider',
    edits: '`providers.codexd` in `~/.pi/agent/models.json`',
    limits: ['pi requires Node 22.19 or newer.'],
    sources: ['https://github.com/earendil-works/pi/blob/main/packages/coding-agent/docs/models.md'],
    tried: 'pi 1.6.0',
  },
};

const extensionFile = 'codexd-provider.mjs';

function directoryOf(machine: Machine): string {
  return machine.env.PI_CODING_AGENT_DIR || inHome(machine, '.pi', 'agent');
}

function modelOf({ main }: Daemon): string {
  const { slug } = main.model;
  return `codexd/${slug}${main.effort === undefined ? '' : `:${main.effort}`}`;
}

/** An extension that registers the provider for one run, in place of models.json. */
function extension(daemon: Daemon): string {
  return `export default (pi) => pi.registerProvider("codexd", ${JSON.stringify(provider(daemon, daemon.key))});\n`;
}

function provider({ origin, models }: Daemon, apiKey: string) {
  return {
    name: 'codexd',
    baseUrl: `${origin}/v1`,
    api: 'openai-responses',
    apiKey,
    models: models.map(({ slug, displayName, contextWindow, inputModalities, efforts }) => ({
      id: slug,
      name: displayName,
      reasoning: true,
      // Without this, pi offers no level above high.
      thinkingLevelMap: Object.fromEntries(
        ['xhigh', 'max']
          .filter((level) => efforts.some((effort) => effort === level))
          .map((level) => [level, level]),
      ),
      input: inputModalities,
      cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
      contextWindow,
      maxTokens: maxOutputTokens,
    })),
  };
}
