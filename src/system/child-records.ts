// Records of the servers that codexd has started: a codexd killed with SIGKILL cannot stop them, so the next one does. Each
// record names the owner, so that the servers of a running codexd are left alone.
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { processIdentity } from './process-identity.ts';
import { removeIfExists, replaceFile } from './whole-file.ts';

interface ProcessRecord {
  pid: number;
  identity: string;
}

interface ChildRecord extends ProcessRecord {
  owner: ProcessRecord;
}

export interface ChildRecordsOptions {
  directory: string;
  /** codexd's own process ID. */
  pid: number;
  /** Kills a process and its group. */
  kill: (pid: number) => void;
}

export class ChildRecords {
  constructor(private readonly options: ChildRecordsOptions) {}

  /** Records a child that leads its own process group; returns a function to call when it has exited. Never throws. */
  add(pid: number): () => void {
    const { directory, pid: ownPid } = this.options;
    const [identity, own] = [processIdentity(pid), processIdentity(ownPid)];
    if (identity === undefined || own === undefined) return () => {};
    const path = join(directory, `${pid}.json`);
    const record: ChildRecord = { pid, identity, owner: { pid: ownPid, identity: own } };
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      replaceFile(path, JSON.stringify(record));
    } catch {
      // Transcribing works without the record, e.g. on a full disk.
    }
    return () => remove(path);
  }

  /** Kills the children of processes that no longer run; returns how many. */
  stopOrphans(): number {
    const { directory, kill } = this.options;
    let killed = 0;
    for (const name of namesIn(directory)) {
      const path = join(directory, name);
      const record = readRecord(path);
      if (record !== undefined && isRunning(record.owner)) continue;
      if (record !== undefined && isRunning(record)) {
        kill(record.pid);
        killed++;
      }
      remove(path);
    }
    return killed;
  }
}

function isRunning({ pid, identity }: ProcessRecord): boolean {
  return processIdentity(pid) === identity;
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
    return isProcessRecord(value) && isProcessRecord((value as Partial<ChildRecord>).owner)
      ? (value as ChildRecord)
      : undefined;
  } catch {
    return undefined;
  }
}

function isProcessRecord(value: unknown): value is ProcessRecord {
  const { pid, identity } = (value ?? {}) as Partial<ProcessRecord>;
  return Number.isInteger(pid) && (pid as number) > 1 && typeof identity === 'string';
}

function remove(path: string): void {
  try {
    removeIfExists(path);
  } catch {
    // The next start tries again.
  }
}
