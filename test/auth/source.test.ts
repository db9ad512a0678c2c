import { describe, expect, test } from 'bun:test';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { createLoginSource, type LoginSource, type SourceOptions } from '../../src/auth/source.ts';
import type { AuthFile } from '../../src/auth/store.ts';
import { KnownSecrets } from '../../src/log/redact.ts';
import { createLog } from '../../src/log.ts';
import type { TokenSource } from '../../src/upstream/credentials.ts';
import {
  accessToken,
  accountId,
  errorResponse,
  fakeClock,
  fakeServer,
  marker,
  refreshResponse,
  refreshToken,
  temporaryDirectory,
  testLocks,
} from './support.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const down = () => Object.assign(new TypeError('reset'), { code: 'ECONNRESET' });

/** A home with logins, a scripted server, and a source over both. Compiles only if LoginSource implements TokenSource. */
function home(directory: string, ...responses: Parameters<typeof fakeServer>) {
  const clock = fakeClock();
  const server = fakeServer(...responses);
  const logged: string[] = [];
  const ownFile = join(directory, 'state', 'auth.json');
  const codexFile = join(directory, 'codex', 'auth.json');
  const source = (options: Partial<SourceOptions> = {}): LoginSource & TokenSource =>
    createLoginSource({
      ownFile,
      codexHomes: [join(directory, 'codex')],
      readonly: false,
      server,
      secrets: new KnownSecrets(),
      locks: testLocks(),
      now: clock.now,
      log: createLog({ level: 'debug', format: 'json', write: (line) => logged.push(line) }),
      ...options,
    });
  const login = (lastsMs: number, n = 1, more: { accountId?: string } = {}): AuthFile => ({
    auth_mode: 'chatgpt',
    OPENAI_API_KEY: null,
    tokens: {
      id_token: 'i',
      access_token: accessToken({ expiresAtMs: clock.nowMs + lastsMs, n, accountId: more.accountId }),
      refresh_token: refreshToken(n),
      login_owner_id: 'owner',
      account_id: more.accountId ?? accountId,
    },
    last_refresh: '2026-11-20T11:00:00.123456789Z',
    something_new: { kept: true },
  });
  const put = (path: string, auth: AuthFile) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, JSON.stringify(auth));
    return auth.tokens?.access_token ?? '';
  };
  const saved = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as AuthFile & { tokens: object };
  /** A successful response with tokens number `n`, valid for `lastsMs`. */
  const refreshed =
    (n: number, lastsMs = 10 * dayMs) =>
    () =>
      refreshResponse({
        id_token: `i${n}`,
        access_token: accessToken({ expiresAtMs: clock.nowMs + lastsMs, n }),
        refresh_token: refreshToken(n),
      });
  return { clock, server, logged, ownFile, codexFile, source, login, put, saved, refreshed };
}

describe('which login is used', () => {
  test('the first that exists of: bearer, OPENAI_CODEX_AUTH, --auth-file, own store, the Codex CLI homes in order', async () => {
    using directory = temporaryDirectory();
    const h = home(directory.path);
    const second = join(directory.path, 'second');
    const fileOf = (n: number, path: string) => h.put(path, h.login(dayMs, n));
    const inSecond = fileOf(1, join(second, 'auth.json'));
    const codexHomes = [join(directory.path, 'codex'), second];
    const options = { codexHomes };
    expect((await h.source(options).get()).accessToken).toBe(inSecond);
    const inFirst = fileOf(2, h.codexFile);
    expect((await h.source(options).get()).accessToken).toBe(inFirst);
    const own = fileOf(3, h.ownFile);
    expect((await h.source(options).get()).accessToken).toBe(own);
    const authFile = join(directory.path, 'given.json');
    const explicit = fileOf(4, authFile);
    expect((await h.source({ ...options, authFile }).get()).accessToken).toBe(explicit);
    const authJson = JSON.stringify(h.login(dayMs, 5));
    expect((await h.source({ ...options, authFile, authJson }).get()).accessToken).toBe(
      JSON.parse(authJson).tokens.access_token,
    );
    const bearer = accessToken({ n: 6 });
    const all = h.source({ ...options, authFile, authJson, bearer });
    expect(await all.get()).toEqual({ accessToken: bearer, accountId, fedramp: false });
  });

  test('a running daemon notices a login that appears, changes and disappears', async () => {
    using directory = temporaryDirectory();
    const h = home(directory.path);
    const source = h.source();
    await expect(source.get()).rejects.toMatchObject({
      kind: 'login_required',
      message: 'Not logged in to ChatGPT.',
      advice: 'Run `codexd login`.',
    });
    const borrowed = h.put(h.codexFile, h.login(dayMs, 1));
    expect((await source.get()).accessToken).toBe(borrowed);
    const own = h.put(h.ownFile, h.login(dayMs, 2));
    expect((await source.get()).accessToken).toBe(own);
    const replaced = h.put(h.ownFile, h.login(dayMs, 3));
    expect((await source.get()).accessToken).toBe(replaced);
    unlinkSync(h.ownFile);
    expect((await source.get()).accessToken).toBe(borrowed);
  });

  test('a half-written file, as older Codex CLIs leave it for a moment, does not interrupt requests', async () => {
    using directory = temporaryDirectory();
    const h = home(directory.path);
    const before = h.put(h.codexFile, h.login(dayMs, 1));
    const source = h.source();
    await source.get();
    writeFileSync(h.codexFile, JSON.stringify(h.login(dayMs, 2)).slice(0, 100));
    expect((await source.get()).accessToken).toBe(before);
    const after = h.put(h.codexFile, h.login(dayMs, 2));
    expect((await source.get()).accessToken).toBe(after);
    writeFileSync(h.codexFile, '{');
    await expect(h.source().get()).rejects.toMatchObject({ code: 'login_unreadable' });
  });

  test("the account ID is the token's claim, unless one is set", async () => {
    using directory = temporaryDirectory();
    const h = home(directory.path);
    const auth = h.login(dayMs, 1);
    auth.tokens!.account_id = 'from the file';
    h.put(h.ownFile, auth);
    expect((await h.source().get()).accountId).toBe(accountId);
    expect((await h.source({ accountId: 'given' }).get()).accountId).toBe('given');
  });

  test('an unusable own login is reported, not skipped', async () => {
    using directory = temporaryDirectory();
    const h = home(directory.path);
    h.put(h.codexFile, h.login(dayMs));
    h.put(h.ownFile, { auth_mode: 'apikey', OPENAI_API_KEY: `sk-${marker}` });
    await expect(h.source().get()).rejects.toMatchObject({
      code: 'login_unusable',
      message: 'Your codexd login contains an OpenAI API key but no ChatGPT login.',
    });
  });

  test('a missing --auth-file is reported', async () => {
    using directory = temporaryDirectory();
    const h = home(directory.path);
    h.put(h.ownFile, h.login(dayMs));
    await expect(h.source({ authFile: '/nowhere/a.json' }).get()).rejects.toMatchObject({
      message: 'No login found in /nowhere/a.json.',
    });
  });

  test('a Codex login in the keyring is reported', async () => {
    using directory = temporaryDirectory();
    const h = home(directory.path);
    mkdirSync(join(directory.path, 'codex'));
    writeFileSync(
      join(directory.path, 'codex', 'config.toml'),
      'model = "x"\ncli_auth_credentials_store = "keyring"\n',
    );
    await expect(h.source().get()).rejects.toMatchObject({ code: 'login_in_keyring' });
  });

  test('the owner of a personal access token is looked up once', async () => {
    using directory = temporaryDirectory();
    const whoami = {
      chatgpt_account_id: 'acc',
      chatgpt_plan_type: 'team',
      email: 'p@example.com',
      chatgpt_user_id: 'u',
      chatgpt_account_is_fedramp: true,
    };
    const h = home(directory.path, Response.json(whoami));
    h.put(h.ownFile, { OPENAI_API_KEY: null, personal_access_token: 'at-12345678' });
    const source = h.source();
    expect(await source.get()).toEqual({ accessToken: 'at-12345678', accountId: 'acc', fedramp: true });
    await source.get();
    expect(source.facts()).toMatchObject({
      email: 'p@example.com',
      plan: 'team',
      accountId: 'acc',
      refreshable: false,
    });
    expect(h.server.sent).toEqual([
      {
        url: 'https://auth.example/api/accounts/v1/user-auth-credential/whoami',
        method: 'GET',
        headers: {
          authorization: 'Bearer at-12345678',
          originator: 'codexd',
          'user-agent': 'codexd/0.1.0 (linux; x64)',
        },
        body: '',
      },
    ]);
    await expect(source.refresh(await source.get())).rejects.toThrow(
      'a personal access token cannot be refreshed',
    );
  });

  test('facts include path and expiry, and never a token', () => {
    using directory = temporaryDirectory();
    const h = home(directory.path);
    h.put(h.codexFile, h.login(dayMs));
    const facts = h.source().facts();
    expect(facts).toEqual({
      origin: 'codex',
      path: h.codexFile,
      email: 'a@example.com',
      plan: 'plus',
      accountId,
      expiresAtMs: h.clock.nowMs + dayMs,
      lastRefreshMs: Date.parse('2026-11-20T11:00:00.123Z'),
      refreshable: true,
    });
    expect(JSON.stringify(facts)).not.toContain(marker);
    expect(h.source({ readonly: true }).facts().refreshable).toBe(false);
    expect(() => h.source({ codexHomes: [] }).facts()).toThrow('Not logged in to ChatGPT.');
  });
});

describe('before expiry', () => {
  test('with more than five minutes left nothing is sent', async () => {
    using directory = temporaryDirectory();
    const h = home(directory.path);
    const token = h.put(h.ownFile, h.login(5 * minuteMs + 1_000));
    expect((await h.source().get()).accessToken).toBe(token);
    expect(h.server.sent).toEqual([]);
  });

  test.each(['ownFile', 'codexFile'] as const)(
    'five minutes before expiry it is refreshed, in the %s, and unknown keys are kept',
    async (file) => {
      using directory = temporaryDirectory();
      const h = home(directory.path, (sent) => {
        expect(JSON.parse(sent.body)).toEqual({
          client_id: h.server.clientId,
          grant_type: 'refresh_token',
          refresh_reason: 'proactive_expiry',
          refresh_token: refreshToken(1),
        });
        return h.refreshed(2)();
      });
      const before = h.login(4 * minuteMs);
      h.put(h[file], before);
      const got = await h.source().get();
      expect(got.accessToken).toBe(accessToken({ expiresAtMs: h.clock.nowMs + 10 * dayMs, n: 2 }));
      expect(h.saved(h[file])).toEqual({
        ...before,
        tokens: {
          ...before.tokens!,
          id_token: 'i2',
          access_token: got.accessToken,
          refresh_token: refreshToken(2),
        },
        last_refresh: '2026-11-20T12:00:00.000Z',
      });
      expect(readdirSync(dirname(h[file])).sort()).toEqual(['auth.json', 'auth.json.lock', 'auth.lock']);
    },
  );

  test('concurrent callers share one refresh', async () => {
    using directory = temporaryDirectory();
    const h = home(directory.path, async () => {
      await Bun.sleep(2);
      return h.refreshed(2)();
    });
    h.put(h.ownFile, h.login(0));
    const source = h.source();
    const all = await Promise.all(Array.from({ length: 20 }, () => source.get()));
    expect(new Set(all.map(({ accessToken }) => accessToken)).size).toBe(1);
    expect(h.server.sent).toHaveLength(1);
  });

  test('the new tokens are on disk before a caller gets them', async () => {
    using directory = temporaryDirectory();
    const h = home(directory.path);
    h.put(h.ownFile, h.login(0));
    h.server.fetch = async () => h.refreshed(2)();
    const { accessToken } = await h.source().get();
    expect(h.saved(h.ownFile).tokens).toMatchObject({
      access_token: accessToken,
      refresh_token: refreshToken(2),
    });
  });

  test('a login that another process has written is adopted, and nothing is sent', async () => {
    using directory = temporaryDirectory();
    const h = home(directory.path);
    h.put(h.ownFile, h.login(minuteMs));
    const source = h.source();
    const locks = testLocks();
    const newer = h.login(10 * dayMs, 2);
    // The other process holds the lock, so the source has read the old file and must read it again under the lock.
    let waiting: Promise<{ accessToken: string }> | undefined;
    await locks.hold(join(dirname(h.ownFile), 'auth.lock'), 0, async () => {
      waiting = source.get();
      await Bun.sleep(5);
      h.put(h.ownFile, newer);
    });
    expect((await waiting)?.accessToken).toBe(newer.tokens!.access_token!);
    expect(h.server.sent).toEqual([]);
  });

  test('another account on disk is not mistaken for a newer token of the same login', async () => {
    using directory = temporaryDirectory();
    const h = home(directory.path);
    h.put(h.ownFile, h.login(minuteMs));
    const source = h.source();
    const other = h.login(10 * dayMs, 2, { accountId: 'other' });
    let waiting: Promise<unknown> | undefined;
    await testLocks().hold(join(dirname(h.ownFile), 'auth.lock'), 0, async () => {
      waiting = source.get().catch((thrown: unknown) => thrown);
      await Bun.sleep(5);
      h.put(h.ownFile, other);
    });
    expect(await waiting).toMatchObject({ kind: 'unavailable', code: 'account_changed' });
    expect(h.server.sent).toEqual([]);
    expect((await source.get()).accountId).toBe('other');
  });

  test('a clock that is set back an hour does not delay the next attempt by an hour', async () => {
    using directory = temporaryDirectory();
    const h = home(
      directory.path,
      down(),
      refreshResponse({ access_token: 'new', refresh_token: refreshToken(2) }),
    );
    h.put(h.ownFile, h.login(2 * minuteMs - 60 * minuteMs));
    const source = h.source();
    await source.get().catch(() => {});
    expect(h.server.sent).toHaveLength(1);
    h.clock.nowMs -= 60 * minuteMs;
    await source.get();
    expect(h.server.sent).toHaveLength(2);
  });

  test.each([
    ['500', () => new Response('', { status: 500 })],
    ['429', () => new Response('', { status: 429 })],
    ['no network', down()],
    ['not JSON', () => new Response('<html>')],
    ['challenge', () => new Response('<html>', { status: 403, headers: { 'cf-mitigated': 'challenge' } })],
  ])(
    'after a temporary failure (%s) the old token is used until it expires, and the refresh retried later',
    async (_, answer) => {
      using directory = temporaryDirectory();
      const h = home(directory.path, answer, answer);
      const old = h.put(h.ownFile, h.login(2 * minuteMs));
      const source = h.source();
      for (let n = 0; n < 5; n++) expect((await source.get()).accessToken).toBe(old);
      expect(h.server.sent).toHaveLength(1);
      h.clock.nowMs += 30_000;
      expect((await source.get()).accessToken).toBe(old);
      expect(h.server.sent).toHaveLength(2);
      expect(h.saved(h.ownFile).tokens).toMatchObject({ refresh_token: refreshToken(1) });
      expect(h.logged.join('')).toContain('could not refresh the login');
      expect(h.logged.join('')).not.toContain(marker);
    },
  );

  test('after the refresh token is rejected, the access token is used until it expires', async () => {
    using directory = temporaryDirectory();
    const h = home(directory.path, errorResponse(401, 'refresh_token_reused'));
    const old = h.put(h.ownFile, h.login(2 * minuteMs));
    const source = h.source();
    expect((await source.get()).accessToken).toBe(old);
    h.clock.nowMs += minuteMs;
    expect((await source.get()).accessToken).toBe(old);
    h.clock.nowMs += 2 * minuteMs;
    await expect(source.get()).rejects.toMatchObject({
      kind: 'login_required',
      code: 'refresh_token_reused',
    });
    expect(h.server.sent).toHaveLength(1);
  });

  test.each([
    [
      'refresh_token_reused',
      401,
      'Your codexd login cannot be refreshed: another program has already used its refresh token.',
    ],
    ['refresh_token_expired', 401, 'Your codexd login cannot be refreshed: the login has expired.'],
    [
      'refresh_token_invalidated',
      401,
      'Your codexd login cannot be refreshed: its session was ended on the server.',
    ],
    [
      'an unknown code',
      401,
      'Your codexd login cannot be refreshed: the login server rejected it (401, No.).',
    ],
    ['invalid_grant', 400, 'Your codexd login cannot be refreshed: the login server rejected it (400, No.).'],
  ])(
    '%s is final: one clear message, and no further refresh with this token',
    async (code, status, message) => {
      using directory = temporaryDirectory();
      const h = home(directory.path, errorResponse(status, code), (sent) => {
        expect(JSON.parse(sent.body).refresh_token).toBe(refreshToken(7));
        return h.refreshed(8)();
      });
      h.put(h.ownFile, h.login(-1));
      const source = h.source();
      for (let n = 0; n < 3; n++) {
        await expect(source.get()).rejects.toMatchObject({
          kind: 'login_required',
          message,
          advice: 'Run `codexd login`.',
        });
        h.clock.nowMs += minuteMs;
      }
      expect(h.server.sent).toHaveLength(1);
      h.put(h.ownFile, h.login(-1, 7));
      await source.get();
      expect(h.server.sent).toHaveLength(2);
    },
  );

  test('refresh_token_reused after a process without locks wrote a newer token: that token is used', async () => {
    using directory = temporaryDirectory();
    const h = home(directory.path, () => {
      h.put(h.codexFile, h.login(dayMs, 2));
      return errorResponse(401, 'refresh_token_reused');
    });
    h.put(h.codexFile, h.login(0));
    expect((await h.source().get()).accessToken).toBe(h.login(dayMs, 2).tokens!.access_token!);
  });

  test('after a lost response the file is read again before the next attempt', async () => {
    using directory = temporaryDirectory();
    const h = home(directory.path, down());
    h.put(h.ownFile, h.login(-1));
    const source = h.source();
    await expect(source.get()).rejects.toMatchObject({ kind: 'upstream_unreachable', retry: true });
    await expect(source.get()).rejects.toMatchObject({ kind: 'upstream_unreachable' });
    expect(h.server.sent).toHaveLength(1);
    const newer = h.put(h.ownFile, h.login(dayMs, 2));
    h.clock.nowMs += minuteMs;
    expect((await source.get()).accessToken).toBe(newer);
    expect(h.server.sent).toHaveLength(1);
  });

  test('a response with a rotated refresh token but no access token loses neither, and does not loop', async () => {
    using directory = temporaryDirectory();
    const h = home(directory.path, refreshResponse({ refresh_token: refreshToken(2) }));
    const old = h.put(h.ownFile, h.login(2 * minuteMs));
    const source = h.source();
    expect((await source.get()).accessToken).toBe(old);
    expect((await source.get()).accessToken).toBe(old);
    expect(h.server.sent).toHaveLength(1);
    expect(h.saved(h.ownFile).tokens).toMatchObject({ refresh_token: refreshToken(2) });
  });

  test('an unwritable location is noticed before the refresh token is used up', async () => {
    using directory = temporaryDirectory();
    const h = home(directory.path);
    h.put(h.codexFile, h.login(-1));
    mkdirSync(join(dirname(h.codexFile), 'auth.lock'));
    await expect(h.source().get()).rejects.toMatchObject({
      kind: 'login_required',
      code: 'login_unwritable',
      message: expect.stringContaining(h.codexFile),
    });
    expect(h.server.sent).toEqual([]);
  });

  test('a refreshed login that could not be saved is used anyway, and the log says so', async () => {
    using directory = temporaryDirectory();
    const h = home(
      directory.path,
      async () => {
        // The commit lock becomes a directory while the request is pending.
        unlinkSync(`${h.ownFile}.lock`);
        mkdirSync(`${h.ownFile}.lock`);
        return h.refreshed(2)();
      },
      (sent) => {
        expect(JSON.parse(sent.body).refresh_token).toBe(refreshToken(2));
        return h.refreshed(3)();
      },
    );
    h.put(h.ownFile, h.login(0));
    const source = h.source();
    const refreshed = await source.get();
    expect(refreshed.accessToken).toBe(accessToken({ expiresAtMs: h.clock.nowMs + 10 * dayMs, n: 2 }));
    expect((await source.get()).accessToken).toBe(refreshed.accessToken);
    expect(h.saved(h.ownFile).tokens).toMatchObject({ refresh_token: refreshToken(1) });
    expect(h.logged.join('')).toContain('could not save the refreshed login; it will be lost on exit');
    h.clock.nowMs += 10 * dayMs;
    await expect(source.get()).rejects.toMatchObject({ code: 'login_unwritable' });
    expect(h.server.sent).toHaveLength(1);
    rmdirSync(`${h.ownFile}.lock`);
    h.clock.nowMs += minuteMs;
    await source.get();
    expect(h.server.sent).toHaveLength(2);
    expect(h.saved(h.ownFile).tokens).toMatchObject({ refresh_token: refreshToken(3) });
  });

  test.each([
    ['--auth-readonly', { readonly: true }, '--auth-readonly forbids codexd to refresh it'],
    ['tokens of a host application', {}, 'only the application that issued it can refresh it'],
  ])('%s: used until it expires, never refreshed', async (kind, options, why) => {
    using directory = temporaryDirectory();
    const h = home(directory.path);
    const auth = h.login(minuteMs);
    if (!('readonly' in options)) auth.auth_mode = 'chatgptAuthTokens';
    const token = h.put(h.codexFile, auth);
    const source = h.source(options);
    expect((await source.get()).accessToken).toBe(token);
    await expect(source.refresh(await source.get())).rejects.toThrow(why);
    h.clock.nowMs += 2 * minuteMs;
    await expect(source.get()).rejects.toMatchObject({
      kind: 'login_required',
      message: `The Codex CLI's login has expired, and ${why}.`,
    });
    expect([kind, h.server.sent.length]).toEqual([kind, 0]);
  });

  test('--auth-readonly does not apply to codexd’s own login', async () => {
    using directory = temporaryDirectory();
    const h = home(directory.path, () => h.refreshed(2)());
    h.put(h.ownFile, h.login(0));
    await h.source({ readonly: true }).get();
    expect(h.server.sent).toHaveLength(1);
  });

  test.each([
    [
      '--bearer',
      (h: ReturnType<typeof home>) => ({ bearer: h.login(minuteMs).tokens!.access_token! }),
      'The token from `--bearer` has expired',
    ],
    [
      'OPENAI_CODEX_AUTH with --auth-readonly',
      (h: ReturnType<typeof home>) => ({ authJson: JSON.stringify(h.login(minuteMs)), readonly: true }),
      'The login in OPENAI_CODEX_AUTH has expired',
    ],
  ])('%s has no file for a refreshed login, so it is never refreshed', async (_, options, message) => {
    using directory = temporaryDirectory();
    const h = home(directory.path);
    const source = h.source(options(h));
    const credentials = await source.get();
    await expect(source.refresh(credentials)).rejects.toThrow(
      'was rejected by ChatGPT, and codexd cannot refresh it',
    );
    h.clock.nowMs += 2 * minuteMs;
    await expect(source.get()).rejects.toThrow(message);
    expect(h.server.sent).toEqual([]);
  });
});

describe('after a 401', () => {
  test('a login that another process has written is adopted', async () => {
    using directory = temporaryDirectory();
    const h = home(directory.path);
    h.put(h.ownFile, h.login(dayMs));
    const source = h.source();
    const rejected = await source.get();
    const newer = h.put(h.ownFile, h.login(2 * dayMs, 2));
    expect((await source.refresh(rejected)).accessToken).toBe(newer);
    expect(h.server.sent).toEqual([]);
  });

  test('otherwise one refresh serves all rejected requests, with reason unauthorized_recovery', async () => {
    using directory = temporaryDirectory();
    const h = home(directory.path, () => h.refreshed(2)());
    h.put(h.ownFile, h.login(dayMs));
    const source = h.source();
    const rejected = await source.get();
    const all = await Promise.all(Array.from({ length: 10 }, () => source.refresh(rejected)));
    expect(new Set(all.map(({ accessToken }) => accessToken)).size).toBe(1);
    expect(all[0]?.accessToken).not.toBe(rejected.accessToken);
    expect(h.server.sent.map(({ body }) => JSON.parse(body).refresh_reason)).toEqual([
      'unauthorized_recovery',
    ]);
    // A caller whose 401 arrives late gets the current token.
    expect((await source.refresh(rejected)).accessToken).toBe(all[0]!.accessToken);
    expect(h.server.sent).toHaveLength(1);
  });

  test('a token rejected right after it was issued is sent once more, then refreshed, at most twice within a minute', async () => {
    using directory = temporaryDirectory();
    const h = home(
      directory.path,
      () => h.refreshed(2)(),
      () => h.refreshed(3)(),
      () => h.refreshed(4)(),
    );
    h.put(h.ownFile, h.login(dayMs));
    const source = h.source();
    const second = await source.refresh(await source.get());
    expect(await source.refresh(second)).toEqual(second);
    expect(h.server.sent).toHaveLength(1);

    const third = await source.refresh(second);
    expect(third.accessToken).not.toBe(second.accessToken);
    expect(await source.refresh(third)).toEqual(third);
    await expect(source.refresh(third)).rejects.toMatchObject({ code: 'login_refused' });
    expect(h.server.sent).toHaveLength(2);

    h.clock.nowMs += minuteMs;
    expect((await source.refresh(third)).accessToken).not.toBe(third.accessToken);
    expect(h.server.sent).toHaveLength(3);
  });

  test('a token from a due refresh, too, is sent once more after a 401 within a minute', async () => {
    using directory = temporaryDirectory();
    const h = home(directory.path, () => h.refreshed(2)());
    h.put(h.ownFile, h.login(0));
    const source = h.source();
    const refreshed = await source.get();
    expect(await source.refresh(refreshed)).toEqual(refreshed);
    expect(h.server.sent.map(({ body }) => JSON.parse(body).refresh_reason)).toEqual(['proactive_expiry']);
  });

  test('a request for one account never gets credentials of another', async () => {
    using directory = temporaryDirectory();
    const h = home(directory.path);
    h.put(h.ownFile, h.login(dayMs));
    const source = h.source();
    const rejected = await source.get();
    h.put(h.ownFile, h.login(dayMs, 2, { accountId: 'other' }));
    await expect(source.refresh(rejected)).rejects.toMatchObject({ code: 'account_changed', retry: true });
    expect(h.server.sent).toEqual([]);
  });

  test('an account ID from the settings does not count as another account', async () => {
    using directory = temporaryDirectory();
    const h = home(directory.path, () => h.refreshed(2)());
    h.put(h.ownFile, h.login(dayMs));
    const source = h.source({ accountId: 'given' });
    expect((await source.refresh(await source.get())).accountId).toBe('given');
  });

  test('after a final refusal every caller fails without another request', async () => {
    using directory = temporaryDirectory();
    const h = home(directory.path, errorResponse(401, 'refresh_token_invalidated'));
    h.put(h.ownFile, h.login(dayMs));
    const source = h.source();
    const rejected = await source.get();
    for (let n = 0; n < 3; n++) {
      await expect(source.refresh(rejected)).rejects.toMatchObject({ code: 'refresh_token_invalidated' });
    }
    expect(h.server.sent).toHaveLength(1);
  });
});

test('forceRefresh refreshes although no refresh is due', async () => {
  using directory = temporaryDirectory();
  const h = home(directory.path, () => h.refreshed(2)());
  h.put(h.ownFile, h.login(dayMs));
  await h.source().forceRefresh();
  expect(h.server.sent.map(({ body }) => JSON.parse(body).refresh_reason)).toEqual(['forced']);
});

describe('OPENAI_CODEX_AUTH', () => {
  test('is refreshed, and the next process with the same variable uses the refreshed login', async () => {
    using directory = temporaryDirectory();
    const h = home(directory.path, () => h.refreshed(2)());
    const authJson = JSON.stringify(h.login(0));
    const { accessToken: refreshed } = await h.source({ authJson }).get();
    expect(h.server.sent).toHaveLength(1);
    const [kept] = readdirSync(dirname(h.ownFile)).filter((name) => name.startsWith('environment-'));
    const file = join(dirname(h.ownFile), kept!);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(h.saved(file)).toMatchObject({
      something_new: { kept: true },
      tokens: { refresh_token: refreshToken(2) },
    });
    expect((await h.source({ authJson }).get()).accessToken).toBe(refreshed);
    expect(h.server.sent).toHaveLength(1);
  });

  test('different content is a different login', async () => {
    using directory = temporaryDirectory();
    const h = home(directory.path, () => h.refreshed(2)());
    await h.source({ authJson: JSON.stringify(h.login(0)) }).get();
    const other = h.login(dayMs, 7);
    const { accessToken } = await h.source({ authJson: JSON.stringify(other) }).get();
    expect(accessToken).toBe(other.tokens!.access_token!);
  });

  test('nothing is written until a refresh is due', async () => {
    using directory = temporaryDirectory();
    const h = home(directory.path);
    await h.source({ authJson: JSON.stringify(h.login(dayMs)) }).get();
    expect(existsSync(dirname(h.ownFile))).toBe(false);
  });
});
