// `codexd transcribe` and `codexd FILE` as processes against the simulated upstream.
import { describe, expect, test } from 'bun:test';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from 'silk-wasm';
import { emptyHome, type ProcessOptions, runCodexd } from '../cli/process.ts';
import { wav } from '../simulator/sounds.ts';
import { useSimulator } from '../support/simulator.ts';
import {
  fileWith,
  homeWithTmp,
  isEmpty,
  recordingsSent,
  spoken,
  spokenSent,
  spokenText,
} from './speech-support.ts';

const simulator = useSimulator();

const path = fileWith(spoken);
const { access_token: bearer } = simulator.login();
const flags = ['--upstream', simulator.upstream, '--bearer', bearer];
const endpoint = `${simulator.upstream}/transcribe`;
const variables = { CODEXD_UPSTREAM_BASE_URL: simulator.upstream, CODEXD_AUTH_BEARER: bearer };

/** With a login, and a check of its temporary directory. */
async function codexd(argv: readonly string[], options: ProcessOptions = {}) {
  const place = homeWithTmp();
  const env = { ...variables, ...place.env, ...options.env };
  const done = await runCodexd(argv, { ...options, home: options.home ?? place.home, env });
  return { ...done, left: readdirSync(place.tmp) };
}
const fine = (out: string) => ({ out, err: '', exitCode: 0, left: [] });

describe('a recording', () => {
  test('codexd FILE', async () => {
    expect(await codexd([path])).toEqual(fine(`${spokenText}\n`));
    expect(recordingsSent(simulator)).toEqual([spokenSent]);
  });

  test('codexd transcribe FILE, whose name begins with a dash', async () => {
    const directory = emptyHome();
    fileWith(spoken, '-rf.wav', directory);
    expect(await codexd(['transcribe', '--', '-rf.wav'], { cwd: directory })).toEqual(
      fine(`${spokenText}\n`),
    );
  });

  test('from a pipe: cat FILE | codexd transcribe -', async () => {
    const place = homeWithTmp();
    const main = join(import.meta.dir, '../../src/main.ts');
    const command = process.env.CODEXD_BINARY ?? `${process.execPath} ${main}`;
    const piped = Bun.spawn(['sh', '-c', `cat "${path}" | ${command} transcribe -`], {
      env: { PATH: process.env.PATH, HOME: place.home, ...place.env, ...variables },
      stderr: 'pipe',
    });
    const said = [await piped.stdout.text(), await piped.stderr.text(), await piped.exited];
    expect(said).toEqual([`${spokenText}\n`, '', 0]);
    expect(isEmpty(place.tmp)).toBe(true);
  });

  test('silence is an empty line', async () => {
    simulator.script({ for: 'transcribe', text: '' });
    expect(await codexd(['transcribe', path])).toEqual(fine('\n'));
  });

  test('as each format', async () => {
    const heard = { text: spokenText };
    expect(await codexd(['transcribe', '-f', 'json', path])).toEqual(fine(`${JSON.stringify(heard)}\n`));
    const verbose = JSON.parse((await codexd(['transcribe', '-f', 'verbose_json', path])).out);
    expect(verbose).toMatchObject({ task: 'transcribe', language: 'unknown', duration: 2.5, ...heard });
    const cue = `00:00:00,000 --> 00:00:02,500\n${spokenText}\n\n`;
    expect(await codexd(['transcribe', '-f', 'srt', '--chunk', path])).toMatchObject({ out: `1\n${cue}` });
    expect(await codexd(['transcribe', '-f', 'vtt', '--chunk', path])).toMatchObject({
      out: `WEBVTT\n\n${cue.replaceAll(',', '.')}`,
    });
  });

  test('srt without timestamps is refused, with advice on how to get them', async () => {
    const { out, err, exitCode } = await codexd(['transcribe', '-f', 'srt', path]);
    expect({ out, exitCode }).toEqual({ out: '', exitCode: 2 });
    expect(err).toContain('--chunk');
    expect(simulator.requests).toEqual([]);
  });
});

describe('several', () => {
  test('one invalid file does not stop the others; it is named, and the status is 1', async () => {
    const bad = fileWith('<html>', 'bad.mp3');
    const { out, err, exitCode, left } = await codexd(['transcribe', path, bad, '/nowhere/at/all.wav', path]);
    expect(out).toBe(`==> ${path} <==\n${spokenText}\n\n==> ${path} <==\n${spokenText}\n`);
    expect(err).toContain('2 of 4 recordings failed');
    expect(err).toContain(bad);
    expect(err).toContain('/nowhere/at/all.wav');
    expect({ exitCode, left }).toEqual({ exitCode: 1, left: [] });
  });

  test('--json: a line for each', async () => {
    const other = fileWith(wav([[600, 1]]), 'other.wav');
    const { out, exitCode } = await codexd(['transcribe', '--json', '--jobs', '2', path, other]);
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toEqual([
      { file: path, text: spokenText },
      { file: other, text: expect.stringMatching(/: 600\.$/) },
    ]);
    expect(exitCode).toBe(0);
  });

  test('--output-dir: a file for each, also for two of the same name', async () => {
    const directory = join(emptyHome(), 'made', 'here');
    const twin = fileWith(wav([[600, 1]]));
    const { out, exitCode } = await codexd([
      'transcribe',
      '-o',
      directory,
      '-f',
      'text',
      '-f',
      'json',
      path,
      twin,
    ]);
    expect(exitCode).toBe(0);
    const paths = out.trimEnd().split('\n');
    expect(paths).toHaveLength(4);
    expect(
      readdirSync(directory)
        .map((name) => join(directory, name))
        .sort(),
    ).toEqual(paths.toSorted());
    expect(readFileSync(paths[0]!, 'utf8')).toBe(`${spokenText}\n`);
    expect(JSON.parse(readFileSync(paths[3]!, 'utf8')).text).toContain(': 600.');
  });

  test('--output-dir: what failed has no file, and leaves the one of an earlier call', async () => {
    const directory = emptyHome();
    writeFileSync(join(directory, 'voice.txt'), 'earlier');
    simulator.script({ for: 'transcribe', status: 403, body: { detail: 'No.' } });
    const { out, exitCode } = await codexd(['transcribe', '-o', directory, path]);
    expect({ out, exitCode }).toEqual({ out: '', exitCode: 4 });
    expect(readdirSync(directory)).toEqual(['voice.txt']);
    expect(readFileSync(join(directory, 'voice.txt'), 'utf8')).toBe('earlier');
  });
});

describe('codex-asr’s', () => {
  const nobody = { CODEXD_AUTH_BEARER: '', CODEXD_UPSTREAM_BASE_URL: 'http://127.0.0.1:1' };
  const asr = (args: string[], env = {}) => codexd(['transcribe', ...args], { env: { ...nobody, ...env } });

  test('--bearer --endpoint --language --json', async () => {
    const done = await asr(['--bearer', bearer, '--endpoint', endpoint, '--language', 'de', '--json', path]);
    expect(done).toEqual(fine(`{"text":${JSON.stringify(spokenText)}}\n`));
    const [sent] = simulator.requests;
    expect(sent?.headers).toMatchObject({
      authorization: `Bearer ${bearer}`,
      originator: expect.any(String),
      'user-agent': expect.stringMatching(/^Codex Desktop\/\d/),
      'chatgpt-account-id': expect.any(String),
    });
    expect(recordingsSent(simulator)).toEqual([{ ...spokenSent, language: 'de' }]);
  });

  test('flags before the file, without a subcommand; “Bearer ” is cut off', async () => {
    const done = await codexd(['--endpoint', endpoint, '--bearer', `Bearer ${bearer}`, path], {
      env: nobody,
    });
    expect(done).toEqual(fine(`${spokenText}\n`));
  });

  test('CODEX_ASR_BEARER', async () => {
    const home = homeWithTmp();
    const env = { CODEX_ASR_BEARER: bearer, ...home.env };
    const done = await runCodexd(['transcribe', '--endpoint', endpoint, path], { home: home.home, env });
    expect(done).toMatchObject({ out: `${spokenText}\n`, exitCode: 0 });
    expect(done.err).toContain('use CODEXD_BEARER instead');
  });

  test('--auth-file, and CODEX_HOME, are read and never written', async () => {
    const tokens = simulator.login();
    const directory = emptyHome();
    const text = JSON.stringify({ auth_mode: 'chatgpt', OPENAI_API_KEY: null, tokens });
    const file = fileWith(text, 'auth.json', directory);
    const byFlag = await runCodexd(['transcribe', '--endpoint', endpoint, '--auth-file', file, path]);
    const byHome = await runCodexd(['transcribe', '--endpoint', endpoint, path], {
      env: { CODEX_HOME: directory },
    });
    expect([byFlag.err, byFlag.out, byHome.out]).toEqual(['', `${spokenText}\n`, `${spokenText}\n`]);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  test('--filename and --content-type', async () => {
    await asr([
      '--bearer',
      bearer,
      '--endpoint',
      endpoint,
      '--filename',
      'dir/my "note".wave',
      '--content-type',
      'audio/x-wav',
      path,
    ]);
    expect(recordingsSent(simulator)).toEqual([
      { file: { ...spokenSent.file, filename: 'my note.wav', type: 'audio/x-wav' } },
    ]);
  });

  test.each([8000, 16_000, 24_000, 48_000])('--silk-sample-rate %d', async (rate) => {
    const tones: [number, number][] = [
      [440, 0.6],
      [0, 0.4],
      [880, 0.6],
    ];
    const { data } = await encode(wav(tones, { rate: 24_000 }), 24_000);
    const silk = fileWith(data, 'voice.slk');
    const { out, exitCode } = await asr([
      '--bearer',
      bearer,
      '--endpoint',
      endpoint,
      '--silk-sample-rate',
      String(rate),
      silk,
    ]);
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^1\.60 seconds of sound \w+: 440 880\.\n$/);
    expect(recordingsSent(simulator)[0]!.file).toMatchObject({
      filename: 'audio.wav',
      bytes: 44 + 1.6 * rate * 2,
    });
  });

  test('--no-silk-decode sends it as it is, which ChatGPT does not read', async () => {
    const { data } = await encode(wav([[440, 1]], { rate: 24_000 }), 24_000);
    simulator.script({ for: 'transcribe', status: 400, body: { detail: 'Not this.' } });
    const { exitCode } = await asr([
      ...['--bearer', bearer, '--endpoint', endpoint, '--no-silk-decode'],
      fileWith(data, 'voice.silk'),
    ]);
    expect(exitCode).not.toBe(0);
    expect(recordingsSent(simulator)[0]!.file).toMatchObject({ bytes: data.length });
  });

  test.skipIf(process.platform === 'win32')('--silk-decoder, with the arguments of rust-silk', async () => {
    const { data } = await encode(wav([[440, 1]], { rate: 24_000 }), 24_000);
    const decoded = fileWith(wav([[700, 1]], { rate: 12_000 }), 'decoded.wav');
    const told = join(emptyHome(), 'told');
    const decoder = fileWith(`#!/bin/sh\necho "$*" > ${told}\ncp ${decoded} "$5"\n`, 'rust-silk');
    Bun.spawnSync(['chmod', '+x', decoder]);
    const args = [
      '--bearer',
      bearer,
      '--endpoint',
      endpoint,
      '--silk-decoder',
      decoder,
      '--silk-sample-rate',
      '12000',
    ];
    const { out, err } = await asr([...args, fileWith(data, 'voice.silk')]);
    expect({ out, err }).toEqual({ out: expect.stringMatching(/: 700\.\n$/) as never, err: '' });
    expect(readFileSync(told, 'utf8')).toMatch(/^decode -i \S+ -o \S+\.wav --sample-rate 12000 --quiet\n$/);
  });

  test('--request-timeout-seconds is the longest wait for an answer', async () => {
    simulator.script({ for: 'transcribe', fault: 'stall' });
    const { err, exitCode } = await asr([
      '--bearer',
      bearer,
      '--endpoint',
      endpoint,
      '--request-timeout-seconds',
      '1',
      path,
    ]);
    expect(exitCode).toBe(5);
    expect(err).toContain('within 1 s');
  });

  test.each([
    ['--request-timeout-seconds', '0'],
    ['--silk-sample-rate', '11000'],
    ['--endpoint', 'http://example.com/x'],
    ['--language', 'klingonisch'],
  ])('%s %s is refused', async (flag, value) => {
    const { out, err, exitCode } = await asr(['--bearer', bearer, flag, value, path]);
    expect({ out, exitCode }).toEqual({ out: '', exitCode: 2 });
    expect(err).not.toBe('');
    expect(simulator.requests).toEqual([]);
  });
});

describe('the exit code tells what failed', () => {
  test('3: there is no login', async () => {
    const { out, err, exitCode } = await runCodexd(['transcribe', '--upstream', simulator.upstream, path]);
    expect({ out, exitCode }).toEqual({ out: '', exitCode: 3 });
    expect(err).toContain('codexd login');
    expect(simulator.requests).toEqual([]);
  });

  test('3: the login is refused', async () => {
    const { exitCode, err } = await runCodexd([
      'transcribe',
      '--upstream',
      simulator.upstream,
      '--bearer',
      'stale',
      path,
    ]);
    expect(exitCode).toBe(3);
    expect(err).toContain('codexd login');
  });

  test('5: the upstream cannot be reached', async () => {
    const unreachable = ['--upstream', 'http://127.0.0.1:1', '--bearer', bearer];
    const { out, err, exitCode } = await runCodexd(['transcribe', ...unreachable, path]);
    expect({ out, exitCode }).toEqual({ out: '', exitCode: 5 });
    expect(err).not.toBe('');
  }, 60_000);

  test('6: too many requests', async () => {
    simulator.script({ for: 'transcribe', status: 429, retryAfter: 3600, body: { detail: 'Slow down.' } });
    const { out, err, exitCode } = await codexd(['transcribe', path]);
    expect({ out, exitCode }).toEqual({ out: '', exitCode: 6 });
    expect(err).toContain('Slow down.');
  });

  test('5: no text can be made of it, after three attempts', async () => {
    simulator.script({ for: 'transcribe', status: 500, body: { detail: 'Error in ASR API' }, repeat: 3 });
    const { exitCode, err, left } = await codexd(['transcribe', path]);
    expect({ exitCode, left }).toEqual({ exitCode: 5, left: [] });
    expect(err).toContain('Error in ASR API');
  }, 60_000);

  test('1: there is no such file, or it is not a recording', async () => {
    expect((await codexd(['transcribe', '/nowhere/at/all.wav'])).exitCode).toBe(1);
    expect((await codexd(['transcribe', fileWith('{}', 'x.wav')])).exitCode).toBe(1);
  });

  test('with --json the failure is an object on stderr', async () => {
    simulator.script({ for: 'transcribe', fault: 'challenge' });
    const { out, err, exitCode } = await codexd(['transcribe', '--json', path]);
    expect({ out, exitCode }).toEqual({ out: '', exitCode: 4 });
    expect(JSON.parse(err)).toMatchObject({ error: { code: 'upstream_challenge' } });
  });
});

test('the curl transport', async () => {
  if (Bun.which('curl') === null) return console.warn('skipped: no curl');
  const done = await codexd([path], { env: { CODEXD_TRANSCRIPTION_TRANSPORT: 'curl' } });
  expect(done).toEqual(fine(`${spokenText}\n`));
  expect(recordingsSent(simulator)).toEqual([spokenSent]);
});

test('a renewed login is used by the same call', async () => {
  const tokens = simulator.login({ expiresInS: -10 });
  const file = fileWith(JSON.stringify({ auth_mode: 'chatgpt', tokens }), 'auth.json');
  const done = await runCodexd([
    ...flags.slice(0, 2),
    '--issuer',
    simulator.issuer,
    '--auth-file',
    file,
    path,
  ]);
  expect(done).toEqual({ out: `${spokenText}\n`, err: '', exitCode: 0 });
});
