import { afterEach, describe, expect, test } from 'bun:test';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ChildRecords } from '../../src/system/child-records.ts';
import { processIdentity } from '../../src/system/process-identity.ts';
import { temporaryDirectory } from '../auth/support.ts';

const children: Bun.Subprocess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function sleeper(): number {
  const child = Bun.spawn(['sleep', '600']);
  children.push(child);
  return child.pid;
}

/** The ID of a process that has exited. */
async function exitedPid(): Promise<number> {
  const child = Bun.spawn(['true']);
  await child.exited;
  return child.pid;
}

function records(directory: string, pid = process.pid) {
  const killed: number[] = [];
  return { killed, records: new ChildRecords({ directory, pid, kill: (each) => killed.push(each) }) };
}

const noIdentity = processIdentity(process.pid) === undefined;

describe.skipIf(noIdentity)('recorded children', () => {
  test('are left alone while their codexd runs, and their records removed when they exit', () => {
    using directory = temporaryDirectory();
    const own = records(join(directory.path, 'servers'));
    const forget = own.records.add(sleeper());
    expect(records(join(directory.path, 'servers')).records.stopOrphans()).toBe(0);
    expect(readdirSync(join(directory.path, 'servers'))).toHaveLength(1);
    forget();
    expect(readdirSync(join(directory.path, 'servers'))).toEqual([]);
  });

  test('are killed when it no longer runs', () => {
    using directory = temporaryDirectory();
    const owner = sleeper();
    const child = sleeper();
    records(directory.path, owner).records.add(child);
    process.kill(owner, 'SIGKILL');
    const { killed, records: next } = records(directory.path);
    while (processIdentity(owner) !== undefined) Bun.sleepSync(1);
    expect(next.stopOrphans()).toBe(1);
    expect(killed).toEqual([child]);
    expect(readdirSync(directory.path)).toEqual([]);
  });

  test('are not killed if their ID was reused', async () => {
    using directory = temporaryDirectory();
    const owner = { pid: await exitedPid(), identity: 'gone' };
    const path = (name: string) => join(directory.path, name);
    writeFileSync(path('1.json'), JSON.stringify({ pid: 1, identity: processIdentity(1), owner }));
    writeFileSync(path('2.json'), JSON.stringify({ pid: process.pid, identity: 'another start', owner }));
    writeFileSync(path('3.json'), 'half a reco');
    writeFileSync(path('4.json'), JSON.stringify({ pid: '-1', identity: 'x', owner }));
    mkdirSync(path('5.json'));
    writeFileSync(path('notes'), 'kept');
    const { killed, records: next } = records(directory.path);
    expect(next.stopOrphans()).toBe(0);
    expect(killed).toEqual([]);
    expect(readdirSync(directory.path).sort()).toEqual(['5.json', 'notes']);
  });

  test('cannot be recorded in an unwritable directory, which is not an error', () => {
    const own = records('/dev/null/servers');
    own.records.add(sleeper())();
    expect(own.records.stopOrphans()).toBe(0);
    expect(existsSync('/dev/null/servers')).toBe(false);
  });
});

test.skipIf(noIdentity)('an identity is stable while the process runs, and unique', async () => {
  expect(processIdentity(process.pid)).toBe(processIdentity(process.pid)!);
  expect(processIdentity(sleeper())).not.toBe(processIdentity(process.pid)!);
  expect(processIdentity(await exitedPid())).toBeUndefined();
  expect(processIdentity(process.pid, 'win32')).toBeUndefined();
});
