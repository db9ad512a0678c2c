// What a log line may contain: never a token, never the account.
import { describe, expect, test } from 'bun:test';
import { KnownSecrets, maxTextLength, redact } from '../../src/log/redact.ts';
import { createLog } from '../../src/log.ts';

const secrets = [
  'eyJhbGciOiJSUzI1NiIs.eyJzdWIiOiJhdXRoMHwifQ.c2lnbmF0dXJl',
  'rt.1.AAAAAAAAAAAAAAAAAAAA',
  'at-0123456789abcdef',
  'sk-proj-0123456789abcdef',
  'cdx_0123456789abcdef',
  'user-AbCdEfGhIjKl',
  'org-0123456789ab',
  'somebody.else+test@mail.example.com',
];

test.each(secrets.map((secret) => [secret]))('%s is redacted', (secret) => {
  expect(redact(`before ${secret} behind`)).toBe('before [redacted] behind');
  expect(redact(JSON.stringify({ deep: [secret] }))).not.toContain(secret);
});

test('everything after Bearer is redacted', () => {
  expect(redact('authorization: Bearer abc.def, next')).toBe('authorization: Bearer [redacted], next');
});

test('ordinary words, IDs and addresses are kept', () => {
  for (const text of [
    'req_0123456789abcdef',
    'resp_0a11',
    'http://127.0.0.1:8787/v1',
    'gpt-6.1-sol',
    'user-agent',
    'claude-cli/2.1.329',
    '@openai/codex',
  ]) {
    expect(redact(text)).toBe(text);
  }
});

test('levels, fields and both forms', () => {
  const lines: string[] = [];
  const write = (line: string) => lines.push(line);
  const now = () => new Date(0);
  const json = createLog({ level: 'info', format: 'json', write, now }).with({ requestId: 'req_1' });
  json.debug('not shown');
  json.info('request', { status: 200, model: undefined, note: 'Bearer secret-token' });
  createLog({ level: 'warn', format: 'pretty', write }).warn('careful', { why: 'two words', n: 1 });
  expect(lines).toEqual([
    '{"time":"1970-01-01T00:00:00.000Z","level":"info","message":"request","requestId":"req_1","status":200,"note":"Bearer [redacted]"}\n',
    'warn: careful why="two words" n=1\n',
  ]);
});

describe('known credentials', () => {
  const opaque = 'opaque"token\\0123456789';
  const account = '1f0c2a9e-0000-4000-8000-000000000001';
  const known = new KnownSecrets();
  known.add(opaque, account, undefined, null, '', 'short');

  test('are redacted by value, in every form they are written in', () => {
    for (const text of [opaque, account, JSON.stringify(opaque), encodeURIComponent(opaque)]) {
      expect(known.redact(`before ${text} behind`)).toMatch(/^before "?\[redacted\]"? behind$/);
    }
    expect(known.redact('a short word')).toBe('a short word');
  });

  test('are redacted before truncation, and so is the rest of one that was truncated elsewhere', () => {
    expect(known.redact(`${'x '.repeat(maxTextLength / 2 - 5)}${account}`)).not.toContain(
      account.slice(0, 8),
    );
    expect(known.redact(`it said (${account.slice(0, 12)}…) twice`)).toBe('it said ([redacted]…) twice');
  });

  test('the latest are kept, however many there are', () => {
    const many = new KnownSecrets();
    for (let n = 0; n < 1000; n++) many.add(`token-number-${n}`);
    expect(many.redact('token-number-999 and token-number-998')).toBe('[redacted] and [redacted]');
  });

  test('a redacted line of JSON is still valid JSON', () => {
    const lines: string[] = [];
    const log = createLog({
      level: 'info',
      format: 'json',
      write: (line) => lines.push(line),
      redact: known.redact,
    });
    log.info(`Bearer abc\\"def ${account}`, { why: `Bearer x\\"y\n"${opaque}"`, long: '"'.repeat(50_000) });
    expect(JSON.parse(lines[0]!)).toMatchObject({
      message: 'Bearer [redacted]"def [redacted]',
      why: 'Bearer [redacted]"y\n"[redacted]"',
    });
  });
});
