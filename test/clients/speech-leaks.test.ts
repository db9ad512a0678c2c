// Transcripts, prompts, file names and tokens go through every way a transcription can end. They appear in no log line (at level
// debug), no error and no name that is sent upstream.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import { refusals } from '../../src/simulator/refusal.ts';
import type { ScriptedTurn } from '../../src/simulator/simulator.ts';
import { emptyHome, runCodexd } from '../cli/process.ts';
import { wav } from '../simulator/sounds.ts';
import { useSimulator } from '../support/simulator.ts';
import { until } from '../support/until.ts';
import { type RunningDaemon, startDaemon } from './daemon.ts';
import { key, prompt, Secrets } from './leaks-support.ts';
import { fileWith, formOf, homeWithTmp, isEmpty, post, spoken, whisperStandIn } from './speech-support.ts';

const said = 'marked words 51c7 that were said';
const fileName = 'marked name 9e02.wav';
/** Also names in escaped form. */
const marks = [said, fileName, encodeURIComponent(fileName), 'marked name', 'marked words', prompt];
const simulator = useSimulator();
const secrets = new Secrets(simulator);
const login = secrets.login();
const place = homeWithTmp();
const standIn = whisperStandIn(
  [
    'case "$WHISPER_MARKED_MODE" in',
    `json) echo '{"transcription":[{"offsets":{"from":0,"to":900},"text":" ${said}"}]}' > "$OUT.json";;`,
    // Half an output, like that of an engine that ran out of memory while writing.
    `half) echo '{"transcription":[{"text":" ${said}' > "$OUT.json"; echo "killed" >&2;;`,
    'esac',
  ].join('\n'),
);
let daemon: RunningDaemon;

beforeAll(async () => {
  daemon = await startDaemon({
    simulator,
    home: place.home,
    args: ['--log-level', 'debug', '--api-key', key, '--auth-file', login.path],
    env: { ...place.env, ...standIn.env, WHISPER_MARKED_MODE: 'json' },
  });
});
afterAll(async () => {
  expect(await daemon.stop()).toBe(0);
});

const headers = { authorization: `Bearer ${key}` };
const leaksIn = (text: string) => [...secrets.in(text), ...marks.filter((mark) => text.includes(mark))];

async function chatParams(fields: Record<string, string> = {}, content: Uint8Array | string = spoken) {
  const answer = await post(daemon, formOf(content, { prompt, ...fields }, fileName), { headers });
  return { status: answer.status, text: await answer.text(), heads: JSON.stringify([...answer.headers]) };
}

function checkLog(): void {
  expect(leaksIn(daemon.stderr())).toEqual([]);
  expect(leaksIn(daemon.stdout())).toEqual([]);
  expect(leaksIn(JSON.stringify(simulator.requests.map(({ body }) => body)))).toEqual([]);
}

/** An error, streamed or not, without secrets. */
async function failsQuietly(line: ScriptedTurn): Promise<void> {
  for (const stream of ['false', 'true']) {
    simulator.script(line);
    const { status, text, heads } = await chatParams({ stream });
    expect(simulator.unused()).toEqual([]);
    expect(status >= 400 || /"error":\s*\{/.test(text)).toBe(true);
    expect(leaksIn(text + heads)).toEqual([]);
  }
  checkLog();
}

test('the transcript is in the response and nowhere else', async () => {
  for (const response_format of ['json', 'text', 'verbose_json']) {
    simulator.script({ for: 'transcribe', text: said });
    expect(await chatParams({ response_format })).toMatchObject({
      status: 200,
      text: expect.stringContaining(said),
    });
  }
  for (const response_format of ['srt', 'vtt']) {
    expect((await chatParams({ response_format, model: 'tiny' })).text).toContain(said);
  }
  expect(
    (
      await chatParams({
        model: 'tiny',
        'timestamp_granularities[]': 'word',
        response_format: 'verbose_json',
      })
    ).status,
  ).toBe(200);
  checkLog();
  await daemon.says(/audioSeconds=2\.5/);
});

describe('what the upstream refuses', () => {
  // Failures that cause a refresh of the login and those that are retried have a separate test.
  const others =
    /^refresh_|^token_|^unauthorized$|^invalid_grant$|^asr_error$|overload|unavailable|rate_limit|usage_limit|slow_down|server_error|busy|internal/;
  const names = Object.keys(refusals).filter((name) => !others.test(name));
  test.each(names)(
    '%s',
    async (refusal) => {
      simulator.script({ for: 'transcribe', refusal: refusal as keyof typeof refusals, repeat: 9 });
      const { status, text, heads } = await chatParams();
      expect(status).toBeGreaterThanOrEqual(400);
      expect(leaksIn(text + heads)).toEqual([]);
      checkLog();
      // Uses up the lines that the attempts did not use.
      for (let left = simulator.unused().length; left > 0; left = simulator.unused().length) {
        await fetch(`${simulator.upstream}/transcribe`, { method: 'POST' });
      }
    },
    20_000,
  );
});

describe('what the upstream quotes', () => {
  const shapes: [string, (text: string) => ScriptedTurn][] = [
    ['a detail', (text) => ({ for: 'transcribe', status: 400, body: { detail: text } })],
    [
      'a list of details',
      (text) => ({ for: 'transcribe', status: 422, body: { detail: [{ msg: text }] } as never }),
    ],
    [
      'an error object',
      (text) => ({ for: 'transcribe', status: 403, body: { error: { message: text, code: text } } }),
    ],
    ['a page', (text) => ({ for: 'transcribe', status: 403, body: `<html><title>${text}</title></html>` })],
    [
      'a page in place of text',
      (text) => ({ for: 'transcribe', status: 200, body: `<html><title>${text}</title>` }),
    ],
    [
      'an answer that is no text',
      (text) => ({ for: 'transcribe', status: 200, body: { text: [text] } as never }),
    ],
    ['half an answer', (text) => ({ for: 'transcribe', status: 200, body: `{"text": "${text}` })],
  ];
  test.each(shapes)('of a token, in %s', async (_, shape) => {
    for (const text of [login.access_token, `Bearer ${login.access_token}`, login.refresh_token]) {
      await failsQuietly(shape(text));
    }
  });

  test.each(shapes)('of what was said, in %s, is in no log line', async (_, shape) => {
    simulator.script(shape(`${said} ${prompt} ${fileName}`));
    expect((await chatParams()).status).toBeGreaterThanOrEqual(400);
    checkLog();
  });
});

describe('what breaks', () => {
  test('a challenge', () => failsQuietly({ for: 'transcribe', fault: 'challenge' }));

  test('attempts that are repeated', async () => {
    simulator.script(
      { for: 'transcribe', status: 500, body: { detail: `Error in ASR API: ${said}` } },
      { for: 'transcribe', fault: 'reset' },
    );
    expect((await chatParams()).status).toBe(200);
    await daemon.says(/retrying the upload of a recording/);
    checkLog();
  }, 60_000);

  test('a client that leaves', async () => {
    simulator.script({ for: 'transcribe', fault: 'stall' });
    const leaving = new AbortController();
    const form = formOf(spoken, { prompt }, fileName);
    const pending = post(daemon, form, { headers, signal: leaving.signal }).catch(() => {});
    await simulator.waitFor(({ path }) => path.endsWith('/transcribe'));
    leaving.abort();
    await pending;
    await daemon.says(/failure=cancelled/);
    await until(() => isEmpty(place.tmp));
    checkLog();
  });

  test('an engine that writes half its output', async () => {
    await using other = await startDaemon({
      args: ['--log-level', 'debug', '--bearer', 'unused'],
      env: { ...standIn.env, WHISPER_MARKED_MODE: 'half' },
    });
    const answer = await post(other, formOf(spoken, { prompt, model: 'tiny' }, fileName));
    expect(answer.status).toBe(502);
    expect(leaksIn((await answer.text()) + other.stderr())).toEqual([]);
  });
});

describe('what a client gets wrong', () => {
  const name = `${prompt} ${said}`;
  const wrong: [what: string, fields: Record<string, string>, content?: string][] = [
    ['a language', { language: name }],
    ['a temperature', { temperature: name }],
    ['a format', { response_format: name }],
    ['granularities', { response_format: 'verbose_json', 'timestamp_granularities[]': name }],
    ['a stream', { stream: name }],
    ['a strategy', { chunking_strategy: name }],
    ['a text', {}, `${name} is no recording at all`],
    ['an invalid WAV', {}, `RIFF....WAVEfmt ${name}${name}`],
    ['invalid SILK', {}, `\x02#!SILK_V3${name}`],
    ['subtitles without times', { response_format: 'srt' }],
    ['an empty file', {}, ''],
  ];
  for (const [what, fields, content] of wrong) {
    test(what, () => isRefused(fields, content), 60_000);
  }
  async function isRefused(fields: Record<string, string>, content?: string): Promise<void> {
    const { status, text, heads } = await chatParams(fields, content);
    expect(status).toBeWithin(400, 600);
    expect(leaksIn(text + heads)).toEqual([]);
    checkLog();
  }

  test('a field that nobody knows is named, and its value is not', async () => {
    const { status, heads } = await chatParams({ invented: said });
    expect(status).toBe(200);
    expect(heads).toContain('invented');
    expect(leaksIn(heads)).toEqual([]);
    checkLog();
  });

  test('the wrong key', async () => {
    const answer = await post(daemon, formOf(spoken, { prompt }, fileName), {
      headers: { authorization: `Bearer ${key}-not` },
    });
    expect(answer.status).toBe(401);
    expect(leaksIn(await answer.text())).toEqual([]);
    checkLog();
  });
});

test('on the command line what was said is on stdout alone, whatever is logged', async () => {
  const long = wav(
    Array.from({ length: 20 }, (): [number, number][] => [
      [440, 2],
      [0, 1],
    ]).flat(),
  );
  const path = fileWith(long, fileName, join(emptyHome()));
  const env = { CODEXD_AUTH_BEARER: login.access_token, CODEXD_UPSTREAM_BASE_URL: simulator.upstream };
  simulator.script({ for: 'transcribe', text: said, repeat: 2 });
  const args = ['transcribe', '--log-level', 'debug', '--prompt', prompt, '--chunk', '-f', 'srt', path];
  const { out, err, exitCode } = await runCodexd(args, { env });
  expect({ exitCode, heard: out.split(said).length - 1 }).toEqual({ exitCode: 0, heard: 2 });
  expect(err).not.toContain(said);
  expect(err).not.toContain(prompt);
  expect(secrets.in(err)).toEqual([]);
});
