// Which speech models are listed, who may use them, and how they are described.
import { describe, expect, test } from 'bun:test';
import { runCodexd } from '../cli/process.ts';
import { clientOf, startDaemon, useWorld } from './daemon.ts';
import {
  fileWith,
  formOf,
  post,
  recordingsSent,
  spoken,
  spokenText,
  whisperStandIn,
} from './speech-support.ts';

const standIn = whisperStandIn(
  `echo '{"result":{"language":"en"},"transcription":[{"offsets":{"from":0,"to":900},"text":" Heard."}]}' > "$OUT.json"`,
);
const world = useWorld({ env: standIn.env });

interface Listed {
  id: string;
  owned_by: string;
  ready?: boolean;
  backend?: string;
  install_command?: string;
  notes?: string;
  capabilities?: Record<string, boolean>;
}

async function listOf({ url }: { url: string }, path: string, headers = {}): Promise<Listed[]> {
  const answer = await fetch(url + path, { headers });
  return ((await answer.json()) as { data: Listed[] }).data;
}

async function heardAs(daemon: { url: string }, fields: Record<string, string>, headers = {}) {
  const answer = await post(daemon, formOf(spoken, fields), { headers });
  const { text, error } = (await answer.json()) as { text?: string; error?: { code: string; param: string } };
  return error === undefined ? text : [answer.status, error.code, error.param];
}

const speechList = '/v1/models?task=automatic-speech-recognition';

describe('the plain list', () => {
  // Open WebUI and others offer all entries of this list for chats.
  test('has chat models only', async () => {
    const owners = (await listOf(world.daemon, '/v1/models')).map(({ owned_by }) => owned_by);
    expect([...new Set(owners)]).toEqual(['openai']);
  });

  test.each<Record<string, string>>([
    { OPEN_ASR_DEFAULT_BACKEND: 'whisper-cpp' },
    { OPEN_ASR_SERVER_DEFAULT_MODEL: 'whisper-cpp:tiny' },
  ])('has speech models behind them for a daemon set up as open-asr-server was: %j', async (env) => {
    await using daemon = await startDaemon({ simulator: world.simulator, env: { ...standIn.env, ...env } });
    const ids = (await listOf(daemon, '/v1/models')).map(({ id }) => id);
    expect(ids).toContain('whisper-cpp:tiny');
    expect(ids.indexOf('chatgpt')).toBeGreaterThan(ids.indexOf('gpt-5.5'));
  });
});

describe('the list of speech models', () => {
  test('lists concrete names, no patterns', async () => {
    const models = await listOf(world.daemon, speechList);
    const ids = models.map(({ id }) => id);
    expect(ids).toContain('chatgpt');
    expect(ids).toContain('whisper-cpp:tiny');
    expect(ids).not.toContain('gpt-5.5');
    expect(ids.filter((id) => id.includes('*'))).toEqual([]);
    expect(models.find(({ id }) => id === 'whisper-cpp:tiny')).toMatchObject({ owned_by: 'whisper-cpp' });
    for (const id of ids.filter((id) => id.includes(':'))) {
      expect(await heardAs(world.daemon, { model: id })).not.toBeArray();
    }
  });

  test('one of them by its name, as the official client asks', async () => {
    const model = await world.client.models.retrieve('whisper-cpp:tiny');
    expect(model).toMatchObject({ id: 'whisper-cpp:tiny', object: 'model', owned_by: 'whisper-cpp' });
  });

  test('is not for Anthropic’s clients, which have no use for speech', async () => {
    const models = await listOf(world.daemon, '/v1/models', { 'anthropic-version': '2023-06-01' });
    expect(models.map(({ id }) => id)).not.toContain('chatgpt');
  });

  test('metadata: capabilities, and how to install missing engines', async () => {
    const models = await listOf(world.daemon, '/v1/models/metadata');
    expect(models.find(({ id }) => id === 'chatgpt')).toMatchObject({
      ready: true,
      backend: 'chatgpt',
      capabilities: { transcription: true, translation: false, supports_segments: false },
    });
    expect(models.find(({ id }) => id === 'whisper-cpp:tiny')).toMatchObject({
      ready: true,
      capabilities: { translation: true, supports_segments: true, supports_word_timestamps: true },
    });
    const lacking = models.find(({ id }) => id === 'lightning-whisper-mlx')!;
    expect(lacking).toMatchObject({ ready: false, install_command: expect.stringMatching(/\w/) });
    expect(lacking.notes).toMatch(/\w/);
  });
});

describe('a key for some models', () => {
  const key = 'a-key-for-one-model-only';
  const sha256 = new Bun.CryptoHasher('sha256').update(key).digest('hex');
  const headers = { authorization: `Bearer ${key}` };
  const start = (models: string) => {
    const table = ['[[server.keys]]', 'name = "one"', `sha256 = "${sha256}"`, `models = [${models}]`, ''];
    const config = fileWith(table.join('\n'), 'config.toml');
    return startDaemon({ simulator: world.simulator, args: ['--config', config], env: standIn.env });
  };

  test('sees these and no others, and gets these and no others', async () => {
    await using daemon = await start('"whisper-cpp:*"');
    const speech = (await listOf(daemon, speechList, headers)).map(({ id }) => id);
    expect(speech).toEqual(['whisper-cpp:tiny']);
    const metadata = await listOf(daemon, '/v1/models/metadata', headers);
    expect(metadata.map(({ id }) => id)).toEqual(['whisper-cpp:tiny']);
    expect(await heardAs(daemon, { model: 'tiny' }, headers)).toBe('Heard.');
    const unknown = [404, 'model_not_found', 'model'];
    expect(await heardAs(daemon, {}, headers)).toEqual(unknown as never);
    for (const model of ['whisper-1', 'chatgpt', 'nobody']) {
      expect(await heardAs(daemon, { model }, headers)).toEqual(unknown as never);
    }
    expect(recordingsSent(world.simulator)).toEqual([]);
  });

  test('for chat models is none for speech', async () => {
    await using daemon = await start('"gpt-*"');
    expect(await heardAs(daemon, {}, headers)).toEqual([404, 'model_not_found', 'model'] as never);
    expect(await listOf(daemon, speechList, headers)).toEqual([]);
  });

  test('nothing is transcribed without it', async () => {
    await using daemon = await start('"*"');
    const answer = await post(daemon, formOf(spoken));
    expect(answer.status).toBe(401);
    expect(await heardAs(daemon, {}, headers)).toBe(spokenText);
  });
});

describe('transcription.allowed', () => {
  test('is for everybody', async () => {
    await using daemon = await startDaemon({
      simulator: world.simulator,
      env: { ...standIn.env, CODEXD_TRANSCRIPTION_ALLOWED: 'whisper-cpp:t*' },
    });
    expect(await heardAs(daemon, { model: 'whisper-cpp:tiny' })).toBe('Heard.');
    expect(await heardAs(daemon, {})).toEqual([403, 'model_not_allowed', 'model'] as never);
    expect((await listOf(daemon, speechList)).map(({ id }) => id)).not.toContain('chatgpt');
  });
});

describe('the settings', () => {
  test('engine, model and aliases decide what a name means', async () => {
    const config = fileWith('[transcription.aliases]\nfast = "chatgpt"\n', 'config.toml');
    await using daemon = await startDaemon({
      simulator: world.simulator,
      args: ['--config', config, '--engine', 'whisper-cpp'],
      env: { ...standIn.env, CODEXD_TRANSCRIPTION_MODEL: 'tiny' },
    });
    expect(await heardAs(daemon, {})).toBe('Heard.');
    expect(await heardAs(daemon, { model: 'whisper-1' })).toBe('Heard.');
    expect(await heardAs(daemon, { model: 'fast' })).toBe(spokenText);
    expect(
      (
        await clientOf(daemon).audio.translations.create({
          file: new File([spoken], 'a.wav'),
          model: 'whisper-1',
        })
      ).text,
    ).toBe('Heard.');
  });
});

test('codexd models --engines says which are ready and what the others lack', async () => {
  const env = { ...standIn.env, CODEXD_AUTH_BEARER: world.simulator.login().access_token };
  const { out, exitCode } = await runCodexd(['models', '--engines'], { env });
  expect(exitCode).toBe(0);
  expect(out).toMatch(/^chatgpt \(default\)\s+yes/m);
  expect(out).toMatch(/^whisper-cpp\s+yes.*\stiny$/m);
  expect(out).toMatch(/^sherpa-onnx: .+\n {2}\S/m);
  const json = JSON.parse((await runCodexd(['models', '--engines', '--json'], { env })).out) as {
    id: string;
  }[];
  expect(json.find(({ id }) => id === 'whisper-cpp')).toMatchObject({ ready: true, models: ['tiny'] });
}, 60_000);
