// Each check of `codexd doctor` with what makes it fail.
import { afterEach, describe, expect, setSystemTime, test } from 'bun:test';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { version } from '../../src/version.ts';
import { useSimulator } from '../support/simulator.ts';
import { codexd, type FakeOptions } from './fake.ts';
import { emptyHome } from './process.ts';

const simulator = useSimulator();
afterEach(() => {
  setSystemTime();
});

interface Row {
  check: string;
  state: string;
  message: string;
  next: string | null;
}

const configFile = (home: string) => join(home, 'config/codexd/config.toml');
const loginFile = (home: string) => join(home, 'state/codexd/default/auth.json');

function homeWithLogin(login: object = { tokens: simulator.login() }) {
  const home = emptyHome();
  for (const file of [loginFile(home), configFile(home)])
    mkdirSync(join(file, '..'), { recursive: true, mode: 0o700 });
  writeFileSync(loginFile(home), JSON.stringify(login), { mode: 0o600 });
  return home;
}

async function doctor(
  env: FakeOptions['env'] = {},
  { home = homeWithLogin(), config = '' }: { home?: string; config?: string } = {},
) {
  const { out, err, exitCode } = await codexd(['doctor', '--json', '--port', '0'], {
    files: { [configFile(home)]: config },
    env: {
      PATH: '/nowhere',
      XDG_CONFIG_HOME: join(home, 'config'),
      XDG_STATE_HOME: join(home, 'state'),
      XDG_CACHE_HOME: join(home, 'cache'),
      CODEXD_UPSTREAM: simulator.upstream,
      CODEXD_ISSUER: simulator.issuer,
      ...env,
    },
  });
  expect(err).toBe('');
  const { good, checks } = JSON.parse(out) as { good: boolean; checks: Row[] };
  return {
    out,
    exitCode,
    good,
    checks,
    of: (check: string) => checks.filter((row) => row.check === check),
    /** The states that are not good, by check. */
    bad: checks.filter(({ state }) => state !== 'good').map(({ check, state }) => [check, state]),
  };
}

/** A server of the test's own. */
function serve(respond: (request: Request) => Response) {
  const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: respond });
  return { address: `127.0.0.1:${server.port}`, [Symbol.dispose]: () => void server.stop(true) };
}

test('everything is right: one line per check, exit 0', async () => {
  const { good, checks, exitCode } = await doctor();
  expect({ good, exitCode }).toEqual({ good: true, exitCode: 0 });
  expect(checks.map(({ check, state, next }) => [check, state, next])).toEqual(
    [
      ...['configuration', 'files', 'login', 'expiry', 'proxy', 'issuer', 'upstream', 'challenge'],
      ...['clock', 'catalogue', 'port', 'exposure', 'speech', 'ffmpeg', 'silk'],
    ].map((check) => [check, 'good', null]),
  );
});

describe('configuration', () => {
  test('every error is a line, exit 2, and the other checks are made all the same', async () => {
    const { of, bad, exitCode } = await doctor({}, { config: '[server]\nqueue = "x"\napi_kee = "y"\n' });
    expect(of('configuration').map(({ message }) => message)).toEqual([
      expect.stringContaining('`server.queue` must be'),
      expect.stringContaining('unknown setting `server.api_kee`'),
    ]);
    expect(of('configuration')[1]!.next).toBe('Did you mean `server.api_key`?');
    expect(bad).toHaveLength(2);
    expect(exitCode).toBe(2);
  });

  test('a certificate file that does not exist', async () => {
    const { of, exitCode } = await doctor({ CODEX_CA_CERTIFICATE: '/nowhere/ca.pem' });
    expect(of('configuration')[0]).toMatchObject({ state: 'problem', next: expect.stringContaining('path') });
    expect(of('upstream')[0]).toMatchObject({ state: 'good' });
    expect(exitCode).toBe(2);
  });

  test('an old variable is a warning, exit 0', async () => {
    const { of, exitCode } = await doctor({ CODEX_AS_API_MODEL: 'gpt-5.5' });
    expect(of('configuration')[0]).toMatchObject({
      state: 'warning',
      message: expect.stringContaining('CODEX_AS_API_MODEL is deprecated'),
    });
    expect(exitCode).toBe(0);
  });
});

describe.skipIf(process.platform === 'win32')('files', () => {
  test('a login that others may read', async () => {
    const home = homeWithLogin();
    chmodSync(loginFile(home), 0o644);
    const { of, exitCode } = await doctor({}, { home });
    expect(of('files')).toEqual([
      {
        check: 'files',
        state: 'problem',
        message: `Other users can read ${loginFile(home)} (mode 0644).`,
        next: `Run \`chmod go= ${loginFile(home)}\`.`,
      },
    ]);
    expect(exitCode).toBe(1);
  });

  test.each([
    ['', 0o644, []],
    ['', 0o666, ['change']],
    ['[server]\napi_key = "a-key-of-this-test"\n', 0o644, ['read']],
    ['[server]\napi_key = "a-key-of-this-test"\n', 0o600, []],
  ])('settings %j with mode %o', async (config, mode, acts) => {
    const home = homeWithLogin();
    writeFileSync(configFile(home), config);
    chmodSync(configFile(home), mode);
    const { of } = await doctor({}, { home, config });
    const found = of('files').filter(({ state }) => state === 'problem');
    expect(found.map(({ message }) => /can (\w+)/.exec(message)?.[1])).toEqual(acts);
  });

  test('a state directory that cannot be created', async () => {
    const home = homeWithLogin();
    writeFileSync(join(home, 'cache'), '');
    const { of } = await doctor({}, { home });
    expect(of('files')[0]!.message).toBe(
      `codexd cannot create ${home}/cache/codexd/default: ${home}/cache is not a directory.`,
    );
  });
});

describe('login', () => {
  test('none: exit 3, and what depends on it is skipped', async () => {
    const { of, bad, exitCode } = await doctor({}, { home: emptyHome() });
    expect(of('login')[0]).toMatchObject({ state: 'problem', next: 'Run `codexd login`.' });
    expect(bad).toEqual([
      ['login', 'problem'],
      ['expiry', 'skipped'],
      ['catalogue', 'skipped'],
    ]);
    expect(exitCode).toBe(3);
  });

  test('one whose session was ended: exit 3', async () => {
    const tokens = simulator.login({ expiresInS: -60 });
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ token: tokens.refresh_token });
    await fetch(`${simulator.issuer}/oauth/revoke`, { method: 'POST', body, headers });
    const { of, exitCode } = await doctor({}, { home: homeWithLogin({ tokens }) });
    expect(of('login')[0]!.message).toContain('its session was ended on the server');
    expect(of('expiry')[0]).toMatchObject({ state: 'problem', message: 'The access token has expired.' });
    expect(exitCode).toBe(3);
  });

  test('one that the upstream rejects, although it has not expired', async () => {
    const { bad, of } = await doctor({ CODEXD_BEARER: `${simulator.login().access_token}x` });
    expect(of('catalogue')[0]!.state).toBe('problem');
    expect(bad).toEqual([['catalogue', 'problem']]);
  });

  test('an expired one that can be refreshed is refreshed', async () => {
    const home = homeWithLogin({ tokens: simulator.login({ expiresInS: -60 }) });
    const { good, of } = await doctor({}, { home });
    expect(good).toBe(true);
    expect(of('expiry')[0]!.message).toContain('in 9 d 23 h');
  });
});

describe('expiry', () => {
  const bearer = (expiresInS: number) => ({ CODEXD_BEARER: simulator.login({ expiresInS }).access_token });

  test('a token that nobody refreshes and that expires soon is a warning', async () => {
    expect((await doctor(bearer(7200))).of('expiry')).toMatchObject([
      { state: 'warning', message: expect.stringMatching(/expires in 1 h 59 min, and codexd does not/) },
    ]);
    expect((await doctor(bearer(7 * 86_400))).good).toBe(true);
  });

  test('an expired one is a problem, exit 3', async () => {
    const { of, exitCode } = await doctor(bearer(-60));
    expect(of('expiry')[0]!.state).toBe('problem');
    expect(exitCode).toBe(3);
  });
});

describe('clock', () => {
  test.each([
    [10 * 60_000, 'ahead'],
    [-10 * 60_000, 'behind'],
  ])('off by %d ms', async (ms, direction) => {
    const home = homeWithLogin();
    setSystemTime(Date.now() + ms);
    const { of } = await doctor({}, { home });
    expect(of('clock')[0]!.state).toBe('problem');
    expect(of('clock')[0]!.message).toMatch(new RegExp(`clock is (10|9) min ${direction}`));
  });
});

describe('network', () => {
  test('an upstream that does not respond: exit 5', async () => {
    const { bad, exitCode, of } = await doctor({ CODEXD_UPSTREAM: 'http://127.0.0.1:1/backend-api' });
    expect(bad).toEqual([
      ['upstream', 'problem'],
      ['challenge', 'skipped'],
      ['catalogue', 'problem'],
    ]);
    expect(of('upstream')[0]!.message).toStartWith('127.0.0.1:1: Could not reach the upstream (');
    expect(exitCode).toBe(5);
  });

  test('a login server that does not respond: exit 5', async () => {
    const { bad, exitCode } = await doctor({ CODEXD_ISSUER: 'http://127.0.0.1:1' });
    expect(bad).toEqual([['issuer', 'problem']]);
    expect(exitCode).toBe(5);
  });

  test('no server at all: the clock is not judged', async () => {
    const env = { CODEXD_ISSUER: 'http://127.0.0.1:1', CODEXD_UPSTREAM: 'http://127.0.0.1:1/backend-api' };
    expect((await doctor(env)).of('clock')[0]!.state).toBe('skipped');
  });

  test('a proxy that does not accept connections, without its password', async () => {
    const { of, exitCode, out } = await doctor({ CODEXD_PROXY: 'http://me:marked-secret@127.0.0.1:1' });
    expect(of('proxy')[0]).toMatchObject({
      state: 'problem',
      message: 'The proxy 127.0.0.1:1 does not accept connections (`upstream.proxy`).',
    });
    expect(exitCode).toBe(5);
    expect(out).not.toContain('marked-secret');
  });

  test('a proxy from a variable is named by it', async () => {
    const { of } = await doctor({ http_proxy: 'http://127.0.0.1:1' });
    expect(of('proxy')[0]!.next).toBe('Start it, or correct http_proxy.');
  });

  test('a bot challenge: exit 4', async () => {
    using wall = serve(
      () =>
        new Response('<!doctype html><title>Just a moment…</title>', {
          status: 403,
          headers: { 'cf-mitigated': 'challenge' },
        }),
    );
    const { of, exitCode } = await doctor({ CODEXD_UPSTREAM: `http://${wall.address}/backend-api` });
    expect(of('challenge')[0]).toMatchObject({ state: 'problem', next: expect.stringContaining('proxy') });
    expect(of('upstream')[0]!.state).toBe('good');
    expect(exitCode).toBe(4);
  });
});

describe('models', () => {
  test('a default that the account does not have', async () => {
    const { of, exitCode } = await doctor({ CODEXD_MODEL: 'no-such-model' });
    expect(of('catalogue')[0]).toMatchObject({
      state: 'warning',
      message: expect.stringContaining('`no-such-model`'),
    });
    expect(exitCode).toBe(0);
  });

  test('a list that cannot be fetched', async () => {
    simulator.script({ for: 'models', status: 500, repeat: 1 });
    expect((await doctor()).of('catalogue')[0]!.message).toBe('The upstream responded with HTTP 500.');
  });
});

describe('port', () => {
  const listen = (address: string) => codexdAt(['--listen', address]);
  async function codexdAt(args: string[]) {
    const env = {
      CODEXD_UPSTREAM: simulator.upstream,
      CODEXD_ISSUER: simulator.issuer,
      CODEXD_BEARER: simulator.login().access_token,
    };
    const { out } = await codexd(['doctor', '--json', ...args], { env });
    return (JSON.parse(out) as { checks: Row[] }).checks.find(({ check }) => check === 'port')!;
  }
  const daemon = (running: string) =>
    serve(({ url }) => Response.json(url.endsWith('/healthz') ? { status: 'ok' } : { version: running }));

  test('another program', async () => {
    using other = serve(() => new Response('Hello'));
    expect(await listen(other.address)).toMatchObject({
      state: 'problem',
      message: `Another program is listening on ${other.address}.`,
      next: expect.stringContaining('--port'),
    });
  });

  test('a daemon of this version, and of another', async () => {
    using current = daemon(version);
    expect(await listen(current.address)).toMatchObject({ state: 'good' });
    using old = daemon('0.0.1');
    expect(await listen(old.address)).toMatchObject({ state: 'warning', next: 'Restart the daemon.' });
  });

  test('an address that this machine does not have', async () => {
    expect(await listen('192.0.2.1:8787')).toMatchObject({ state: 'problem' });
  });
});

describe('exposure', () => {
  const open = { CODEXD_LISTEN: '0.0.0.0:0' };

  async function exposure(env: FakeOptions['env']) {
    const { out, exitCode } = await codexd(['doctor', '--json'], {
      env: {
        CODEXD_UPSTREAM: simulator.upstream,
        CODEXD_ISSUER: simulator.issuer,
        CODEXD_BEARER: simulator.login().access_token,
        ...env,
      },
    });
    const { checks } = JSON.parse(out) as { checks: Row[] };
    return { ...checks.find(({ check }) => check === 'exposure')!, exitCode };
  }

  test.each([
    ['without a key', open, 'problem', 2],
    ['with a well-known key', { ...open, CODEXD_API_KEY: 'sk-1234' }, 'problem', 2],
    ['with a key', { ...open, CODEXD_API_KEY: 'a-key-of-this-test' }, 'good', 0],
    ['on purpose without a key', { ...open, CODEXD_SERVER_INSECURE_NO_API_KEY: 'true' }, 'warning', 0],
    ['to every web page', { CODEXD_LISTEN: '127.0.0.1:0', CODEXD_SERVER_CORS_ORIGINS: '*' }, 'problem', 2],
  ])('%s', async (_, env, state, exitCode) => {
    expect(await exposure(env)).toMatchObject({ state, exitCode });
  });
});

describe('speech', () => {
  test('an engine that is not installed', async () => {
    const { of } = await doctor({ CODEXD_TRANSCRIPTION_ENGINE: 'whisper-cpp' });
    expect(of('speech')[0]).toMatchObject({ state: 'problem', next: expect.stringContaining('whisper') });
  });

  test('an engine that nobody knows: exit 2', async () => {
    const { of, exitCode } = await doctor({ CODEXD_TRANSCRIPTION_ENGINE: 'nonsense' });
    expect(of('speech')[0]!.message).toContain('nonsense');
    expect(exitCode).toBe(2);
  });

  test.each([
    ['ffmpeg', 'CODEXD_TRANSCRIPTION_FFMPEG'],
    ['silk', 'CODEXD_TRANSCRIPTION_SILK_DECODER'],
  ])('%s: missing, failing, working', async (check, variable) => {
    const finding = async (path: string) => (await doctor({ [variable]: path })).of(check)[0]!;
    expect(await finding('/nowhere/program')).toMatchObject({
      state: 'problem',
      message: '/nowhere/program cannot be started.',
    });
    const directory = emptyHome();
    const program = (name: string, code: number) => {
      writeFileSync(join(directory, name), `#!/bin/sh\nexit ${code}\n`, { mode: 0o755 });
      return join(directory, name);
    };
    expect((await finding(program('failing', 7))).message).toEndWith('exits with 7.');
    expect(await finding(program('working', 0))).toMatchObject({ state: 'good' });
  });
});

test('neither the account nor a secret is printed', async () => {
  const tokens = simulator.login();
  const home = homeWithLogin({ tokens });
  const { out } = await doctor({ CODEXD_API_KEY: 'a-key-of-this-test' }, { home });
  for (const secret of [...Object.values(tokens), 'a-key-of-this-test', 'a@example.com'])
    expect(out).not.toContain(String(secret));
});
