// The pretty access log line for people; ids appear only at level debug.
import { describe, expect, test } from 'bun:test';
import type { LogFields } from '../../../src/log/line.ts';
import { createLog, type LogOptions } from '../../../src/log.ts';
import { accessBrief } from '../../../src/server/middleware/access-brief.ts';

const usual: LogFields = {
  requestId: 'req_0123456789abcdef',
  clientRequestId: undefined,
  method: 'POST',
  path: '/v1/chat/completions',
  status: 200,
  client: 'anonymous',
  agent: 'curl/8.5.0',
  model: 'gpt-5.5',
  modelUsed: 'gpt-5.5',
  inputTokens: 22,
  outputTokens: 56,
  totalMs: 72,
  failure: undefined,
};

function line(fields: LogFields, options: Partial<LogOptions> = {}): string {
  const lines: string[] = [];
  const log = createLog({
    level: 'info',
    format: 'pretty',
    write: (text) => lines.push(text),
    now: () => new Date(2026, 11, 1, 12, 3, 41),
    showTime: true,
    ...options,
  });
  log.info('request', { ...usual, ...fields }, accessBrief);
  return lines.join('');
}

const none = { inputTokens: undefined, outputTokens: undefined };
const cases: [string, LogFields, string][] = [
  ['a chat', {}, '12:03:41 200   72ms  chat  gpt-5.5  22→56 tok  curl\n'],
  [
    'a slow one of a named key',
    { totalMs: 4230, client: 'phone', path: '/v1/responses' },
    '12:03:41 200   4.2s  responses  gpt-5.5  22→56 tok  phone curl\n',
  ],
  ['minutes', { totalMs: 185_000 }, '12:03:41 200  3m05s  chat  gpt-5.5  22→56 tok  curl\n'],
  ['just below a minute', { totalMs: 59_960 }, '12:03:41 200  1m00s  chat  gpt-5.5  22→56 tok  curl\n'],
  ['a route without /v1', { path: '/messages' }, '12:03:41 200   72ms  messages  gpt-5.5  22→56 tok  curl\n'],
  [
    'a failure',
    {
      status: 401,
      failure: 'bad_api_key',
      code: 'invalid_api_key',
      model: undefined,
      modelUsed: undefined,
      ...none,
    },
    '12:03:41 401   72ms  chat  curl  invalid_api_key\n',
  ],
  [
    'speech',
    {
      path: '/v1/audio/transcriptions',
      model: 'whisper-1',
      modelUsed: 'chatgpt',
      audioSeconds: 12.5,
      ...none,
    },
    '12:03:41 200   72ms  transcribe  chatgpt  12.5 s audio  curl\n',
  ],
  [
    'any other route',
    { method: 'GET', path: '/v1/models', model: undefined, modelUsed: undefined, agent: undefined, ...none },
    '12:03:41 200   72ms  GET /v1/models\n',
  ],
  [
    'control characters and long names of a client',
    { model: `a\x1b[31m\n${'x'.repeat(90)}`, modelUsed: undefined },
    `12:03:41 200   72ms  chat  a?[31m?${'x'.repeat(32)}…  22→56 tok  curl\n`,
  ],
];
test.each(cases)('%s', (_, fields, text) => expect(line(fields)).toBe(text));

describe('the fields', () => {
  test('are there at the level debug', () => {
    expect(line({}, { level: 'debug' })).toStartWith(
      '12:03:41 200   72ms  chat  gpt-5.5  22→56 tok  curl requestId=req_0123456789abcdef method=POST',
    );
  });

  test('are all there is in JSON', () => {
    expect(JSON.parse(line({}, { format: 'json' }))).toMatchObject({
      message: 'request',
      path: usual.path,
      totalMs: 72,
    });
  });

  test('are redacted before they are put into words', () => {
    expect(line({ model: 'sk-0123456789abcdef', modelUsed: undefined })).toContain('chat  [redacted]  22→56');
  });
});

test('colours: the time is dim, the status says how it went', () => {
  expect(line({}, { color: true })).toStartWith('\x1b[2m12:03:41\x1b[0m \x1b[32m200\x1b[0m   72ms  chat');
  expect(line({ status: 404 }, { color: true })).toContain('\x1b[33m404\x1b[0m');
  expect(line({ status: 502 }, { color: true })).toContain('\x1b[31m502\x1b[0m');
});
