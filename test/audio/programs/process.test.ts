// After a program's promise has settled, nothing of the program is left (docs/wire/audio.md#wait-for-exit).
import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../../../src/audio/programs/process.ts';
import { Failure } from '../../../src/failure.ts';
import { until } from '../../support/until.ts';
import { isAlive, shell, temporaryDirectory } from '../engines/support.ts';

const tooLong = () => new Failure('timeout', 'too long');
const run = (path: string, more: Partial<Parameters<typeof runProgram>[1]> = {}) =>
  runProgram(
    {
      argv: [path],
      directory: temporaryDirectory(),
      env: { PATH: process.env.PATH },
      atExit: () => () => {},
    },
    { signal: new AbortController().signal, timeoutMs: 0, tooLong, ...more },
  );

/** Starts a helper, prints both ids, and never ends. */
const endless = (dir: string) =>
  shell(dir, 'endless', `sleep 1000 & echo "$$ $!" > '${dir}/half' && mv '${dir}/half' '${dir}/pids'; wait`);
const pidsIn = async (dir: string): Promise<number[]> => {
  const file = Bun.file(join(dir, 'pids'));
  await until(() => file.exists());
  return readFileSync(join(dir, 'pids'), 'utf8').trim().split(' ').map(Number);
};

test('output, the end of stderr and the exit code', async () => {
  const path = shell(
    temporaryDirectory(),
    'x',
    'echo out; head -c 70000 /dev/zero | tr "\\0" e >&2; echo end >&2; exit 3',
  );
  const { stdout, stderr, exitCode } = await run(path);
  expect([Buffer.from(stdout).toString(), stderr.length, stderr.slice(-5), exitCode]).toEqual([
    'out\n',
    65_536,
    'eend\n',
    3,
  ]);
});

describe('whatever ends it, its helpers end with it', () => {
  test('the client left', async () => {
    const dir = temporaryDirectory();
    const control = new AbortController();
    const ran = run(endless(dir), { signal: control.signal });
    const pids = await pidsIn(dir);
    expect(pids.map(isAlive)).toEqual([true, true]);
    const reason = new Failure('cancelled', 'gone');
    control.abort(reason);
    expect(await ran.catch((thrown) => thrown)).toBe(reason);
    expect(isAlive(pids[0]!)).toBe(false);
    await until(() => !isAlive(pids[1]!));
  });

  test('the time is up', async () => {
    const dir = temporaryDirectory();
    const ran = run(endless(dir), { timeoutMs: 1000 });
    expect(await ran.catch(({ kind }) => kind)).toBe('timeout');
    for (const pid of await pidsIn(dir)) await until(() => !isAlive(pid));
  });

  test('it ended by itself and left a helper that holds its output open', async () => {
    const dir = temporaryDirectory();
    await run(shell(dir, 'x', `sleep 1000 & echo "$$ $!" > '${dir}/pids'`));
    for (const pid of await pidsIn(dir)) await until(() => !isAlive(pid));
  });

  test('it does not want to end', async () => {
    const dir = temporaryDirectory();
    const path = shell(dir, 'x', `trap '' TERM; echo "$$ $$" > '${dir}/pids'; while :; do sleep 0.05; done`);
    const ran = run(path, { timeoutMs: 1000 });
    expect(await ran.catch(({ kind }) => kind)).toBe('timeout');
    expect(isAlive((await pidsIn(dir))[0]!)).toBe(false);
  });
});

test('an aborted job starts nothing', async () => {
  const dir = temporaryDirectory();
  const path = shell(dir, 'x', `touch '${dir}/pids'`);
  const reason = new Failure('cancelled', 'gone');
  expect(await run(path, { signal: AbortSignal.abort(reason) }).catch((thrown) => thrown)).toBe(reason);
  expect(await Bun.file(join(dir, 'pids')).exists()).toBe(false);
});

test('endless output is cut off', async () => {
  expect(
    await run(shell(temporaryDirectory(), 'x', 'cat /dev/zero')).catch(({ kind, code }) => [kind, code]),
  ).toEqual(['upstream_broke', 'engine_failed']);
});

test('codexd that ends without waiting takes the program with it', async () => {
  const dir = temporaryDirectory();
  const acts = new Set<() => void>();
  const atExit = (act: () => void) => {
    acts.add(act);
    return () => void acts.delete(act);
  };
  const limits = { signal: new AbortController().signal, timeoutMs: 0, tooLong };
  const env = { PATH: process.env.PATH };
  const ran = runProgram({ argv: [endless(dir)], directory: dir, env, atExit }, limits);
  const pids = await pidsIn(dir);
  for (const act of acts) act();
  for (const pid of pids) await until(() => !isAlive(pid));
  await ran;
  expect(acts.size).toBe(0);
});
