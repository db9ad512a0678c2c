// Code that reads foreign text takes time proportional to its length, up to a megabyte of the worst text. Measured by
// growth, so that a slow machine makes no difference.
import { expect, test } from 'bun:test';
import { checkKeepAlive } from '../../src/apis/ollama/options.ts';
import { errorExcerpt } from '../../src/audio/programs/failures.ts';
import { readSubtitles, srt } from '../../src/audio/subtitles.ts';
import { interpretCallback, parsePastedUrl } from '../../src/auth/callback-query.ts';
import { errorText, sanitizeMessage } from '../../src/auth/login-server.ts';
import { failureText } from '../../src/cli/failure-text.ts';
import { load } from '../../src/config/load.ts';
import { asFailure, Failure } from '../../src/failure.ts';
import { KnownSecrets, redact } from '../../src/log/redact.ts';
import { createLog } from '../../src/log.ts';
import { streamFailure } from '../../src/responses/error.ts';
import { normalPath } from '../../src/server/router.ts';
import { httpFailure } from '../../src/upstream/http-failure.ts';
import { excerptOf } from '../../src/upstream/transcribe/refusal.ts';

const megabyte = 1024 ** 2;
const pumps = [
  'a',
  'a.',
  'a@',
  '@',
  'eyJ',
  'Bearer ',
  'user-',
  'sk-',
  ' ',
  '\n',
  '/',
  '<',
  '"',
  '\\"',
  '-',
  '=',
  '{',
  '1',
  '\u001b[',
  '…',
  '😀',
];

const secrets = new KnownSecrets();
secrets.add('opaque-token-0123456789', 'a'.repeat(2000), '…'.repeat(100));
const log = createLog({ level: 'info', format: 'json', write: () => {}, redact: secrets.redact });
const quietly = (work: () => unknown) => {
  try {
    work();
  } catch (thrown) {
    if (asFailure(thrown).kind === 'bug') throw thrown;
  }
};
const noPlace = { env: {}, flags: {}, platform: 'linux', homedir: '/home/me' };

const readers: Record<string, (text: string) => unknown> = {
  redact,
  'known secrets': secrets.redact,
  'a log line': (text) => log.info(text, { why: text }),
  'a failure on the terminal': (text) =>
    failureText(new Failure('bug', text), { redact: secrets.redact, nowMs: 0, width: 80 }),
  'an error of the login server': (text) => errorText({ status: 400, body: text, isHtml: false }, ['secret']),
  sanitizeMessage: (text) => sanitizeMessage(text, ['secret']),
  'a refusal of the upstream': (text) =>
    httpFailure(400, new Headers(), JSON.stringify({ error: { message: text, code: text } }), 0),
  'a list of complaints': (text) =>
    httpFailure(422, new Headers(), JSON.stringify({ detail: [{ loc: [text], msg: text }] }), 0),
  'a page of the upstream': (text) => httpFailure(502, new Headers(), text, 0),
  'an error in a stream': (text) => streamFailure({ message: `try again in ${text}`, code: text }, 0),
  'a page for a recording': (text) => excerptOf(`<html>${text}`),
  "an engine's last words": (text) => errorExcerpt(text),
  'subtitles of an engine': (text) => quietly(() => readSubtitles(`00:01.000 --> 00:02.000\n${text}`)),
  'a transcript as subtitles': (text) => srt([{ start: 0, end: 1, text }]),
  'a redirected address': (text) => parsePastedUrl(`${text}?code=c&state=s`),
  'a callback': (text) => interpretCallback(new URLSearchParams({ state: 's', error: text }), 's'),
  'a path': (text) => normalPath(`/${text}`),
  keep_alive: (text) => quietly(() => checkKeepAlive(text)),
  'a value in config.toml': (text) =>
    quietly(() => load({ ...noPlace, readFile: () => `[server]\nlisten = ${JSON.stringify(text)}` })),
  'a broken config.toml': (text) => quietly(() => load({ ...noPlace, readFile: () => `[server]\n${text}` })),
};

/** Shorter times are the garbage collector's. Quadratic work takes seconds for 128 KiB. */
const noiseMs = 2;

/** CPU time of this process, regardless of the machine's load. */
function cpuMs(read: (text: string) => unknown, text: string): number {
  const times = Array.from({ length: 3 }, () => {
    const start = process.cpuUsage();
    read(text);
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  });
  return Math.min(...times);
}

test.each(Object.entries(readers))(
  '%s',
  (_, read) => {
    const slow = pumps.filter((pump) => {
      const of = (length: number) => pump.repeat(Math.ceil(length / pump.length));
      // Sixteen times the text takes sixteen times as long, or 256 times if the work is quadratic. That shows at
      // shorter lengths, before a megabyte takes minutes.
      return [megabyte / 128, megabyte / 16].some(
        (length) => cpuMs(read, of(16 * length)) > 80 * Math.max(noiseMs, cpuMs(read, of(length))),
      );
    });
    expect(slow).toEqual([]);
  },
  60_000,
);
