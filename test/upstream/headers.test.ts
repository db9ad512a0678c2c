// The identity in the headers (docs/wire/upstream.md#headers, docs/wire/upstream.md#identity-gates).
import { describe, expect, test } from 'bun:test';
import {
  codexVersion,
  defaultUserAgent,
  desktopIdentity,
  headersToForward,
  identityHeaders,
  turnHeaders,
} from '../../src/upstream/headers.ts';

const identity = { originator: 'codexd', userAgent: 'codexd/1.2.3 (linux; x64)', clientVersion: '0.169.0' };
const credentials = { accessToken: 'token', accountId: 'acct', fedramp: false };

test('originator and user agent agree by default', () => {
  expect(defaultUserAgent('1.2.3', 'linux', 'x64')).toBe('codexd/1.2.3 (linux; x64)');
});

test.each([
  ['linux', 'x64', '(linux; x86_64)'],
  ['darwin', 'arm64', '(macos; aarch64)'],
  ['win32', 'x64', '(windows; x86_64)'],
  ['freebsd', 'riscv64', '(freebsd; riscv64)'],
])('the desktop shape on %s %s', (platform, arch, where) => {
  expect(desktopIdentity(platform, arch)).toEqual({
    originator: 'Codex Desktop',
    userAgent: `Codex Desktop/26.429.30905 ${where}`,
  });
});

describe('identity', () => {
  test('every call says it in full', () => {
    expect(identityHeaders(identity, credentials)).toEqual({
      authorization: 'Bearer token',
      originator: 'codexd',
      'user-agent': 'codexd/1.2.3 (linux; x64)',
      version: '0.169.0',
      'chatgpt-account-id': 'acct',
    });
  });

  test('a token without an account sends none, a FedRAMP one says so', () => {
    const { 'chatgpt-account-id': _, ...withoutAccount } = identityHeaders(identity, credentials);
    expect(identityHeaders(identity, { ...credentials, accountId: undefined })).toEqual(
      withoutAccount as never,
    );
    expect(identityHeaders(identity, { ...credentials, fedramp: true })).toMatchObject({
      'x-openai-fedramp': 'true',
    });
  });
});

describe('a turn', () => {
  const turn = {
    session: 's',
    lite: false,
    routingOverride: undefined,
    model: 'gpt-5.5',
    serviceTier: undefined,
    forwardedHeaders: {},
  };

  test('a plain one', () => {
    expect(turnHeaders(turn)).toEqual({
      accept: 'text/event-stream',
      'accept-encoding': 'zstd, gzip',
      'content-type': 'application/json',
      'session-id': 's',
      'thread-id': 's',
      'x-client-request-id': 's',
      'x-codex-routing-hint': 'model=gpt-5.5',
    });
  });

  test('the Lite header and the routing override only where they belong', () => {
    expect(turnHeaders({ ...turn, lite: true, routingOverride: 'us' })).toEqual({
      ...turnHeaders(turn),
      'x-openai-internal-codex-responses-lite': 'true',
      'x-openai-account-routing-override': 'us',
    });
  });

  test('the routing hint says model and tier; that of a Codex client passes where it names the same model', () => {
    const hint = (more: object) => turnHeaders({ ...turn, ...more })['x-codex-routing-hint'];
    const own = (text: string) => ({ forwardedHeaders: { 'x-codex-routing-hint': text } });
    expect(hint({ serviceTier: 'priority' })).toBe('model=gpt-5.5;tier=priority');
    expect(hint(own('model=gpt-5.5;tier=flex'))).toBe('model=gpt-5.5;tier=flex');
    expect(hint(own('model=gpt-5.5'))).toBe('model=gpt-5.5');
    expect(hint(own('model=gpt-5.5-mini;tier=flex'))).toBe('model=gpt-5.5');
  });

  test("a Codex client's thread stays its own", () => {
    expect(
      turnHeaders({ ...turn, serviceTier: undefined, forwardedHeaders: { 'thread-id': 't' } }),
    ).toMatchObject({
      'session-id': 's',
      'thread-id': 't',
    });
  });
});

describe('passed on', () => {
  const sent = {
    authorization: 'Bearer key of the daemon',
    'x-api-key': 'key of the daemon',
    cookie: 'c',
    'chatgpt-account-id': "somebody else's",
    'openai-organization': 'o',
    'x-stainless-lang': 'js',
    'x-request-id': 'r',
    version: '0.1',
    'x-openai-subagent': 'review',
    'x-openai-memgen-request': 'true',
    'x-codex-turn-state': 'state',
    'x-codex-turn-metadata': '{}',
    'x-codex-window-id': 't:0',
    'x-codex-parent-thread-id': 'p',
    'x-client-request-id': 't',
    'x-codex-of-a-later-version': 'l',
    'x-openai-fedramp': 'true',
    'x-openai-account-routing-override': 'us',
    'x-codex-beta-features': 'remote_compaction_v2',
    'thread-id': 't',
  };

  test('anybody: what says which kind of work it is, and nothing else', () => {
    expect(headersToForward(new Headers({ ...sent, 'user-agent': 'OpenAI/JS 7.55.0' }))).toEqual({
      'x-openai-subagent': 'review',
      'x-openai-memgen-request': 'true',
    });
  });

  test('a Codex client: its bookkeeping too, never its credentials or identity', () => {
    expect(headersToForward(new Headers({ ...sent, originator: 'codex_exec' }))).toEqual({
      'x-openai-subagent': 'review',
      'x-openai-memgen-request': 'true',
      'x-codex-turn-state': 'state',
      'x-codex-turn-metadata': '{}',
      'x-codex-window-id': 't:0',
      'x-codex-parent-thread-id': 'p',
      'x-client-request-id': 't',
      'x-codex-of-a-later-version': 'l',
      'x-codex-beta-features': 'remote_compaction_v2',
      'thread-id': 't',
    });
  });

  const agent = 'codex_exec/0.171.0-alpha.2 (Debian 12.0.0; x86_64)';
  test.each([
    [{ originator: 'codex_exec', version: '0.171.0' }, '0.171.0'],
    [{ originator: 'codex_exec', version: '0.171.0', 'user-agent': 'codex_exec/0.1.2' }, '0.171.0'],
    [{ 'user-agent': agent }, '0.171.0-alpha.2'],
    [{ version: 'new', 'user-agent': agent }, '0.171.0-alpha.2'],
    [{ 'user-agent': 'Codex Desktop/26.429.30905 (macos; aarch64)' }, undefined],
    [{ originator: 'codex_exec' }, undefined],
    [{ originator: 'codex_exec', version: "1.2.3'; drop" }, undefined],
    [{ originator: 'opencode', version: '0.171.0' }, undefined],
  ])('the version of %j is %p', (headers, version) => {
    expect(codexVersion(new Headers(headers as Record<string, string>))).toBe(version as string);
  });
});
