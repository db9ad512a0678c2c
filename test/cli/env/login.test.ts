// `codexd env claude --login`: the settings with which Claude Code logs in to the daemon.
import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../../src/failure.ts';
import { type EnvOptions, env, home } from '../env-support.ts';

const file = '.claude/settings.json';
const login = { forceLoginMethod: 'gateway', forceLoginGatewayUrl: 'http://127.0.0.1:8787' };

function read(place: string): string {
  return readFileSync(join(place, file), 'utf8');
}

async function failure(words: string[], options: EnvOptions = {}): Promise<Failure> {
  try {
    await env(words, options);
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
    throw thrown;
  }
  throw new Error(`${words.join(' ')} should have failed`);
}

test('prints two settings, what will happen and what it costs', async () => {
  const { out, err } = await env(['claude', '--login']);
  expect(JSON.parse(out)).toEqual(login);
  for (const text of [
    '`/login`',
    'press the up arrow',
    'approve the code.',
    'WebSearch',
    'gateway.managed_settings',
  ])
    expect(err).toContain(text);
});

test('contains no key, and says that one is needed to approve', async () => {
  const key = 'cdx_0123456789abcdef';
  const { out, err } = await env(['claude', '--login'], { env: { CODEXD_API_KEY: key } });
  expect(out + err).not.toContain(key);
  expect(err).toContain("approve the code with one of the daemon's keys");
});

test('--write adds them to the file, and --undo restores it', async () => {
  const before = '{ "theme":  "dark" }\n';
  const place = home({ [file]: before });
  const { out, err } = await env(['claude', '--login', '--write'], { home: place });
  expect(out).toContain('now uses codexd');
  expect(err).toContain('codexd env claude --login --undo');
  expect(read(place)).toContain('"theme":  "dark"');
  expect(JSON.parse(read(place))).toEqual({ theme: 'dark', ...login });
  await env(['claude', '--login', '--undo'], { home: place });
  expect(read(place)).toBe(before);
});

test('does not write beside variables that would override the login', async () => {
  const place = home();
  await env(['claude', '--write'], { home: place });
  const { message, advice } = await failure(['claude', '--login', '--write'], { home: place });
  expect(message).toContain('sets ANTHROPIC_BASE_URL in `env`, which overrides a login');
  expect(advice).toContain('codexd env claude --undo');
  await env(['claude', '--undo'], { home: place });
  await env(['claude', '--login', '--write'], { home: place });
  expect(JSON.parse(read(place))).toEqual(login);
});

test('names variables of the shell that override the login', async () => {
  const { err } = await env(['claude', '--login'], { env: { ANTHROPIC_AUTH_TOKEN: 'x' } });
  expect(err).toContain('ANTHROPIC_AUTH_TOKEN is set in this shell');
});

describe('addresses', () => {
  test.each(['127.0.0.1:9000', 'localhost:9000', '0.0.0.0:9000'])(
    '%s is one that Claude Code accepts',
    async (listen) => {
      const { out } = await env(['claude', '--login'], { flags: { listen } });
      expect(out).toMatch(/"http:\/\/(127\.0\.0\.1|localhost):9000"/);
    },
  );

  test.each(['192.168.1.5:9000', '127.0.0.2:9000', '[::1]:9000'])('%s is not', async (listen) => {
    const { message, advice } = await failure(['claude', '--login'], { flags: { listen } });
    expect(message).toContain(`http://${listen}`);
    expect(advice).toContain('https address of the proxy');
  });
});

test('other clients have no such login', async () => {
  expect((await failure(['codex', '--login'])).advice).toContain('codexd env claude');
});
