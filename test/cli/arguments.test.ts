import { describe, expect, test } from 'bun:test';
import { findCommand, parseArguments } from '../../src/cli/arguments.ts';
import { type CommandGroup, command } from '../../src/cli/command.ts';
import { Failure } from '../../src/failure.ts';

const serve = command({
  args: {
    open: { type: 'boolean', default: true },
    prompt: { type: 'string', alias: 'p' },
    header: { type: 'string', multiple: true },
    style: { type: 'enum', options: ['plain', 'fancy'] },
  },
  settings: ['server'],
  run: () => undefined,
});
const copy = command({
  args: {
    target: { type: 'positional', required: true },
    file: { type: 'positional', required: false, multiple: true },
  },
  run: () => undefined,
});
const run = command({
  args: {
    program: { type: 'positional', required: true, isPassedOn: true },
    words: { type: 'positional', required: false, multiple: true },
    demo: { type: 'boolean' },
    style: { type: 'enum', options: ['plain', 'fancy'] },
  },
  run: () => undefined,
});
const show = command({ run: () => undefined });

const root: CommandGroup = {
  commands: {
    serve: { summary: 'Serves.', load: async () => serve },
    copy: { summary: 'Copies.', load: async () => copy },
    run: { summary: 'Runs.', load: async () => run },
    config: {
      summary: 'Settings.',
      load: async () => ({ commands: { show: { summary: 'Shows.', load: async () => show } } }),
    },
    broken: { summary: 'Never loaded.', load: () => Promise.reject(new Error('loaded')) },
  },
};

async function read(words: string) {
  const found = await findCommand(words.split(' ').filter(Boolean), root, 'Root.');
  if ('commands' in found.command || found.unknownWord !== undefined) throw new Error('no command');
  return parseArguments(found.name, found.command, found.rest);
}

async function refusal(words: string): Promise<string> {
  try {
    await read(words);
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    expect(thrown.exitCode).toBe(2);
    expect(thrown.code).toBe('usage');
    return `${thrown.message} ${thrown.advice}`;
  }
  throw new Error(`"${words}" was taken`);
}

describe('what citty accepts silently fails with exit status 2', () => {
  const refused: [string, string][] = [
    ['serve --prot 4', 'Unknown option `--prot` for `codexd serve`. Did you mean `--port`?'],
    ['serve --prot=4', 'Unknown option `--prot` for `codexd serve`. Did you mean `--port`?'],
    ['serve --port', '`--port` requires a value. Use `--port PORT`.'],
    ['serve --port --open', '`--port` requires a value. If "--open" is the value, use `--port=--open`.'],
    ['serve --port -5', '`--port` requires a value. If "-5" is the value, use `--port=-5`.'],
    [
      'serve extra words',
      'Unexpected argument "extra" for `codexd serve`. Run `codexd serve --help` for details.',
    ],
    ['serve --version', 'Unknown option `--version` for `codexd serve`.'],
    ['serve --no-nonsense', 'Unknown option `--no-nonsense` for `codexd serve`.'],
    ['serve --no-prompt', 'Unknown option `--no-prompt` for `codexd serve`. Did you mean `--prompt`?'],
    ['serve --open=false', '`--open` does not take a value. Remove "=false".'],
    ['serve -x', 'Unknown option `-x` for `codexd serve`.'],
    ['serve -- --help', 'Unexpected argument "--help" for `codexd serve`.'],
    ['serve --toString', 'Unknown option `--toString` for `codexd serve`.'],
    ['serve --__proto__ x', 'Unknown option `--__proto__` for `codexd serve`.'],
    ['serve --style fancyy', '"fancyy" is not a valid value for `--style`. Did you mean fancy?'],
    ['serve --style x', '"x" is not a valid value for `--style`. Use one of plain, fancy.'],
    ['--port 7', 'Unknown option `--port` for `codexd`.'],
    ['--prot=7 serve', 'Unknown option `--prot` for `codexd`.'],
    ['config --listen x show', 'Unknown option `--listen` for `codexd config`.'],
    ['config show --listen x', 'Unknown option `--listen` for `codexd config show`.'],
    ['copy', '`codexd copy` requires TARGET. Run `codexd copy --help` for details.'],
  ];
  test.each(refused)('%s', async (words, text) => {
    expect(await refusal(words)).toStartWith(text);
  });
});

describe('commands are found', () => {
  const find = (words: string) => findCommand(words.split(' ').filter(Boolean), root, 'Root.');

  test('toString and __proto__ are not commands', async () => {
    for (const word of ['toString', 'constructor', '__proto__', 'hasOwnProperty']) {
      expect((await find(word)).unknownWord).toBe(word);
    }
  });

  test('an option before the subcommand reaches it', async () => {
    expect(await read('--profile dev --json config show')).toMatchObject({ profile: 'dev', json: true });
    expect(await read('--profile=dev config --config f show --log-level debug')).toMatchObject({
      profile: 'dev',
      configFile: 'f',
      flags: { 'log-level': 'debug' },
    });
  });

  test('only the commands on the way are loaded', async () => {
    expect((await find('config show')).name).toBe('codexd config show');
    expect((await find('')).name).toBe('codexd');
    await expect(find('broken')).rejects.toThrow('loaded');
  });
});

describe('a group with a command for files', () => {
  const find = (words: string, command = 'copy') =>
    findCommand(
      words.split(' ').filter(Boolean),
      { ...root, fileCommand: { name: command, isFile: (word) => word?.includes('.') === true } },
      'Root.',
    );

  const meant: [string, string, string[]][] = [
    ['a.wav', 'codexd copy', ['a.wav']],
    ['--json a.wav b', 'codexd copy', ['--json', 'a.wav', 'b']],
    ['--log-level debug a.wav', 'codexd copy', ['--log-level', 'debug', 'a.wav']],
    ['--log-level debug serve', 'codexd serve', ['--log-level', 'debug']],
    ['-- a.wav', 'codexd copy', ['--', 'a.wav']],
    ['--', 'codexd', ['--']],
    ['--json', 'codexd', ['--json']],
  ];
  test.each(meant)('%s', async (words, name, rest) => {
    expect(await find(words)).toMatchObject({ name, rest });
  });

  test('any other word is the unknown word', async () => {
    expect((await find('nothing')).unknownWord).toBe('nothing');
    expect((await find('-- nothing')).unknownWord).toBeUndefined();
  });

  test('the command for files is loaded only where its options may be needed', async () => {
    expect((await find('--json serve', 'broken')).name).toBe('codexd serve');
    await expect(find('--to x serve', 'broken')).rejects.toThrow('loaded');
  });
});

describe('arguments are parsed', () => {
  test('settings of the command’s sections: lists collect, toggles can be negated', async () => {
    expect(
      (await read('serve --listen a:1 --listen b:2 --strict --no-insecure-no-api-key --port=0')).flags,
    ).toEqual({
      listen: ['a:1', 'b:2'],
      strict: true,
      'insecure-no-api-key': false,
      port: '0',
    });
  });

  test('help does not need the required arguments', async () => {
    expect(await read('copy --help')).toMatchObject({ help: true });
    expect(await read('serve -h')).toMatchObject({ help: true });
  });

  test('own arguments are passed to citty as --name=value', async () => {
    const { rawArgs, values } = await read(
      'serve --no-open --header a --header=-b --prompt=--no-open --style=plain',
    );
    expect(rawArgs).toEqual([
      '--no-open',
      '--header=a',
      '--header=-b',
      '--prompt=--no-open',
      '--style=plain',
      '--',
    ]);
    expect(values.get('header')).toEqual(['a', '-b']);
  });

  test('a lone dash is a word and means stdin', async () => {
    const { rawArgs, values } = await read('copy - x y');
    expect(rawArgs).toEqual(['--', '-', 'x', 'y']);
    expect(values.get('file')).toEqual(['x', 'y']);
  });
});

test('a command gets typed arguments and whole lists, and its exit code is returned', async () => {
  const { runCommand } = await import('citty');
  const seen: unknown[] = [];
  const probe = command({
    args: {
      file: { type: 'positional', required: true, multiple: true },
      open: { type: 'boolean', default: true },
      image: { type: 'string', alias: 'i', multiple: true },
      model: { type: 'string', alias: 'm' },
    },
    run: (call) => {
      seen.push(call.args.file, call.args.open, call.args.model, call.all('image'), call.all('file'));
      return 2;
    },
  });
  const { rawArgs, values } = parseArguments('codexd probe', probe, [
    'a',
    '-i',
    '1',
    '--no-open',
    '-m',
    'x',
    '-i2',
    '--',
    '-b',
  ]);
  const invocation = { all: (name: string) => values.get(name) ?? [] };
  const { result } = await runCommand(probe.citty, { rawArgs, data: invocation });
  expect(seen).toEqual(['a', false, 'x', ['1', '2'], ['a', '-b']]);
  expect(result).toBe(2);
});

describe('the words of another program', () => {
  test.each([
    ['run --demo sh --help --demo -x', ['--demo', '--', 'sh', '--help', '--demo', '-x']],
    ['run --style fancy sh -- --style', ['--style=fancy', '--', 'sh', '--', '--style']],
    ['run -- sh -- x', ['--', 'sh', '--', 'x']],
    ['run --json sh', ['--', 'sh']],
  ])('%s', async (words, rawArgs) => {
    expect((await read(words)).rawArgs).toEqual(rawArgs);
  });

  test('are all values of the last positional', async () => {
    expect((await read('run sh -c exit -- 1')).values.get('words')).toEqual(['-c', 'exit', '--', '1']);
  });

  test('do not excuse a wrong option before them', async () => {
    expect(await refusal('run --dmo sh --help')).toBe(
      'Unknown option `--dmo` for `codexd run`. Did you mean `--demo`?',
    );
    expect((await read('run --help sh')).help).toBe(true);
  });
});
