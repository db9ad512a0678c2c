// Completions of the last word, for a small program and for codexd.
import { describe, expect, test } from 'bun:test';
import { type CommandGroup, command } from '../../../src/cli/command.ts';
import { commands, fileCommandName } from '../../../src/cli/commands.ts';
import { complete } from '../../../src/cli/completions/complete.ts';
import { shells } from '../../../src/cli/completions/shells.ts';

const toy: CommandGroup['commands'] = {
  play: {
    summary: 'Play a file.',
    load: async () =>
      command({
        args: {
          file: { type: 'positional', required: true, multiple: true, description: 'A file.' },
          loud: { type: 'boolean', description: 'Loudly.' },
          tone: { type: 'enum', options: ['high', 'low'], alias: 't', description: 'The tone.' },
          tag: { type: 'string', multiple: true, description: 'A tag.' },
          out: { type: 'string', valueHint: 'DIR', description: 'Where to.' },
        },
        run: () => {},
      }),
  },
  pick: {
    summary: 'Pick one.',
    load: async () =>
      command({
        args: {
          fruit: { type: 'positional', required: true, values: ['apple', 'pear'] },
          note: { type: 'positional', required: false },
        },
        run: () => {},
      }),
  },
  hand: {
    summary: 'Hand over.',
    load: async () =>
      command({
        args: {
          program: { type: 'positional', required: true, isPassedOn: true, values: ['sed'] },
          arguments: { type: 'positional', required: false, multiple: true },
        },
        run: () => {},
      }),
  },
  set: {
    summary: 'Settings.',
    load: async () => ({
      commands: { list: { summary: 'List.', load: async () => command({ run: () => {} }) } },
    }),
  },
};

async function values(line: string, root = { commands: toy, fileCommandName: 'play' }) {
  const completion = await complete(line.split(' '), root);
  return completion === 'files' ? completion : completion.map(({ value }) => value).join(' ');
}

describe('the last word', () => {
  const cases: [string, string][] = [
    ['', 'play pick hand set help'],
    ['p', 'play pick'],
    ['set ', 'list'],
    ['set list ', ''],
    ['set nonsense ', ''],
    // As in `codexd FILE`.
    ['./voi', 'files'],
    ['voice.m4a --to', '--tone'],
    ['play ', 'files'],
    ['play a.wav ', 'files'],
    ['pick ', 'apple pear'],
    ['pick a', 'apple'],
    ['pick apple ', ''],
    ['pick apple note ', ''],
    // The values of options, and what follows them.
    ['play --tone ', 'high low'],
    ['play --tone l', 'low'],
    ['play -t h', 'high'],
    ['play --tone=', '--tone=high --tone=low'],
    ['play --tone=h', '--tone=high'],
    ['play --tone high --lou', '--loud'],
    ['play --out ', 'files'],
    ['play --out=', 'files'],
    ['play --loud=', ''],
    ['play --nonsense ', 'files'],
    ['--log-level warn pi', 'pick'],
    ['--log-level w', 'warn'],
    // Options are offered once, unless they can be repeated.
    ['play --loud --lou', ''],
    ['play --tag a --ta', '--tag'],
    ['play --no-', '--no-loud'],
    ['--v', '--version'],
    ['play --v', ''],
    ['set list -', '--json --help --profile --config --log-level --log-format --log-file'],
    ['play -- --lo', 'files'],
    // Another program's words.
    ['hand ', 'sed'],
    ['hand --log-l', '--log-level'],
    ['hand sed --lo', 'files'],
    ['hand sed -n ', 'files'],
    ['help ', 'play pick hand set options'],
    ['help set l', 'list'],
    ['help play ', ''],
  ];
  test.each(cases)('of "%s": %s', async (line, expected) => {
    expect(await values(line)).toBe(expected);
  });
});

describe('codexd', () => {
  const root = { commands, fileCommandName };
  test.each([
    ['env contin', 'continue'],
    ['config key ', 'add list remove'],
    ['serve --log-level ', 'debug info warn error silent'],
    ['serve --log-format=', '--log-format=json --log-format=pretty'],
    ['completions ', 'bash zsh fish powershell'],
    ['transcribe --output-d', '--output-dir'],
    ['transcribe --output-dir ', 'files'],
    ['explain ', 'files'],
    ['ask --schema ', 'files'],
  ])('completes "%s"', async (line, expected) => {
    expect(await values(line, root)).toBe(expected);
  });
});

describe('a shell', () => {
  const printed = async (shell: keyof typeof shells, words: string[]) => {
    const { wordsOf, print } = shells[shell];
    return print(await complete(wordsOf(words), { commands: toy, fileCommandName: 'play' }), words);
  };

  test('bash gets the part after the equals sign', async () => {
    expect(await printed('bash', ['play', '--tone', '=', 'l'])).toBe('low\n');
    expect(await printed('bash', ['play', '--tone', '='])).toBe('high\nlow\n');
    expect(await printed('bash', ['play', '--tone', '=', 'low', '--lou'])).toBe('--loud\n');
  });

  test('the others get descriptions', async () => {
    expect(await printed('zsh', ['pl'])).toBe('play:Play a file\n');
    expect(await printed('fish', ['pl'])).toBe('play\tPlay a file\n');
    expect(await printed('powershell', [':pl'])).toBe('play\tPlay a file\n');
    expect(await printed('powershell', ['play', ':'])).toBe(':files\n');
  });
});
