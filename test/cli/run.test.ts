import { describe, expect, test } from 'bun:test';
import pkg from '../../package.json' with { type: 'json' };
import { parseArguments } from '../../src/cli/arguments.ts';
import type { Command } from '../../src/cli/command.ts';
import { commands } from '../../src/cli/commands.ts';
import { configOptions } from '../../src/cli/options.ts';
import { namedKeys, type SectionName, schema } from '../../src/config/schema.ts';
import { codexd } from './fake.ts';
import { runCodexd } from './process.ts';

describe('help', () => {
  test('the root lists the commands that exist, on stdout', async () => {
    const { exitCode, out, err } = await codexd(['--help']);
    expect(exitCode).toBe(0);
    expect(err).toBe('');
    const width = Math.max(...Object.keys(commands).map((name) => name.length));
    for (const [name, { summary }] of Object.entries(commands))
      expect(out).toContain(`  ${name.padEnd(width)}  ${summary}`);
  });

  test('no command is a usage error: the help goes to stderr, exit status 2', async () => {
    const { exitCode, out, err } = await codexd([]);
    expect(exitCode).toBe(2);
    expect(out).toBe('');
    expect(err).toContain('Usage: codexd COMMAND');
  });

  test.each(Object.keys(commands).map((name) => [name]))('codexd %s --help', async (name) => {
    const { exitCode, out } = await codexd([name, '--help']);
    expect(exitCode).toBe(0);
    expect(out).toStartWith(commands[name]!.summary);
    expect(out).toContain(`Usage: codexd ${name}`);
  });

  test('every flag of the schema appears in the help made from it', async () => {
    const sections = Object.keys(schema) as SectionName[];
    const names = configOptions(sections).map((option) => option.name);
    for (const { key } of namedKeys) {
      if (key.flag !== undefined) expect(names).toContain(key.flag);
    }
    const { out } = await codexd(['config', 'show', '--help']);
    for (const name of names) expect(out).toContain(`--${name}`);
  });
});

describe('help is about the command', () => {
  const helpOf = async (...words: string[]) => (await codexd([...words, '--help'])).out;

  test('status does not list the daemon’s settings', async () => {
    const out = await helpOf('status');
    for (const flag of ['cors-origins', 'api-key', 'strict', 'max-upload-mb'])
      expect(out).not.toContain(flag);
    expect(codexd(['status', '--cors-origins', '*'])).rejects.toMatchObject({ exitCode: 2 });
  });

  test('login and network options are listed by name, and described in one place', async () => {
    const described = /^ +--proxy URL +\S/m;
    for (const command of ['status', 'ask', 'serve', 'transcribe']) {
      expect(await helpOf(command)).toContain('--proxy');
      expect(await helpOf(command)).not.toMatch(described);
    }
    const { out, exitCode } = await codexd(['help', 'options']);
    expect(out).toMatch(described);
    expect(exitCode).toBe(0);
  });

  test.each(['login', 'status', 'serve', 'transcribe', 'ask', 'models', 'env', 'explain'])(
    '%s has examples',
    async (name) => {
      expect(await helpOf(name)).toMatch(/\nExamples:\n(?: {2}.+\n)+$/);
    },
  );

  test('the root lists every option it accepts', async () => {
    const out = await helpOf();
    for (const flag of ['--help', '--version', '--json', '--profile', '--config', '--log-level']) {
      expect(out).toContain(flag);
    }
  });

  test.each([
    [['help'], ['--help']],
    [
      ['help', 'ask'],
      ['ask', '--help'],
    ],
    [
      ['help', 'config', 'key'],
      ['config', 'key', '--help'],
    ],
    [['help', 'help'], ['--help']],
  ])('%p is %p', async (asked, same) => {
    expect(await codexd(asked)).toEqual(await codexd(same));
  });

  test('help for an unknown command', async () => {
    expect(codexd(['help', 'serv'])).rejects.toMatchObject({
      exitCode: 2,
      advice: 'Did you mean `codexd serve`?',
    });
  });
});

test.each([
  [['config', '--log-level', 'debug']],
  [['--log-level', 'debug', 'config', 'path']],
  [['config', '--log-level', 'debug', 'path']],
])('%p: a group takes the options of every command', async (argv) => {
  const { err, exitCode } = await codexd(argv);
  expect({ err, exitCode }).toEqual(
    argv.includes('path')
      ? { err: '', exitCode: 0 }
      : { err: expect.stringContaining('codexd config COMMAND'), exitCode: 2 },
  );
});

test.each(['-V', '-v', '--version', 'version'])('codexd %s', async (word) => {
  const { out, exitCode } = await runCodexd([word]);
  expect(exitCode).toBe(0);
  expect(out).toMatch(/^codexd \d+\.\d+\.\d+ \([\w, -]+\)\n$/);
});

test('version --json', async () => {
  expect(JSON.parse((await codexd(['version', '--json'])).out)).toEqual({
    version: pkg.version,
    commit: 'source',
    target: 'source',
  });
});

test('serve -p is the port', async () => {
  const { flags } = parseArguments('codexd serve', (await commands.serve!.load()) as Command, ['-p', '9000']);
  expect(flags).toEqual({ port: '9000' });
});

describe('a word that is neither a command nor a file', () => {
  test.each([
    ['serv', 'Did you mean `codexd serve`?'],
    ['toString', 'Run `codexd --help` for the list of commands.'],
  ])('%s is an unknown command, exit status 2', async (word, advice) => {
    expect(codexd([word])).rejects.toMatchObject({ exitCode: 2, advice });
  });
});
