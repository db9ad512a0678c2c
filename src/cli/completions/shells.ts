// What each shell loads to complete the command line: a function that calls `codexd completions SHELL -- WORD…` and offers what
// that prints. So all shells complete the same, and always what the installed version accepts.
import type { Completion } from './complete.ts';

interface ShellCompletion {
  script: string;
  /** The words after `codexd`, as the shell passed them, in the form of argv. */
  wordsOf(words: readonly string[]): readonly string[];
  /** What the script's function reads. */
  print(completion: Completion, words: readonly string[]): string;
}

/** The line that makes the script offer files; no option and no command starts with a colon. */
const files = ':files\n';

type Line = (value: string, description: string) => string;

const printWith =
  (line: Line) =>
  (completion: Completion): string =>
    completion === 'files'
      ? files
      : completion.map(({ value, description }) => `${line(value, firstSentence(description))}\n`).join('');

/** Shells show descriptions in one short line. */
function firstSentence(text: string): string {
  return text
    .split(/(?<=[.;:]) |; /, 1)[0]!
    .replace(/[.;:]$/, '')
    .replace(/\s+/g, ' ');
}

const bash: ShellCompletion = {
  // bash 3.2, which macOS has, knows no compopt.
  script: `# bash completion of codexd. Load it with: source <(codexd completions bash)
_codexd() {
  local line current=\${COMP_WORDS[COMP_CWORD]}
  [[ $current == '=' ]] && current=
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      type compopt >/dev/null 2>&1 && compopt -o filenames
      while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$current")
    else
      COMPREPLY+=("$line")
    fi
  done < <(codexd completions bash -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _codexd codexd
`,
  /** bash splits words at `=`. */
  wordsOf: (words) => {
    const joined: string[] = [];
    words.forEach((word, at) => {
      const isValue = words[at - 1] === '=' && joined.at(-1)?.startsWith('--');
      if ((word === '=' && joined.at(-1)?.startsWith('--')) || isValue) joined[joined.length - 1] += word;
      else joined.push(word);
    });
    return joined;
  },
  /** Only the part after `=` is replaced. */
  print: (completion, words) => {
    const split = words.at(-1) === '=' || words.at(-2) === '=';
    return printWith((value) => (split ? value.slice(value.indexOf('=') + 1) : value))(completion);
  },
};

const zsh: ShellCompletion = {
  script: `#compdef codexd
# zsh completion of codexd. Load it with: source <(codexd completions zsh)
_codexd() {
  local line
  local -a candidates
  for line in "\${(@f)$(codexd completions zsh -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
    if [[ $line == :files ]]; then
      compset -P '--*='
      _files
      return
    fi
    [[ -n $line ]] && candidates+=("$line")
  done
  _describe codexd candidates
}
if [[ $funcstack[1] == _codexd ]]; then
  _codexd "$@"
else
  compdef _codexd codexd
fi
`,
  wordsOf: (words) => words,
  print: printWith((value, description) => {
    const escaped = value.replaceAll(':', '\\:');
    return description === '' ? escaped : `${escaped}:${description}`;
  }),
};

const fish: ShellCompletion = {
  script: `# fish completion of codexd. Load it with: codexd completions fish | source
function __codexd_complete
    set -l current (commandline -ct)
    set -l words (commandline -opc) "$current"
    for line in (codexd completions fish -- $words[2..] 2>/dev/null)
        if test "$line" = :files
            set -l option (string match -r '^--[^=]*=' -- $current)
            for path in (__fish_complete_path (string replace -r '^--[^=]*=' '' -- "$current"))
                echo "$option$path"
            end
        else
            echo $line
        end
    end
end
complete -c codexd -f -a '(__codexd_complete)'
`,
  wordsOf: (words) => words,
  print: printWith((value, description) => (description === '' ? value : `${value}\t${description}`)),
};

const powershell: ShellCompletion = {
  // Windows PowerShell drops empty arguments, so the word to complete is marked. Without candidates, files are offered.
  script: `# PowerShell completion of codexd. Load it with: codexd completions powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName codexd -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements |
        Select-Object -Skip 1 |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
        ForEach-Object { "$_" })
    codexd completions powershell -- @words ":$wordToComplete" 2>$null |
        Where-Object { $_ -ne ':files' } |
        ForEach-Object {
            $value, $description = $_ -split [char]9, 2
            if (-not $description) { $description = $value }
            [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $description)
        }
}
`,
  wordsOf: (words) => [...words.slice(0, -1), words.at(-1)?.replace(/^:/, '') ?? ''],
  print: fish.print,
};

export const shells = { bash, zsh, fish, powershell } as const;
