// From a file to an engine: the pipeline with the ChatGPT engine, whose uploads are recorded, and with programs that
// record their arguments.
import { beforeEach, describe, expect, test } from 'bun:test';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { chatgptEngine } from '../../src/audio/engines/chatgpt.ts';
import { createEngines } from '../../src/audio/engines/create.ts';
import type { Engine } from '../../src/audio/engines/engine.ts';
import type { EngineSettings } from '../../src/audio/engines/settings.ts';
import { Transcriber } from '../../src/audio/pipeline.ts';
import { createRegistry } from '../../src/audio/registry.ts';
import type { TranscriptionRequest } from '../../src/audio/transcriber.ts';
import { WorkDirectories } from '../../src/audio/work-directory.ts';
import { Failure } from '../../src/failure.ts';
import { silentLog } from '../../src/log.ts';
import { matchesGlob } from '../../src/models/glob.ts';
import { until } from '../support/until.ts';
import { areInstalled, ascii, fileOf, risingTone, run, wav, workDirectory } from './containers/support.ts';
import { context, isAlive, shell, standIn } from './engines/support.ts';
import { minutesOfSpeech, writeWav } from './wavs.ts';

const root = workDirectory();
const temporary = join(root, 'tmp');
mkdirSync(temporary);
const request: TranscriptionRequest = {
  task: 'transcribe',
  words: false,
  segments: false,
  approximate: false,
};
const second = wav(new Array(32_000).fill(8));
const latin = (text: string) => Uint8Array.from(ascii(text));

interface Sent {
  filename: string;
  type: string;
  language?: string;
  /** The first bytes. */
  head: string;
}
let sent: Sent[];
beforeEach(() => {
  sent = [];
});

const chatgpt = chatgptEngine({
  send: async ({ path, ...upload }) => {
    sent.push({ ...upload, head: readFileSync(path).toString('latin1', 0, 12) });
    return 'Text.';
  },
  login: () => ({ ready: true }),
  segmentSeconds: 300,
});

function transcriber(
  engine: Engine = chatgpt,
  more: { language?: string; ffmpeg?: string } = {},
): Transcriber {
  const { language, ffmpeg } = more;
  return new Transcriber({
    ...(language === undefined ? {} : { language }),
    registry: createRegistry([engine], { default: engine.id, aliases: {}, allowed: [], matchesGlob }),
    matchesGlob,
    tools: {
      ffmpeg:
        ffmpeg === undefined ? undefined : { program: ffmpeg, env: process.env, atExit: () => () => {} },
      silkRate: 24_000,
      silk: async (_, out, rate) => {
        await Bun.write(out, wav(new Array(rate / 5).fill(0), { rate }));
        return { durationS: 0.1, truncated: false };
      },
      log: silentLog,
    },
    directories: new WorkDirectories({ parent: temporary, pid: process.pid, isAlive: () => false }),
  });
}

function transcribe(
  path: string,
  asked: Partial<TranscriptionRequest> = {},
  engine?: Engine,
  signal = new AbortController().signal,
) {
  return transcriber(engine).transcribe(path, { ...request, ...asked }, { signal });
}

async function refusalOf(work: Promise<unknown>): Promise<Failure> {
  const thrown = await work.then(
    () => undefined,
    (failure: unknown) => failure,
  );
  if (thrown instanceof Failure) return thrown;
  throw new Error('expected a Failure', { cause: thrown });
}

/** An engine with a program in `bin`. */
function program(settings: EngineSettings, bin: string, env: Record<string, string> = {}): Engine {
  const options = { workers: 2, engineTimeoutSeconds: 0, modelDirs: [] };
  return createEngines([settings], options, context({ bin, env })).find(({ id }) => id === settings.id)!;
}

const ogg = latin(`OggS${'\0'.repeat(24)}OpusHead`);
const mp3 = Uint8Array.of(0xff, 0xfb, 0x90, 0x00);
const box = (brand: string) => latin(`\0\0\0\x1cftyp${brand}`);

describe('what ChatGPT is sent is named by its bytes, whatever the file is called', () => {
  const rows: [
    trap: string,
    name: string,
    content: Uint8Array,
    filename: string,
    type: string,
    head: string,
  ][] = [
    ['no usable extension', 'note', second, 'audio.wav', 'audio/wav', 'RIFF'],
    ['no usable extension', '.wav', ogg, 'audio.ogg', 'audio/ogg', 'OggS'],
    ['a wrong extension', 'voice.amr', latin('\x02#!SILK_V3\x01\0\0'), 'audio.wav', 'audio/wav', 'RIFF'],
    ['a wrong extension', 'song.mp3', box('M4A '), 'audio.m4a', 'audio/mp4', '\0\0\0\x1cftyp'],
    ['another extension of the format', 'memo.oga', ogg, 'audio.ogg', 'audio/ogg', 'OggS'],
    ['another extension of the format', 'memo.opus', ogg, 'audio.ogg', 'audio/ogg', 'OggS'],
    ['another extension of the format', 'radio.mpga', mp3, 'audio.mp3', 'audio/mpeg', '\xff\xfb'],
    ['another extension of the format', 'book.m4b', box('M4B '), 'audio.m4a', 'audio/mp4', '\0\0\0\x1cftyp'],
    [
      'an ID3 tag before FLAC',
      'tagged.mp3',
      Uint8Array.from([...ascii('ID3\x04\0\0\0\0\0\x03abc'), ...ascii('fLaC\0\0\0\x22')]),
      ...(['audio.flac', 'audio/flac', 'fLaC'] as const),
    ],
    [
      'an unknown extension',
      'film.bin',
      latin('\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm'),
      ...(['audio.webm', 'audio/webm', '\x1a\x45\xdf\xa3'] as const),
    ],
  ];
  test.each(rows)('%s: %s', async (_, name, content, filename, type, head) => {
    await transcribe(fileOf(root, name, content));
    expect(sent).toMatchObject([{ filename, type }]);
    expect(sent[0]!.head).toStartWith(head);
  });

  test.skipIf(!areInstalled('sox', 'ffmpeg')).each([
    ['AAC in ADTS called MP3', 'v.aac', 'voice.mp3'],
    ['QuickTime', 'v.mov', 'voice.mov'],
  ])('%s', async (_, made, name) => {
    run('ffmpeg', '-v', 'error', '-y', '-i', risingTone(root), '-c:a', 'aac', join(root, made));
    renameSync(join(root, made), join(root, name));
    await transcribe(join(root, name));
    expect(sent).toMatchObject([{ filename: 'audio.m4a', type: 'audio/mp4' }]);
    expect(sent[0]!.head).toContain('ftyp');
  });
});

describe('the language', () => {
  const mute = { ...chatgpt, capabilities: { ...chatgpt.capabilities, languages: false } };
  const rows: [asked: string | undefined, hint: string | undefined, ignored: boolean][] = [
    [undefined, 'fr', false],
    ['auto', undefined, false],
    [' ', 'fr', false],
    ['zh-Hans', 'zh', true],
  ];
  test.each(rows)('%p where the settings say French', async (language, hint, ignored) => {
    const path = fileOf(root, 'french.wav', second);
    const asked: TranscriptionRequest = { ...request, ...(language === undefined ? {} : { language }) };
    const signal = new AbortController().signal;
    const { language: answered } = await transcriber(chatgpt, { language: 'fr' }).transcribe(path, asked, {
      signal,
    });
    expect([sent[0]?.language, answered]).toEqual([hint, hint]);
    const { warnings } = await transcriber(mute, { language: 'fr' }).transcribe(path, asked, { signal });
    expect(warnings).toEqual(ignored ? ['The speech engine chatgpt does not use `language`.'] : []);
  });
});

describe('refused before anything is sent', () => {
  test('an unknown language is refused before the recording is read', async () => {
    expect(await refusalOf(transcribe('/nowhere/at-all', { language: 'Klingon' }))).toMatchObject({
      ...{ status: 400, param: 'language', code: 'unsupported_value' },
    });
    expect(sent).toEqual([]);
  });

  const bad: [name: string, content: Uint8Array][] = [
    ['AMR', latin('#!AMR\n<')],
    ['AMR-WB', latin('#!AMR-WB\n<')],
    ['ADIF', latin('ADIF....')],
    ['Windows Media', latin('\x30\x26\xb2\x75\x8e\x66\xcf\x11')],
    ['a playlist', latin('#EXTM3U\nfile:///etc/passwd')],
    ['a page', latin('<!doctype html>')],
    ['a PDF', latin('%PDF-1.7')],
    ['encrypted', latin('\x8a\x11\x92\x01\xfe')],
    ['nothing', new Uint8Array()],
    ['half a WAV header', second.subarray(0, 20)],
  ];
  test.each(bad)('%s', async (_, content) => {
    const failure = await refusalOf(transcribe(fileOf(root, 'bad.wav', content)));
    expect(failure).toMatchObject({ status: 400, param: 'file' });
    expect(failure.advice.length).toBeGreaterThan(10);
    expect([sent, readdirSync(temporary)]).toEqual([[], []]);
  });
});

describe('a key that is limited to some models', () => {
  const path = () => fileOf(root, 'allowed.wav', second);

  test.each(['chatgpt', 'chatgpt:*', 'chat*', '*'])('%p lets it hear', async (glob) => {
    await transcribe(path(), { allowed: ['gpt-5*', glob] });
    expect(sent).toHaveLength(1);
  });

  test.each([[[]], [['whisper-cpp:*']], [['chat']]])('%j does not, and nothing is sent', async (allowed) => {
    const failure = await refusalOf(transcribe(path(), { allowed }));
    expect(failure).toMatchObject({ status: 404, code: 'model_not_found', param: 'model' });
    expect(sent).toEqual([]);
  });
});

test('samples without a header have the declared format, and are sent with a header', async () => {
  const path = fileOf(root, 'speech.pcm', new Uint8Array(32_000));
  const raw = { encoding: 's16le', rate: 8000, channels: 1 } as const;
  expect((await transcribe(path, { raw })).durationS).toBe(2);
  expect(sent).toMatchObject([{ filename: 'audio.wav', head: expect.stringContaining('RIFF') }]);
});

describe('the duration of a recording', () => {
  const telling = { ...chatgpt, transcribe: async () => ({ text: 'a', durationS: 99 }) };

  test('is what its container says, not what the engine says or heard last', async () => {
    const path = fileOf(root, 'second.wav', second);
    const result = { text: 'a', durationS: 99, segments: [{ start: 0, end: 0.5, text: 'a' }] };
    const engine = { ...telling, transcribe: async () => result };
    expect((await transcribe(path, {}, engine)).durationS).toBe(1);
    expect((await transcribe(path)).durationS).toBe(1);
  });

  test('is what the engine measured where the container cannot tell', async () => {
    const path = fileOf(root, 'unknown.m4a', box('M4A '));
    expect((await transcribe(path, {}, telling)).durationS).toBe(99);
    expect((await transcribe(path)).durationS).toBeUndefined();
  });
});

describe('no other user can read intermediate files', () => {
  const made: [string, () => string][] = [
    ['a WAV of another kind', () => fileOf(root, 'own.wav', wav([128, 128], { bits: 8 }))],
    ['text around it', () => fileOf(root, 'own.txt', Buffer.from(second).toString('base64'))],
    ['a tag in front', () => fileOf(root, 'own.flac', latin('ID3\x04\0\0\0\0\0\x03abcfLaC\0\0\0\x22'))],
    ['a long one', () => writeWav(join(root, 'own-long.wav'), minutesOfSpeech(6))],
  ];
  test.each(made)('%s', async (_, file) => {
    const path = file();
    const modes: string[] = [];
    const engine: Engine = {
      ...chatgpt,
      transcribe: async ({ recording }) => {
        expect(recording.path).toStartWith(temporary);
        for (let at = recording.path; at !== temporary; at = dirname(at)) {
          modes.push((statSync(at).mode & 0o777).toString(8));
        }
        return { text: 'Text.' };
      },
    };
    await transcribe(path, {}, engine);
    expect(new Set(modes)).toEqual(new Set(['600', '700']));
    expect([existsSync(path), readdirSync(temporary)]).toEqual([true, []]);
  });
});

describe('programs', () => {
  const output = { kind: 'text', from: 'stdout' } as const;
  const names = ['-rf.wav', '$(touch pwned).wav', 'a\'b"`id`; rm {x}.wav', '--model=x.wav', 'new\nline.wav'];

  test.each(names)(
    'a file called %j is passed under a name of our own, as an absolute path',
    async (name) => {
      const bin = join(root, 'bin-39');
      shell(bin, 'my-asr', 'printf "%s|" "$@"; head -c 4 "$1"');
      const engine = program(
        { id: 'mine', kind: 'command', argv: ['my-asr', '{file}'], reads: 'file', output },
        bin,
      );
      const { text } = await transcribe(fileOf(root, name, second), {}, engine);
      expect(text).toMatch(new RegExp(`^${temporary}/codexd-work-[\\w-]+/job-0/in\\.wav\\|RIFF$`));
      expect([existsSync('pwned'), existsSync(join(root, 'pwned'))]).toEqual([false, false]);
    },
  );

  test('a prompt that begins with a dash stays one argument', async () => {
    const bin = join(root, 'bin-40');
    shell(bin, 'my-asr', 'printf "%s|" "$@"');
    const argv = ['my-asr', '{wav16}', ['--prompt={prompt}'], ['-l', '{language}']];
    const engine = program({ id: 'mine', kind: 'command', argv, output }, bin);
    const path = fileOf(root, 'speech.wav', second);
    const { text } = await transcribe(path, { prompt: '-l evil --out /etc/x', language: 'zh-CN' }, engine);
    expect(text.split('|').slice(1)).toEqual(['--prompt=-l evil --out /etc/x', '-l', 'zh', '']);
    expect(await refusalOf(transcribe(path, { language: '--out=/etc/x' }, engine))).toMatchObject({
      param: 'language',
    });
  });

  test('two concurrent recordings are two calls of mlx_whisper, each with its own files', async () => {
    const bin = join(root, 'bin-44');
    shell(bin, 'ffmpeg', 'exit 1');
    standIn(
      bin,
      'mlx_whisper',
      `
if (args.includes('--help')) process.exit(0);
const value = (name) => args.find((arg) => arg.startsWith('--' + name + '='))?.split('=')[1];
const inputs = args.filter((arg) => !arg.startsWith('-'));
// Written only when both are running.
await Bun.write(process.env.PLACE + '/' + process.pid, '');
while ([...new Bun.Glob('*').scanSync(process.env.PLACE)].length < 2) await Bun.sleep(5);
const text = inputs.length + ' ' + (await Bun.file(inputs[0]).bytes())[44];
await Bun.write(value('output-dir') + '/' + value('output-name') + '.json', JSON.stringify({ text }));`,
    );
    const PLACE = join(root, 'place-44');
    mkdirSync(PLACE);
    const engine = program({ id: 'mlx-whisper', kind: 'mlx-whisper', passEnv: ['PLACE'] }, bin, { PLACE });
    const both = transcriber(engine);
    const path = (value: number) => fileOf(root, `${value}.wav`, wav(new Array(3200).fill(value)));
    const signal = new AbortController().signal;
    const result = await Promise.all(
      [7, 9].map((value) => both.transcribe(path(value), request, { signal })),
    );
    expect(result.map(({ text }) => text)).toEqual(['1 7', '1 9']);
  });

  test('files are removed only after a stopped program has exited', async () => {
    const bin = join(root, 'bin-37');
    const [pids, proof] = [join(root, 'pids-37'), join(root, 'proof-37')];
    const script = `trap 'test -s "$1" && echo there > ${proof}; exit 0' TERM
sleep 1000 & echo "$$ $!" > ${pids}.half; mv ${pids}.half ${pids}; wait`;
    shell(bin, 'my-asr', script);
    const engine = program({ id: 'mine', kind: 'command', argv: ['my-asr', '{wav16}'], output }, bin);
    const leaver = new AbortController();
    const result = transcribe(fileOf(root, 'left.wav', second), {}, engine, leaver.signal);
    await until(() => existsSync(pids));
    leaver.abort(new Failure('cancelled', 'The client disconnected.'));
    expect(await refusalOf(result)).toMatchObject({ kind: 'cancelled' });
    const [own] = readFileSync(pids, 'utf8').trim().split(' ').map(Number);
    expect([isAlive(own!), readFileSync(proof, 'utf8'), readdirSync(temporary)]).toEqual([
      false,
      'there\n',
      [],
    ]);
  });

  test('a failure contains neither the transcript nor the name of the recording', async () => {
    const bin = join(root, 'bin-55');
    shell(bin, 'whisper', 'echo "[00:00.000 --> 00:01.000] the secret sentence"; echo "cannot open $1" >&2');
    shell(bin, 'ffmpeg', 'exit 1');
    const engine = program({ id: 'whisper', kind: 'whisper' }, bin);
    const path = fileOf(root, 'private name.wav', second);
    const failure = await refusalOf(transcribe(path, { prompt: 'secret prompt' }, engine));
    expect(failure.message).toMatch(/returned no transcript: cannot open/);
    expect(`${failure.message} ${failure.advice}`).not.toMatch(/secret|private/);
  });
});

test('an engine with a concurrency of one gets one job at a time, in order', async () => {
  let [running, most] = [0, 0];
  const order: number[] = [];
  const engine: Engine = {
    ...chatgpt,
    concurrency: 1,
    transcribe: async ({ recording }) => {
      most = Math.max(most, ++running);
      order.push(recording.durationS!);
      await Bun.sleep(1);
      running--;
      return { text: 'a' };
    },
  };
  const shared = transcriber(engine);
  const paths = [1, 2, 3].map((s) => fileOf(root, `${s}-s.wav`, wav(new Array(32_000 * s).fill(0))));
  const signal = new AbortController().signal;
  await Promise.all(paths.map((path) => shared.transcribe(path, request, { signal })));
  expect([most, order.sort()]).toEqual([1, [1, 2, 3]]);
});

test('other engines do not receive the ChatGPT login', async () => {
  const seen: string[] = [];
  const server = Bun.serve({
    port: 0,
    fetch: async (request) => {
      seen.push(JSON.stringify([...request.headers]), await request.text());
      return Response.json({ text: 'a' });
    },
  });
  const env = {
    CODEXD_BEARER: 'tok-secret',
    CHATGPT_ACCESS_TOKEN: 'tok-secret',
    OPENAI_API_KEY: 'sk-secret',
  };
  const url = `http://127.0.0.1:${server.port}/v1`;
  const engine = program({ id: 'far', kind: 'openai', url, model: 'x' }, root, env);
  await transcribe(fileOf(root, 'far.wav', second), {}, engine);
  await server.stop(true);
  expect(seen).toHaveLength(2);
  expect(seen.join()).not.toMatch(/secret|authorization/i);
});

test('other servers receive neither a path nor the name of the runtime', async () => {
  const seen: string[] = [];
  const server = Bun.serve({
    port: 0,
    fetch: async (request) => {
      seen.push(JSON.stringify([...request.headers]), await request.text());
      return Response.json({ text: 'a' });
    },
  });
  const path = fileOf(root, 'private name.wav', second);
  for (const [id, url] of [
    ['openai', `http://127.0.0.1:${server.port}/v1`],
    ['whisper-server', `http://127.0.0.1:${server.port}`],
  ] as const) {
    await transcribe(path, {}, program({ id, kind: id, url, model: 'x' }, root));
  }
  await server.stop(true);
  expect(seen).toHaveLength(4);
  expect(seen.join()).toContain('filename="audio.wav"');
  expect(seen.join()).not.toMatch(/private|codexd-audio|codexd-work|Bun\/|\/tmp/);
});

describe('recordings that are too long and cannot be split', () => {
  const frames = (seconds: number) => Uint8Array.from([...ascii('#!AMR\n'), ...amrFrames(seconds * 50)]);
  // Sent unchanged, because codexd cannot decode it.
  const accepts = { containers: new Set(['amr', 'mp4'] as const), segmentS: 300, longestS: 1380 };
  const engine: Engine = { ...chatgpt, accepts };

  test('are sent whole up to the limit of the engine, with a warning', async () => {
    const { warnings, durationS } = await transcribe(fileOf(root, 'long.amr', frames(1380)), {}, engine);
    expect([durationS, sent.length]).toEqual([1380, 1]);
    expect(warnings).toEqual([expect.stringMatching(/could not be split without ffmpeg/)]);
    expect((await transcribe(fileOf(root, 'short.amr', frames(300)), {}, engine)).warnings).toEqual([]);
  });

  test('beyond, it is refused', async () => {
    const failure = await refusalOf(transcribe(fileOf(root, 'longer.amr', frames(1381)), {}, engine));
    expect(failure).toMatchObject({ status: 400, param: 'file', code: 'unsupported_audio' });
    expect(failure.message).toContain('longer than 23 minutes');
    expect(failure.advice).toContain('ffmpeg');
    expect(sent).toEqual([]);
  });

  test('one that is too large as well, as a 413', async () => {
    const small: Engine = { ...engine, accepts: { ...accepts, largestBytes: 1000 } };
    const failure = await refusalOf(transcribe(fileOf(root, 'large.amr', frames(60)), {}, small));
    expect(failure).toMatchObject({ status: 413, param: 'file', code: 'payload_too_large' });
    expect(sent).toEqual([]);
  });

  test.each([
    [8_000_000, []],
    [8_000_001, [expect.stringMatching(/could not be split/)]],
  ])('of unknown length: %p bytes', async (size, warnings) => {
    const path = join(root, 'unknown-length.m4a');
    writeFileSync(path, Buffer.concat([box('M4A '), Buffer.alloc(size - 12)]));
    expect((await transcribe(path, {}, engine)).warnings).toEqual(warnings);
    expect(sent).toHaveLength(1);
  });

  test('for times it must be cut, so it is refused', async () => {
    const asked = { segments: true, approximate: true };
    const failure = await refusalOf(transcribe(fileOf(root, 'timed.amr', frames(60)), asked, engine));
    expect(failure).toMatchObject({ status: 400, param: 'file' });
    expect(sent).toEqual([]);
  });
});

describe('codecs that are untested with ChatGPT', () => {
  const names: string[] = [];
  const transcriptionFailed = new Failure('upstream_broke', 'No text.', { code: 'transcription_failed' });
  const refusing = (failure: Failure) =>
    chatgptEngine({
      send: async ({ filename }) => {
        names.push(filename);
        if (filename === 'audio.wav') return 'Text.';
        throw failure;
      },
      login: () => ({ ready: true }),
      segmentSeconds: 300,
    });
  const ffmpeg = shell(
    join(root, 'bin-1.4'),
    'ffmpeg',
    `for out; do :; done; cp '${root}/second.wav' "\${out#file:}"`,
  );
  const vorbis = latin(`OggS${'\0'.repeat(24)}\x01vorbis`);
  const result = async (content: Uint8Array, program: string | undefined, failure = transcriptionFailed) => {
    names.length = 0;
    fileOf(root, 'second.wav', second);
    const signal = new AbortController().signal;
    const path = fileOf(root, 'doubtful', content);
    const more = program === undefined ? {} : { ffmpeg: program };
    const text = await transcriber(refusing(failure), more)
      .transcribe(path, request, { signal })
      .then(
        ({ text }) => text,
        (thrown) => thrown,
      );
    return [text, names];
  };
  const film = box('isom');

  test('Vorbis is decoded here, and not sent where it is damaged', async () => {
    const [failure, sent] = await result(vorbis, undefined);
    expect([failure.code, sent]).toEqual(['unsupported_audio', []]);
  });

  test('where its codec is unknown it is sent unchanged, and once more decoded', async () => {
    expect(await result(film, ffmpeg)).toEqual(['Text.', ['audio.m4a', 'audio.wav']]);
  });

  test('where nothing decodes it, the failure stands', async () => {
    expect(await result(film, undefined)).toEqual([transcriptionFailed, ['audio.m4a']]);
  });

  test('nothing else is sent once more', async () => {
    const other = new Failure('upstream_refused', 'No.', { code: 'upstream_error' });
    expect(await result(film, ffmpeg, other)).toEqual([other, ['audio.m4a']]);
    expect(await result(ogg, ffmpeg)).toEqual([transcriptionFailed, ['audio.ogg']]);
    expect(await result(mp3, ffmpeg)).toEqual([transcriptionFailed, ['audio.mp3']]);
  });
});

describe('of unknown length, and ffmpeg is there', () => {
  const bursts = writeWav(join(root, 'bursts.wav'), [
    ['tone', 60],
    ['silence', 1],
    ['tone', 60],
  ]);
  const unknown = (size: number) =>
    fileOf(root, `unknown-${size}.m4a`, Buffer.concat([box('M4A '), Buffer.alloc(size - 12)]));
  /** Converts everything to the bursts. */
  const ffmpeg = shell(
    join(root, 'bin-ffmpeg'),
    'ffmpeg',
    `for out; do :; done; cp '${bursts}' "\${out#file:}"`,
  );
  const signal = new AbortController().signal;

  test('a large one is decoded for its duration, and sent unchanged if it is short', async () => {
    const { durationS, warnings } = await transcriber(chatgpt, { ffmpeg }).transcribe(
      unknown(8_000_001),
      request,
      {
        signal,
      },
    );
    expect([durationS, warnings]).toEqual([121, []]);
    expect(sent).toMatchObject([{ filename: 'audio.m4a' }]);
  });

  test('text that stops in mid-sentence is transcribed again in halves, or there is a warning', async () => {
    const cutOff = `${'word '.repeat(60)}and then`;
    const durations: (number | undefined)[] = [];
    const engine: Engine = {
      ...chatgpt,
      transcribe: async ({ recording }) => {
        durations.push(recording.durationS);
        return { text: durations.length === 1 ? cutOff : `${'word '.repeat(60)}end.` };
      },
    };
    const { text } = await transcriber(engine, { ffmpeg }).transcribe(unknown(100), request, { signal });
    expect(durations.map((durationS) => durationS && Math.round(durationS))).toEqual([121, 60, 61]);
    expect(text).toEndWith('end.');
    durations.length = 0;
    const without = await transcribe(unknown(100), {}, engine);
    expect(without.text).toBe(cutOff);
    expect(without.warnings).toEqual([expect.stringContaining('its end may be missing')]);
  });
});

/** Silence in AMR-NB, one byte per frame. */
function amrFrames(count: number): number[] {
  return new Array<number>(count).fill(0x7c);
}
