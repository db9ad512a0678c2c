// The simulated /transcribe against docs/wire/audio.md#chatgpt, and its scripted responses.
import { afterAll, afterEach, describe, expect, test } from 'bun:test';
import { loadScenario } from '../../src/simulator/simulator.ts';
import { startClient } from './client.ts';
import { flac, head, mp3, mp4, opus, wav, webm } from './sounds.ts';

const { simulator, call, tokens } = startClient();
afterAll(() => simulator.stop());
afterEach(() => expect(simulator.unused()).toEqual([]));

const desktop = 'Codex Desktop/26.429.30905 (linux; x86_64)';
const spoken = wav([[440, 1]]);

interface Sent {
  files?: [name: string, bytes: Buffer][];
  fields?: Record<string, string>;
  headers?: Record<string, string>;
}

function post({ files = [['audio.wav', spoken]], fields = {}, headers = {} }: Sent = {}): Promise<Response> {
  const form = new FormData();
  for (const [name, bytes] of files) form.append('file', new Blob([bytes as Uint8Array<ArrayBuffer>]), name);
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return call('transcribe', { method: 'POST', body: form, headers: { 'user-agent': desktop, ...headers } });
}

async function send(sent?: Sent): Promise<[status: number, body: unknown]> {
  const answer = await post(sent);
  return [answer.status, await answer.json()];
}

const textOf = async (sent?: Sent) => ((await send(sent))[1] as { text: string }).text;
const file = (name: string, bytes: Buffer): Sent => ({ files: [[name, bytes]] });
const failed: [number, unknown] = [500, { detail: 'Error in ASR API' }];

describe('what is heard', () => {
  test('every tone between pauses, by its pitch, and how long it took', async () => {
    const bytes = wav([
      [200, 0.5],
      [0, 0.4],
      [1250, 0.3],
      [0, 1],
      [80, 0.8],
      [0, 0.5],
    ]);
    expect(await textOf(file('audio.wav', bytes))).toMatch(
      /^3\.50 seconds of sound [0-9a-f]{8}: 200 1250 80\.$/,
    );
  });

  test('the same in whatever rate and number of channels', async () => {
    for (const form of [{ rate: 16_000 }, { rate: 48_000, channels: 2 }, { size: 0xffffffff }, { size: 0 }]) {
      const bytes = wav(
        [
          [0, 0.2],
          [300, 0.5],
          [0, 0.3],
          [310, 0.5],
        ],
        form,
      );
      expect(await textOf(file('audio.wav', bytes))).toEndWith(': 300 310.');
    }
  });

  test('cut at its pauses, a recording says the same', async () => {
    const one: [number, number][] = [
      [200, 0.5],
      [0, 0.6],
    ];
    const other: [number, number][] = [
      [0, 0.6],
      [210, 0.5],
    ];
    const words = async (bytes: Buffer) => (await textOf(file('audio.wav', bytes))).split(': ')[1];
    expect(await words(wav([...one, ...other]))).toBe('200 210.');
    expect([await words(wav(one)), await words(wav(other))]).toEqual(['200.', '210.']);
  });

  test('silence is an empty text', async () => {
    expect(await send(file('audio.wav', wav([[0, 1]])))).toEqual([200, { text: '' }]);
  });

  test('other containers by their length and their bytes', async () => {
    expect(await textOf(file('audio.flac', flac(12)))).toMatch(/^12\.00 seconds of sound [0-9a-f]{8}\.$/);
    expect(await textOf(file('audio.ogg', opus(12)))).toMatch(/^12\.00 /);
    expect(await textOf(file('audio.mp3', mp3(12)))).toMatch(/^12\.00 /);
    expect(await textOf(file('audio.m4a', mp4(12)))).toMatch(/^12\.00 /);
    expect(await textOf(file('audio.webm', webm(12)))).toMatch(/^12\.00 /);
    expect(await textOf(file('audio.webm', webm(12)))).not.toBe(await textOf(file('audio.webm', webm(13))));
  });
});

describe('accepted and refused containers', () => {
  const taken: [string, Buffer][] = [
    ['wav', spoken],
    ['mp3', head('ID3\x04\0\0\0\0\0\0')],
    ['mp3', head('\xff\xfb\x90\x00')],
    ['mp3', head('ID3\x04\0\0\0\0\0\x02ab\xff\xfb\x90\x00')],
    ['m4a', head('\0\0\0\x20ftypM4A ')],
    ['mp4', head('\0\0\0\x20ftypisom')],
    ['flac', head('fLaC')],
    ['ogg', head('OggS')],
    ['webm', head('\x1a\x45\xdf\xa3')],
  ];
  test.each(taken)('%s is taken', async (extension, bytes) => {
    expect((await send(file(`a.${extension}`, bytes)))[0]).toBe(200);
    expect((await send(file(`a.${extension.toUpperCase()}`, bytes)))[0]).toBe(200);
  });

  const refused: [string, string, Buffer][] = [
    ['ADTS', 'a.aac', head('\xff\xf1\x50\x80')],
    ['ADTS named mp3', 'a.mp3', head('\xff\xf1\x50\x80')],
    ['ADTS behind a tag', 'a.mp3', head('ID3\x04\0\0\0\0\0\x02ab\xff\xf1\x50\x80')],
    ['AIFF', 'a.aiff', head('FORM....AIFF')],
    ['AIFF named wav', 'a.wav', head('FORM....AIFF')],
    ['CAF', 'a.caf', head('caff')],
    ['raw PCM', 'a.pcm', spoken.subarray(44)],
    ['SILK', 'a.silk', head('\x02#!SILK_V3')],
    ['SILK named wav', 'a.wav', head('#!SILK_V3')],
    ['no extension', 'a', spoken],
    ['another extension', 'a.mp3', spoken],
    ['an extension of the same family', 'a.oga', head('OggS')],
    ['an empty file', 'a.wav', Buffer.alloc(0)],
    ['a head without sound', 'a.wav', spoken.subarray(0, 44)],
    ['a WAV that is too long', 'a.wav', wav([[0, 1401]], { rate: 100 })],
    ['a FLAC that is too long', 'a.flac', flac(1401)],
    ['an Ogg that is too long', 'a.ogg', opus(1401)],
    ['an MP3 that is too long', 'a.mp3', mp3(1401)],
    ['an M4A that is too long', 'a.m4a', mp4(1401)],
    ['a WebM that is too long', 'a.webm', webm(1401)],
  ];
  test.each(refused)('%s is a 500, whatever a script says', async (_, name, bytes) => {
    simulator.script({ for: 'transcribe', text: 'never heard' });
    expect(await send(file(name, bytes))).toEqual(failed);
  });

  test('just short enough', async () => {
    expect((await send(file('a.flac', flac(1399))))[0]).toBe(200);
  });
});

describe('the request', () => {
  test.each(['', 'auto', 'zh-CN', 'english', 'EN', 'xx', 'jw', 'yue'])(
    'language "%s" is a 500',
    async (language) => {
      expect(await send({ fields: { language } })).toEqual(failed);
    },
  );

  test.each(['en', 'zh', 'jv'])('language %s is known', async (language) => {
    expect((await send({ fields: { language } }))[0]).toBe(200);
  });

  test('a form with exactly one file', async () => {
    const headers = { 'user-agent': desktop };
    expect((await send({ files: [] }))[0]).toBe(422);
    expect(
      (
        await send({
          files: [
            ['a.wav', spoken],
            ['b.wav', spoken],
          ],
        })
      )[0],
    ).toBe(422);
    expect((await call('transcribe', { method: 'POST', body: 'x', headers })).status).toBe(422);
    expect((await send({ headers: { 'x-codex-base64': '1' } }))[0]).toBe(422);
  });

  test('more than 25 MiB: a page with 413', async () => {
    const answer = await post(file('a.wav', Buffer.alloc(25 * 1024 * 1024 + 1)));
    expect([answer.status, await answer.text()]).toEqual([413, expect.stringContaining('<title>413')]);
  });

  test('an API key is no login', async () => {
    for (const authorization of ['Bearer sk-proj-0123456789abcdef', '']) {
      expect((await send({ headers: { authorization } }))[0]).toBe(401);
    }
    expect((await send({ headers: { 'chatgpt-account-id': 'another' } }))[0]).toBe(403);
  });

  test.each([
    ['Bun/1.4.5', false],
    ['node', false],
    ['', false],
    ['codexd/1.2.3 (linux; x64)', false],
    ['Codex Desktop', false],
    ['Codex Desktop/26.429.30905', false],
    ['curl/7.88.1', false],
    [desktop, true],
    ['codex_cli_rs/0.169.0 (Debian 12.0.0; x86_64) xterm', true],
  ])('the wall: %s passes: %p', async (userAgent, passes) => {
    // Before the login is checked.
    const authorization = passes ? `Bearer ${tokens.access_token}` : 'Bearer none';
    const answer = await post({ headers: { 'user-agent': userAgent, authorization } });
    await answer.text();
    expect([answer.status, answer.headers.get('cf-mitigated')]).toEqual(
      passes ? [200, null] : [403, 'challenge'],
    );
  });

  test('is recorded with its parts in order, their types as declared, and a digest', async () => {
    const text = await textOf({ fields: { language: 'de' } });
    const body = simulator.requests.at(-1)?.body as Record<string, unknown>;
    expect(body).toEqual({
      file: {
        filename: 'audio.wav',
        type: 'application/octet-stream',
        bytes: 16_044,
        digest: expect.any(String),
      },
      language: 'de',
    });
    expect(Object.keys(body)).toEqual(['file', 'language']);
    expect(text).toContain((body.file as { digest: string }).digest);
  });
});

describe('a script', () => {
  const line = { for: 'transcribe' } as const;

  test('says what is heard, also nothing', async () => {
    simulator.script({ ...line, text: 'As written.' }, { ...line, text: '' });
    expect([await textOf(), await textOf()]).toEqual(['As written.', '']);
  });

  test('says what is heard in one file, by name or digest, whatever comes before it', async () => {
    await textOf(file('c.wav', wav([[500, 1]])));
    const { file: known } = simulator.requests.at(-1)!.body as { file: { digest: string } };
    simulator.script(
      { ...line, upload: 'b.wav', text: 'b' },
      { ...line, upload: known.digest, status: 503, body: {} },
      { ...line, text: 'first' },
    );
    expect(await textOf(file('a.wav', spoken))).toBe('first');
    expect(await textOf(file('a.wav', spoken))).toStartWith('1.00 seconds');
    expect((await send(file('a.wav', wav([[500, 1]]))))[0]).toBe(503);
    expect(await textOf(file('b.wav', spoken))).toBe('b');
  });

  test('401, then well; 429 with a wait; the refusals by name', async () => {
    simulator.script(
      { ...line, refusal: 'token_expired' },
      { ...line, status: 429, body: { detail: 'slow' }, retryAfter: 7 },
      { ...line, refusal: 'asr_error' },
      { ...line, refusal: 'no_active_organization' },
      { ...line, refusal: 'too_large' },
    );
    expect((await send())[0]).toBe(401);
    const limited = await post();
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '7']);
    expect(await send()).toEqual(failed);
    expect(await send()).toEqual([403, { detail: 'No active organization found' }]);
    expect((await post()).status).toBe(413);
    expect((await send())[0]).toBe(200);
  });

  test('a challenge, a page with 200', async () => {
    simulator.script({ ...line, fault: 'challenge' }, { ...line, status: 200, body: '<html></html>' });
    expect((await post()).headers.get('cf-mitigated')).toBe('challenge');
    expect((await post()).headers.get('content-type')).toStartWith('text/html');
  });

  test('a body in pieces, one that ends too early, one that is cut, one that stalls', async () => {
    simulator.script(
      { ...line, text: 'in pieces', chunkBytes: 3, paceMs: 1 },
      { ...line, text: 'in pieces', cutAfterBytes: 6 },
      { ...line, text: 'in pieces', fault: 'reset', afterBytes: 6 },
      { ...line, fault: 'stall', afterBytes: 6 },
    );
    expect(await textOf()).toBe('in pieces');
    expect(await (await post()).text()).toBe('{"text');
    await expect((await post()).text()).rejects.toMatchObject({ code: 'ECONNRESET' });
    const stalled = await post();
    const reader = stalled.body!.getReader();
    expect(Buffer.from((await reader.read()).value!).toString()).toBe('{"text');
    await reader.cancel();
  });

  test('can be written in a scenario file', () => {
    const turns = [{ for: 'transcribe', upload: 'a.wav', text: '', chunkBytes: 1 }];
    expect(loadScenario(JSON.stringify(turns), 's.json').turns).toEqual(turns as never);
    expect(() => loadScenario('[{"for":"transcribe","upload":7}]', 's.json')).toThrow(
      '"upload" must be a string',
    );
  });
});
