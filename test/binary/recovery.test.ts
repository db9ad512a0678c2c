// What a daemon that runs for months lives through: reloads, lost networks, changed logins, kills, unwritable homes.
import { describe, expect, test } from 'bun:test';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { emptyHome } from '../cli/process.ts';
import { chatParams } from '../clients/chat-support.ts';
import { clientOf, type RunningDaemon, startDaemon } from '../clients/daemon.ts';
import { useSimulator } from '../support/simulator.ts';
import { until } from '../support/until.ts';

const simulator = useSimulator();

const chat = (daemon: RunningDaemon) =>
  fetch(`${daemon.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(chatParams('Hi.')),
  });
const codeOf = async (response: Response) =>
  ((await response.json()) as { error?: { code?: string } }).error?.code;
const loginFile = (home: string) => join(home, '.local/state/codexd/default/auth.json');

function putLogin(home: string, tokens: object): void {
  mkdirSync(dirname(loginFile(home)), { recursive: true, mode: 0o700 });
  writeFileSync(loginFile(home), JSON.stringify({ tokens }), { mode: 0o600 });
}

test.skipIf(process.platform === 'win32')('SIGHUP while a response streams: it arrives whole', async () => {
  await using daemon = await startDaemon({ simulator });
  const text = 'one two three four five '.repeat(20);
  simulator.script({ text, paceMs: 5 });
  const stream = await clientOf(daemon).chat.completions.create({ ...chatParams('Count.'), stream: true });
  let received = '';
  for await (const { choices } of stream) {
    if (received === '' && choices[0]?.delta.content) daemon.kill('SIGHUP');
    received += choices[0]?.delta.content ?? '';
  }
  expect(received).toBe(text);
  await daemon.says(/configuration reloaded/);
  expect((await chat(daemon)).status).toBe(200);
});

test('the network is gone and comes back', async () => {
  const port = Number(new URL(simulator.url).port);
  /** A way to the simulator that can be closed. */
  const open = (from: number) =>
    Bun.listen<{ far: Bun.Socket | undefined; early: Buffer[] }>({
      hostname: '127.0.0.1',
      port: from,
      socket: {
        async open(near) {
          near.data = { far: undefined, early: [] };
          const far = await Bun.connect({
            hostname: '127.0.0.1',
            port,
            socket: { data: (_, bytes) => void near.write(bytes), close: () => void near.end() },
          });
          near.data.far = far;
          for (const bytes of near.data.early) far.write(bytes);
        },
        data(near, bytes) {
          if (near.data.far === undefined) near.data.early.push(Buffer.from(bytes));
          else near.data.far.write(bytes);
        },
        close: (near) => void near.data.far?.end(),
      },
    });
  const before = open(0);
  await using daemon = await startDaemon({
    args: [
      ...['--upstream', `http://127.0.0.1:${before.port}/backend-api`, '--issuer', simulator.issuer],
      ...['--bearer', simulator.login().access_token],
    ],
    env: { CODEXD_UPSTREAM_RETRIES: '1' },
  });
  expect((await chat(daemon)).status).toBe(200);
  const address = before.port;
  before.stop(true);
  const failed = await chat(daemon);
  expect([failed.status, await codeOf(failed)]).toEqual([502, 'upstream_unavailable']);
  const after = open(address);
  expect((await chat(daemon)).status).toBe(200);
  after.stop(true);
});

test('a login that is revoked, then replaced by another program: no restart is needed', async () => {
  const home = emptyHome();
  const tokens = simulator.login({ expiresInS: 60 });
  putLogin(home, tokens);
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ token: tokens.refresh_token });
  await using daemon = await startDaemon({ simulator, login: false, args: ['--auth-file', loginFile(home)] });
  await fetch(`${simulator.issuer}/oauth/revoke`, { method: 'POST', body, headers });
  const refused = await chat(daemon);
  expect(refused.status).toBe(503);
  expect(refused.headers.get('x-should-retry')).toBe('false');
  expect(await refused.text()).toContain('codexd login');
  writeFileSync(loginFile(home), '{"tokens": {"acc');
  expect((await chat(daemon)).status).toBe(503);
  putLogin(home, simulator.login());
  expect((await chat(daemon)).status).toBe(200);
});

test.skipIf(process.platform !== 'linux')('a home directory that cannot be written', async () => {
  await using daemon = await startDaemon({
    simulator,
    env: { XDG_STATE_HOME: '/proc/codexd', XDG_CACHE_HOME: '/proc/codexd', XDG_CONFIG_HOME: '/proc/codexd' },
  });
  expect((await chat(daemon)).status).toBe(200);
  expect(await daemon.stop()).toBe(0);
});

test('a damaged list of models is fetched again', async () => {
  const home = emptyHome();
  const cache = join(home, '.cache/codexd/default/models.json');
  mkdirSync(dirname(cache), { recursive: true });
  writeFileSync(cache, '{"models": [{');
  await using daemon = await startDaemon({ simulator, home });
  expect((await fetch(`${daemon.url}/v1/models`)).status).toBe(200);
  await until(() => readFileSync(cache, 'utf8').endsWith('}'));
});

describe.skipIf(process.platform === 'win32')('SIGKILL at random moments of a refresh', () => {
  // The server has used up the old refresh token before codexd can know the new one: that window cannot be closed.
  test('the login file is whole each time, and the next daemon works with it or asks for a login', async () => {
    const home = emptyHome();
    const outcomes = new Set<string>();
    for (let round = 0; round < 5; round++) {
      simulator.reset();
      putLogin(home, simulator.login({ expiresInS: 60 }));
      const old = readFileSync(loginFile(home), 'utf8');
      await using daemon = await startDaemon({ simulator, login: false, home });
      const turn = chat(daemon).then(
        () => 'answered',
        () => 'cut off',
      );
      await simulator.waitFor(({ path }) => path === '/oauth/token');
      await Bun.sleep(round); // not a wait: another moment in each round
      daemon.kill('SIGKILL');
      await daemon.exited;
      await turn;
      const text = readFileSync(loginFile(home), 'utf8');
      outcomes.add(text === old ? 'old' : 'new');
      expect(JSON.parse(text)).toMatchObject({ tokens: { refresh_token: expect.stringContaining('rt') } });
      expect(statSync(loginFile(home)).mode & 0o777).toBe(0o600);
      await using next = await startDaemon({ simulator, login: false, home });
      const { status } = await chat(next);
      expect([200, 503]).toContain(status);
      if (text !== old) expect(status).toBe(200);
    }
    expect(outcomes.size).toBeGreaterThan(0);
  }, 30_000);
});
