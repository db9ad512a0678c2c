// Prints environment variables in the syntax of a shell.
import type { Env } from '../../config/env.ts';
import type { Variables } from './client.ts';

const shells = ['posix', 'fish', 'powershell'] as const;
export type Shell = (typeof shells)[number];

/** The values of `--shell`. bash and zsh share the posix syntax. */
export const shellNames = ['posix', 'bash', 'zsh', 'fish', 'powershell'] as const;

export function toShell(name: (typeof shellNames)[number]): Shell {
  return name === 'bash' || name === 'zsh' ? 'posix' : name;
}

/** The user's shell, according to the environment. */
export function shellOf(env: Env, platform: string): Shell {
  const name = env.SHELL?.split(/[\\/]/).at(-1);
  if (name === 'fish') return 'fish';
  if (name?.startsWith('pwsh') || (name === undefined && platform === 'win32')) return 'powershell';
  return 'posix';
}

const forms: Record<Shell, (name: string, value: string) => string> = {
  posix: (name, value) => `export ${name}=${unquoted(value) ?? `'${value.replaceAll("'", "'\\''")}'`}`,
  fish: (name, value) => `set -gx ${name} ${unquoted(value) ?? `'${value.replace(/[\\']/g, '\\$&')}'`}`,
  powershell: (name, value) => `$env:${name} = '${value.replaceAll("'", "''")}'`,
};

export function exportLines(variables: Variables, shell: Shell): string {
  return Object.entries(variables)
    .map(([name, value]) => `${forms[shell](name, value)}\n`)
    .join('');
}

/** The command line with which the shell sets the variables that `command` prints. */
export function sourceCommand(command: string, shell: Shell): string {
  switch (shell) {
    case 'posix':
      return `eval "$(${command})"`;
    case 'fish':
      return `${command} | source`;
    case 'powershell':
      return `${command} | Out-String | Invoke-Expression`;
  }
}

/** The value, if no Unix shell requires quotes around it. */
function unquoted(value: string): string | undefined {
  return /^[\w./:-]+$/.test(value) ? value : undefined;
}
