// Identifies a process beyond its ID: IDs are reused, but an ID together with the start time is unique.
import { readFileSync } from 'node:fs';

/** Undefined if there is no such process, or the system does not report its start time (Windows). */
export function processIdentity(
  pid: number,
  platform: NodeJS.Platform = process.platform,
): string | undefined {
  try {
    if (platform === 'linux') return linuxIdentity(pid);
    if (platform === 'darwin') return macIdentity(pid);
    return undefined;
  } catch {
    return undefined;
  }
}

/** The boot ID and the start time in ticks since boot (proc_pid_stat(5), field 22). */
function linuxIdentity(pid: number): string | undefined {
  const [state, ...fields] = linuxState(pid);
  const started = fields[18];
  if (state === 'Z' || started === undefined) return undefined;
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${started}`;
}

/** The fields from the third one on, which is the state. */
function linuxState(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is the program's name in parentheses, which may contain any character.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function macIdentity(pid: number): string | undefined {
  return psField('lstart', pid) || undefined;
}

function psField(name: string, pid: number): string {
  const { stdout } = Bun.spawnSync(['/bin/ps', '-o', `${name}=`, '-p', String(pid)], {
    env: { LC_ALL: 'C' },
    stderr: 'ignore',
  });
  return stdout.toString().trim();
}

/** Whether the process is stopped, as by Ctrl-Z. False where the system does not say so (Windows). */
export function isStopped(pid: number, platform: NodeJS.Platform = process.platform): boolean {
  try {
    if (platform === 'linux') return linuxState(pid)[0] === 'T';
    return platform === 'darwin' && psField('state', pid).startsWith('T');
  } catch {
    return false;
  }
}

/** Whether a process with this ID exists, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}
