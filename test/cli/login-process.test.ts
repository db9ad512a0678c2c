// The three commands as somebody runs them: a process, its streams, its exit code, its files.
import { expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { temporaryDirectory } from '../auth/support.ts';

test('login, status and logout of a fresh home, with not one token on any stream', async () => {
  const simulator = startSimulator();
  using home = temporaryDirectory();
  const env = { HOME: home.path, CODEXD_ISSUER: simulator.issuer, CODEXD_UPSTREAM: simulator.upstream };
  let shown = '';
  const start = (...args: string[]) => {
    const child = Bun.spawn([process.execPath, join(import.meta.dir, '../../src/main.ts'), ...args], {
      env,
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
    });
    const run = { out: '', err: '', ended: Promise.resolve(0) };
    const collect = async (name: 'out' | 'err', stream: ReadableStream<Uint8Array>) => {
      for await (const bytes of stream) run[name] += new TextDecoder().decode(bytes);
    };
    const streams = [collect('out', child.stdout), collect('err', child.stderr)];
    run.ended = Promise.all(streams).then(() => child.exited);
    return run;
  };
  const finish = async (run: ReturnType<typeof start>) => {
    const exitCode = await run.ended;
    shown += run.out + run.err;
    return { out: run.out, exitCode };
  };

  expect(await finish(start('status'))).toMatchObject({ exitCode: 3 });

  const login = start('login', '--no-browser', '--port', '0');
  const address = () => /^(http\S+authorize\S+)\n/m.exec(login.err)?.[1];
  while (!address()) await Bun.sleep(2);
  expect(await (await fetch(address()!)).text()).toContain('codexd is logged in');
  const done = await finish(login);
  expect(done).toMatchObject({ out: 'Logged in as a@example.com (plan: plus).\n', exitCode: 0 });

  const directory = join(home.path, '.local/state/codexd/default');
  const { tokens } = JSON.parse(readFileSync(join(directory, 'auth.json'), 'utf8'));
  const status = await finish(start('status', '--json'));
  expect(status.exitCode).toBe(0);
  expect(JSON.parse(status.out)).toMatchObject({
    login: { source: 'own', email: 'a@example.com' },
    problem: null,
  });

  expect(await finish(start('logout'))).toMatchObject({ out: 'Logged out.\n', exitCode: 0 });
  expect(readdirSync(directory)).not.toContain('auth.json');
  expect(simulator.requests.at(-1)).toMatchObject({
    path: '/oauth/revoke',
    body: { token: tokens.refresh_token },
  });

  for (const key of ['id_token', 'access_token', 'refresh_token']) expect(shown).not.toContain(tokens[key]);
  await simulator.stop();
});

test.each([
  [['login', '--device', '--import'], 2, 'There is one way to log in at a time.'],
  [['login', '--port', 'x'], 2, '--port cannot be "x".'],
  [['login', '--with-access-token'], 2, 'There is no access token on stdin.'],
  [['login', '--import'], 3, 'There is no login in'],
  [['logout', 'now'], 2, '`codexd logout` does not take "now".'],
])('%j ends with %d', async (args, exitCode, message) => {
  using home = temporaryDirectory();
  const child = Bun.spawn([process.execPath, join(import.meta.dir, '../../src/main.ts'), ...args], {
    env: { HOME: home.path },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  });
  expect(await child.exited).toBe(exitCode);
  expect(await child.stderr.text()).toContain(message);
  expect(await child.stdout.text()).toBe('');
});
