// From argv to a command's exit code. Failures are thrown; main.ts reports them.
import { existsSync, statSync } from 'node:fs';
import { findCommand, isGroup, readArguments, unknownCommand } from './arguments.ts';
import type { CommandGroup, Invocation, Surroundings } from './command.ts';
import { commands } from './commands.ts';
import { helpText } from './help.ts';

const summary = 'One ChatGPT/Codex login for every tool.';

/** `codexd FILE` means `codexd transcribe FILE` (product.md 3). */
const files: NonNullable<CommandGroup['files']> = { command: 'transcribe', means: isFile };

export async function run(
  argv: readonly string[],
  surroundings: Surroundings,
  root: CommandGroup['commands'] = commands,
): Promise<number> {
  const found = await findCommand(argv, { commands: root, files }, summary);
  const { stdout, stderr } = surroundings.terminal;
  if (isGroup(found.command)) {
    if (found.stray !== undefined) throw unknownCommand(found.stray, found);
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

/** Looks like a path, or is one. */
function isFile(word: string | undefined): boolean {
  if (word === undefined) return false;
  return word === '-' || /[./\\]/.test(word) || (existsSync(word) && statSync(word).isFile());
}
