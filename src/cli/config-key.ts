// `codexd config key`: API keys for clients. A running daemon follows: an added key works and a removed one does not.

import { issuedKeysOf } from '../app/keys.ts';
import { type LoadOptions, load } from '../config/load.ts';
import { Failure } from '../failure.ts';
import { type ApiKey, limitsText } from '../keys/api-key.ts';
import { columns } from './columns.ts';
import { type CommandGroup, command, type Invocation } from './command.ts';
import { saveConfig, withoutKey } from './config-key-text.ts';
import { createMessages } from './messages.ts';
import { loadOptions } from './session.ts';
import { lineWidth } from './wrap.ts';

const list = command({
  run: (call) => {
    const { config, paths } = load(loadOptions(call));
    const configured = config.server.keys.map((key) => ({ key, issuedTo: null }));
    const issued = issuedKeysOf({ paths }).list();
    const rows = [...configured, ...issued.map((key) => ({ key, issuedTo: key.issuedTo }))];
    const { stdout, stderr } = call.terminal;
    if (call.json) {
      stdout.write(`${JSON.stringify(rows.map(({ key, issuedTo }) => factsOf(key, issuedTo)))}\n`);
    } else if (rows.length === 0)
      createMessages(stderr).info('No API keys found. Add one with `codexd config key add NAME`.');
    else {
      const cells = rows.map(({ key, issuedTo }) => [
        key.name,
        key.models?.join(' ') ?? 'all',
        limitsText(key) || '-',
        issuedTo === null ? 'config.toml' : `login of ${issuedTo}`,
      ]);
      stdout.write(columns([['NAME', 'MODELS', 'LIMITS', 'FROM'], ...cells], lineWidth(stdout)));
    }
  },
});

function factsOf({ name, models, ...key }: ApiKey, issuedTo: string | null) {
  return {
    name,
    models: models ?? null,
    per_minute: key.perMinute ?? null,
    per_day: key.perDay ?? null,
    tokens_per_day: key.tokensPerDay ?? null,
    weekly_percent: key.weeklyPercent ?? null,
    issued_to: issuedTo,
  };
}

const remove = command({
  args: { name: { type: 'positional', required: true, description: 'The name of the key.' } },
  run: (call) => {
    const { name } = call.args;
    const options = loadOptions(call);
    const { paths, config } = load(options);
    const isConfigured = config.server.keys.some((key) => key.name === name);
    const issued = issuedKeysOf({ paths });
    const isIssued = issued.list().some((key) => key.name === name);
    if (!isConfigured && !isIssued) {
      throw new Failure('not_found', `No API key named "${name}" found.`, {
        code: 'no_such_key',
        advice: 'Run `codexd config key list` to list the names.',
      });
    }
    if (isConfigured) removeFromConfig(name, paths.configFile, options, call);
    if (isIssued) issued.revokeKey(name);
    const file = isConfigured ? paths.configFile : issued.path;
    const { stdout, stderr } = call.terminal;
    stdout.write(
      call.json ? `${JSON.stringify({ name, file })}\n` : `Removed the API key "${name}" from ${file}.\n`,
    );
    if (!call.json) createMessages(stderr).info('A running daemon no longer accepts it.');
  },
});

function removeFromConfig(name: string, file: string, options: LoadOptions, call: Invocation): void {
  const text = withoutKey(call.readFile(file) ?? '', name);
  const readFile = (path: string) => (path === file ? text : call.readFile(path));
  if (text === undefined || hasKey(name, { ...options, readFile })) {
    throw new Failure('invalid_request', `"${name}" is not a [[server.keys]] table of ${file}.`, {
      code: 'invalid_client_config',
      advice: 'Run `codexd config show` for the source of `server.keys`, and remove the key there.',
    });
  }
  saveConfig(file, text);
}

function hasKey(name: string, options: LoadOptions): boolean {
  return load(options).config.server.keys.some((key) => key.name === name);
}

export default {
  commands: {
    add: {
      summary: 'Create a key, print it once, store its SHA-256.',
      load: async () => (await import('./config-key-add.ts')).default,
    },
    list: { summary: 'List the keys by name.', load: async () => list },
    remove: { summary: 'Remove a key.', load: async () => remove },
  },
} satisfies CommandGroup;
