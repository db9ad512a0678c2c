// Variables of Bun and Node that would print a token or disable certificate checks have no effect, and are named in a warning.
import { afterAll, describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { restartWithoutUnsafe, restartWithRequestLimit, unsafeVariables } from '../../src/cli/restart.ts';
import { Failure } from '../../src/failure.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { emptyHome, runCodexd } from '../cli/process.ts';
import { chatParams } from '../clients/chat-support.ts';
import { clientOf, startDaemon } from '../clients/daemon.ts';

const simulator = startSimulator();
afterAll(() => simulator.stop());
const bearer = simulator.login().access_token;
const env = { CODEXD_UPSTREAM: simulator.upstream, CODEXD_BEARER: bearer };

test.each(['curl', '1', 'true'])('BUN_CONFIG_VERBOSE_FETCH=%s prints no token', async (value) => {
  const { out, err, exitCode } = await runCodexd(['ask', 'Say plover.'], {
    env: { ...env, BUN_CONFIG_VERBOSE_FETCH: value },
  });
  expect(out).toContain('plover');
  expect(out + err).not.toContain(bearer);
  expect(err).toContain('BUN_CONFIG_VERBOSE_FETCH is ignored: it prints every request with its access token');
  expect(exitCode).toBe(0);
});

test('the daemon warns in its own log', async () => {
  await using daemon = await startDaemon({
    simulator,
    env: { BUN_CONFIG_VERBOSE_FETCH: 'curl', NODE_TLS_REJECT_UNAUTHORIZED: '0', CODEXD_LOG_FORMAT: 'json' },
  });
  await clientOf(daemon).chat.completions.create(chatParams('Hi.'));
  await daemon.stop();
  const lines = daemon.stderr().trim().split('\n');
  const log = lines.filter((line) => !line.startsWith('listening on ')).map((line) => JSON.parse(line));
  const warnings = log.filter(({ level }) => level === 'warn').map(({ message }) => message);
  expect(warnings).toContainEqual(expect.stringContaining('NODE_TLS_REJECT_UNAUTHORIZED is ignored'));
  expect(warnings).toContainEqual(expect.stringContaining('BUN_CONFIG_VERBOSE_FETCH is ignored'));
  expect(daemon.stdout()).toBe('');
});

const openssl = Bun.which('openssl');
test.skipIf(openssl === null)('NODE_TLS_REJECT_UNAUTHORIZED=0 trusts nobody', async () => {
  const folder = emptyHome();
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  Bun.spawnSync([
    ...[openssl!, 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert],
    ...['-days', '1', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'],
  ]);
  const seen: string[] = [];
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    tls: { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') },
    fetch(request) {
      seen.push(request.url);
      return new Response('');
    },
  });
  const { err, exitCode } = await runCodexd(['ask', 'hi', '--upstream', `https://localhost:${server.port}`], {
    env: { CODEXD_BEARER: bearer, NODE_TLS_REJECT_UNAUTHORIZED: '0', CODEXD_UPSTREAM_RETRIES: '0' },
  });
  await server.stop(true);
  expect(seen).toEqual([]);
  expect(exitCode).toBe(5);
  expect(err).toContain('NODE_TLS_REJECT_UNAUTHORIZED is ignored');
});

describe('a restart', () => {
  const starts: unknown[][] = [];
  const execve = (...args: unknown[]): never => {
    starts.push(args);
    throw new Error('restarted');
  };

  test('keeps all other variables, and passes the names on', () => {
    const unsafe = Object.fromEntries([...unsafeVariables.keys()].map((name) => [name, '1']));
    const given = { ...unsafe, NODE_TLS_REJECT_UNAUTHORIZED: '0', PATH: '/bin', NODE_EXTRA_CA_CERTS: '/ca' };
    expect(() => restartWithoutUnsafe({ env: given, platform: 'linux', execve })).toThrow('restarted');
    expect(starts[0]![2]).toEqual({
      PATH: '/bin',
      NODE_EXTRA_CA_CERTS: '/ca',
      CODEXD_IGNORED_VARIABLES: [...unsafeVariables.keys()].join(','),
    });
  });

  test('that the system refuses leaves the limit of requests, but never an unsafe variable', () => {
    const refuse = (): never => {
      throw Object.assign(new Error('ENOEXEC, Exec format error'), { code: 'ENOEXEC' });
    };
    restartWithRequestLimit({ env: {}, platform: 'linux', execve: refuse });
    const unsafe = { env: { BUN_OPTIONS: '--smol' }, platform: 'linux', execve: refuse };
    expect(() => restartWithoutUnsafe(unsafe)).toThrow('Refusing to run with BUN_OPTIONS set');
  });

  test('is not needed if the variables are off, and impossible on Windows', () => {
    const off = { BUN_CONFIG_VERBOSE_FETCH: 'false', NODE_TLS_REJECT_UNAUTHORIZED: '1', BUN_OPTIONS: '' };
    restartWithoutUnsafe({ env: off, platform: 'linux', execve });
    const bad = { BUN_CONFIG_VERBOSE_FETCH: 'curl' };
    expect(() => restartWithoutUnsafe({ env: bad, platform: 'win32', execve })).toThrow(Failure);
    expect(starts).toHaveLength(1);
  });
});
