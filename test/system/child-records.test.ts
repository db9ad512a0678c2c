import { afterEach, describe, expect, test } from 'bun:test';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ChildRecords } from '../../src/system/child-records.ts';
import { identityOf } from '../../src/system/process-identity.ts';
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

/** A process that has run and is gone. */
async function gone(): Promise<number> {
  const child = Bun.spawn(['true']);
  await child.exited;
  return child.pid;
}

function records(directory: string, pid = process.pid) {
  const killed: number[] = [];
  return { killed, records: new ChildRecords({ directory, pid, kill: (each) => killed.push(each) }) };
}

const noIdentity = identityOf(process.pid) === undefined;

describe.skipIf(noIdentity)('children on record', () => {
  test('are left alone while their codexd runs, and forgotten when they end', () => {
    using directory = temporaryDirectory();
    const own = records(join(directory.path, 'servers'));
    const forget = own.records.add(sleeper());
    expect(records(join(directory.path, 'servers')).records.endOrphans()).toBe(0);
    expect(readdirSync(join(directory.path, 'servers'))).toHaveLength(1);
    forget();
    expect(readdirSync(join(directory.path, 'servers'))).toEqual([]);
  });

  test('are ended when it is gone', () => {
    using directory = temporaryDirectory();
    const owner = sleeper();
    const child = sleeper();
    records(directory.path, owner).records.add(child);
    process.kill(owner, 'SIGKILL');
    const { killed, records: next } = records(directory.path);
    while (identityOf(owner) !== undefined) Bun.sleepSync(1);
    expect(next.endOrphans()).toBe(1);
    expect(killed).toEqual([child]);
    expect(readdirSync(directory.path)).toEqual([]);
  });

  test('whose number another process has by now are not', async () => {
    using directory = temporaryDirectory();
    const owner = { pid: await gone(), identity: 'gone' };
    const path = (name: string) => join(directory.path, name);
    writeFileSync(path('1.json'), JSON.stringify({ pid: 1, identity: identityOf(1), owner }));
    writeFileSync(path('2.json'), JSON.stringify({ pid: process.pid, identity: 'another start', owner }));
    writeFileSync(path('3.json'), 'half a reco');
    writeFileSync(path('4.json'), JSON.stringify({ pid: '-1', identity: 'x', owner }));
    mkdirSync(path('5.json'));
    writeFileSync(path('notes'), 'kept');
    const { killed, records: next } = records(directory.path);
    expect(next.endOrphans()).toBe(0);
    expect(killed).toEqual([]);
    expect(readdirSync(directory.path).sort()).toEqual(['5.json', 'notes']);
  });

  test('cost no more than the record where none can be written', () => {
    const own = records('/dev/null/servers');
    own.records.add(sleeper())();
    expect(own.records.endOrphans()).toBe(0);
    expect(existsSync('/dev/null/servers')).toBe(false);
  });
});

test.skipIf(noIdentity)(
  'an identity is the same as long as the process runs, and another one for another',
  async () => {
    expect(identityOf(process.pid)).toBe(identityOf(process.pid)!);
    expect(identityOf(sleeper())).not.toBe(identityOf(process.pid)!);
    expect(identityOf(await gone())).toBeUndefined();
    expect(identityOf(process.pid, 'win32')).toBeUndefined();
  },
);
