// Which process a number stands for. Numbers are used again; the number together with the time the process started is not.
import { readFileSync } from 'node:fs';

/** Undefined when there is no such process, or the system does not say when it started (Windows). */
export function identityOf(pid: number, platform: NodeJS.Platform = process.platform): string | undefined {
  try {
    if (platform === 'linux') return linuxIdentity(pid);
    if (platform === 'darwin') return macIdentity(pid);
    return undefined;
  } catch {
    return undefined;
  }
}

/** Ticks since boot (proc_pid_stat(5), field 22), and which boot. */
function linuxIdentity(pid: number): string | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is the program's name in brackets, which may contain anything.
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const started = fields[18];
  if (state === 'Z' || started === undefined) return undefined;
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${started}`;
}

function macIdentity(pid: number): string | undefined {
  const { stdout } = Bun.spawnSync(['/bin/ps', '-o', 'lstart=', '-p', String(pid)], {
    env: { LC_ALL: 'C' },
    stderr: 'ignore',
  });
  return stdout.toString().trim() || undefined;
}
