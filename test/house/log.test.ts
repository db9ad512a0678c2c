// What a log line may say (product.md 5): never a login, never whose account it is.
import { expect, test } from 'bun:test';
import { createLog, redact } from '../../src/log.ts';

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

test('whatever stands behind Bearer is redacted', () => {
  expect(redact('authorization: Bearer abc.def, next')).toBe('authorization: Bearer [redacted], next');
});

test('ordinary words, ids and addresses stay', () => {
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
