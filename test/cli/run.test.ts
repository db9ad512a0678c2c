import { describe, expect, test } from 'bun:test';
import { commands } from '../../src/cli/commands.ts';
import { configOptions } from '../../src/cli/options.ts';
import { namedKeys, type SectionName, schema } from '../../src/config/schema.ts';
import { codexd } from './fake.ts';

describe('help', () => {
  test('the root lists the commands that exist, on stdout', async () => {
    const { exitCode, out, err } = await codexd(['--help']);
    expect(exitCode).toBe(0);
    expect(err).toBe('');
    for (const [name, { summary }] of Object.entries(commands))
      expect(out).toContain(`${name.padEnd(11)} ${summary}`);
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

describe('a word that is neither a command nor a file', () => {
  test.each([
    ['serv', 'Did you mean `codexd serve`?'],
    ['toString', 'See `codexd --help`.'],
  ])('%s is an unknown command, exit status 2', async (word, next) => {
    expect(codexd([word])).rejects.toMatchObject({ exitCode: 2, next });
  });
});
