// `codexd env CLIENT --write` on disk: backups, modes, links, and refusals.
import { describe, expect, test } from 'bun:test';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { clients } from '../../../src/cli/env/clients.ts';
import { Failure } from '../../../src/failure.ts';
import { gatewayToken } from '../../../src/server/middleware/gateway-token.ts';
import { type EnvOptions, env, home, timestamp } from '../env-support.ts';
import { runCodexd } from '../process.ts';

const key = 'cdx_0123456789abcdef';
const keyed = { env: { CODEXD_API_KEY: key } };

/** The configuration file of each client that has one, below the home directory. */
const files: Record<string, string> = {
  claude: '.claude/settings.json',
  codex: '.codex/config.toml',
  aider: '.aider.conf.yml',
  opencode: '.config/opencode/opencode.json',
  zed: '.config/zed/settings.json',
  continue: '.continue/config.yaml',
  crush: '.config/crush/crush.json',
  goose: '.config/goose/config.yaml',
  junie: '.junie/models/codexd.json',
  llm: '.config/io.datasette.llm/extra-openai-models.yaml',
  pi: '.pi/agent/models.json',
  raycast: '.config/raycast/ai/providers.yaml',
  vscode: '.config/Code/User/chatLanguageModels.json',
};
const keyFiles = ['claude', 'aider', 'opencode', 'continue', 'crush', 'junie', 'pi', 'raycast'];

const mode = (path: string) => statSync(path).mode & 0o777;
const read = (...parts: string[]) => readFileSync(join(...parts), 'utf8');

async function failure(words: string[], options: EnvOptions): Promise<Failure> {
  try {
    await env(words, options);
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
    throw thrown;
  }
  throw new Error(`${words.join(' ')} should have failed`);
}

describe.each(Object.entries(files))('%s', (client, file) => {
  test('creates the file, readable by the user only, and prints its path', async () => {
    const place = home();
    const { out } = await env([client, '--write'], { home: place });
    expect(out).toBe(`${join(place, file)} now uses codexd.\n`);
    expect(read(place, file)).toContain('127.0.0.1:8787');
    expect(mode(join(place, file))).toBe(0o600);
  });

  test('a second --write changes nothing and makes no backup', async () => {
    const place = home();
    await env([client, '--write'], { home: place });
    const before = read(place, file);
    const { out } = await env([client, '--write'], { home: place });
    expect(out).toBe(`${join(place, file)} already uses codexd; nothing was changed.\n`);
    expect(read(place, file)).toBe(before);
    expect(readdirSync(join(place, file, '..'))).toHaveLength(1);
  });

  test('another address replaces the old one, and the old file is backed up', async () => {
    const place = home();
    await env([client, '--write'], { home: place });
    const before = read(place, file);
    const { out } = await env([client, '--write'], { home: place, flags: { port: '9000' } });
    const backup = `${join(place, file)}.codexd-backup-${timestamp}`;
    expect(out).toContain(backup);
    expect(readFileSync(backup, 'utf8')).toBe(before);
    expect(read(place, file)).toBe(before.replaceAll(':8787', ':9000'));
  });

  test('a file with a key is made readable by the user only', async () => {
    const place = home({ [file]: '' });
    chmodSync(join(place, file), 0o644);
    await env([client, '--write'], { home: place, ...keyed });
    const containsKey = keyFiles.includes(client);
    const written = read(place, file);
    expect(written.includes(key) || written.includes(gatewayToken(key))).toBe(containsKey);
    expect(mode(join(place, file))).toBe(containsKey ? 0o600 : 0o644);
  });

  test('without a key the mode is kept', async () => {
    const place = home({ [file]: '' });
    chmodSync(join(place, file), 0o640);
    await env([client, '--write'], { home: place });
    expect(mode(join(place, file))).toBe(0o640);
  });
});

test('a file that already contains the key is made readable by the user only', async () => {
  const place = home();
  const file = join(place, files.claude!);
  await env(['claude', '--write'], { home: place, ...keyed });
  chmodSync(file, 0o644);
  await env(['claude', '--write'], { home: place, ...keyed });
  expect(mode(file)).toBe(0o600);
});

describe('the mode of the backup', () => {
  const backupMode = async (before: number, options: EnvOptions = {}) => {
    const place = home({ '.claude/settings.json': '{}' });
    chmodSync(join(place, '.claude/settings.json'), before);
    await env(['claude', '--write'], { home: place, ...options });
    return mode(join(place, `.claude/settings.json.codexd-backup-${timestamp}`));
  };

  test('is that of the file', async () => {
    expect(await backupMode(0o600)).toBe(0o600);
    expect(await backupMode(0o664)).toBe(0o664);
  });

  test('is 0600 if a key is written, because the old file may contain another key', async () => {
    expect(await backupMode(0o644, keyed)).toBe(0o600);
  });
});

test('a backup is never overwritten', async () => {
  const place = home({
    '.claude/settings.json': '{}',
    [`.claude/settings.json.codexd-backup-${timestamp}`]: 'precious',
  });
  const { code } = await failure(['claude', '--write'], { home: place });
  expect(code).toBe('unwritable_file');
  expect(read(place, '.claude/settings.json')).toBe('{}');
  expect(read(place, `.claude/settings.json.codexd-backup-${timestamp}`)).toBe('precious');
});

describe('links', () => {
  test('a link stays a link, and the backup is beside it', async () => {
    const place = home({ 'dotfiles/claude.json': '{"model": "opus"}', '.claude/CLAUDE.md': '' });
    const link = join(place, '.claude/settings.json');
    symlinkSync('../dotfiles/claude.json', link);
    await env(['claude', '--write'], { home: place });
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(read(place, 'dotfiles/claude.json')).toContain('"ANTHROPIC_BASE_URL"');
    expect(readdirSync(join(place, 'dotfiles'))).toEqual(['claude.json']);
    expect(read(`${link}.codexd-backup-${timestamp}`)).toBe('{"model": "opus"}');
  });

  test('a dangling link gets its target created', async () => {
    const place = home({ '.claude/CLAUDE.md': '' });
    symlinkSync('../dotfiles/claude.json', join(place, '.claude/settings.json'));
    await env(['claude', '--write'], { home: place });
    expect(read(place, 'dotfiles/claude.json')).toContain('"ANTHROPIC_BASE_URL"');
    expect(lstatSync(join(place, '.claude/settings.json')).isSymbolicLink()).toBe(true);
  });

  test('a dangling link in a linked directory is resolved from its real directory', async () => {
    const place = home({ 'dotfiles/deep/claude/CLAUDE.md': '' });
    symlinkSync('dotfiles/deep/claude', join(place, '.claude'));
    symlinkSync('../claude.json', join(place, '.claude/settings.json'));
    await env(['claude', '--write'], { home: place });
    expect(read(place, 'dotfiles/deep/claude.json')).toContain('"ANTHROPIC_BASE_URL"');
  });

  test('a linked directory is followed', async () => {
    const place = home({ 'dotfiles/claude/settings.json': '{}' });
    symlinkSync('dotfiles/claude', join(place, '.claude'));
    await env(['claude', '--write'], { home: place });
    expect(read(place, 'dotfiles/claude/settings.json')).toContain('"ANTHROPIC_BASE_URL"');
  });
});

describe('what --write rejects', () => {
  const other = Object.keys(clients).filter((name) => !(name in files));
  test.each(other)('%s has no file: the error says why and what to do instead', async (client) => {
    const { message, advice } = await failure([client, '--write'], {});
    expect(message).toMatch(/^`--write` and `--undo` are not supported for .+: .+\.$/);
    expect(advice).toContain(`codexd env ${client}`);
  });

  const broken: [string, string, string][] = [
    ['claude', '{"env": {"A": "1",}}', 'is not valid JSON at line 1'],
    ['claude', '{\n  // mine\n  "model": "opus"\n}', 'is not valid JSON at line 2'],
    ['claude', '["env"]', 'is not a JSON object'],
    ['claude', '{"env": null}', 'contains `env`, which is not an object'],
    [
      'zed',
      '{"language_models": {"openai_compatible": []}}',
      'contains `language_models.openai_compatible`, which is not an object',
    ],
    ['opencode', '{"provider": {"codexd": }', 'is not valid JSON at line 1'],
    ['codex', 'model = \n', 'config.toml:1 is not valid TOML'],
    ['codex', '[model_providers]\ncodexd = { name = "mine" }\n', 'a form that codexd cannot edit'],
    ['codex', 'model_providers.codexd.name = "mine"\n', 'a form that codexd cannot edit'],
    ['codex', 'a = """\n[model_providers.codexd]\n"""\n', 'a form that codexd cannot edit'],
    ['aider', 'model: [', 'is not a YAML mapping'],
    ['aider', '- model\n', 'is not a YAML mapping'],
    ['aider', 'model: >-\n  gpt\n  four\n', 'a form that codexd cannot edit'],
    ['aider', '{model: gpt-4o}\n', 'a form that codexd cannot edit'],
    ['aider', 'edit-format: diff\n...\n', 'a form that codexd cannot edit'],
    ['continue', 'models: [{name: a, provider: b, model: c}]\n', 'a form that codexd cannot edit'],
    [
      'continue',
      'models:\n  - name: a\n  # codexd: made by `codexd env continue --write`\n',
      'only one of the comments',
    ],
  ];
  test.each(broken)('%s: %p %s', async (client, text, why) => {
    const place = home({ [files[client]!]: text });
    const { kind, message } = await failure([client, '--write'], { home: place });
    expect(kind).toBe('invalid_request');
    expect(message).toContain(why);
    expect(message).toContain(join(place, files[client]!));
    expect(read(place, files[client]!)).toBe(text);
    expect(readdirSync(join(place, files[client]!, '..'))).toHaveLength(1);
  });

  test('the error quotes nothing of a broken file, which may contain secrets', async () => {
    const place = home({ '.claude/settings.json': '{"env": {"TOKEN": hunter2}}' });
    const { message, advice, cause } = await failure(['claude', '--write'], { home: place });
    expect(`${message} ${advice} ${cause}`).not.toContain('hunter2');
  });

  test("a new config.yaml does not override Continue's old config.json", async () => {
    const place = home({ '.continue/config.json': '{"models": []}' });
    const { message } = await failure(['continue', '--write'], { home: place });
    expect(message).toContain('config.json beside it');
    expect(existsSync(join(place, '.continue/config.yaml'))).toBe(false);
  });

  test('a directory that cannot be created', async () => {
    const place = home({ '.claude': 'a file' });
    const { message, code } = await failure(['claude', '--write'], { home: place });
    expect(code).toBe('unwritable_file');
    expect(message).toContain('Cannot write ');
    expect(readdirSync(place)).toEqual(['.claude']);
  });
});

describe('the paths of the files', () => {
  test('$CLAUDE_CONFIG_DIR, $XDG_CONFIG_HOME and $CODEX_HOME are respected', async () => {
    const place = home();
    const variables = {
      CLAUDE_CONFIG_DIR: join(place, 'claude'),
      XDG_CONFIG_HOME: join(place, 'xdg'),
      CODEX_HOME: join(place, 'codex'),
    };
    for (const client of ['claude', 'codex', 'opencode', 'zed']) {
      await env([client, '--write'], { home: place, env: variables });
    }
    for (const file of [
      'claude/settings.json',
      'codex/config.toml',
      'xdg/opencode/opencode.json',
      'xdg/zed/settings.json',
    ]) {
      expect(existsSync(join(place, file))).toBe(true);
    }
  });

  test('a relative $XDG_CONFIG_HOME is ignored', async () => {
    const { err } = await env(['zed'], { env: { XDG_CONFIG_HOME: 'config' } });
    expect(err).toContain('/home/me/.config/zed/settings.json');
  });

  test('opencode.jsonc is edited if it is the only file', async () => {
    const place = home({ '.config/opencode/opencode.jsonc': '// mine\n{ "model": "a/b", }\n' });
    await env(['opencode', '--write'], { home: place });
    expect(readdirSync(join(place, '.config/opencode'))).toEqual([
      'opencode.jsonc',
      `opencode.jsonc.codexd-backup-${timestamp}`,
    ]);
    expect(read(place, '.config/opencode/opencode.jsonc')).toStartWith(
      '// mine\n{ "model": "a/b",\n  "provider": {\n    "codexd": {\n',
    );
  });

  test('Zed on macOS and on Windows', async () => {
    const mac = await env(['zed'], { platform: 'darwin', env: { XDG_CONFIG_HOME: '/xdg' } });
    expect(mac.err).toContain('/home/me/.config/zed/settings.json');
    const windows = await env(['zed', '--json'], {
      platform: 'win32',
      env: { APPDATA: 'C:\\Roaming' },
      json: true,
    });
    expect(JSON.parse(windows.out).file).toBe('C:\\Roaming\\Zed\\settings.json');
  });
});

test('--json reports the change', async () => {
  const place = home({ '.claude/settings.json': '{}\n' });
  const file = join(place, '.claude/settings.json');
  const run = async () => JSON.parse((await env(['claude', '--write'], { home: place, json: true })).out);
  expect(await run()).toEqual({
    client: 'claude',
    file,
    changed: true,
    replaced: [],
    backup: `${file}.codexd-backup-${timestamp}`,
    notes: [expect.stringContaining('gpt-6-luna has 200,000')],
  });
  expect(await run()).toMatchObject({ changed: false, backup: null });
});

test('notes on stderr depend on whether the file contains the key', async () => {
  const written = await env(['opencode', '--write'], { home: home(), ...keyed });
  expect(written.err).toContain('opencode -m codexd/gpt-6.1-sol');
  expect(written.err).not.toContain('CODEXD_API_KEY');
  expect((await env(['codex', '--write'], { home: home(), ...keyed })).err).toContain('CODEXD_API_KEY');
});

test('as a process: codexd env claude --write', async () => {
  const place = home();
  mkdirSync(join(place, '.claude'));
  writeFileSync(join(place, '.claude/settings.json'), '{\n\t"model": "opus"\n}\n');
  const { out, exitCode } = await runCodexd(['env', 'claude', '--write'], { home: place });
  expect(exitCode).toBe(0);
  expect(out).toContain('.codexd-backup-');
  const settings = JSON.parse(read(place, '.claude/settings.json'));
  expect(settings).toMatchObject({
    model: 'opus',
    env: { ANTHROPIC_MODEL: '', ANTHROPIC_DEFAULT_MODEL: 'gpt-6.2-sol', ANTHROPIC_API_KEY: '' },
  });
});

describe("the user's own values that are replaced", () => {
  test('are listed with their old values', async () => {
    const place = home({
      '.aider.conf.yml': 'model: sonnet  # my model\nopenai-api-key: sk-mine-0123456789\n',
    });
    const { err } = await env(['aider', '--write'], { home: place });
    expect(err).toContain('Replaced: model (was "sonnet"), openai-api-key.\n');
    expect(err).not.toContain('sk-mine');
  });

  test('Claude Code: only those in its `env`', async () => {
    const settings = {
      model: 'opus',
      env: { ANTHROPIC_BASE_URL: 'https://me:pw@proxy.example/', OTHER: '1' },
    };
    const place = home({ '.claude/settings.json': JSON.stringify(settings, null, 2) });
    const { err } = await env(['claude', '--write'], { home: place });
    expect(err).toMatch(/^Replaced: ANTHROPIC_BASE_URL \(was "https:\/\/\*+@proxy.example\/"\)\.$/m);
  });

  test('are not mentioned if there were none, or on a second --write', async () => {
    const place = home({ '.aider.conf.yml': 'dark-mode: true\n' });
    expect((await env(['aider', '--write'], { home: place })).err).not.toContain('ReplaceResult');
    expect((await env(['aider', '--write'], { home: place })).err).not.toContain('ReplaceResult');
  });
});

describe('--undo', () => {
  const file = '.aider.conf.yml';
  const mine = 'model: sonnet  # my model\n';

  test('restores the old file and removes the backup', async () => {
    const place = home({ [file]: mine });
    await env(['aider', '--write'], { home: place });
    const { out, err } = await env(['aider', '--undo'], { home: place });
    expect(out).toBe(`Restored ${join(place, file)} from ${join(place, file)}.codexd-backup-${timestamp}.\n`);
    expect(err).toBe('');
    expect(read(place, file)).toBe(mine);
    expect(readdirSync(place)).toEqual([file]);
  });

  test('a version changed since then is saved', async () => {
    const place = home({ [file]: mine });
    await env(['aider', '--write'], { home: place });
    const changed = `${read(place, file)}dark-mode: true\n`;
    writeFileSync(join(place, file), changed);
    const { err } = await env(['aider', '--undo'], { home: place });
    expect(read(place, file)).toBe(mine);
    expect(read(place, `${file}.codexd-undone-${timestamp}`)).toBe(changed);
    expect(err).toContain(`.codexd-undone-${timestamp}`);
  });

  test('a file that codexd created is deleted, unless it contains something else', async () => {
    const place = home();
    await env(['aider', '--write'], { home: place });
    await env(['aider', '--undo'], { home: place });
    expect(readdirSync(place)).toEqual([]);
    await env(['aider', '--write'], { home: place });
    writeFileSync(join(place, file), `${read(place, file)}dark-mode: true\n`);
    await expect(env(['aider', '--undo'], { home: place })).rejects.toMatchObject({ code: 'no_backup' });
    expect(readdirSync(place)).toEqual([file]);
  });

  test('fails with nothing to undo, or together with --write', async () => {
    const place = home();
    await expect(env(['claude', '--undo'], { home: place })).rejects.toMatchObject({
      code: 'no_backup',
      exitCode: 1,
    });
    await expect(env(['claude', '--undo', '--write'], { home: place })).rejects.toMatchObject({
      exitCode: 2,
    });
    await expect(env(['cline', '--undo'], { home: place })).rejects.toMatchObject({ exitCode: 2 });
  });

  test('--json', async () => {
    const place = home({ [file]: mine });
    await env(['aider', '--write'], { home: place });
    const { out } = await env(['aider', '--undo'], { home: place, json: true });
    expect(JSON.parse(out)).toEqual({
      client: 'aider',
      file: join(place, file),
      restored: `${join(place, file)}.codexd-backup-${timestamp}`,
      kept: null,
    });
  });
});
