// Tests every promise in open-asr-server's README. Engines for Apple silicon are not run; messages show that the right
// one is selected.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { chmodSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { emptyHome } from '../cli/process.ts';
import { spoken, transcriptions, whisperStandIn } from '../clients/speech-support.ts';
import { type RunningServer, useMachine } from './machine.ts';
import { openAsrServer } from './open-asr-server.ts';
import { tryRoutes, tryVariables } from './rows.ts';

const machine = useMachine();
const { home, run } = machine;
const key = 'some-shared-key';

/** Stand-ins for whisper-cli and whisper-ctranslate2 that return the same transcript for everything. */
function engines(): Record<string, string> {
  const heard = JSON.stringify({
    result: { language: 'en' },
    transcription: [{ offsets: { from: 0, to: 1200 }, text: ' Ask not.' }],
  });
  const cpp = whisperStandIn(`printf '%s' '${heard}' >"$OUT.json"`);
  const bin = emptyHome();
  const program = join(bin, 'whisper-ctranslate2');
  const written = JSON.stringify({ text: ' Ask not.', language: 'en', segments: [] });
  writeFileSync(
    program,
    `#!/bin/sh\nfor a in "$@"; do case "$a" in --output_dir=*) D="\${a#*=}";; esac; done\n[ -n "$D" ] && printf '%s' '${written}' >"$D/in.json"\nexit 0\n`,
  );
  chmodSync(program, 0o755);
  return { PATH: `${bin}${delimiter}${cpp.env.PATH}`, OPEN_ASR_SERVER_MODEL_DIR: cpp.models };
}

const env = engines();

let daemon: RunningServer;
beforeAll(async () => {
  writeFileSync(join(home, 'audio.wav'), spoken);
  daemon = await machine.serve('codexd serve --host 127.0.0.1 --port 8000', env);
});
afterAll(() => daemon.stop());

async function post(model: string, { url = daemon.url, headers = {} as Record<string, string> } = {}) {
  const form = new FormData();
  form.append('file', new File([spoken], 'audio.wav'));
  form.append('model', model);
  const answer = await fetch(url + transcriptions, { method: 'POST', body: form, headers });
  return { status: answer.status, used: answer.headers.get('x-codexd-model'), text: await answer.text() };
}

describe('commands', () => {
  test.each([...openAsrServer.commands])('$now', async ({ now }) => {
    const own = await machine.serve(now);
    expect((await fetch(`${own.url}/v1/models`)).status).toBe(200);
    await own.stop();
  });
});

describe('variables', () => {
  tryVariables(openAsrServer);

  test('the default model is used by requests that name none of the engines', async () => {
    const own = await machine.serve('codexd serve', { ...env, OPEN_ASR_SERVER_DEFAULT_MODEL: 'tiny' });
    expect(await post('whisper-1', own)).toMatchObject({ status: 200, used: 'whisper-cpp:tiny' });
    await own.stop();
  });

  test('the preferred backend', async () => {
    const own = await machine.serve('codexd serve', { ...env, OPEN_ASR_DEFAULT_BACKEND: 'faster-whisper' });
    expect((await post('whisper-1', own)).used).toStartWith('faster-whisper:');
    await own.stop();
  });

  test.each(['authorization', 'x-api-key'])('the key, in %s', async (header) => {
    const own = await machine.serve('codexd serve', { ...env, OPEN_ASR_SERVER_API_KEY: key });
    const value = header === 'authorization' ? `Bearer ${key}` : key;
    expect((await post('tiny', { ...own, headers: { [header]: value } })).status).toBe(200);
    expect((await post('tiny', own)).status).toBe(401);
    await own.stop();
  });

  test('allowed models', async () => {
    const own = await machine.serve('codexd serve', { ...env, OPEN_ASR_SERVER_ALLOWED_MODELS: 'tiny*' });
    expect((await post('tiny', own)).status).toBe(200);
    expect((await post('openai/whisper-small', own)).status).toBe(403);
    await own.stop();
  });

  test('the maximum upload size', async () => {
    const own = await machine.serve('codexd serve', { ...env, OPEN_ASR_SERVER_MAX_UPLOAD_BYTES: '1048576' });
    const form = new FormData();
    form.append('file', new File([new Uint8Array(1_100_000)], 'audio.wav'));
    expect((await fetch(own.url + transcriptions, { method: 'POST', body: form })).status).toBe(413);
    await own.stop();
  });

  test('the rate limit', async () => {
    const own = await machine.serve('codexd serve', { ...env, OPEN_ASR_SERVER_RATE_LIMIT_PER_MINUTE: '1' });
    expect((await fetch(`${own.url}/v1/models`)).status).toBe(200);
    expect((await fetch(`${own.url}/v1/models`)).status).toBe(429);
    await own.stop();
  });
});

describe('models choose their engine', () => {
  const chosen: Record<string, string> = {
    'mlx-community/parakeet-tdt-0.6b-v3': 'parakeet-mlx',
    'parakeet-tdt-0.6b-v2': 'parakeet-mlx',
    // MLX runs only on Macs.
    'whisper-large-v3-turbo': process.platform === 'darwin' ? 'mlx-whisper' : 'whisper-cpp',
    'mlx-community/whisper-large-v3-turbo': 'mlx-whisper',
    'lightning-whisper-distil-large-v3': 'lightning-whisper-mlx',
    'kyutai/stt-1b-en_fr-mlx': 'kyutai-mlx',
    'openai/whisper-small': 'faster-whisper',
    'distil-whisper/distil-large-v3': 'faster-whisper',
    tiny: 'whisper-cpp',
    base: 'whisper-cpp',
    small: 'whisper-cpp',
    medium: 'whisper-cpp',
    large: 'whisper-cpp',
  };

  test.each(openAsrServer.models.map((model) => [model]))('%s', async (model) => {
    const { used, text } = await post(model);
    expect(`${used} ${text}`).toContain(chosen[model] ?? 'an engine of the list above');
  });

  test.each([
    ['whisper-cpp:tiny', 'whisper-cpp'],
    ['faster-whisper:openai/whisper-small', 'faster-whisper'],
    ['parakeet-mlx:parakeet-tdt-0.6b-v3', 'parakeet-mlx'],
    ['whisper-mlx:whisper-large-v3-turbo', 'mlx-whisper'],
  ])('%s: backend:model', async (model, engine) => {
    const { used, text } = await post(model);
    expect(`${used} ${text}`).toContain(engine);
  });

  test('a model may be a local path', async () => {
    const path = join(env.OPEN_ASR_SERVER_MODEL_DIR!, 'ggml-tiny.bin');
    const own = await machine.serve('codexd serve', {
      ...env,
      OPEN_ASR_SERVER_DEFAULT_MODEL: `whisper-cpp:${path}`,
    });
    expect((await post('whisper-1', own)).status).toBe(200);
    await own.stop();
  });
});

test('curl', async () => {
  const line = `curl -s -X POST "http://127.0.0.1:8000/v1/audio/transcriptions" \\
  -F "file=@audio.wav" \\
  -F "model=tiny"`;
  const { out } = await run(line, { address: daemon.url });
  expect(JSON.parse(out)).toMatchObject({ text: 'Ask not.' });
});

test('models and their metadata', async () => {
  const own = await machine.serve('codexd serve', { ...env, OPEN_ASR_SERVER_DEFAULT_MODEL: 'tiny' });
  const list = (await (await fetch(`${own.url}/v1/models`)).json()) as { data: { id: string }[] };
  expect(list.data.map(({ id }) => id)).toContain('whisper-cpp:tiny');
  await own.stop();
  const metadata = await (await fetch(`${daemon.url}/v1/models/metadata`)).json();
  const { data } = metadata as { data: { id: string }[] };
  expect(data.map(({ id }) => id)).toContain('whisper-cpp:tiny');
});

tryRoutes(openAsrServer, machine);
