import { describe, expect, test } from 'bun:test';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import {
  type AuthFile,
  fileStamp,
  loadAuthFile,
  makePrivateDirectory,
  moveLoginAside,
  newLogin,
  openAuthFileWriter,
  parseAuthFile,
  withTokens,
} from '../../src/auth/store.ts';
import { accessToken, accountId, fakeServer, marker, refreshToken, temporaryDirectory } from './support.ts';

const login: AuthFile = { auth_mode: 'chatgpt', tokens: { access_token: 'new' } };

function write(path: string, auth: AuthFile): void {
  openAuthFileWriter(path).commit(auth);
}

describe('auth.json', () => {
  test("a new login has the Codex CLI's keys", () => {
    const tokens = { id_token: 'i', access_token: accessToken(), refresh_token: 'r' };
    expect(newLogin(tokens, fakeServer(), Date.parse('2026-11-20T15:23:01.123Z'))).toEqual({
      auth_mode: 'chatgpt',
      OPENAI_API_KEY: null,
      tokens: {
        ...tokens,
        oauth_provenance: { issuer: 'https://auth.example', client_id: fakeServer().clientId },
        account_id: accountId,
      },
      last_refresh: '2026-11-20T15:23:01.123Z',
    });
  });

  test('a refresh replaces tokens and keeps unknown keys, in order', () => {
    const old = {
      auth_mode: 'chatgpt',
      OPENAI_API_KEY: 'sk-x',
      tokens: {
        id_token: 'i',
        access_token: 'a',
        refresh_token: 'r',
        login_owner_id: 'o',
        account_id: 'acc',
      },
      last_refresh: '2026-01-01T00:00:00Z',
      agent_identity: { deep: [1] },
      something_new: true,
    };
    const refreshed = withTokens(old, { access_token: 'a2', refresh_token: 'r2' }, 0);
    expect(refreshed).toEqual({
      ...old,
      tokens: { ...old.tokens, access_token: 'a2', refresh_token: 'r2' },
      last_refresh: '1970-01-01T00:00:00.000Z',
    });
    expect(Object.keys(refreshed)).toEqual(Object.keys(old));
  });

  test.each([['{'], [`{"tokens": "${marker}`], ['[]'], ['null'], ['"x"'], ['']])(
    'anything but a JSON object (%s) is rejected without being quoted',
    (text) => {
      expect(() => parseAuthFile(text, 'The login in f')).toThrow('The login in f is not a login');
      expect(() => parseAuthFile(text, 'f')).not.toThrow(marker);
    },
  );

  test('a missing file is no login; an unreadable file is reported', () => {
    using directory = temporaryDirectory();
    expect(loadAuthFile(join(directory.path, 'none', 'auth.json'))).toBeUndefined();
    expect(() => loadAuthFile(directory.path)).toThrow('Cannot read the login in');
  });
});

describe('writing', () => {
  test('mode 0600 in a directory of 0700, even if both were wider before', () => {
    using directory = temporaryDirectory();
    const profile = join(directory.path, 'codexd', 'default');
    mkdirSync(profile, { recursive: true, mode: 0o755 });
    const path = join(profile, 'auth.json');
    writeFileSync(path, '{}', { mode: 0o644 });
    makePrivateDirectory(profile);
    write(path, login);
    expect(statSync(profile).mode & 0o777).toBe(0o700);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(loadAuthFile(path)).toEqual(login);
    expect(readdirSync(profile)).toEqual(['auth.json']);
  });

  test('the stamp changes with every write and is absent without a file', () => {
    using directory = temporaryDirectory();
    const path = join(directory.path, 'auth.json');
    expect(fileStamp(path)).toBeUndefined();
    expect(fileStamp(directory.path)).toBeUndefined();
    write(path, login);
    const first = fileStamp(path);
    write(path, login);
    expect(fileStamp(path)).not.toBe(first!);
  });

  test('a symbolic link stays, and its target is replaced', () => {
    using directory = temporaryDirectory();
    const real = join(directory.path, 'dotfiles');
    mkdirSync(real);
    writeFileSync(join(real, 'auth.json'), '{}');
    const link = join(directory.path, 'auth.json');
    symlinkSync(join(real, 'auth.json'), link);
    write(link, login);
    expect(JSON.parse(readFileSync(join(real, 'auth.json'), 'utf8'))).toEqual(login);
    expect(readdirSync(directory.path).sort()).toEqual(['auth.json', 'dotfiles']);
  });

  test('a bind-mounted file, which cannot be renamed over, is written in place', () => {
    using directory = temporaryDirectory();
    const path = join(directory.path, 'auth.json');
    writeFileSync(
      path,
      '{"old": "and much longer than what comes after it, so that it must be truncated …"}',
    );
    const busy = () => {
      throw Object.assign(new Error('busy'), { code: 'EBUSY' });
    };
    openAuthFileWriter(path, { rename: busy }).commit({ a: 1 });
    expect(loadAuthFile(path)).toEqual({ a: 1 });
    expect(readdirSync(directory.path)).toEqual(['auth.json']);
  });

  test('an abandoned or failed write leaves the old file and nothing else', () => {
    using directory = temporaryDirectory();
    const path = join(directory.path, 'auth.json');
    write(path, { old: true });
    openAuthFileWriter(path).abandon();
    const failing = openAuthFileWriter(path, {
      rename: () => {
        throw Object.assign(new Error('io'), { code: 'EIO' });
      },
    });
    expect(() => failing.commit(login)).toThrow('io');
    expect(loadAuthFile(path)).toEqual({ old: true });
    expect(readdirSync(directory.path)).toEqual(['auth.json']);
  });

  test('a process killed before the rename leaves the old login intact', async () => {
    using directory = temporaryDirectory();
    const path = join(directory.path, 'auth.json');
    write(path, { old: true });
    const before = fileStamp(path);
    const script = `
      import { openAuthFileWriter } from ${JSON.stringify(join(import.meta.dir, '../../src/auth/store.ts'))};
      const die = () => { process.kill(process.pid, 'SIGKILL'); for (;;); };
      openAuthFileWriter(${JSON.stringify(path)}, { rename: die }).commit({ tokens: { refresh_token: ${JSON.stringify(refreshToken(2))} } });`;
    const child = Bun.spawn([process.execPath, '-e', script], { stderr: 'inherit' });
    await child.exited;
    expect(child.signalCode).toBe('SIGKILL');
    expect(fileStamp(path)).toBe(before!);
    expect(loadAuthFile(path)).toEqual({ old: true });

    // A leftover file is as private as the login, and the next writer removes it.
    const left = readdirSync(directory.path).filter((name) => name !== 'auth.json');
    expect(left).toHaveLength(1);
    expect(statSync(join(directory.path, left[0]!)).mode & 0o777).toBe(0o600);
    write(path, login);
    expect(readdirSync(directory.path)).toEqual(['auth.json']);
  });

  test('a login is renamed before it is deleted; leftovers are deleted too, and nothing else', () => {
    using directory = temporaryDirectory();
    const path = join(directory.path, 'auth.json');
    write(path, login);
    writeFileSync(join(directory.path, '.auth-codexd-0123abcd'), 'left');
    writeFileSync(join(directory.path, '.auth-x1Y2'), "the Codex CLI's");
    const deleteIt = moveLoginAside(path);
    expect(existsSync(path)).toBe(false);
    deleteIt!();
    expect(moveLoginAside(path)).toBeUndefined();
    expect(readdirSync(directory.path)).toEqual(['.auth-x1Y2']);
  });

  test('a login under a symbolic link is deleted at its target', () => {
    using directory = temporaryDirectory();
    const target = join(directory.path, 'kept.json');
    writeFileSync(target, '{}');
    symlinkSync(target, join(directory.path, 'auth.json'));
    moveLoginAside(join(directory.path, 'auth.json'))!();
    expect(readdirSync(directory.path)).toEqual(['auth.json']);
  });

  test.each([
    ['a loop of links', (path: string) => symlinkSync(path, path), 'too many levels of symbolic links'],
    ['a directory', (path: string) => mkdirSync(path), 'it is a directory'],
  ])('%s in place of the file is named', (_, make, reason) => {
    using directory = temporaryDirectory();
    const path = join(directory.path, 'auth.json');
    make(path);
    expect(() => loadAuthFile(path)).toThrow(reason);
  });
});
