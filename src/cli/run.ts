// From argv to a command's exit code. Failures are thrown; main.ts reports them.
import { existsSync, statSync } from 'node:fs';
import { findCommand, isGroup, parseArguments, unknownCommand } from './arguments.ts';
import type { CommandGroup, Invocation, ProcessContext } from './command.ts';
import { commands, fileCommandName } from './commands.ts';
import { globalHelp, helpText } from './help.ts';
import { lineWidth } from './wrap.ts';

const summary =
  'Use your ChatGPT/Codex login from any tool: ask questions, transcribe recordings, or serve the OpenAI, Anthropic and Ollama APIs.';

const fileCommand: CommandGroup['fileCommand'] = { name: fileCommandName, isFile };

const examples = [
  'codexd login',
  'codexd ask "Why is the sky blue?"',
  'codexd voice.m4a',
  'codexd serve',
  'eval "$(codexd env claude)"',
];

export async function run(
  argv: readonly string[],
  context: ProcessContext,
  commandList: CommandGroup['commands'] = commands,
): Promise<number> {
  const { stdout, stderr } = context.terminal;
  const [first, ...others] = argv;
  if (first === 'help' && others[0] === 'options') {
    stdout.write(globalHelp(lineWidth(stdout)));
    return 0;
  }
  const root: CommandGroup = { commands: commandList, fileCommand, examples };
  const words = first === 'help' ? [...others.filter((word) => word !== 'help'), '--help'] : argv;
  const found = await findCommand(words, root, summary);
  if (isGroup(found.command)) {
    if (found.unknownWord !== undefined) throw unknownCommand(found.unknownWord, found);
    const wantsHelp = found.rest.includes('--help') || found.rest.includes('-h');
    const output = wantsHelp ? stdout : stderr;
    output.write(helpText(found, lineWidth(output)));
    return wantsHelp ? 0 : 2;
  }
  const { help, rawArgs, values, ...common } = parseArguments(found.name, found.command, found.rest);
  if (help) {
    stdout.write(helpText(found, lineWidth(stdout)));
    return 0;
  }
  const invocation: Invocation = { ...context, ...common, all: (name) => values.get(name) ?? [] };
  const { runCommand } = await import('citty');
  const { result } = await runCommand(found.command.citty, { rawArgs, data: invocation });
  return (result as number | undefined) ?? 0;
}

/** Looks like a path, or is one. */
function isFile(word: string | undefined): boolean {
  if (word === undefined) return false;
  return word === '-' || /[./\\]/.test(word) || (existsSync(word) && statSync(word).isFile());
}
