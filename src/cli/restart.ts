// Bun reads some environment variables at process start, before any code of ours runs. To unset or set one, codexd replaces
// its own process with execve(2), which Windows does not have.
import { type Env, ignoredVariablesName } from '../config/env.ts';
import { Failure } from '../failure.ts';
import { errnoOf } from '../system/errno.ts';

/** Variables of Bun and Node that leak the login or weaken its protection, and why. */
export const unsafeVariables: ReadonlyMap<string, string> = new Map([
  ['BUN_CONFIG_VERBOSE_FETCH', 'it prints every request with its access token'],
  [
    'NODE_TLS_REJECT_UNAUTHORIZED',
    'it disables certificate checks; for a private certificate authority, use --ca-file',
  ],
  ['BUN_OPTIONS', 'it runs other code inside codexd'],
  ['BUN_INSPECT', 'it opens a debugger that can read the login'],
  ['BUN_INSPECT_CONNECT_TO', 'it opens a debugger that can read the login'],
  ['BUN_INSPECT_NOTIFY', 'it opens a debugger that can read the login'],
  ['BUN_INSPECT_PRELOAD', 'it runs other code inside codexd'],
  ['NODE_DEBUG', 'it prints what is sent over the network'],
  ['BUN_CONFIG_HTTP_IDLE_TIMEOUT', 'it cuts off answers while the model is thinking'],
  ['BUN_CRASH_REPORT_URL', 'it sends crash reports elsewhere'],
]);

interface Process {
  env: Env;
  platform: string;
  /** `process.execve`; does not return on success. */
  execve?: ((file: string, argv: string[], env: Record<string, string | undefined>) => never) | undefined;
}

/** Restarts without the unsafe variables, if any is set, and passes their names on so that the new process can warn. */
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
 * Bun sends at most 256 requests concurrently and silently queues the rest. The limit is read at process start; on Windows
 * and if a restart fails, it stays unchanged.
 */
export function restartWithRequestLimit({ env, platform, execve = systemExecve() }: Process): void {
  if (env.BUN_CONFIG_MAX_HTTP_REQUESTS !== undefined || platform === 'win32') return;
  restart({ ...env, BUN_CONFIG_MAX_HTTP_REQUESTS: '8192' }, execve);
}

function systemExecve(): Process['execve'] {
  return process.execve?.bind(process) as Process['execve'];
}

/** Returns if the system cannot restart this program, as in an emulator of another processor. */
function restart(env: Record<string, string | undefined>, execve: Process['execve']): void {
  const args = Bun.isStandaloneExecutable ? process.argv.slice(2) : process.argv.slice(1);
  try {
    execve?.(process.execPath, [process.argv0, ...args], env);
  } catch (thrown) {
    if (errnoOf(thrown) === undefined) throw thrown;
  }
}
