// `codexd config key add`: a new key is printed once; config.toml stores only its SHA-256.

import { sha256 } from '../base/sha256.ts';
import { type LimitName, limitEntries, validateLimit } from '../config/api-keys.ts';
import { load } from '../config/load.ts';
import { Failure } from '../failure.ts';
import { newKey } from '../keys/api-key.ts';
import { usageFailure } from './arguments.ts';
import { command } from './command.ts';
import { type KeyTable, saveConfig, withKey } from './config-key-text.ts';
import { createMessages } from './messages.ts';
import { loadOptions } from './session.ts';

export default command({
  examples: [
    'codexd config key add phone',
    "codexd config key add batch --models 'gpt-6-luna*' --per-minute 5 --weekly-percent 20",
  ],
  args: {
    name: {
      type: 'positional',
      required: true,
      description: 'A name for the key, e.g. the device that will use it.',
    },
    models: {
      type: 'string',
      multiple: true,
      valueHint: 'GLOB',
      description: 'Models that the key may use; may be repeated.',
    },
    'per-minute': { type: 'string', valueHint: 'N', description: 'Maximum requests per minute.' },
    'per-day': {
      type: 'string',
      valueHint: 'N',
      description: 'Maximum turns and transcriptions per day, which begins at midnight.',
    },
    'tokens-per-day': {
      type: 'string',
      valueHint: 'N',
      description: 'Maximum input and output tokens per day.',
    },
    'weekly-percent': {
      type: 'string',
      valueHint: 'N',
      description: "Maximum percent of the plan's weekly window.",
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
    const key = newKey();
    const models = call.all('models').flatMap((globs) => globs.split(',').map((glob) => glob.trim()));
    const table: KeyTable = {
      name,
      sha256: sha256(key),
      ...(models.length === 0 ? {} : { models: models.filter((glob) => glob !== '') }),
      ...limitsIn(call.args),
    };
    const text = withKey(call.readFile(file) ?? '', table);
    // Appending to a file that contains `keys = […]` would make invalid TOML, so the new text is parsed before it is
    // written.
    load({ ...options, readFile: (path) => (path === file ? text : call.readFile(path)) });
    // A saved key that was never shown would be useless: disk space is reserved first, then the key printed, then saved.
    saveConfig(file, text, () => {
      call.terminal.stdout.write(call.json ? `${JSON.stringify({ name, key, file })}\n` : `${key}\n`);
    });
    const messages = createMessages(call.terminal.stderr);
    messages.info(`This is the API key "${name}". It is shown only once: ${file} stores its SHA-256.`);
    const { keys, apiKey, noApiKey } = config.server;
    if (keys.length === 0 && apiKey === undefined && !noApiKey)
      messages.warn('It is the first one: from now on, a running daemon requires a key of every client.');
  },
});

/** As they are named in config.toml; the options are named alike. */
function limitsIn(args: Readonly<Record<string, unknown>>): Partial<Record<LimitName, number>> {
  const limits: Partial<Record<LimitName, number>> = {};
  for (const [name] of limitEntries) {
    const option = name.replaceAll('_', '-');
    const text = args[option];
    if (typeof text !== 'string') continue;
    const result = validateLimit(name, text.trim() === '' ? undefined : Number(text));
    if ('why' in result) {
      throw usageFailure(`\`--${option}\` must be ${result.why}.`, `For example \`--${option} 20\`.`);
    }
    limits[name] = result.value;
  }
  return limits;
}
