// Two logins, two daemons, one home directory.
import { expect, test } from 'bun:test';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyHome, runCodexd } from '../cli/process.ts';
import { chatParams } from '../clients/chat-support.ts';
import { clientOf, startDaemon, turnsSent } from '../clients/daemon.ts';
import { useSimulator } from '../support/simulator.ts';
import { until } from '../support/until.ts';

const simulator = useSimulator();

const accounts = {
  default: { accountId: '11111111-0000-4000-8000-000000000001', email: 'home@example.com', plan: 'plus' },
  work: { accountId: '22222222-0000-4000-8000-000000000002', email: 'work@example.com', plan: 'business' },
};
type Profile = keyof typeof accounts;

function twoLogins() {
  const home = emptyHome();
  const loginFile = (profile: Profile) => join(home, '.local/state/codexd', profile, 'auth.json');
  for (const profile of ['default', 'work'] as const) {
    mkdirSync(join(loginFile(profile), '..'), { recursive: true, mode: 0o700 });
    // Both are due for a refresh.
    const tokens = simulator.login({ ...accounts[profile], expiresInS: 60 });
    writeFileSync(loginFile(profile), JSON.stringify({ tokens }), { mode: 0o600 });
  }
  mkdirSync(join(home, '.config/codexd'), { recursive: true });
  writeFileSync(join(home, '.config/codexd/config.toml'), '[models]\ndefault = "gpt-5.5"\n');
  writeFileSync(join(home, '.config/codexd/work.config.toml'), '[reasoning]\neffort = "high"\n');
  const flags = ['--upstream', simulator.upstream, '--issuer', simulator.issuer];
  const run = (args: string[]) => runCodexd([...args, ...flags], { home });
  const daemon = (profile: Profile) =>
    startDaemon({ simulator, login: false, home, args: ['--profile', profile] });
  const saved = (profile: Profile) =>
    JSON.parse(readFileSync(loginFile(profile), 'utf8')) as { tokens: { refresh_token: string } };
  return { home, loginFile, run, daemon, saved };
}

test('each daemon uses and refreshes its own login, with its own settings and cache', async () => {
  const { home, daemon, saved } = twoLogins();
  const before = { default: saved('default'), work: saved('work') };
  await using one = await daemon('default');
  await using two = await daemon('work');
  for (const each of [one, two, one, two])
    await clientOf(each).chat.completions.create(chatParams('Say hello.'));
  const sent = turnsSent(simulator).map(({ headers, body }) => [
    headers['chatgpt-account-id'],
    (body.reasoning as { effort?: string } | undefined)?.effort === 'high',
  ]);
  const [a, b] = [accounts.default.accountId, accounts.work.accountId];
  expect(sent).toEqual([
    [a, false],
    [b, true],
    [a, false],
    [b, true],
  ]);
  for (const profile of ['default', 'work'] as const) {
    expect(saved(profile).tokens.refresh_token).not.toBe(before[profile].tokens.refresh_token);
    await until(() => existsSync(join(home, '.cache/codexd', profile, 'models.json')));
  }
  expect(simulator.requests.filter(({ path }) => path === '/oauth/token')).toHaveLength(2);
});

test('status and logout concern one profile only', async () => {
  const { run, loginFile } = twoLogins();
  const account = async (args: string[]) =>
    (
      JSON.parse((await run(['status', '--json', '--port', '1', ...args])).out) as {
        login: { email: string };
      }
    ).login?.email;
  expect(await account([])).toBe('home@example.com');
  expect(await account(['--profile', 'work'])).toBe('work@example.com');
  expect((await run(['logout', '--profile', 'work'])).exitCode).toBe(0);
  expect([existsSync(loginFile('default')), existsSync(loginFile('work'))]).toEqual([true, false]);
  expect(await account([])).toBe('home@example.com');
  expect((await run(['status', '--profile', 'work', '--port', '1'])).exitCode).toBe(3);
});

test('two daemons on one port: the second says so', async () => {
  const { daemon, home } = twoLogins();
  await using one = await daemon('default');
  const { host } = new URL(one.url);
  const { err, exitCode } = await runCodexd(['serve', '--demo', '--profile', 'work', '--listen', host], {
    home,
  });
  expect(err).toContain(host);
  expect(exitCode).toBe(1);
});
