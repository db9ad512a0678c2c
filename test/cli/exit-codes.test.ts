// The exit statuses in the README's table, for one command and one cause each.
import { afterAll, describe, expect, test } from 'bun:test';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { wav } from '../simulator/sounds.ts';
import { emptyHome, runCodexd, startCodexd } from './process.ts';

const simulator = startSimulator();
afterAll(() => simulator.stop());

const home = emptyHome();
const env = () => ({
  CODEXD_UPSTREAM: simulator.upstream,
  CODEXD_ISSUER: simulator.issuer,
  CODEXD_BEARER: simulator.login().access_token,
  CODEXD_UPSTREAM_RETRIES: '0',
});

function file(name: string, content: string | Uint8Array): string {
  const path = join(home, name);
  writeFileSync(path, content);
  return path;
}

describe('a file that does not exist: 1, and advice about a path', () => {
  const none = join(home, 'none.json');
  test.each([
    [['explain', none]],
    [['ask', '--schema', none, 'x']],
    [['ask', '-i', none, 'x']],
    [['transcribe', none]],
    [['serve', '--demo', '--scenario', none, '--listen', '127.0.0.1:0']],
  ])('%p', async (argv) => {
    const { exitCode, err } = await runCodexd(argv, { env: env(), home });
    expect(exitCode).toBe(1);
    expect(err).toEndWith(`No such file: ${none}.\nCheck the path.\n`);
  });
});

describe('a file that cannot be used: 1, without advice about HTTP requests', () => {
  test.each([
    [['explain', file('a.txt', 'hello')]],
    [['ask', '--schema', file('b.json', '[]'), 'x']],
    [['ask', '-i', file('c.png', 'no image'), 'x']],
    [['transcribe', file('d.wav', 'no recording')]],
    [['transcribe', home]],
  ])('%p', async (argv) => {
    const { exitCode, err } = await runCodexd(argv, { env: env(), home });
    expect({ exitCode, err }).toEqual({ exitCode: 1, err: expect.not.stringContaining('send it again') });
  });
});

describe('usage errors: 2', () => {
  test.each([
    [['ask']],
    [['ask', '--nonsense', 'x']],
    [['explain', '--route', '/v1/nothing', file('e.json', '{}')]],
    [['serve', '--scenario', 'x.json']],
    [['serve', '--listen', 'nowhere']],
    [['serve', '--listen', '0.0.0.0:0']],
    [['serve', '--cors-origins', '*', '--listen', '127.0.0.1:0']],
    [['serve', '--api-key', '123456', '--listen', '127.0.0.1:0']],
    [['transcribe', '--language', 'klingon', 'x.wav']],
    [['transcribe', '--engine', 'nothing', file('f.wav', 'x')]],
    [['status', '--profile', '../x']],
    [['env', 'nothing']],
  ])('%p', async (argv) => {
    expect((await runCodexd(argv, { env: env(), home })).exitCode).toBe(2);
  });
});

describe('what the upstream refuses: 4', () => {
  const error = (code: string) => ({ error: { message: 'Not like this.', code } });
  test.each([
    [400, 'invalid_value'],
    [404, 'model_not_found'],
    [413, 'payload_too_large'],
    [503, 'server_is_overloaded'],
  ])('ask: %d %s', async (status, code) => {
    simulator.script({ status, body: error(code) });
    const { exitCode, err } = await runCodexd(['ask', 'x'], { env: env() });
    expect(exitCode).toBe(4);
    expect(err).not.toContain('send it again');
  });
});

describe('transcribe', () => {
  const voice = file('voice.wav', wav([[440, 1]]));
  test('an engine whose program is not installed: 1', async () => {
    const argv = ['transcribe', '--model', 'whisper-cpp:base', voice];
    const { exitCode } = await runCodexd(argv, { env: { ...env(), PATH: home }, home });
    expect(exitCode).toBe(1);
  });

  test.each([
    [400, 4],
    [403, 4],
    [413, 4],
    [415, 4],
    [429, 6],
    [500, 5],
  ])('the upstream answers %d: %d', async (status, code) => {
    // A simulator of its own, because lines of the script may be left over.
    const upstream = startSimulator();
    upstream.script({ for: 'transcribe', status, body: 'no', repeat: 4 });
    const argv = ['transcribe', '--request-timeout-seconds', '1', voice];
    const there = { CODEXD_UPSTREAM: upstream.upstream, CODEXD_BEARER: upstream.login().access_token };
    const { exitCode } = await runCodexd(argv, { env: there, home });
    await upstream.stop();
    expect(exitCode).toBe(code);
  });
});

describe('ports', () => {
  test('serve on a busy one: 1', async () => {
    using busy = Bun.serve({ hostname: '127.0.0.1', port: 0, reusePort: false, fetch: () => new Response() });
    const { exitCode, err } = await runCodexd(['serve', '--demo', '--listen', `127.0.0.1:${busy.port}`]);
    expect(exitCode).toBe(1);
    expect(err).toContain(`Cannot listen on 127.0.0.1:${busy.port}: it is in use.`);
  });

  test('login with its port busy: 1', async () => {
    using busy = Bun.serve({ hostname: '127.0.0.1', port: 0, reusePort: false, fetch: () => new Response() });
    const argv = ['login', '--no-browser', '--port', String(busy.port)];
    const { exitCode, err } = await runCodexd(argv, { env: env() });
    expect(exitCode).toBe(1);
    expect(err).toContain(String(busy.port));
  });
});

describe('status', () => {
  /** An expired login of codexd's own that could be refreshed. */
  function expiredLogin(): string {
    const place = emptyHome();
    const directory = join(place, '.local/state/codexd/default');
    mkdirSync(directory, { recursive: true });
    const tokens = simulator.login({ expiresInS: -60 });
    writeFileSync(join(directory, 'auth.json'), JSON.stringify({ auth_mode: 'chatgpt', tokens }), {
      mode: 0o600,
    });
    return place;
  }

  test('an expired login and no network: 5, without advice to log in', async () => {
    const gone = { CODEXD_UPSTREAM: 'http://127.0.0.1:1', CODEXD_ISSUER: 'http://127.0.0.1:1' };
    const { out, exitCode } = await runCodexd(['status'], { home: expiredLogin(), env: gone });
    expect(exitCode).toBe(5);
    expect(out).toMatch(/^Expires +expired \(.*\)$/m);
    expect(out).not.toContain('codexd login`');
  });

  test('no login: 3', async () => {
    expect((await runCodexd(['status'], { env: { CODEXD_UPSTREAM: simulator.upstream } })).exitCode).toBe(3);
  });

  test('Ctrl-C in --watch: 130', async () => {
    const watching = startCodexd(['status', '--watch'], { env: env() });
    await watching.says('out', /Daemon/);
    watching.kill('SIGINT');
    expect(await watching.exited).toBe(130);
  });
});
