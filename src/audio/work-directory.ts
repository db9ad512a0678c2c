// Where recordings lie while they are worked on: a directory of the job alone, which nobody else can read, always removed
// (reference/asr.md traps 37 and 38). Its name tells the process, so that what a dead one left can be swept.
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface WorkDirectory extends AsyncDisposable {
  path: string;
}

const prefix = 'codexd-';
const pattern = /^codexd-(\d+)-\w{6}$/;

/** Mode 0700. `root` is the system's directory for temporary files. */
export async function workDirectory(root: string): Promise<WorkDirectory> {
  const path = await mkdtemp(join(root, `${prefix}${process.pid}-`));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Removes what processes that have ended left behind. `isRunning` is asked about their ids. */
export async function sweepWorkDirectories(root: string, isRunning: (pid: number) => boolean): Promise<void> {
  const names = await readdir(root).catch(() => []);
  for (const name of names) {
    const pid = Number(pattern.exec(name)?.[1]);
    if (!Number.isSafeInteger(pid) || pid === process.pid || isRunning(pid)) continue;
    const path = join(root, name);
    const uid = (await stat(path).catch(() => undefined))?.uid;
    if (uid === process.getuid?.()) await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}
