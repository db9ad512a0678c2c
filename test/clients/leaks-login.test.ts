// Marked tokens and keys do not appear in output if a login cannot be refreshed or settings are invalid.
import { afterAll, describe, expect, test } from 'bun:test';
import { type ScriptedTurn, startSimulator } from '../../src/simulator/simulator.ts';
import { runCodexd } from '../cli/process.ts';
import { startDaemon } from './daemon.ts';
import { bodies, key, prompt, Secrets, send } from './leaks-support.ts';

const simulator = startSimulator();
const secrets = new Secrets(simulator);
const login = secrets.login();
afterAll(() => simulator.stop());

describe('a login that cannot be renewed', () => {
  /** With the exit status of `codexd status`: 3 if only a new login helps, 5 if the login server is at fault. */
  const answers: [string, number, (token: string) => ScriptedTurn][] = [
    ['reused', 3, () => ({ refusal: 'refresh_token_reused' })],
    [
      'refused with the token quoted',
      3,
      (token) => ({ status: 401, body: { error: { message: `Bad token ${token}`, code: token } } }),
    ],
    [
      'refused in the old form',
      3,
      (token) => ({ status: 400, body: { error: 'invalid_grant', error_description: token } }),
    ],
    ['a web page that quotes it', 5, (token) => ({ status: 500, body: `<html>${token}</html>` })],
    ['a reset', 5, () => ({ fault: 'reset' })],
    ['an answer without tokens', 5, (token) => ({ status: 200, body: { echoed: token } })],
  ];
  test.each(answers)('%s', async (_, exitStatus, answer) => {
    const expired = secrets.login(-60);
    await using other = await startDaemon({
      simulator,
      args: ['--log-level', 'debug', '--api-key', key, '--auth-file', expired.path],
      env: { CODEXD_UPSTREAM_RETRIES: '0' },
    });
    simulator.script({ for: 'oauth/token', repeat: 20, ...answer(expired.refresh_token) });
    for (const [path, body] of bodies) {
      const { status, text, headers } = await send(other, path, body);
      expect(status).toBeGreaterThanOrEqual(500);
      expect(secrets.in(text + headers)).toEqual([]);
    }
    const health = await (await fetch(`${other.url}/health`)).text();
    expect(secrets.in(health + other.stderr())).toEqual([]);

    // Unused lines would affect the next case.
    const status = await runCodexd(['status', '--json', '--log-level', 'debug'], {
      env: {
        CODEXD_UPSTREAM: simulator.upstream,
        CODEXD_ISSUER: simulator.issuer,
        CODEXD_AUTH_FILE: expired.path,
      },
    });
    expect(status.exitCode).toBe(exitStatus);
    expect(secrets.in(status.out + status.err)).toEqual([]);
    await drained();
  });

  async function drained(): Promise<void> {
    while (simulator.unused().length > 0) {
      await fetch(`${simulator.issuer}/oauth/token`, { method: 'POST' }).catch(() => {});
    }
  }
});

describe('settings', () => {
  test.each([
    [['serve', '--listen', '127.0.0.1:0', '--upstream', `https://user:${key}@127.0.0.1:1`]],
    [['serve', '--listen', '127.0.0.1:0', '--proxy', `socks5://user:${key}@127.0.0.1:1`]],
    [['ask', '--proxy', `http://user:${key}@127.0.0.1:1`, '--bearer', login.access_token, prompt]],
    [['ask', '--upstream', 'http://127.0.0.1:1', '--bearer', login.access_token, prompt]],
    [['ask', '--bearer', login.access_token, '--nonsense', prompt]],
    [['explain', '--log-level', 'debug', '/nowhere', login.access_token]],
    [['login', '--with-access-token', login.access_token]],
  ])('%#', async (argv) => {
    const { out, err, exitCode } = await runCodexd(argv, { env: { CODEXD_UPSTREAM_RETRIES: '0' } });
    expect(exitCode).not.toBe(0);
    expect(secrets.in(out + err)).toEqual([]);
  });

  test('config show masks them', async () => {
    const env = {
      CODEXD_API_KEY: key,
      CODEXD_BEARER: login.access_token,
      CODEXD_PROXY: `http://user:${key}@h:1`,
    };
    for (const argv of [
      ['config', 'show'],
      ['config', 'show', '--json'],
      ['config', 'check'],
    ]) {
      const { out, err, exitCode } = await runCodexd(argv, { env });
      expect(exitCode).toBe(0);
      expect(secrets.in(out + err)).toEqual([]);
    }
  });
});
