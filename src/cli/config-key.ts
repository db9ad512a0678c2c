// `codexd config key`: API keys for clients. A new key is printed once; config.toml stores only its SHA-256.

import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { sha256 } from '../base/sha256.ts';
import { type LoadOptions, load } from '../config/load.ts';
import { Failure } from '../failure.ts';
import { adviceOf, reasonOf } from '../system/errno.ts';
import { openReplacement } from '../system/whole-file.ts';
import { columns } from './columns.ts';
import { type CommandGroup, command } from './command.ts';
import { withKey, withoutKey } from './config-key-text.ts';
import { createMessages } from './messages.ts';
import { loadOptions } from './session.ts';
import { lineWidth } from './wrap.ts';

const add = command({
  args: {
    name: {
      type: 'positional',
      required: true,
      description: 'A name for the key, e.g. the device that will use it.',
    },
  },
  run: (call) => {
    const { name } = call.args;
    const options = loadOptions(call);
    const { paths, config } = load(options);
    const file = paths.configFile;
    if (config.server.keys.some((key) => key.name === name)) {
      throw new Failure('invalid_request', `An API key named "${name}" already exists.`, {
        code: 'duplicate_key',
        advice: `Choose another name, or run \`codexd config key remove ${name}\` first.`,
      });
    }
    const key = `cdx_${randomBytes(32).toString('base64url')}`;
    const text = withKey(call.readFile(file) ?? '', name, sha256(key));
    // Appending to a file that contains `keys = […]` would make invalid TOML, so the new text is parsed before it is
    // written.
    load({ ...options, readFile: (path) => (path === file ? text : call.readFile(path)) });
    // A saved key that was never shown would be useless: disk space is reserved first, then the key printed, then saved.
    save(file, text, () => {
      call.terminal.stdout.write(call.json ? `${JSON.stringify({ name, key, file })}\n` : `${key}\n`);
    });
    createMessages(call.terminal.stderr).info(
      `This is the API key "${name}". It is shown only once: ${file} stores its SHA-256.`,
    );
  },
});

const list = command({
  run: (call) => {
    const { keys } = load(loadOptions(call)).config.server;
    const { stdout, stderr } = call.terminal;
    if (call.json) {
      const facts = keys.map(({ name, models, perMinute }) => ({
        name,
        models: models ?? null,
        per_minute: perMinute ?? null,
      }));
      stdout.write(`${JSON.stringify(facts)}\n`);
    } else if (keys.length === 0)
      createMessages(stderr).info('No API keys found. Add one with `codexd config key add NAME`.');
    else {
      const rows = keys.map(({ name, models, perMinute }) => [
        name,
        models?.join(' ') ?? 'all',
        perMinute === undefined ? '-' : String(perMinute),
      ]);
      stdout.write(columns([['NAME', 'MODELS', 'PER MINUTE'], ...rows], lineWidth(stdout)));
    }
  },
});

const remove = command({
  args: { name: { type: 'positional', required: true, description: 'The name of the key.' } },
  run: (call) => {
    const { name } = call.args;
    const options = loadOptions(call);
    const { paths, config } = load(options);
    const file = paths.configFile;
    if (!config.server.keys.some((key) => key.name === name)) {
      throw new Failure('not_found', `No API key named "${name}" found.`, {
        code: 'no_such_key',
        advice: 'Run `codexd config key list` to list the names.',
      });
    }
    const text = withoutKey(call.readFile(file) ?? '', name);
    if (
      text === undefined ||
      hasKey(name, { ...options, readFile: (path) => (path === file ? text : call.readFile(path)) })
    ) {
      throw new Failure('invalid_request', `"${name}" is not a [[server.keys]] table of ${file}.`, {
        code: 'invalid_client_config',
        advice: 'Run `codexd config show` for the source of `server.keys`, and remove the key there.',
      });
    }
    save(file, text);
    const { stdout } = call.terminal;
    stdout.write(
      call.json ? `${JSON.stringify({ name, file })}\n` : `Removed the API key "${name}" from ${file}.\n`,
    );
    if (!call.json) createMessages(call.terminal.stderr).warn(reloadAdvice);
  },
});

const reloadAdvice =
  'A running daemon accepts the key until it reloads its configuration (SIGHUP) or restarts.';

function hasKey(name: string, options: LoadOptions): boolean {
  return load(options).config.server.keys.some((key) => key.name === name);
}

/** `beforeCommit` runs once the disk space is reserved; if it throws, the file stays unchanged. */
function save(file: string, text: string, beforeCommit = () => {}): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const replacement = openReplacement(file);
    try {
      replacement.reserve(Buffer.byteLength(text));
      beforeCommit();
      replacement.commit(text);
    } finally {
      replacement.abandon();
    }
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw new Failure('invalid_request', `Cannot write ${file}: ${reasonOf(cause)}.`, {
      code: 'unwritable_file',
      advice: `${adviceOf(cause, file)} Or choose another file with --config.`,
      cause,
    });
  }
}

export default {
  commands: {
    add: { summary: 'Create a key, print it once, store its SHA-256.', load: async () => add },
    list: { summary: 'List the keys by name.', load: async () => list },
    remove: { summary: 'Remove a key.', load: async () => remove },
  },
} satisfies CommandGroup;
