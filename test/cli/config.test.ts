import { describe, expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { namedKeys } from '../../src/config/schema.ts';
import { IssuedKeys } from '../../src/keys/issued-keys.ts';
import { codexd } from './fake.ts';
import { emptyHome, runCodexd } from './process.ts';

const file = '/home/me/.config/codexd/config.toml';

describe('config show', () => {
  test('every setting with its value and source, secrets masked', async () => {
    const { out, exitCode } = await codexd(['config', 'show', '--json', '--strict'], {
      env: {
        CODEXD_API_KEY: 'topsecret',
        OPENAI_CODEX_AUTH: 'topsecret',
        CODEXD_PROXY: 'http://me:topsecret@p:1',
      },
      files: { [file]: `[server]\nqueue = 3\n[[server.keys]]\nname = "a"\nsha256 = "${'ab'.repeat(32)}"` },
    });
    const rows: { key: string; value?: unknown; source: { layer: string; at: string } }[] = JSON.parse(out);
    const row = (key: string) => rows.find((one) => one.key === key);
    expect(exitCode).toBe(0);
    expect(rows.map(({ key }) => key)).toEqual(namedKeys.map(({ path }) => path));
    expect(row('server.queue')).toEqual({
      key: 'server.queue',
      value: 3,
      source: { layer: 'file', at: `${file}:2` },
    });
    expect(row('server.strict')).toMatchObject({ value: true, source: { layer: 'flag', at: '--strict' } });
    expect(row('server.api_key')).toMatchObject({
      value: '********',
      source: { layer: 'env', at: 'CODEXD_API_KEY' },
    });
    expect(row('upstream.proxy')).toMatchObject({ value: 'http://********@p:1' });
    expect(row('auth.bearer')).not.toHaveProperty('value');
    expect(out).not.toContain('topsecret');
    expect(out).not.toContain('abab');
  });

  test('as text: one line per setting', async () => {
    const { out } = await codexd(['config', 'show'], { env: { CODEXD_BEARER: 'topsecret' } });
    expect(out).toMatch(/^auth\.bearer +"\*{8}" +CODEXD_BEARER$/m);
    expect(out).toMatch(/^auth\.account_id +- +default$/m);
  });
});

describe('config check', () => {
  test('reports every error, exit status 2', async () => {
    const files = { [file]: '[server]\nlissten = []\n[log]\nlevel = "loud"' };
    const { out, exitCode } = await codexd(['config', 'check'], { files, env: { CODEXD_PORT: 'x' } });
    expect(exitCode).toBe(2);
    expect(out.split('\n')).toEqual([
      `${file}:2: unknown setting \`server.lissten\`. Did you mean \`server.listen\`?`,
      expect.stringContaining(`${file}:4: \`log.level\` must be one of`),
      expect.stringContaining('CODEXD_PORT must be a port number up to 65535, not "x".'),
      '',
    ]);
  });

  test('an invalid web origin, and a certificate file that is missing', async () => {
    const files = { [file]: '[server]\ncors_origins = ["x"]\n[upstream]\nca_file = "/nowhere.pem"' };
    const { out, exitCode } = await codexd(['config', 'check'], { files });
    expect(exitCode).toBe(2);
    expect(out.split('\n')).toEqual([
      expect.stringContaining(
        `${file}:2: \`server.cors_origins\` must be a list, each item "*" or a web origin such as`,
      ),
      `${file}:4: \`upstream.ca_file\` does not exist: /nowhere.pem. Correct the path, or remove the setting.`,
      '',
    ]);
  });

  test('as JSON', async () => {
    const { out } = await codexd(['config', 'check', '--json'], { env: { CODEX_ASR_BEARER: 'x' } });
    expect(JSON.parse(out)).toEqual({
      good: true,
      problems: [],
      notices: [expect.stringContaining('CODEX_ASR_BEARER is deprecated')],
    });
  });
});

test('config path works with a broken file', async () => {
  const options = { files: { [file]: '[' } };
  expect((await codexd(['config', 'path'], options)).out).toBe(`${file}\n`);
  expect(JSON.parse((await codexd(['config', 'path', '--json'], options)).out)).toMatchObject({
    configFile: file,
  });
});

test('variables of older projects are reported once on stderr', async () => {
  const { err } = await codexd(['config', 'show'], { env: { CODEX_ASR_BEARER: 'x' } });
  expect(err.match(/CODEX_ASR_BEARER/g)).toHaveLength(1);
});

describe('config key add', () => {
  const keyFile = (home: string) => join(home, '.config/codexd/config.toml');

  test('prints the key once and stores its SHA-256, for the user only', async () => {
    const home = emptyHome();
    const { out, exitCode } = await runCodexd(['config', 'key', 'add', 'phone'], { home });
    const key = out.trim();
    const text = readFileSync(keyFile(home), 'utf8');
    expect(exitCode).toBe(0);
    expect(key).toMatch(/^cdx_[\w-]{43}$/);
    expect(text).not.toContain(key);
    expect(text).toContain(createHash('sha256').update(key).digest('hex'));
    expect(statSync(keyFile(home)).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(keyFile(home))).mode & 0o777).toBe(0o700);
  });

  test('keeps the rest of the file, and rejects a duplicate name', async () => {
    const home = emptyHome();
    mkdirSync(dirname(keyFile(home)), { recursive: true });
    writeFileSync(keyFile(home), '# mine\n[server]\nqueue = 3');
    await runCodexd(['config', 'key', 'add', 'a "quoted" name'], { home });
    const again = await runCodexd(['config', 'key', 'add', 'a "quoted" name'], { home });
    expect(again).toMatchObject({ exitCode: 1, out: '' });
    expect(again.err).toContain('An API key named "a "quoted" name" already exists.');
    expect(readFileSync(keyFile(home), 'utf8')).toStartWith(
      '# mine\n[server]\nqueue = 3\n\n[[server.keys]]\n',
    );
    const { out } = await runCodexd(['config', 'show', '--json'], { home });
    expect(out).toContain('"a \\"quoted\\" name"');
  });

  test('says what the first key changes, and no more for the second', async () => {
    const home = emptyHome();
    const first = await runCodexd(['config', 'key', 'add', 'a'], { home });
    const second = await runCodexd(['config', 'key', 'add', 'b'], { home });
    const requires = 'a running daemon requires a key of every client';
    expect([first.err.includes(requires), second.err.includes(requires)]).toEqual([true, false]);
  });

  test('stores models and limits, which the file could also be written with by hand', async () => {
    const home = emptyHome();
    const options = ['--models', 'gpt-5*, gpt-6', '--models', 'gpt-7', '--per-minute', '5'];
    const more = ['--per-day=100', '--tokens-per-day', '1e6', '--weekly-percent', '2.5'];
    const added = await runCodexd(['config', 'key', 'add', 'batch', ...options, ...more], { home });
    expect(added.exitCode).toBe(0);
    expect(readFileSync(keyFile(home), 'utf8')).toEndWith(
      '\nmodels = ["gpt-5*", "gpt-6", "gpt-7"]\nper_minute = 5\nper_day = 100\ntokens_per_day = 1000000\nweekly_percent = 2.5\n',
    );
    const { out } = await runCodexd(['config', 'key', 'list'], { home });
    expect(out).toContain('5/min, 100/day, 1000000 tokens/day, 2.5% of the week');
  });

  test.each([
    ['--per-minute', '0', 'a whole number above 0'],
    ['--per-day', '1.5', 'a whole number above 0'],
    ['--tokens-per-day', 'many', 'a whole number above 0'],
    ['--weekly-percent', '101', 'a number above 0, up to 100'],
    ['--weekly-percent', ' ', 'a number above 0, up to 100'],
  ])('%s %s is a usage error, and no key is printed', async (option, value, expected) => {
    const home = emptyHome();
    const added = await runCodexd(['config', 'key', 'add', 'x', option, value], { home });
    expect(added).toMatchObject({ exitCode: 2, out: '' });
    expect(added.err).toContain(`\`${option}\` must be ${expected}.`);
    expect(existsSync(keyFile(home))).toBe(false);
  });

  test('a file that cannot be edited is unchanged, and no key is printed', async () => {
    const home = emptyHome();
    mkdirSync(dirname(keyFile(home)), { recursive: true });
    const text = '[server]\nkeys = []\n';
    writeFileSync(keyFile(home), text);
    const { out, exitCode } = await runCodexd(['config', 'key', 'add', 'x'], { home });
    expect({ out, exitCode }).toEqual({ out: '', exitCode: 2 });
    expect(readFileSync(keyFile(home), 'utf8')).toBe(text);
  });

  test('a path that cannot be written is named, and no key is printed', async () => {
    const { out, err, exitCode } = await runCodexd(['config', 'key', 'add', 'x'], { home: '/dev/null' });
    expect({ out, exitCode }).toEqual({ out: '', exitCode: 1 });
    expect(err).toContain('Cannot write /dev/null/.config/codexd/config.toml: not a directory.');
  });

  test('a failure leaves no half-written file', async () => {
    const home = emptyHome();
    await runCodexd(['config', 'key', 'add'], { home });
    expect(existsSync(keyFile(home))).toBe(false);
  });
});

describe('config key list and remove', () => {
  const sha = 'ab'.repeat(32);
  const text = [
    '# mine',
    '[[server.keys]]',
    'name = "phone"',
    `sha256 = "${sha}"`,
    '',
    '[[ server.keys ]] # the tablet',
    `sha256 = "${sha}"`,
    'name = "tab \\"let\\""',
    'models = ["gpt-5.5"]',
    'per_minute = 3',
    '',
    '# about the log',
    '[log]',
    'level = "warn"',
    '',
  ].join('\n');

  function homeWith(content: string) {
    const home = emptyHome();
    const path = join(home, '.config/codexd/config.toml');
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return { home, path };
  }

  test('list shows names and limits, never a hash', async () => {
    const { home } = homeWith(text);
    const { out } = await runCodexd(['config', 'key', 'list'], { home });
    expect(out).toBe(
      'NAME       MODELS   LIMITS  FROM\nphone      all      -       config.toml\ntab "let"  gpt-5.5  3/min   config.toml\n',
    );
    const none = { per_day: null, tokens_per_day: null, weekly_percent: null, issued_to: null };
    expect(JSON.parse((await runCodexd(['config', 'key', 'list', '--json'], { home })).out)).toEqual([
      { name: 'phone', models: null, per_minute: null, ...none },
      { name: 'tab "let"', models: ['gpt-5.5'], per_minute: 3, ...none },
    ]);
  });

  test('list and remove know the keys that a login to the daemon was issued', async () => {
    const { home, path } = homeWith(text);
    const issued = new IssuedKeys(join(home, '.local/state/codexd/default/issued-keys.json'), Date.now);
    issued.issueKey({ name: 'claude', issuedTo: 'claude-code' });
    expect((await runCodexd(['config', 'key', 'list'], { home })).out).toContain('login of claude-code');
    const { out } = await runCodexd(['config', 'key', 'remove', 'claude'], { home });
    expect(out).toBe(`Removed the API key "claude" from ${issued.path}.\n`);
    expect(issued.list()).toEqual([]);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  test('list without keys says how to add one', async () => {
    const { out, err, exitCode } = await runCodexd(['config', 'key', 'list']);
    expect({ out, exitCode }).toEqual({ out: '', exitCode: 0 });
    expect(err).toContain('codexd config key add NAME');
  });

  test.each([
    ['phone', ['# mine', ...text.split('\n').slice(4)].join('\n')],
    ['tab "let"', [...text.split('\n').slice(0, 4), ...text.split('\n').slice(10)].join('\n')],
  ])('remove %s takes its table and nothing else', async (name, rest) => {
    const { home, path } = homeWith(text);
    const { out, exitCode } = await runCodexd(['config', 'key', 'remove', name], { home });
    expect({ out, exitCode }).toEqual({ out: `Removed the API key "${name}" from ${path}.\n`, exitCode: 0 });
    expect(readFileSync(path, 'utf8')).toBe(rest);
  });

  test('add, then remove, restores the file', async () => {
    const { home, path } = homeWith(text);
    await runCodexd(['config', 'key', 'add', 'x'], { home });
    await runCodexd(['config', 'key', 'remove', 'x'], { home });
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  test('an unknown name, and a key in another form', async () => {
    const { home, path } = homeWith(`[server]\nkeys = [{ name = "phone", sha256 = "${sha}" }]\n`);
    const none = await runCodexd(['config', 'key', 'remove', 'x'], { home });
    expect(none.err).toContain(
      'No API key named "x" found.\nRun `codexd config key list` to list the names.',
    );
    const before = readFileSync(path, 'utf8');
    expect((await runCodexd(['config', 'key', 'remove', 'phone'], { home })).exitCode).toBe(1);
    expect(readFileSync(path, 'utf8')).toBe(before);
  });
});

test('config check says that there is no file and that the other settings are valid', async () => {
  const { out } = await codexd(['config', 'check']);
  expect(out).toContain(`No configuration file found (${file})`);
  const { out: valid } = await codexd(['config', 'check'], { files: { [file]: '' } });
  expect(valid).toBe(`Configuration is valid (${file}).\n`);
});
