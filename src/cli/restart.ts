// Bun reads some variables when a process starts, before any code of ours: what must not hold then, or must be set, takes a
// new start in the same process. Windows has no execve(2).
import { type Env, ignoredVariablesName } from '../config/env.ts';
import { Failure } from '../failure.ts';

/** Variables of Bun and Node that leak a login or weaken its protection, and what they would do. */
export const unsafeVariables: ReadonlyMap<string, string> = new Map([
  ['BUN_CONFIG_VERBOSE_FETCH', 'it prints every request with its access token'],
  [
    'NODE_TLS_REJECT_UNAUTHORIZED',
    'it switches certificate checks off; a private authority is named with --ca-file',
  ],
  ['BUN_OPTIONS', 'it runs other code inside codexd'],
  ['BUN_INSPECT', 'it opens a debugger that can read the login'],
  ['BUN_INSPECT_CONNECT_TO', 'it opens a debugger that can read the login'],
  ['BUN_INSPECT_NOTIFY', 'it opens a debugger that can read the login'],
  ['BUN_INSPECT_PRELOAD', 'it runs other code inside codexd'],
  ['NODE_DEBUG', 'it prints what is sent over the network'],
  ['BUN_CONFIG_HTTP_IDLE_TIMEOUT', 'it cuts answers while a model thinks'],
  ['BUN_CRASH_REPORT_URL', 'it sends crash reports elsewhere'],
]);

interface Process {
  env: Env;
  platform: string;
  /** `process.execve`; does not return. */
  execve?: ((file: string, argv: string[], env: Record<string, string | undefined>) => never) | undefined;
}

/** Starts anew without the unsafe variables, if any is set; the new start is told their names, to warn in its own log. */
export function restartWithoutUnsafe({ env, platform, execve = systemExecve() }: Process): void {
  const unsafe = [...unsafeVariables.keys()].filter((name) => isUnsafe(name, env[name]));
  if (unsafe.length === 0) return;
  const kept = Object.fromEntries(Object.entries(env).filter(([name]) => !unsafe.includes(name)));
  if (platform !== 'win32') restart({ ...kept, [ignoredVariablesName]: unsafe.join(',') }, execve);
  const [first = ''] = unsafe;
  throw new Failure('forbidden', `Refusing to run with ${first} set: ${unsafeVariables.get(first)}.`, {
    code: 'unsafe_environment',
    advice: `Unset ${unsafe.join(', ')}.`,
  });
}

function isUnsafe(name: string, value = ''): boolean {
  const isOff = value === '' || value === '0' || value === 'false';
  return name === 'NODE_TLS_REJECT_UNAUTHORIZED' ? isOff && value !== '' : !isOff;
}

/**
 * Bun lets 256 requests out at once and makes the next one wait without a word. The limit is read when the process starts;
 * where there is no execve it stays.
 */
export function restartWithRequestLimit({ env, platform, execve = systemExecve() }: Process): void {
  if (env.BUN_CONFIG_MAX_HTTP_REQUESTS !== undefined || platform === 'win32') return;
  restart({ ...env, BUN_CONFIG_MAX_HTTP_REQUESTS: '8192' }, execve);
}

function systemExecve(): Process['execve'] {
  return process.execve?.bind(process) as Process['execve'];
}

function restart(env: Record<string, string | undefined>, execve: Process['execve']): void {
  const args = Bun.isStandaloneExecutable ? process.argv.slice(2) : process.argv.slice(1);
  execve?.(process.execPath, [process.argv0, ...args], env);
}
