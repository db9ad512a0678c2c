// The routes about the daemon itself: health, the card, the page for browsers, and the login.
import { describe, expect, test } from 'bun:test';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyHome } from '../cli/process.ts';
import { startDaemon, useWorld } from './daemon.ts';

const world = useWorld();
const json = async (answer: Response) => (await answer.json()) as Record<string, unknown>;

describe('GET /health', () => {
  test('what codex-as-api promised: the login, the model and its window', async () => {
    expect(await json(await fetch(`${world.daemon.url}/health`))).toMatchObject({
      status: 'ok',
      version: expect.stringMatching(/^\d+\.\d+/),
      auth_available: true,
      model: expect.stringMatching(/^gpt-/),
      codex_config_path: join(world.daemon.home, '.codex/config.toml'),
      context_window: expect.any(Number),
      auto_compact_token_limit: null,
    });
  });

  test('with the Codex CLI’s own settings, and without a login', async () => {
    const home = emptyHome();
    mkdirSync(join(home, '.codex'));
    writeFileSync(
      join(home, '.codex/config.toml'),
      'model = "gpt-5.5"\nmodel_context_window = 200000\nmodel_auto_compact_token_limit = 160000\n',
    );
    await using daemon = await startDaemon({ simulator: world.simulator, home, login: false });
    expect(await json(await fetch(`${daemon.url}/health`))).toMatchObject({
      status: 'login_required',
      auth_available: false,
      model: 'gpt-5.5',
      codex_config_path: join(home, '.codex/config.toml'),
      context_window: 200_000,
      auto_compact_token_limit: 160_000,
    });
  });
});

describe('GET /', () => {
  const at = (headers: Record<string, string>) => fetch(world.daemon.url, { headers });

  test('the card lists every API, Ollama’s too', async () => {
    const { apis } = await json(await at({ accept: '*/*' }));
    expect(apis).toContain('/v1/chat/completions');
    expect(apis).toContain('/v1/messages');
    expect(apis).toContain('/v1/compact');
    expect(apis).toContain('/v1/audio/transcriptions');
    expect(apis).toContain('/api/chat');
    expect(apis).toContain('/api/tags');
    expect((apis as string[]).filter((path) => /event_logging|hello|:/.test(path))).toEqual([]);
  });

  test('every route of OpenAI’s API answers without /v1 too', async () => {
    const { apis } = (await json(await at({}))) as { apis: string[] };
    const ours = apis.filter((path) => path.startsWith('/v1/'));
    expect(ours.length).toBeGreaterThan(15);
    for (const path of ours) {
      const [usual, short] = [path, path.slice(3)].map(async (each) => {
        const answer = await fetch(`${world.daemon.url}${each}`, { method: 'POST', body: '[]' });
        return [path, answer.status, (await answer.text()).includes('unknown_url')];
      });
      expect(await short).toEqual((await usual)!);
      expect((await short)![2]).toBe(false);
    }
  });

  test('a browser gets a page that loads nothing', async () => {
    const accept = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
    const answer = await at({ accept, 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' });
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    const page = await answer.text();
    expect(page).toStartWith('<!doctype html>');
    expect(page).toContain('/api/chat');
    expect(page).not.toMatch(/<script|src=/);
  });

  test.each([{}, { accept: 'application/json' }, { accept: '*/*' }])('%j gets JSON', async (headers) => {
    expect((await at(headers as Record<string, string>)).headers.get('content-type')).toStartWith(
      'application/json',
    );
  });
});

describe('POST /debug/…', () => {
  const key = 'a-key-of-this-test';
  const post = (url: string, path: string, bearer?: string) =>
    fetch(url + path, {
      method: 'POST',
      headers: bearer === undefined ? {} : { authorization: `Bearer ${bearer}` },
    });

  test.each(['/debug/auth', '/debug/refresh'])('%s: not without a key', async (path) => {
    const answer = await post(world.daemon.url, path, 'anything');
    expect([answer.status, await json(answer)]).toMatchObject([403, { error: { code: 'api_key_required' } }]);
  });

  test('with a key: facts about the login, a refresh, never a token', async () => {
    const login = world.simulator.login();
    const file = join(emptyHome(), 'auth.json');
    const { access_token, refresh_token, id_token } = login;
    const tokens = { access_token, refresh_token, id_token, account_id: 'x' };
    writeFileSync(file, JSON.stringify({ tokens, last_refresh: new Date().toISOString() }), { mode: 0o600 });
    const args = ['--api-key', key, '--auth-file', file];
    await using daemon = await startDaemon({ simulator: world.simulator, args });
    expect((await post(daemon.url, '/debug/auth')).status).toBe(401);
    const auth = await (await post(daemon.url, '/debug/auth', key)).text();
    expect(JSON.parse(auth)).toMatchObject({
      auth_available: true,
      source: 'auth-file',
      plan: expect.any(String),
      expires_at: expect.stringMatching(/^\d{4}-/),
      refreshable: true,
    });
    const refreshed = await (await post(daemon.url, '/debug/refresh', key)).text();
    expect(JSON.parse(refreshed)).toMatchObject({ refreshed: true, auth_available: true });
    expect(JSON.parse(await Bun.file(file).text()).tokens.refresh_token).not.toBe(refresh_token);
    for (const text of [auth, refreshed]) expect(text).not.toMatch(/eyJ|rt[._]|@/);
  });

  test('without a login: 424 or 503, and the command to run', async () => {
    const args = ['--api-key', key];
    await using daemon = await startDaemon({ simulator: world.simulator, args, login: false });
    const answer = await post(daemon.url, '/debug/auth', key);
    expect(answer.status).toBeGreaterThanOrEqual(424);
    expect(await json(answer)).toMatchObject({
      error: { code: 'login_required', message: expect.stringContaining('codexd login') },
    });
  });
});
