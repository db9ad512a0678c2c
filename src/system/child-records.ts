// Servers that codexd has started, on record as long as they run: a codexd that is killed with SIGKILL ends nothing, and
// the next one ends what it left. Each record says whose server it is, so that those of a living codexd are left alone.
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { identityOf } from './process-identity.ts';
import { removeIfThere, replaceFile } from './whole-file.ts';

interface Recorded {
  pid: number;
  identity: string;
}

interface ChildRecord extends Recorded {
  owner: Recorded;
}

export interface ChildRecordsOptions {
  directory: string;
  /** Our own process. */
  pid: number;
  /** Ends a process and its group. */
  kill: (pid: number) => void;
}

export class ChildRecords {
  constructor(private readonly options: ChildRecordsOptions) {}

  /** Records a child that leads its own group; returns what is to be called when it has ended. Never throws. */
  add(pid: number): () => void {
    const { directory, pid: ownPid } = this.options;
    const [identity, own] = [identityOf(pid), identityOf(ownPid)];
    if (identity === undefined || own === undefined) return () => {};
    const path = join(directory, `${pid}.json`);
    const record: ChildRecord = { pid, identity, owner: { pid: ownPid, identity: own } };
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      replaceFile(path, JSON.stringify(record));
    } catch {
      // A full disk is no reason not to transcribe.
    }
    return () => remove(path);
  }

  /** Ends the children of processes that are gone; returns how many. */
  endOrphans(): number {
    const { directory, kill } = this.options;
    let ended = 0;
    for (const name of namesIn(directory)) {
      const path = join(directory, name);
      const record = readRecord(path);
      if (record !== undefined && isRunning(record.owner)) continue;
      if (record !== undefined && isRunning(record)) {
        kill(record.pid);
        ended++;
      }
      remove(path);
    }
    return ended;
  }
}

function isRunning({ pid, identity }: Recorded): boolean {
  return identityOf(pid) === identity;
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory).filter((name) => /^\d+\.json$/.test(name));
  } catch {
    return [];
  }
}

function readRecord(path: string): ChildRecord | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isRecorded(value) && isRecorded((value as Partial<ChildRecord>).owner)
      ? (value as ChildRecord)
      : undefined;
  } catch {
    return undefined;
  }
}

function isRecorded(value: unknown): value is Recorded {
  const { pid, identity } = (value ?? {}) as Partial<Recorded>;
  return Number.isInteger(pid) && (pid as number) > 1 && typeof identity === 'string';
}

function remove(path: string): void {
  try {
    removeIfThere(path);
  } catch {
    // The next start tries again.
  }
}
