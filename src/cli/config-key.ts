// `codexd config key add NAME`: makes an API key, prints it once and keeps its SHA-256 in config.toml (product.md 5).
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { load } from '../config/load.ts';
import { Failure } from '../failure.ts';
import { adviceOf, reasonOf } from '../system/errno.ts';
import { replaceFile } from '../system/whole-file.ts';
import { type CommandGroup, command } from './command.ts';
import { loadOptions } from './session.ts';

const add = command({
  args: { name: { type: 'positional', required: true, description: 'Who will use the key, e.g. phone.' } },
  run: (call) => {
    const { name } = call.args;
    const options = loadOptions(call);
    const { paths, config } = load(options);
    const file = paths.configFile;
    if (config.server.keys.some((key) => key.name === name)) {
      throw new Failure('invalid_request', `There is a key named "${name}" already.`, {
        code: 'duplicate_key',
        next: `Choose another name, or remove it from ${file}.`,
      });
    }
    const key = `cdx_${randomBytes(32).toString('base64url')}`;
    const text = withKey(call.readFile(file) ?? '', name, createHash('sha256').update(key).digest('hex'));
    // Appending to a file that holds `keys = […]` gives no valid TOML: found out before anything is written.
    load({ ...options, readFile: (path) => (path === file ? text : call.readFile(path)) });
    save(file, text);

    call.terminal.stdout.write(call.json ? `${JSON.stringify({ name, key, file })}\n` : `${key}\n`);
    call.terminal.stderr.write(
      `This is the key of "${name}". It is shown only now: ${file} keeps no more than its SHA-256.\n`,
    );
  },
});

function withKey(text: string, name: string, sha256: string): string {
  const before = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  return `${before}${before === '' ? '' : '\n'}[[server.keys]]\nname = ${JSON.stringify(name)}\nsha256 = "${sha256}"\n`;
}

function save(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    replaceFile(file, text);
  } catch (cause) {
    throw new Failure('invalid_request', `Cannot write ${file}: ${reasonOf(cause)}.`, {
      code: 'unwritable_file',
      next: `${adviceOf(cause, file)} Another file is chosen with --config.`,
      cause,
    });
  }
}

export default {
  commands: {
    add: { summary: 'Make a key, print it once, keep its SHA-256.', load: async () => add },
  },
} satisfies CommandGroup;
