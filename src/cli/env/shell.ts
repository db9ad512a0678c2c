// Variables as a shell takes them.
import type { Env } from '../../config/env.ts';
import type { Variables } from './client.ts';

const shells = ['posix', 'fish', 'powershell'] as const;
export type Shell = (typeof shells)[number];

/** What `--shell` takes: shells that read the same form are called by their own names, too. */
export const shellNames = ['posix', 'bash', 'zsh', 'fish', 'powershell'] as const;

export function shellNamed(name: (typeof shellNames)[number]): Shell {
  return name === 'bash' || name === 'zsh' ? 'posix' : name;
}

/** The user's shell, as far as the environment tells. */
export function shellOf(env: Env, platform: string): Shell {
  const name = env.SHELL?.split(/[\\/]/).at(-1);
  if (name === 'fish') return 'fish';
  if (name?.startsWith('pwsh') || (name === undefined && platform === 'win32')) return 'powershell';
  return 'posix';
}

const forms: Record<Shell, (name: string, value: string) => string> = {
  posix: (name, value) => `export ${name}=${bare(value) ?? `'${value.replaceAll("'", "'\\''")}'`}`,
  fish: (name, value) => `set -gx ${name} ${bare(value) ?? `'${value.replace(/[\\']/g, '\\$&')}'`}`,
  powershell: (name, value) => `$env:${name} = '${value.replaceAll("'", "''")}'`,
};

export function exportLines(variables: Variables, shell: Shell): string {
  return Object.entries(variables)
    .map(([name, value]) => `${forms[shell](name, value)}\n`)
    .join('');
}

/** How the shell takes over what `command` prints. */
export function takeOver(command: string, shell: Shell): string {
  switch (shell) {
    case 'posix':
      return `eval "$(${command})"`;
    case 'fish':
      return `${command} | source`;
    case 'powershell':
      return `${command} | Out-String | Invoke-Expression`;
  }
}

/** A value that needs no quotes in any shell of the Unix kind. */
function bare(value: string): string | undefined {
  return /^[\w./:-]+$/.test(value) ? value : undefined;
}
