// Speech, images and the older compaction (upstream-codex.md 11–13, asr.md 1).
import { afterAll, describe, expect, test } from 'bun:test';
import { asking, functionTool, user } from './asking.ts';

const { simulator, call } = asking();
afterAll(() => simulator.stop());

// biome-ignore lint/suspicious/noExplicitAny: tests reach into whatever the wire holds
const post = async (path: string, body: object): Promise<[number, any]> => {
  const headers = { 'content-type': 'application/json' };
  const response = await call(path, { method: 'POST', headers, body: JSON.stringify(body) });
  return [response.status, await response.json()];
};

function wav(seconds: number, sample: number): Uint8Array<ArrayBuffer> {
  const rate = 8000;
  const bytes = new Uint8Array(44 + seconds * rate * 2);
  const view = new DataView(bytes.buffer);
  bytes.set(Buffer.from('RIFF....WAVEfmt '), 0);
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * 2, true);
  view.setUint16(34, 16, true);
  bytes.set(Buffer.from('data'), 36);
  view.setUint32(40, seconds * rate * 2, true);
  bytes.fill(sample, 44);
  return bytes;
}

describe('transcribe', () => {
  const send = async (files: File[], fields: Record<string, string> = {}): Promise<[number, unknown]> => {
    const form = new FormData();
    for (const file of files) form.append('file', file);
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    const response = await call('transcribe', { method: 'POST', body: form });
    return [response.status, await response.json()];
  };
  const audio = (name: string, head: string, type = 'audio/x') =>
    new File([Buffer.from(head, 'latin1')], name, { type });
  const spoken = new File([wav(1, 1)], 'a.wav', { type: 'audio/wav' });
  const failed = [500, { detail: 'Error in ASR API' }] as [number, unknown];

  test('speech becomes text, silence none', async () => {
    expect(await send([spoken])).toEqual([200, { text: 'This is what was said in a.wav, 16044 bytes.' }]);
    expect(await send([new File([wav(1, 0)], 'a.wav')])).toEqual([200, { text: '' }]);
  });

  test('the upload is recorded with the type that was declared', async () => {
    await send([new File([wav(1, 1)], 'b.wav', { type: 'audio/wave' })], { language: 'de' });
    expect(simulator.requests.at(-1)?.body).toEqual({
      language: 'de',
      file: { filename: 'b.wav', type: 'audio/wave', bytes: 16044 },
    });
  });

  test.each([
    ['mp3', 'ID3\x04'],
    ['mp3', '\xff\xfb\x90\x00'],
    ['m4a', '\0\0\0\x20ftypM4A '],
    ['flac', 'fLaC'],
    ['ogg', 'OggS'],
    ['webm', '\x1a\x45\xdf\xa3'],
  ])('%s is taken', async (extension, head) => {
    expect((await send([audio(`a.${extension}`, head)]))[0]).toBe(200);
  });

  test.each([
    ['ADTS', audio('a.aac', '\xff\xf1\x50\x80')],
    ['ADTS named mp3', audio('a.mp3', '\xff\xf1\x50\x80')],
    ['AIFF', audio('a.aiff', 'FORM....AIFF')],
    ['SILK', audio('a.silk', '\x02#!SILK_V3')],
    ['no extension', new File([wav(1, 1)], 'a')],
    ['another extension', new File([wav(1, 1)], 'a.mp3')],
    ['an empty file', new File([], 'a.wav')],
    ['more than 23 minutes', new File([wav(1401, 1)], 'a.wav')],
  ])('%s is a 500', async (_, file) => {
    expect(await send([file])).toEqual(failed);
  });

  test.each(['auto', 'zh-CN', 'english'])('language %s is a 500', async (language) => {
    expect(await send([spoken], { language })).toEqual(failed);
  });

  test('exactly one file', async () => {
    expect((await send([]))[0]).toBe(422);
    expect((await send([spoken, spoken]))[0]).toBe(422);
    expect((await call('transcribe', { method: 'POST', body: 'x' })).status).toBe(422);
  });

  test('a challenge can be scripted', async () => {
    simulator.script({ for: 'transcribe', fault: 'challenge' });
    const response = await call('transcribe', { method: 'POST' });
    expect(response.headers.get('cf-mitigated')).toBe('challenge');
  });
});

describe('images', () => {
  test('generations', async () => {
    const [status, body] = await post('codex/images/generations', {
      prompt: 'a cat',
      model: 'gpt-image-2',
      background: 'auto',
      quality: 'auto',
      size: 'auto',
      n: 2,
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      background: 'opaque',
      quality: 'medium',
      size: '1024x1024',
      output_format: 'png',
    });
    expect(body.data).toHaveLength(2);
    expect(body.data[0].b64_json).toStartWith('iVBORw0KGgo');
    expect(body.data[1].b64_json).not.toBe(body.data[0].b64_json);
  });

  test('edits take one to five images', async () => {
    const image = { image_url: 'data:image/png;base64,iVBORw0KGgo=' };
    const edit = (images: object[]) =>
      post('codex/images/edits', { prompt: 'bluer', model: 'gpt-image-2', images });
    expect((await edit([image]))[0]).toBe(200);
    expect((await edit([]))[0]).toBe(400);
    expect((await edit(Array(6).fill(image)))[0]).toBe(400);
    expect((await edit([{ url: 'x' }]))[1].error.param).toBe('images[0].image_url');
  });

  test('a prompt is needed', async () => {
    expect((await post('codex/images/generations', { model: 'gpt-image-2' }))[1].error.param).toBe('prompt');
  });
});

describe('compact', () => {
  const body = {
    model: 'gpt-5.5',
    input: [user('one'), { role: 'assistant', content: 'two' }],
    tools: [functionTool('f')],
  };

  test('keeps the user’s words and seals the rest', async () => {
    const [status, answer] = await post('codex/responses/compact', body);
    expect(status).toBe(200);
    expect(answer.object).toBe('response.compaction');
    expect(answer.output.map(({ type }: { type: string }) => type)).toEqual(['message', 'compaction']);
    expect(answer.usage.input_tokens).toBeGreaterThan(0);
  });

  test('refuses what only a turn has', async () => {
    const [status, answer] = await post('codex/responses/compact', { ...body, store: false });
    expect([status, answer.error.message]).toEqual([400, "Unknown parameter: 'store'."]);
  });
});
