// A small tmpfs for tests of a full disk; only root can mount it.
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmallDisk extends Disposable {
  path: string;
  /** Fills it until at most `freeBytes` are free. */
  fill(freeBytes?: number): void;
  empty(): void;
}

/** Why it cannot be mounted; undefined if it can. Prints the reason. */
export const noSmallDisk = findReason();

function findReason(): string | undefined {
  const reason = tryMount();
  if (reason !== undefined) console.log(`full-disk tests are skipped: ${reason}`);
  return reason;
}

function tryMount(): string | undefined {
  if (process.platform !== 'linux') return 'they need the tmpfs of Linux';
  try {
    mountSmallDisk(64 * 1024)[Symbol.dispose]();
    return undefined;
  } catch (thrown) {
    return (thrown as Error).message;
  }
}

export function mountSmallDisk(bytes: number): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), 'codexd-disk-'));
  const { exitCode, stderr } = run('mount', '-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', path);
  if (exitCode !== 0) {
    rmSync(path, { recursive: true });
    throw new Error(`tmpfs cannot be mounted: ${stderr}`);
  }
  const filler = join(path, 'filler');
  return {
    path,
    fill(freeBytes = 0) {
      rmSync(filler, { force: true });
      const { bavail, bsize } = statfsSync(path);
      writeFileSync(filler, Buffer.alloc(bavail * bsize - freeBytes));
    },
    empty: () => rmSync(filler, { force: true }),
    [Symbol.dispose]() {
      run('umount', '-l', path);
      rmSync(path, { recursive: true, force: true });
    },
  };
}

function run(...command: string[]): { exitCode: number | null; stderr: string } {
  try {
    const { exitCode, stderr } = Bun.spawnSync(command, { stdout: 'ignore', stderr: 'pipe' });
    return { exitCode, stderr: stderr.toString().trim() };
  } catch (thrown) {
    return { exitCode: null, stderr: String(thrown) };
  }
}
