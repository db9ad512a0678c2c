// Both transports of recordings against the simulated service: the request, each fault, the login, disconnecting clients.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createLoginSource } from '../../../src/auth/source.ts';
import { Failure } from '../../../src/failure.ts';
import { KnownSecrets } from '../../../src/log/redact.ts';
import { silentLog } from '../../../src/log.ts';
import { type ScriptedTurn, type Simulator, startSimulator } from '../../../src/simulator/simulator.ts';
import { desktopIdentity } from '../../../src/upstream/headers.ts';
import { type CurlOptions, curlConfig, curlPost } from '../../../src/upstream/transcribe/curl.ts';
import { fetchPost, type Post } from '../../../src/upstream/transcribe/post.ts';
import { createTranscribe, type Transcribe } from '../../../src/upstream/transcribe.ts';
import { createFetch } from '../../../src/upstream/transport.ts';
import { testLocks } from '../../auth/support.ts';
import { wav } from '../../simulator/sounds.ts';
import { failureOf, world } from '../support.ts';
import { neverAborted, Recorded } from './support.ts';

const withCurl = Bun.which('curl') !== null;
if (!withCurl) console.log('skipped: the curl transport (there is no curl on this machine)');

/** A login in the environment, which the child must not get. */
const env = { PATH: process.env.PATH, CODEXD_BEARER: 'eyJenvironment.secret' };
const curlOptions: CurlOptions = { proxy: undefined, caFile: undefined, connectTimeoutMs: 5000, env };
const fetchOnly = createFetch({ proxy: undefined, ca: undefined });
const ways: [string, Post][] = [['fetch', fetchPost(fetchOnly)]];
if (withCurl) ways.push(['curl', curlPost(curlOptions)]);

let simulator: Simulator;
let recorded: Recorded;
beforeAll(() => {
  simulator = startSimulator();
  recorded = new Recorded();
});
afterAll(async () => {
  recorded[Symbol.dispose]();
  await simulator.stop();
});
afterEach(() => expect(simulator.unused()).toEqual([]));

interface House {
  transcribe: Transcribe;
  /** The tokens in the login file. */
  token: string;
  /** Logs in again, as another program would. */
  loginAgain(): string;
}

/** A login in a file, a real network connection, delays without waiting. */
function house(post: Post, { endpoint }: { endpoint?: string } = {}): House {
  const authFile = join(recorded.directory, 'auth.json');
  const loginAgain = () => {
    const tokens = simulator.login();
    writeFileSync(`${authFile}.new`, JSON.stringify({ auth_mode: 'chatgpt', tokens }), { mode: 0o600 });
    renameSync(`${authFile}.new`, authFile);
    return tokens.access_token;
  };
  const token = loginAgain();
  const tokens = createLoginSource({
    authFile,
    ownFile: '/nowhere/auth.json',
    codexHomes: [],
    readonly: false,
    server: {
      issuer: simulator.issuer,
      clientId: 'app_EMoamEEZ73f0CkXaXp7hrann',
      originator: 'codexd',
      userAgent: 'codexd/1.2.3 (linux; x64)',
      fetch: fetchOnly,
    },
    secrets: new KnownSecrets(),
    locks: testLocks(),
    now: Date.now,
    log: silentLog,
  });
  const { client } = world([], { baseUrl: simulator.upstream, fetch: fetchOnly, tokens });
  const transcribe = createTranscribe({
    client,
    endpoint,
    identity: desktopIdentity('linux', 'x64'),
    post,
    requestTimeoutMs: 60_000,
    log: silentLog,
    nowMs: Date.now,
    random: () => 0,
    sleep: async () => {},
  });
  return { transcribe, token, loginAgain };
}

const uploads = () => simulator.requests.filter(({ path }) => path === '/backend-api/transcribe');
const script = (...lines: Omit<ScriptedTurn, 'for'>[]) =>
  simulator.script(...lines.map((line): ScriptedTurn => ({ for: 'transcribe', ...line })));

describe.each(ways)('by %s', (_, post) => {
  test('a recording is heard, and was sent as the service wants it', async () => {
    const { transcribe } = house(post);
    const text = await transcribe(recorded.upload({ language: 'de' }), neverAborted());
    expect(text).toMatch(/^1\.00 seconds of sound [0-9a-f]{8}: 440\.$/);
    const { headers, body } = uploads().at(-1)!;
    const digest = /sound (\w+):/.exec(text)?.[1];
    const file = { filename: 'audio.wav', type: 'audio/wav', bytes: recorded.bytes.length, digest };
    expect(body).toEqual({ file, language: 'de' });
    expect(Object.keys(body as object)).toEqual(['file', 'language']);
    expect(headers).toMatchObject({
      'chatgpt-account-id': expect.any(String),
      originator: 'Codex Desktop',
      'user-agent': 'Codex Desktop/26.429.30905 (linux; x86_64)',
    });
    for (const name of ['version', 'x-codex-base64', 'expect', 'transfer-encoding', 'cookie']) {
      expect(headers[name]).toBeUndefined();
    }
  });

  test('odd names stay names', async () => {
    const { transcribe } = house(post);
    await transcribe(recorded.upload({ filename: 'a;type=b, c=@d.wav' }), neverAborted());
    expect(uploads().at(-1)?.body).toMatchObject({ file: { filename: 'a;type=b, c=@d.wav' } });
  });

  test('megabytes', async () => {
    using long = new Recorded(wav([[330, 300]], { rate: 16_000 }));
    const text = await house(post).transcribe(long.upload(), neverAborted());
    expect(text).toMatch(/^300\.00 seconds of sound \w+: 330\.$/);
  });

  test('a file that the service cannot read is sent three times and then told', async () => {
    const before = uploads().length;
    const failure = await failureOf(
      house(post).transcribe(recorded.upload({ filename: 'audio.mp3' }), neverAborted()),
    );
    expect(failure).toMatchObject({ kind: 'upstream_broke', code: 'transcription_failed' });
    expect(uploads().length - before).toBe(3);
  });

  const recovers: [string, Omit<ScriptedTurn, 'for'>[], string][] = [
    ['401', [{ refusal: 'token_expired' }, { text: 'Well.' }], 'Well.'],
    ['429', [{ status: 429, body: { detail: 'x' }, retryAfter: 1 }, { text: 'Well.' }], 'Well.'],
    ['500, 502', [{ refusal: 'asr_error' }, { refusal: 'bad_gateway' }, { text: 'Well.' }], 'Well.'],
    ['a reset', [{ fault: 'reset' }, { text: 'Well.' }], 'Well.'],
    ['a cut body', [{ text: 'Cut.', fault: 'reset', afterBytes: 5 }, { text: 'Well.' }], 'Well.'],
    ['a slow body', [{ text: 'Grüße 🎙️.', chunkBytes: 1, paceMs: 1 }], 'Grüße 🎙️.'],
    ['an empty text', [{ text: '' }], ''],
    ['blanks', [{ text: '\n a ' }], 'a'],
  ];
  test.each(recovers)('%s and then well', async (_, lines, text) => {
    script(...lines);
    expect(await house(post).transcribe(recorded.upload(), neverAborted())).toBe(text);
  });

  const final: [string, Omit<ScriptedTurn, 'for'>, object][] = [
    ['a challenge', { fault: 'challenge' }, { code: 'upstream_challenge', status: 502 }],
    ['403', { status: 403, body: { detail: 'No.' } }, { kind: 'upstream_refused', message: 'No.' }],
    ['413', { refusal: 'too_large' }, { kind: 'too_large' }],
    ['no organisation', { refusal: 'no_active_organization' }, { code: 'no_active_organization' }],
    ['a page with 200', { status: 200, body: '<html><title>Hm</title>' }, { code: 'invalid_answer' }],
    ['a body that ends too early', { text: 'Cut.', cutAfterBytes: 6 }, { code: 'invalid_answer' }],
    [
      'a redirect',
      { status: 302, headers: { location: '/x' } },
      { kind: 'upstream_refused', code: 'upstream_error' },
    ],
  ];
  test.each(final)('%s', async (_, line, told) => {
    script(line);
    expect(await failureOf(house(post).transcribe(recorded.upload(), neverAborted()))).toMatchObject(told);
  });

  test('two 401s: refreshed the login once, and is asked for', async () => {
    script({ refusal: 'token_expired', repeat: 2 });
    const { transcribe, token } = house(post);
    expect(await failureOf(transcribe(recorded.upload(), neverAborted()))).toMatchObject({
      kind: 'login_required',
    });
    const [first, second] = uploads().slice(-2);
    expect(first!.headers.authorization).toBe(`Bearer ${token}`);
    expect(second!.headers.authorization).not.toBe(`Bearer ${token}`);
  });

  test('a login that another program renewed counts from the next recording on', async () => {
    const { transcribe, token, loginAgain } = house(post);
    await transcribe(recorded.upload(), neverAborted());
    const refreshed = loginAgain();
    await transcribe(recorded.upload(), neverAborted());
    const sent = uploads()
      .slice(-2)
      .map(({ headers }) => headers.authorization);
    expect(sent).toEqual([`Bearer ${token}`, `Bearer ${refreshed}`]);
  });

  test('who leaves while it is heard ends it, and the service notices', async () => {
    script({ fault: 'stall' });
    const controller = new AbortController();
    const left = new Failure('cancelled', 'The client is gone.');
    const before = uploads().length;
    const work = house(post).transcribe(recorded.upload(), controller.signal);
    await simulator.waitFor(() => uploads().length > before);
    controller.abort(left);
    expect(await failureOf(work)).toBe(left);
    await simulator.waitFor((request) => request === uploads().at(-1) && request.abortedAtMs !== undefined);
  });

  test('who leaves in the middle of the upload ends it', async () => {
    using long = new Recorded(wav([[330, 600]], { rate: 16_000 }));
    const begun = Promise.withResolvers<Socket>();
    // Reads the head and then stops reading.
    const deaf = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => {
        socket.pause();
        begun.resolve(socket);
      });
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => deaf.once('listening', resolve));
    const { port } = deaf.address() as { port: number };
    const controller = new AbortController();
    const { transcribe } = house(post, { endpoint: `http://127.0.0.1:${port}/transcribe` });
    const work = transcribe(long.upload(), controller.signal);
    const socket = await begun.promise;
    const closed = new Promise((resolve) => socket.once('close', resolve));
    controller.abort();
    expect(await failureOf(work)).toMatchObject({ kind: 'cancelled' });
    socket.resume();
    await closed;
    expect(socket.bytesRead).toBeLessThan(long.bytes.length);
    deaf.close();
  });

  test('nobody there', async () => {
    const { transcribe } = house(post, { endpoint: 'http://127.0.0.1:9/transcribe' });
    expect(await failureOf(transcribe(recorded.upload(), neverAborted()))).toMatchObject({
      kind: 'upstream_unreachable',
      retry: true,
    });
  });
});

describe('curl', () => {
  test.skipIf(!withCurl || process.platform !== 'linux')(
    'neither its arguments nor its environment hold the login, and it is gone when the caller leaves',
    async () => {
      script({ fault: 'stall' });
      const controller = new AbortController();
      const before = uploads().length;
      const { transcribe, token } = house(curlPost(curlOptions));
      const work = transcribe(recorded.upload(), controller.signal);
      await simulator.waitFor(() => uploads().length > before);
      const children = curlsOfOurs();
      expect(children).toHaveLength(1);
      const [pid = 0] = children;
      const [cmdline, environ] = ['cmdline', 'environ'].map((name) =>
        readFileSync(`/proc/${pid}/${name}`, 'utf8'),
      );
      controller.abort();
      await failureOf(work);
      expect(cmdline).toContain('--config');
      expect(environ).toContain('PATH=');
      for (const secret of [token, 'Bearer', env.CODEXD_BEARER, 'secret', 'CODEXD']) {
        expect(cmdline).not.toContain(secret);
        expect(environ).not.toContain(secret);
      }
      expect(curlsOfOurs()).toEqual([]);
    },
  );

  test('without one, that is said', async () => {
    const { transcribe } = house(curlPost({ ...curlOptions, env: { PATH: '/nowhere' } }));
    expect(await failureOf(transcribe(recorded.upload(), neverAborted()))).toMatchObject({
      kind: 'unavailable',
      retry: false,
      advice: expect.stringContaining('transcription.transport'),
    });
  });

  describe.skipIf(process.platform === 'win32')('what it gives', () => {
    /** A curl with the given output and exit code. */
    const posted = (script: string) => {
      const directory = mkdtempSync(join(recorded.directory, 'bin-'));
      writeFileSync(join(directory, 'curl'), `#!/bin/sh\n/bin/cat >/dev/null\n${script}\n`, { mode: 0o755 });
      return curlPost({ ...curlOptions, env: { PATH: directory } })(request);
    };

    const exits: [number, object][] = [
      [6, { kind: 'upstream_unreachable', retry: true }],
      [28, { kind: 'upstream_unreachable', retry: true }],
      [56, { kind: 'upstream_unreachable', retry: true }],
      [
        60,
        { kind: 'upstream_unreachable', retry: false, advice: expect.stringContaining('upstream.ca_file') },
      ],
      [26, { kind: 'invalid_request', param: 'file' }],
    ];
    test.each(exits)('exit status %p, whatever it printed', async (exitCode, told) => {
      expect(
        await failureOf(posted(`printf 'HTTP/1.1 200 OK\\r\\n\\r\\n{}'; exit ${exitCode}`)),
      ).toMatchObject(told);
    });

    test('heads before the head are left out', async () => {
      const answer = await posted(
        `printf 'HTTP/1.1 100 Continue\\r\\n\\r\\nHTTP/1.1 103 Early Hints\\r\\nlink: x\\r\\n\\r\\nHTTP/2 429 \\r\\nRetry-After: 3\\r\\nset-cookie: a\\r\\n\\r\\nbo\\r\\n\\r\\ndy'`,
      );
      expect([answer.status, answer.headers.get('retry-after'), answer.headers.get('link')]).toEqual([
        429,
        '3',
        null,
      ]);
      expect(await answer.text()).toBe('bo\r\n\r\ndy');
    });

    test.each(["printf 'hello'", 'true', "printf 'HTTP/1.1 200 OK'", '/usr/bin/yes'])(
      'no answer: %s',
      async (script) => {
        expect(await failureOf(posted(script))).toMatchObject({
          kind: 'upstream_broke',
          code: 'invalid_answer',
        });
      },
    );
  });

  const request = {
    url: 'https://chatgpt.com/backend-api/transcribe',
    headers: { authorization: 'Bearer "t"\\' },
    upload: { path: '/a "b"\\\n-c;d.wav', filename: 'audio.wav', type: 'audio/wav', language: 'en' },
    signal: neverAborted(),
    timeoutMs: 1500,
  };

  test('its configuration: one option per line, whatever is in the values', () => {
    const options = { proxy: 'http://u:p@proxy:3128', caFile: '/ca.pem', connectTimeoutMs: 15_000 };
    expect(curlConfig(request, options).split('\n')).toEqual([
      'url = "https://chatgpt.com/backend-api/transcribe"',
      'globoff',
      'proto = "=http,https"',
      'http1.1',
      'silent',
      'include',
      'suppress-connect-headers',
      'max-time = "7"',
      'connect-timeout = "15"',
      'proxy = "http://u:p@proxy:3128"',
      'cacert = "/ca.pem"',
      'header = "authorization: Bearer \\"t\\"\\\\"',
      'header = "expect:"',
      String.raw`form = "file=@\"/a \\\"b\\\"\\\\\n-c;d.wav\";filename=\"audio.wav\";type=audio/wav"`,
      'form-string = "language=en"',
      '',
    ]);
  });

  test('this machine is reached without a proxy', () => {
    const options = { proxy: 'http://proxy:3128', caFile: undefined, connectTimeoutMs: 0 };
    const config = curlConfig({ ...request, url: 'http://127.0.0.1:1/x' }, options);
    expect(config).toContain('noproxy = "*"');
    expect(config).not.toContain('connect-timeout');
  });

  test('a header that would be two is refused', () => {
    const headers = { authorization: 'Bearer a\r\nx: y' };
    expect(() => curlConfig({ ...request, headers }, { ...curlOptions })).toThrow();
  });
});

/** Process ids of curls that this process started. */
function curlsOfOurs(): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      if (!(pid > 0)) return false;
      try {
        const [, name, parent] =
          /^\d+ \((.*)\) \S+ (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
        return name === 'curl' && Number(parent) === process.pid;
      } catch {
        return false;
      }
    });
}
