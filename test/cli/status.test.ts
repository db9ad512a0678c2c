import { describe, expect, test } from 'bun:test';
import { createLoginSource } from '../../src/auth/source.ts';
import { exitCodeOf, status } from '../../src/cli/status.ts';
import { statusText } from '../../src/cli/status-text.ts';
import { KnownSecrets } from '../../src/log/redact.ts';
import { silentLog } from '../../src/log.ts';
import type { LoginOptions, Simulator } from '../../src/simulator/simulator.ts';
import { fetchQuotas, type Quota } from '../../src/upstream/quota.ts';
import { fakeTerminal, world } from './login-support.ts';

const once = { watch: false, json: false };

/** A source over the world's files and the quota as the upstream client asks for it. */
function depsOf(w: ReturnType<typeof world>, addresses: string[] = []) {
  const { server, locks, now, ownFile, codexFile } = w.deps;
  const login = createLoginSource({
    ownFile,
    codexHomes: [codexFile.replace(/\/auth\.json$/, '')],
    readonly: false,
    server,
    secrets: new KnownSecrets(),
    locks,
    now,
    log: silentLog,
  });
  const get = async (path: string) => {
    const credentials = await login.get();
    return fetch(w.simulator.upstream + path, {
      headers: {
        authorization: `Bearer ${credentials.accessToken}`,
        'chatgpt-account-id': credentials.accountId!,
      },
    });
  };
  return {
    terminal: w.deps.terminal,
    login,
    quotas: () => fetchQuotas(get, w.simulator.upstream, now),
    addresses,
    fetch: server.fetch,
    now,
    sleep: async () => {},
    timeZone: 'UTC',
  };
}

function withLogin(login?: LoginOptions) {
  const terminal = fakeTerminal();
  const w = world(terminal);
  const tokens = w.simulator.login(login);
  w.put(w.deps.ownFile, { auth_mode: 'chatgpt', OPENAI_API_KEY: null, tokens });
  return { w, terminal, tokens };
}

const refreshes = (simulator: Simulator) =>
  simulator.requests.filter(({ path }) => path === '/oauth/token').length;

describe('status is right with', () => {
  test('a fresh login: account, plan, source, expiry, quota; exit 0; no token shown', async () => {
    const { w, terminal, tokens } = withLogin();
    await using _ = w;
    expect(await status(once, depsOf(w))).toBe(0);
    expect(terminal.out()).toContain('Account  a@example.com, 1f0c2a9e-0000-4000-8000-000000000001\n');
    expect(terminal.out()).toContain('Plan     plus\n');
    expect(terminal.out()).toContain(`Source   codexd's own login, ${w.deps.ownFile}\n`);
    expect(terminal.out()).toMatch(
      /^Expires +in 9 d 23 h \(20\d\d-\d\d-\d\d \d\d:\d\d\), refreshed automatically$/m,
    );
    expect(terminal.out()).toMatch(/^(5 h|Weekly) +[█░]{20} +\d+ % used, resets in .+ \(20.+\)$/m);
    for (const token of Object.values(tokens)) expect(terminal.out()).not.toContain(token);
    expect(refreshes(w.simulator)).toBe(0);
  });

  test('an expiring login: it is refreshed, and the new expiry is shown', async () => {
    const { w, terminal } = withLogin({ expiresInS: 60 });
    await using _ = w;
    expect(await status(once, depsOf(w))).toBe(0);
    expect(refreshes(w.simulator)).toBe(1);
    expect(terminal.out()).toMatch(/^Expires +in 9 d 23 h/m);
  });

  test('an expired login that can be refreshed: it works again', async () => {
    const { w, terminal } = withLogin({ expiresInS: -60 });
    await using _ = w;
    expect(await status(once, depsOf(w))).toBe(0);
    expect(terminal.out()).toMatch(/^Expires +in 9 d 23 h/m);
  });

  test('an expired login that cannot be refreshed: exit 3, with the reason and the fix', async () => {
    const { w, terminal, tokens } = withLogin({ expiresInS: -60 });
    await using _ = w;
    await fetch(`${w.simulator.issuer}/oauth/revoke`, {
      method: 'POST',
      body: JSON.stringify({ token: tokens.refresh_token }),
      headers: { 'content-type': 'application/json' },
    });
    expect(await status(once, depsOf(w))).toBe(3);
    expect(terminal.out()).toMatch(/^Expires +expired \(/m);
    expect(terminal.out()).toContain(
      'Your codexd login cannot be refreshed: its session was ended on the server. Run `codexd login`.',
    );
  });

  test('no login: exit 3', async () => {
    const terminal = fakeTerminal();
    await using w = world(terminal);
    expect(await status(once, depsOf(w))).toBe(3);
    expect(terminal.out()).toBe('Login  Not logged in to ChatGPT. Run `codexd login`.\n');
  });

  test('the Codex CLI’s login: its source is named', async () => {
    const terminal = fakeTerminal();
    await using w = world(terminal);
    w.put(w.deps.codexFile, { auth_mode: 'chatgpt', tokens: w.simulator.login() });
    expect(await status(once, depsOf(w))).toBe(0);
    expect(terminal.out()).toContain(`Source   the Codex CLI's login, ${w.deps.codexFile}`);
  });

  test('a quota that cannot be fetched: reported, and the login still works', async () => {
    const { w, terminal } = withLogin();
    await using _ = w;
    w.simulator.script({ for: 'usage', status: 404 });
    expect(await status(once, depsOf(w))).toBe(0);
    expect(terminal.out()).toContain('Quota    unknown: The upstream did not report a quota (HTTP 404).');
  });
});

describe('the daemon', () => {
  test('is probed at every configured address, with /healthz', async () => {
    const paths: string[] = [];
    using daemon = Bun.serve({
      hostname: '127.0.0.1',
      port: 0,
      fetch(request) {
        paths.push(new URL(request.url).pathname);
        return Response.json({ status: 'ok' });
      },
    });
    using other = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => Response.json({}) });
    const { w, terminal } = withLogin();
    await using _ = w;
    const unix = `${w.directory}/codexd.sock`;
    using socket = Bun.serve({ unix, fetch: () => Response.json({ status: 'ok' }) });
    const addresses = [`0.0.0.0:${daemon.port}`, `127.0.0.1:${other.port}`, '127.0.0.1:1', `unix:${unix}`];
    await status(once, depsOf(w, addresses));
    expect(paths).toEqual(['/healthz']);
    expect(terminal.out().match(/^Daemon.*$/gm)).toEqual([
      `Daemon   listening on http://0.0.0.0:${daemon.port}`,
      `Daemon   not listening on http://127.0.0.1:${other.port}`,
      'Daemon   not listening on http://127.0.0.1:1',
      `Daemon   listening on unix:${unix}`,
    ]);
    expect(socket).toBeDefined();
  });
});

test('--json prints one object', async () => {
  const { w, terminal } = withLogin();
  await using _ = w;
  await status({ watch: false, json: true }, depsOf(w, ['127.0.0.1:1']));
  expect(JSON.parse(terminal.out())).toMatchObject({
    login: { source: 'own', path: w.deps.ownFile, email: 'a@example.com', plan: 'plus', renewable: true },
    problem: null,
    quota_problem: null,
    quotas: [
      { limit: 'codex', windows: [{ used_percent: expect.any(Number), resets_at: expect.any(String) }] },
    ],
    daemons: [{ address: '127.0.0.1:1', listening: false }],
  });
});

test('--watch repeats it', async () => {
  const { w, terminal } = withLogin();
  await using _ = w;
  const waits: number[] = [];
  const sleep = async (ms: number) => {
    waits.push(ms);
    if (waits.length === 3) throw new Error('interrupted');
  };
  await expect(status({ watch: true, json: false }, { ...depsOf(w), sleep })).rejects.toThrow('interrupted');
  expect(waits).toEqual([30_000, 30_000, 30_000]);
  expect(terminal.out().match(/^Account/gm)).toHaveLength(3);
});

describe('exit code', () => {
  const quota = (usedPercent: number, reached?: string): Quota => ({
    limit: 'codex',
    name: undefined,
    plan: 'plus',
    windows: [
      { label: '5 h', usedPercent: 1, windowMinutes: 300, resetsAtMs: undefined },
      { label: 'weekly', usedPercent, windowMinutes: 10080, resetsAtMs: undefined },
    ],
    reached,
  });
  const state = { login: undefined, problem: undefined, quotaProblem: undefined, daemons: [] };

  test.each([
    [0, quota(89.9)],
    [2, quota(90)],
    [2, quota(100)],
    [2, quota(5, 'workspace_owner_credits_depleted')],
  ])('%d', (code, one) => {
    expect(exitCodeOf({ ...state, quotas: [one] })).toBe(code);
  });
});

describe('text', () => {
  const nowMs = Date.parse('2026-11-20T12:00:00Z');
  const found = (quotas: Quota[]) => ({
    login: undefined,
    problem: undefined,
    quotaProblem: undefined,
    daemons: [],
    quotas,
  });
  const window = (label: string, usedPercent: number, inMs?: number) => ({
    label,
    usedPercent,
    windowMinutes: 1,
    resetsAtMs: inMs === undefined ? undefined : nowMs + inMs,
  });

  test('windows with percent, bar and reset; further limits by their names', () => {
    const quotas = [
      {
        limit: 'codex',
        name: undefined,
        plan: 'plus',
        reached: 'rate_limit_reached',
        windows: [window('5 h', 100, 7_800_000), window('weekly', 37.4, 3 * 86_400_000)],
      },
      {
        limit: 'codex_bengalfox',
        name: 'Spark',
        plan: 'plus',
        reached: undefined,
        windows: [window('5 h', 0)],
      },
    ];
    expect(
      statusText(found(quotas), { nowMs, color: false, width: Number.POSITIVE_INFINITY, timeZone: 'UTC' }),
    ).toBe(
      [
        '5 h        ████████████████████ 100 % used, resets in 2 h 10 min (2026-11-20 14:10)',
        'Weekly     ███████░░░░░░░░░░░░░  37 % used, resets in 3 d 0 h (2026-11-23 12:00)',
        'Limit      rate limit reached',
        '5 h Spark  ░░░░░░░░░░░░░░░░░░░░   0 % used\n',
      ].join('\n'),
    );
  });

  test('colours only if allowed', () => {
    const quotas = [
      {
        limit: 'codex',
        name: undefined,
        plan: 'plus',
        reached: undefined,
        windows: [window('5 h', 95), window('weekly', 5)],
      },
    ];
    const text = (color: boolean) => statusText(found(quotas), { nowMs, color, width: 80 });
    expect(text(false)).not.toContain('\x1b');
    expect(text(true)).toContain('\x1b[31m');
    expect(text(true)).toContain('\x1b[32m');
  });
});
