// Tests every promise in codex-asr's README.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from 'silk-wasm';
import { emptyHome } from '../cli/process.ts';
import { recordingsSent, spoken, spokenSent, spokenText, transcriptions } from '../clients/speech-support.ts';
import { codexAsr } from './codex-asr.ts';
import { loginFile, type RunningServer, useMachine } from './machine.ts';
import { installPythonSdks, runPython } from './python.ts';
import { tryRoutes, tryVariables } from './rows.ts';

const machine = useMachine();
const { simulator, home, run } = machine;
const pcm = spoken.subarray(44);
const silk = (await encode(pcm, 8000)).data;

beforeAll(() => {
  writeFileSync(join(home, 'audio.wav'), spoken);
  writeFileSync(join(home, 'raw-audio'), spoken);
  writeFileSync(join(home, 'voice.silk'), silk);
});

describe('commands', () => {
  const plain = codexAsr.commands.filter(({ now }) => /audio/.test(now) && !now.includes('TOKEN'));
  test.each(plain)('$now', async ({ now }) => {
    const ran = await run(now);
    expect(ran).toMatchObject({ exitCode: 0, err: '' });
    const text = now.includes('--json') ? `${JSON.stringify({ text: spokenText })}\n` : `${spokenText}\n`;
    expect(ran.out).toBe(text);
    const filename = now.includes('--filename') ? 'voice.wav' : 'audio.wav';
    const [sent] = recordingsSent(simulator);
    expect(sent!.file).toEqual({ ...spokenSent.file, filename });
    expect(sent!.language).toBe(now.includes('--language') ? 'zh' : undefined);
  });

  const withToken = codexAsr.commands.filter(({ now }) => now.includes('TOKEN'));
  test.each(withToken)('$now', async ({ now }) => {
    const account = now.includes('--account-id') ? { accountId: 'acct_...' } : {};
    const token = simulator.login(account).access_token;
    const ran = await run(now, { env: { TOKEN: token, HOME: emptyHome() }, cwd: home });
    expect(ran).toMatchObject({ exitCode: 0, out: `${spokenText}\n` });
    const [upload] = simulator.requests.filter(({ path }) => path.endsWith('/transcribe'));
    expect(upload!.headers.authorization).toBe(`Bearer ${token}`);
    expect(upload!.headers['chatgpt-account-id']).toEqual(account.accountId ?? expect.stringMatching(/\S/));
  });

  test('codexd voice.silk --silk-decoder /path/to/rust-silk', async () => {
    const told = join(home, 'decoder-args');
    const decoder = join(home, 'rust-silk');
    writeFileSync(decoder, `#!/bin/sh\necho "$*" >'${told}'\ncp '${home}/audio.wav' "$5"\n`);
    chmodSync(decoder, 0o755);
    const ran = await run(`codexd voice.silk --silk-decoder ${decoder}`);
    expect(ran).toMatchObject({ exitCode: 0, out: `${spokenText}\n` });
    expect(readFileSync(told, 'utf8')).toContain('24000');
  });

  test.each(['codexd --help', 'codexd --version'])('%s', async (line) => {
    expect(await run(line)).toMatchObject({ exitCode: 0, out: expect.stringContaining('codexd') });
  });
});

test('the login is the one in $CODEX_HOME, else in ~/.codex', async () => {
  const [elsewhere, token] = [emptyHome(), simulator.login().access_token];
  writeFileSync(join(elsewhere, 'auth.json'), loginFile({ access_token: token, refresh_token: 'rt.x' }));
  expect((await run('codexd audio.wav', { env: { CODEX_HOME: elsewhere } })).exitCode).toBe(0);
  expect((await run('codexd audio.wav')).exitCode).toBe(0);
  const tokens = simulator.requests
    .filter(({ path }) => path.endsWith('/transcribe'))
    .map(({ headers }) => headers.authorization);
  expect(tokens[0]).toBe(`Bearer ${token}`);
  expect(tokens[1]).not.toBe(tokens[0]);
});

describe('variables', () => tryVariables(codexAsr));

describe('flags', () => {
  const rows: [string, string][] = [
    ['--bearer', '--bearer TOKEN'],
    ['--account-id', '--account-id acct_1 --bearer TOKEN'],
    ['--auth-file', '--auth-file .codex/auth.json'],
    ['--endpoint', '--endpoint UPSTREAM/transcribe'],
    ['--proxy', '--proxy http://127.0.0.1:1'],
    ['--request-timeout-seconds', '--request-timeout-seconds 300'],
    ['--connect-timeout-seconds', '--connect-timeout-seconds 15'],
    ['--language', '--language en'],
    ['--content-type', '--content-type audio/wav'],
    ['--filename', '--filename other.wav'],
    ['--json', '--json'],
    ['--silk-decoder', '--silk-decoder /usr/bin/true'],
    ['--silk-sample-rate', '--silk-sample-rate 16000'],
    ['--no-silk-decode', '--no-silk-decode'],
  ];
  test.each(rows)('transcribe %s', async (flag, words) => {
    const token = simulator.login({ accountId: 'acct_1' }).access_token;
    const given = words.replace('TOKEN', token).replace('UPSTREAM', simulator.upstream);
    // Loopback bypasses proxies by default; this only checks that the flag is accepted.
    const ran = await run(`codexd audio.wav ${given}`, { env: { NO_PROXY: '127.0.0.1' } });
    if (flag === '--proxy') expect(ran.err).not.toContain('option');
    else expect(ran).toMatchObject({ exitCode: 0, err: '' });
  });

  const serving: [string, string][] = [
    ['--host', '--host 127.0.0.1'],
    ['--port', '--port 8788'],
    ['--api-key', '--api-key local_dev_key'],
    ['--no-api-key', '--no-api-key'],
    ['--concurrency', '--concurrency 16'],
    ['--max-upload-mb', '--max-upload-mb 50'],
  ];
  test.each(serving)('serve %s', async (_, words) => {
    const daemon = await machine.serve(`codexd serve ${words}`);
    expect((await fetch(`${daemon.url}/healthz`)).status).toBe(200);
    await daemon.stop();
  });

  test('the lists above are those of the document', () => {
    const tried = [...rows, ...serving].map(([flag]) => flag);
    expect(tried).toEqual([...codexAsr.flags]);
  });
});

test.each([
  ['transcription.request_timeout_seconds', 300],
  ['upstream.connect_timeout_seconds', 15],
  ['transcription.silk_sample_rate', 24_000],
  ['transcription.concurrency', 16],
  ['server.audio_limit_mb', 50],
])('default of %s: %p', async (setting, value) => {
  const { out } = await run('codexd config show --json');
  expect(JSON.parse(out)).toContainEqual(expect.objectContaining({ key: setting, value }));
});

describe('the server', () => {
  const line = 'codexd serve --api-key local_dev_key --host 127.0.0.1 --port 8788 --concurrency 16';
  const authorization = 'Bearer local_dev_key';
  let daemon: RunningServer;
  beforeAll(async () => {
    daemon = await machine.serve(line);
  });
  afterAll(() => daemon.stop());

  function post(
    fields: [string, string][],
    { path = transcriptions, file = spoken, name = 'audio.wav' } = {},
  ) {
    const form = new FormData();
    for (const [field, value] of fields) form.append(field, value);
    if (file.length > 0) form.append('file', new File([file as Uint8Array<ArrayBuffer>], name));
    return fetch(daemon.url + path, { method: 'POST', body: form, headers: { authorization } });
  }

  const examples = [
    `curl http://127.0.0.1:8788/v1/audio/transcriptions \\
  -H 'Authorization: Bearer local_dev_key' \\
  -F model=whisper-1 \\
  -F file=@audio.wav`,
    `curl https://asr.example.com/v1/audio/transcriptions \\
  -H "Authorization: Bearer local_dev_key" \\
  -F model=whisper-1 \\
  -F file=@audio.wav`,
  ];
  test.each(examples)('%s', async (example) => {
    const { out, exitCode } = await run(example.replace('curl', 'curl -sS'), { address: daemon.url });
    expect([exitCode, JSON.parse(out)]).toEqual([0, expect.objectContaining({ text: spokenText })]);
  });

  test('curl https://asr.example.com/healthz needs no key, everything else does', async () => {
    const { out } = await run('curl -sS https://asr.example.com/healthz', { address: daemon.url });
    expect(JSON.parse(out)).toEqual({ status: 'ok' });
    const form = new FormData();
    form.append('file', new File([spoken], 'audio.wav'));
    const answer = await fetch(daemon.url + transcriptions, { method: 'POST', body: form });
    expect(answer.status).toBe(401);
  });

  test('/audio/transcriptions is an alias', async () => {
    const answer = await post([], { path: '/audio/transcriptions' });
    expect(await answer.json()).toMatchObject({ text: spokenText });
  });

  test('file is required', async () => {
    expect((await post([['model', 'whisper-1']], { file: Buffer.alloc(0) })).status).toBe(400);
  });

  test('model is ignored, language is forwarded', async () => {
    for (const model of ['whisper-1', 'gpt-4o-transcribe']) {
      const answer = await post([
        ['model', model],
        ['language', 'zh'],
      ]);
      expect(answer.status).toBe(200);
    }
    expect(recordingsSent(simulator)).toMatchObject([{ language: 'zh' }, { language: 'zh' }]);
  });

  test.each([
    ['json', (text: string) => expect(JSON.parse(text)).toMatchObject({ text: spokenText })],
    ['text', (text: string) => expect(text.trimEnd()).toBe(spokenText)],
    ['verbose_json', (text: string) => expect(JSON.parse(text)).toMatchObject({ text: spokenText })],
  ])('response_format %s', async (format, check) => {
    const answer = await post([['response_format', format]]);
    expect(answer.status).toBe(200);
    check(await answer.text());
  });

  test.each(['srt', 'vtt'])(
    'response_format %s is a 400, as ChatGPT returns no timestamps',
    async (format) => {
      expect((await post([['response_format', format]])).status).toBe(400);
    },
  );

  const ignored: [string, string][][] = [
    [['prompt', 'A talk about birds.']],
    [['temperature', '0.2']],
    ...['json', 'text', 'verbose_json'].flatMap((format): [string, string][][] =>
      ['word', 'segment'].map((times) => [
        ['response_format', format],
        ['timestamp_granularities[]', times],
      ]),
    ),
  ];
  test.each(ignored.map((fields) => [fields]))(
    'accepted for SDK compatibility, ignored: %j',
    async (fields) => {
      const answer = await post(fields);
      expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining(spokenText)]);
    },
  );

  test('the login is read again for every recording', async () => {
    const file = join(emptyHome(), 'auth.json');
    const tokens = [simulator.login(), simulator.login()];
    writeFileSync(file, loginFile(tokens[0]!));
    const own = await machine.serve(`codexd serve --auth-file ${file}`);
    for (const login of tokens) {
      writeFileSync(file, loginFile(login));
      const form = new FormData();
      form.append('file', new File([spoken], 'audio.wav'));
      expect((await fetch(own.url + transcriptions, { method: 'POST', body: form })).status).toBe(200);
    }
    const sent = simulator.requests.filter(({ path }) => path.endsWith('/transcribe'));
    const bearers = tokens.map(({ access_token }) => `Bearer ${access_token}`);
    expect(sent.map(({ headers }) => headers.authorization)).toEqual(bearers);
    await own.stop();
  });

  test('silence is an empty transcript with status 200; an empty file is rejected before it is uploaded', async () => {
    const silence = Buffer.concat([spoken.subarray(0, 44), Buffer.alloc(16_000)]);
    silence.writeUInt32LE(silence.length - 8, 4);
    silence.writeUInt32LE(16_000, 40);
    const answer = await post([], { file: silence });
    expect([answer.status, await answer.json()]).toEqual([200, expect.objectContaining({ text: '' })]);
    simulator.requests.length = 0;
    const form = new FormData();
    form.append('file', new File([], 'empty.wav'));
    const refused = await fetch(daemon.url + transcriptions, {
      method: 'POST',
      body: form,
      headers: { authorization },
    });
    expect([refused.status, recordingsSent(simulator)]).toEqual([400, []]);
  });

  const ffmpeg = Bun.which('ffmpeg');
  if (ffmpeg === null) console.log('Compressed recordings are skipped: ffmpeg is not installed.');
  test.skipIf(ffmpeg === null).each([
    ['mp3', 'audio/mpeg'],
    ['m4a', 'audio/mp4'],
    ['flac', 'audio/flac'],
    ['ogg', 'audio/ogg'],
    ['webm', 'audio/webm'],
  ])('%s is uploaded unchanged', async (extension, type) => {
    const file = join(home, `made.${extension}`);
    const codec = extension === 'ogg' ? ['-c:a', 'libopus'] : [];
    const made = Bun.spawnSync([ffmpeg!, '-v', 'error', '-y', '-i', join(home, 'audio.wav'), ...codec, file]);
    expect(made.exitCode).toBe(0);
    const bytes = readFileSync(file);
    expect((await post([], { file: bytes, name: `made.${extension}` })).status).toBe(200);
    expect(recordingsSent(simulator)).toMatchObject([{ file: { type, bytes: bytes.length } }]);
  });

  test.skipIf(ffmpeg === null).each(['aac', 'aiff'])(
    '%s, which ChatGPT refuses, is converted',
    async (extension) => {
      const file = join(home, `made.${extension}`);
      const made = Bun.spawnSync([ffmpeg!, '-v', 'error', '-y', '-i', join(home, 'audio.wav'), file]);
      expect(made.exitCode).toBe(0);
      expect((await post([], { file: readFileSync(file), name: `made.${extension}` })).status).toBe(200);
      expect(recordingsSent(simulator)[0]!.file.type).toMatch(/^audio\/(?:wav|mp4)$/);
    },
  );

  test('no transcript is stored', async () => {
    await post([]);
    for (const name of new Bun.Glob('**/*').scanSync({ cwd: home, dot: true, onlyFiles: true })) {
      expect({ name, holds: readFileSync(join(home, name), 'latin1').includes(spokenText) }).toEqual({
        name,
        holds: false,
      });
    }
  });

  test('SILK is decoded before it is uploaded, standard and WeChat’s', async () => {
    for (const file of [silk, Buffer.concat([Buffer.from([2]), silk.subarray(silk[0] === 2 ? 1 : 0)])]) {
      const answer = await post([], { file: Buffer.from(file), name: 'voice.silk' });
      expect(await answer.json()).toMatchObject({ text: expect.stringContaining('seconds of sound') });
    }
    expect(recordingsSent(simulator)).toMatchObject([
      { file: { type: 'audio/wav' } },
      { file: { type: 'audio/wav' } },
    ]);
  });

  const python = installPythonSdks();
  if ('why' in python) console.log(`The Python SDKs are skipped: ${python.why}.`);
  const pythonPath = 'path' in python ? python.path : '';
  test.skipIf(pythonPath === '')(
    'the OpenAI SDK for Python transcribes',
    async () => {
      const program = `import os, sys
from openai import OpenAI

client = OpenAI(
    base_url="${daemon.url}/v1",
    api_key=os.environ["CODEX_ASR_SERVER_KEY"],
)
with open(sys.argv[1], "rb") as audio:
    result = client.audio.transcriptions.create(model="whisper-1", file=audio)
print(result.text)
`;
      const ran = await runPython(pythonPath, program, {
        args: [join(home, 'audio.wav')],
        env: { CODEX_ASR_SERVER_KEY: 'local_dev_key' },
      });
      expect(ran).toEqual({ exitCode: 0, out: `${spokenText}\n`, err: '' });
    },
    60_000,
  );

  test('the OpenAI SDK for Node transcribes', async () => {
    const program = join(import.meta.dir, 'speech.mjs');
    const child = Bun.spawn(['node', program, join(home, 'audio.wav')], {
      env: { PATH: process.env.PATH, CODEX_ASR_SERVER_KEY: 'local_dev_key', BASE_URL: `${daemon.url}/v1` },
      stdout: 'pipe',
    });
    expect(await new Response(child.stdout).text()).toBe(`${spokenText}\n`);
  });
});

tryRoutes(codexAsr, machine);
