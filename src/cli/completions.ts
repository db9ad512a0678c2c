// `codexd completions SHELL`: prints the completion script of a shell. With words of a command line after `--`, as those
// scripts call it, it prints the completions of the last word.
import { nearest } from '../config/nearest.ts';
import { usageFailure } from './arguments.ts';
import { type Command, type CommandEntry, command } from './command.ts';
import { complete } from './completions/complete.ts';
import { shells } from './completions/shells.ts';

interface Root {
  commands: Readonly<Record<string, CommandEntry>>;
  fileCommandName: string;
}

type ShellName = keyof typeof shells;
const shellNames = Object.keys(shells) as ShellName[];

export function completionsCommand(root: Root): Command {
  return command({
    args: {
      shell: {
        type: 'positional',
        required: true,
        values: shellNames,
        description: `One of ${shellNames.join(', ')}.`,
      },
      words: {
        type: 'positional',
        required: false,
        multiple: true,
        description: 'After `--`: words of a command line, to print the completions of the last one.',
      },
    },
    examples: [
      'source <(codexd completions bash)',
      'source <(codexd completions zsh)',
      'codexd completions fish > ~/.config/fish/completions/codexd.fish',
      'codexd completions powershell | Out-String | Invoke-Expression',
    ],
    run: async ({ args, all, terminal }) => {
      const shell = shells[shellOf(args.shell)];
      const words = all('words');
      if (words.length === 0) terminal.stdout.write(shell.script);
      else terminal.stdout.write(shell.print(await complete(shell.wordsOf(words), root), words));
    },
  });
}

function shellOf(name: string): ShellName {
  if (Object.hasOwn(shells, name)) return name as ShellName;
  const near = nearest(name, shellNames);
  throw usageFailure(
    `Unknown shell "${name}".`,
    near === undefined
      ? `Use one of ${shellNames.join(', ')}.`
      : `Did you mean \`codexd completions ${near}\`?`,
  );
}
