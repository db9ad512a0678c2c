// From argv to a command's exit code. Failures are thrown; main.ts reports them.
import { Failure } from '../failure.ts';
import { type Found, findCommand, isGroup, readArguments, unknownCommand } from './arguments.ts';
import type { Invocation, Surroundings } from './command.ts';
import { commands } from './commands.ts';
import { helpText } from './help.ts';

const summary = 'One ChatGPT/Codex login for every tool.';

export async function run(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  const found = await findCommand(argv, { commands }, summary);
  const { stdout, stderr } = surroundings.terminal;
  if (isGroup(found.command)) {
    if (found.stray !== undefined) throw strayWord(found.stray, found);
    const asked = found.rest.includes('--help') || found.rest.includes('-h');
    (asked ? stdout : stderr).write(helpText(found));
    return asked ? 0 : 2;
  }
  const { help, rawArgs, values, ...common } = readArguments(found.name, found.command, found.rest);
  if (help) {
    stdout.write(helpText(found));
    return 0;
  }
  const invocation: Invocation = { ...surroundings, ...common, all: (name) => values.get(name) ?? [] };
  const { runCommand } = await import('citty');
  const { result } = await runCommand(found.command.citty, { rawArgs, data: invocation });
  return (result as number | undefined) ?? 0;
}

/** `codexd FILE` means `codexd transcribe FILE` (product.md 3), which this version does not have. */
function strayWord(word: string, found: Found): Failure {
  const isFile = found.name === 'codexd' && (word === '-' || /[./\\]/.test(word));
  if (!isFile) return unknownCommand(word, found);
  return new Failure(
    'not_found',
    `codexd cannot transcribe "${word}": this version has no \`transcribe\` yet.`,
    {
      code: 'unsupported_command',
      next: 'See `codexd --help` for what it can do.',
    },
  );
}
