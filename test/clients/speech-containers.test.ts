// Every container (docs/wire/audio.md#recognition), created by its own program from one recording: sent unchanged,
// converted, or refused before anything is sent; with ffmpeg on PATH and without it.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from 'silk-wasm';
import { digestOf } from '../../src/simulator/upload.ts';
import { run } from '../audio/containers/support.ts';
import { missing } from '../audio/spoken.ts';
import { emptyHome, runCodexd } from '../cli/process.ts';
import { wav } from '../simulator/sounds.ts';
import { useSimulator } from '../support/simulator.ts';
import { type RunningDaemon, startDaemon } from './daemon.ts';
import { fileWith, formOf, post, recordingsSent } from './speech-support.ts';

const tones: [number, number][] = [
  [440, 1.2],
  [0, 0.4],
  [880, 1.2],
];
const directory = emptyHome();
const source = fileWith(wav(tones, { rate: 16_000 }), 'source.wav', directory);

const simulator = useSimulator();
const daemons: Record<'with' | 'without', RunningDaemon> = {} as never;
beforeAll(async () => {
  daemons.with = await startDaemon({ simulator });
  daemons.without = await startDaemon({ simulator, env: { PATH: emptyHome() } });
});
afterAll(async () => {
  expect([await daemons.with?.stop(), await daemons.without?.stop()]).toEqual([0, 0]);
});

type Maker = { programs: string[]; make: (out: string) => Promise<unknown> | unknown };
const by = (program: string, ...args: (string | ((out: string) => string))[]): Maker => ({
  programs: [program],
  make: (out) => run(program, ...args.map((arg) => (typeof arg === 'string' ? arg : arg(out)))),
});
const OUT = (out: string) => out;
const ffmpeg = (...args: string[]) => by('ffmpeg', '-v', 'error', '-y', '-i', source, ...args, OUT);
/** Through a pipe, where sizes cannot be corrected afterwards. */
const piped = (...args: string[]): Maker => ({
  programs: ['ffmpeg'],
  make: (out) => writeFileSync(out, run('ffmpeg', '-v', 'error', '-i', source, ...args, '-')),
});
const sox = (...args: string[]) => by('sox', '-D', source, ...args, OUT);
const of = (make: (out: string) => Promise<unknown> | unknown): Maker => ({ programs: [], make });
const silk = async (rate = 24_000) => Buffer.from((await encode(wav(tones, { rate }), rate)).data);
const isAvailable = ({ programs }: Maker) => programs.every((program) => Bun.which(program) !== null);

interface Sent {
  filename: string;
  type: string;
}
const as = {
  wav: { filename: 'audio.wav', type: 'audio/wav' },
  mp3: { filename: 'audio.mp3', type: 'audio/mpeg' },
  m4a: { filename: 'audio.m4a', type: 'audio/mp4' },
  flac: { filename: 'audio.flac', type: 'audio/flac' },
  ogg: { filename: 'audio.ogg', type: 'audio/ogg' },
  webm: { filename: 'audio.webm', type: 'audio/webm' },
} satisfies Record<string, Sent>;

/** The name it is uploaded with. */
type Row = [name: string, maker: Maker, sent: Sent];

const asItIs: Row[] = [
  ['v.wav', of((out) => writeFileSync(out, readFileSync(source))), as.wav],
  ['stereo at 48 kHz.wav', sox('-c', '2', '-r', '48000'), as.wav],
  ['constant.mp3', by('lame', '--quiet', '-b', '64', source, OUT), as.mp3],
  ['variable.mp3', by('lame', '--quiet', '-V', '5', source, OUT), as.mp3],
  ['without Xing.mp3', ffmpeg('-c:a', 'libmp3lame', '-q:a', '5', '-write_xing', '0'), as.mp3],
  ['v.mpga', ffmpeg('-f', 'mp3'), as.mp3],
  ['v.m4a', ffmpeg('-c:a', 'aac'), as.m4a],
  ['v.m4b', ffmpeg('-c:a', 'aac', '-f', 'ipod'), as.m4a],
  ['fragmented.mp4', ffmpeg('-c:a', 'aac', '-movflags', 'frag_keyframe+empty_moov'), as.m4a],
  ['v.flac', by('flac', '--silent', '-f', source, '-o', OUT), as.flac],
  ['piped.flac', piped('-f', 'flac'), as.flac],
  ['v.opus', by('opusenc', '--quiet', source, OUT), as.ogg],
  ['v.ogg', ffmpeg('-c:a', 'libopus'), as.ogg],
  ['v.webm', ffmpeg('-c:a', 'libopus'), as.webm],
  ['live.webm', ffmpeg('-c:a', 'libopus', '-f', 'webm', '-live', '1'), as.webm],
  ['piped.webm', piped('-c:a', 'libopus', '-f', 'webm'), as.webm],
];

/** A video with sound. */
const film = (...args: string[]) =>
  by(
    'ffmpeg',
    ...['-v', 'error', '-y', '-f', 'lavfi', '-i', 'color=s=32x32:r=5:d=2.8', '-i', source, '-shortest'],
    ...args,
    OUT,
  );

const converted: Row[] = [
  ['film.mp4', film('-c:a', 'aac', '-c:v', 'mpeg4'), as.m4a],
  ['film.webm', film('-c:a', 'libopus', '-c:v', 'libvpx'), as.webm],
  ['film with Vorbis.webm', film('-c:a', 'libvorbis', '-c:v', 'libvpx'), as.wav],
  ['v.oga', by('oggenc', '--quiet', source, '-o', OUT), as.wav],
  ['flac.ogg', ffmpeg('-c:a', 'flac'), as.wav],
  ['vorbis.webm', ffmpeg('-c:a', 'libvorbis'), as.wav],
  ['mp3.mp4', ffmpeg('-c:a', 'libmp3lame'), as.wav],
  ['piped.wav', piped('-f', 'wav'), as.wav],
  ['24 bit.wav', sox('-b', '24'), as.wav],
  ['8 bit.wav', sox('-b', '8'), as.wav],
  ['float.wav', sox('-e', 'float', '-b', '32'), as.wav],
  ['mu-law.wav', sox('-e', 'mu-law'), as.wav],
  ['a-law.wav', sox('-e', 'a-law'), as.wav],
  ['ima-adpcm.wav', sox('-e', 'ima-adpcm'), as.wav],
  ['v.aiff', sox(), as.wav],
  ['v.aifc', sox(), as.wav],
  ['v.caf', sox(), as.wav],
  ['v.au', sox(), as.wav],
  ['v.aac', ffmpeg('-c:a', 'aac'), as.m4a],
  ['v.3gp', ffmpeg('-c:a', 'aac'), as.m4a],
  ['v.mov', ffmpeg('-c:a', 'aac'), as.m4a],
  ['opus.mka', ffmpeg('-c:a', 'libopus'), as.webm],
  ['flac.mka', ffmpeg('-c:a', 'flac'), as.wav],
  ['pcm.mka', ffmpeg('-c:a', 'pcm_s16le'), as.flac],
  ['voice.silk', of(async (out) => writeFileSync(out, await silk())), as.wav],
  [
    'plain.silk',
    of(async (out) =>
      writeFileSync(out, Buffer.concat([(await silk()).subarray(1), Buffer.from([255, 255])])),
    ),
    as.wav,
  ],
  ['cut.slk', of(async (out) => writeFileSync(out, (await silk()).subarray(0, -3))), as.wav],
  [
    'base64.silk',
    of(async (out) => writeFileSync(out, `data:audio/webm;base64,${(await silk()).toString('base64')}`)),
    as.wav,
  ],
];
/** Those that only ffmpeg can read. */
const byFfmpegOnly: Row[] = [
  ['v.amr', by('sox', source, '-r', '8000', '-t', 'amr-nb', OUT), as.flac],
  ['amr.3gp', amrIn3gp(), as.flac],
  ['v.wma', ffmpeg(), as.flac],
  ['v.gsm.wav', ffmpeg('-ar', '8000', '-c:a', 'libgsm_ms'), as.flac],
  ['v.adpcm.wav', ffmpeg('-c:a', 'adpcm_ms'), as.flac],
  ['film.avi', film(), as.flac],
  ['film.ts', film(), as.flac],
  ['film.m2ts', film(), as.flac],
  ['film.mpg', film('-r', '25'), as.flac],
  ['film.flv', film('-ar', '44100'), as.flac],
  ['film.wtv', film(), as.flac],
  ['film.nut', film(), as.flac],
  ['v.rm', ffmpeg(), as.flac],
  ['v.wv', ffmpeg(), as.flac],
  ['v.tta', ffmpeg(), as.flac],
  ['v.w64', ffmpeg(), as.flac],
  ['v.voc', ffmpeg(), as.flac],
  ['v.sox', ffmpeg(), as.flac],
  ['v.ac3', ffmpeg(), as.flac],
  ['v.eac3', ffmpeg(), as.flac],
  ['v.dts', ffmpeg('-strict', '-2', '-ar', '48000'), as.flac],
  ['v.latm', ffmpeg('-c:a', 'aac', '-f', 'latm'), as.flac],
  ['v.sph', sox(), as.flac],
];

function amrIn3gp(): Maker {
  const make = (out: string) => {
    run('sox', source, '-r', '8000', '-t', 'amr-nb', `${out}.amr`);
    run('ffmpeg', '-v', 'error', '-y', '-f', 'amr', '-i', `${out}.amr`, '-c', 'copy', out);
  };
  return { programs: ['sox', 'ffmpeg'], make };
}

const made = new Map<Maker, string>();
async function bytesOf(name: string, maker: Maker): Promise<Buffer> {
  const path = made.get(maker) ?? join(directory, `${made.size}-${name}`);
  if (!made.has(maker)) await maker.make(path);
  made.set(maker, path);
  return readFileSync(path);
}

interface Answer {
  status: number;
  text: string;
  seconds?: number;
  error?: { message: string; param: string; code: string };
}

async function answerFor(
  which: 'with' | 'without',
  name: string,
  content: Uint8Array | string,
): Promise<Answer> {
  const answer = await post(daemons[which], formOf(content, {}, name));
  const { text, usage, error } = (await answer.json()) as {
    text: string;
    usage?: { seconds: number };
    error?: Answer['error'];
  };
  const seconds = usage?.seconds;
  return {
    status: answer.status,
    text,
    ...(seconds === undefined ? {} : { seconds }),
    ...(error && { error }),
  };
}

function eachRow(
  rows: Row[],
  check: (name: string, maker: Maker, sent: Sent) => Promise<void>,
  what: string,
) {
  for (const [name, maker, sent] of rows) {
    const ready = isAvailable(maker) || missing(...maker.programs).length === 0;
    test.skipIf(!ready)(`${name} ${what} ${sent.filename}`, () => check(name, maker, sent), 60_000);
  }
}

const both = ['with', 'without'] as const;

describe('sent as it is', () => {
  const check = async (name: string, maker: Maker, sent: Sent) => {
    const content = await bytesOf(name, maker);
    for (const which of both) {
      simulator.requests.length = 0;
      const { status, text, seconds, error } = await answerFor(which, name, content);
      expect({ status, error }).toEqual({ status: 200, error: undefined });
      expect(recordingsSent(simulator)).toEqual([
        { file: { ...sent, bytes: content.length, digest: digestOf(content) } },
      ]);
      expect(text).toContain(digestOf(content));
      // Three seconds, or slightly more if an encoder fills its last frame.
      expect(seconds).toBe(3);
    }
  };
  eachRow(asItIs, check, 'as');
});

describe('converted without ffmpeg, and with one no differently', () => {
  const check = async (name: string, maker: Maker, sent: Sent) => {
    const content = await bytesOf(name, maker);
    for (const which of both) {
      simulator.requests.length = 0;
      const { status, text, seconds, error } = await answerFor(which, name, content);
      if (sent === as.flac && which === 'without') {
        expect(status).toBe(400);
        continue;
      }
      expect({ status, error }).toEqual({ status: 200, error: undefined });
      const [{ file } = { file: undefined }, ...more] = recordingsSent(simulator);
      expect({ file, more }).toEqual({ file: expect.objectContaining(sent), more: [] });
      expect(file!.digest).not.toBe(digestOf(content));
      if (sent === as.wav) expect(text).toMatch(/: 440 880\.$/);
      else expect(text).toMatch(/^(2\.[789]\d seconds of )?sound/);
      expect(seconds).toBe(3);
    }
  };
  eachRow(converted, check, 'to');
});

describe('only ffmpeg reads', () => {
  const check = async (name: string, maker: Maker, sent: Sent) => {
    const content = await bytesOf(name, maker);
    const helped = await answerFor('with', name, content);
    expect(helped).toMatchObject({ status: 200 });
    expect(helped.text).toMatch(/^2\.[5-9]\d seconds of sound/);
    expect(recordingsSent(simulator)).toEqual([{ file: expect.objectContaining(sent) as never }]);

    simulator.requests.length = 0;
    const { status, error } = await answerFor('without', name, content);
    expect({ status, param: error?.param, code: error?.code }).toEqual({
      status: 400,
      param: 'file',
      code: 'unsupported_audio',
    });
    expect(error!.message).toContain('ffmpeg');
    expect(recordingsSent(simulator)).toEqual([]);
  };
  eachRow(byFfmpegOnly, check, 'to');

  test.skipIf(missing('ffmpeg', 'sox').length > 0)(
    'the ffmpeg that the settings name, when none is on PATH',
    async () => {
      const [name, maker] = byFfmpegOnly[0]!;
      const link = join(emptyHome(), 'my-ffmpeg');
      symlinkSync(Bun.which('ffmpeg')!, link);
      const env = { PATH: emptyHome(), CODEXD_TRANSCRIPTION_FFMPEG: link };
      await using daemon = await startDaemon({ simulator, env });
      const answer = await post(daemon, formOf(await bytesOf(name, maker), {}, name));
      expect(answer.status).toBe(200);
    },
  );
});

describe('wrong names and types', () => {
  const rows: [what: string, from: Row | undefined, name: string, type: string][] = [
    ['an M4A called .mp3', asItIs.find(([name]) => name === 'v.m4a'), 'voice.mp3', 'audio/mpeg'],
    ['an MP3 called .wav', asItIs.find(([name]) => name === 'constant.mp3'), 'voice.wav', 'audio/wav'],
    ['SILK called .amr', converted.find(([name]) => name === 'voice.silk'), 'voice.amr', 'audio/amr'],
    ['SILK called .mp3', converted.find(([name]) => name === 'plain.silk'), 'voice.mp3', 'audio/mpeg'],
    ['a WAV as octets', asItIs.find(([name]) => name === 'v.wav'), 'blob', 'application/octet-stream'],
    ['a FLAC as a film', asItIs.find(([name]) => name === 'v.flac'), 'voice.webm', 'video/webm'],
    ['an Opus without extension', asItIs.find(([name]) => name === 'v.opus'), 'voice', ''],
    [
      'a WebM of a strange name',
      asItIs.find(([name]) => name === 'v.webm'),
      '../../etc/"x";\r\n.txt',
      'text/plain',
    ],
    ['ADTS called .mp3', converted.find(([name]) => name === 'v.aac'), 'voice.mp3', 'audio/mpeg'],
  ];
  for (const [what, row, name, type] of rows) {
    const [original, maker, sent] = row!;
    test.skipIf(!isAvailable(maker))(what, async () => {
      const content = await bytesOf(original, maker);
      const form = new FormData();
      form.append('file', new File([content], name, { type }));
      const answer = await post(daemons.without, form);
      expect(answer.status).toBe(200);
      expect(recordingsSent(simulator)).toEqual([{ file: expect.objectContaining(sent) as never }]);
    });
  }
});

describe('files that are not recordings are refused, and nothing is sent', () => {
  const page = '<!DOCTYPE html><html><body>Not found</body></html>';
  const rows: [what: string, content: Uint8Array | string, name: string, says: RegExp][] = [
    ['a web page', page, 'voice.mp3', /(HTML|page|markup).*, not a recording/i],
    ['JSON', '{"error": "no such file"}', 'voice.m4a', /JSON.*, not a recording/i],
    ['a PDF', '%PDF-1.7\n%âãÏÓ\n1 0 obj', 'voice.wav', /PDF.*, not a recording/i],
    ['an archive', 'PK\x03\x04aaaaaaaaaaaaaaaaaaaaaaaa', 'voice.ogg', /(ZIP|archive).*, not a recording/i],
    ['nothing', '', 'voice.wav', /empty/],
    ['a playlist', '#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n', 'voice.m4a', /not a recording/],
    ['a text', 'Dear Sir or Madam,\n', 'voice.wav', /Unrecognised audio format/],
    [
      'noise',
      crypto.getRandomValues(new Uint8Array(4096)).fill(7, 0, 8),
      'voice.silk',
      /Unrecognised audio format/,
    ],
    ['samples without a header', new Uint8Array(32_000).fill(1), 'voice.pcm', /declare their format/],
    ['SILK without any packet', '\x02#!SILK_V3', 'voice.silk', /SILK/],
  ];
  test.each(rows)('%s', async (_, content, name, says) => {
    for (const which of both) {
      const { status, error } = await answerFor(which, name, content);
      expect({ status, param: error?.param }).toEqual({ status: 400, param: 'file' });
      expect(error!.message).toMatch(says);
      expect(recordingsSent(simulator)).toEqual([]);
    }
  });

  test('the same on the command line: status 1 and the reason', async () => {
    const path = fileWith('<html>', 'page.mp3');
    const { err, out, exitCode } = await runCodexd(['transcribe', path], {
      env: {
        CODEXD_UPSTREAM_BASE_URL: simulator.upstream,
        CODEXD_AUTH_BEARER: simulator.login().access_token,
      },
    });
    expect({ out, exitCode }).toEqual({ out: '', exitCode: 1 });
    expect(err).toMatch(/, not a recording/);
  });
});

describe('a film without sound is refused, and nothing of it is sent', () => {
  const silent = (...args: string[]) =>
    by('ffmpeg', '-v', 'error', '-y', '-f', 'lavfi', '-i', 'color=s=32x32:r=25:d=1', ...args, OUT);
  const rows: [name: string, maker: Maker, readsItself: boolean][] = [
    ['film.mp4', silent('-c:v', 'mpeg4'), true],
    ['fragmented.mp4', silent('-c:v', 'mpeg4', '-movflags', 'frag_keyframe+empty_moov'), true],
    ['film.mov', silent('-c:v', 'mpeg4'), true],
    ['film.3gp', silent('-c:v', 'mpeg4'), true],
    ['film.webm', silent('-c:v', 'libvpx'), true],
    ['film.mkv', silent('-c:v', 'mpeg4'), true],
    ['film.ogv', silent('-c:v', 'libtheora'), true],
    ['film.avi', silent(), false],
    ['film.ts', silent(), false],
    ['film.flv', silent(), false],
    ['film.wmv', silent(), false],
  ];
  for (const [name, maker, readsItself] of rows) {
    test.skipIf(!isAvailable(maker))(name, async () => {
      const content = await bytesOf(name, maker);
      for (const which of readsItself ? both : (['with'] as const)) {
        const { status, error } = await answerFor(which, name, content);
        expect({ status, param: error?.param }).toEqual({ status: 400, param: 'file' });
        expect(error!.message).toContain('is a video without an audio track');
      }
      expect(recordingsSent(simulator)).toEqual([]);
    });
  }
});

describe('a recording that is cut off', () => {
  // mediabunny 1.61.0 never returned from its search for the next element of such a file; see patches/.
  test('a WebM that ends in its header freezes nothing', async () => {
    const header =
      '1a45dfa39f4286810142f7810142f2810442f381084282847765626d42878104428581021853806701000000000000' +
      '6d2c114d9b74ba4dbb8b53ab841549a96653ac81a14dbb8b53ab841654ae6b53ac81d84dbb8c53ab841254c36753ac' +
      '8201424dbb8c53ab841c53bb6b53ac826d16ec01000000000000';
    for (const which of both) {
      const { status } = await answerFor(which, 'cut.webm', Buffer.from(header, 'hex'));
      expect([200, 400]).toContain(status);
    }
  });

  const rows = [...asItIs, ...converted, ...byFfmpegOnly].filter(([name]) => !name.includes('silk'));
  for (const [name, maker] of rows) {
    test.skipIf(!isAvailable(maker))(`${name}: no advice to install ffmpeg if it is installed`, async () => {
      const content = await bytesOf(name, maker);
      for (const part of [0.02, 0.5]) {
        const { status, error } = await answerFor('with', name, content.subarray(0, content.length * part));
        expect([200, 400]).toContain(status);
        expect(error?.message ?? '').not.toMatch(/install ffmpeg/i);
      }
    });
  }
});

describe('a header without samples is an empty text, and nothing is sent', () => {
  const header = readFileSync(source).subarray(0, 44);
  const aiff = Buffer.from(
    'FORM\0\0\0\x2eAIFFCOMM\0\0\0\x12\0\x01\0\0\0\0\0\x10\x40\x0c\xfa\0\0\0\0\0\0\0SSND\0\0\0\x08\0\0\0\0\0\0\0\0',
    'latin1',
  );
  const rows: [string, Buffer][] = [
    ['cut.wav', header],
    ['empty.wav', Buffer.concat([header.subarray(0, 40), Buffer.alloc(4)])],
    ['without a body.wav', header.subarray(0, 36)],
    ['empty.aiff', aiff],
  ];
  test.each(rows)('%s', async (name, content) => {
    const answer = await answerFor('without', name, content);
    expect(answer).toEqual({ status: 200, text: '', seconds: 0 });
    expect(recordingsSent(simulator)).toEqual([]);
    const subtitles = { response_format: 'srt', chunking_strategy: 'auto' };
    expect(await (await post(daemons.without, formOf(content, subtitles, name))).text()).toBe('');
  });
});

test.skipIf(missing('ffmpeg').length > 0)(
  'what a container holds that nobody knows is no matter for the log',
  async () => {
    const alac = Buffer.from(await bytesOf('v.m4a', asItIs.find(([name]) => name === 'v.m4a')![1]));
    alac.write('xxxx', alac.lastIndexOf('mp4a'), 'latin1');
    expect((await answerFor('without', 'v.m4a', alac)).status).toBe(200);
    expect(daemons.without.stderr()).not.toMatch(/xxxx|codec/i);
  },
);

test('samples without a header, whose format is declared', async () => {
  const samples = readFileSync(source).subarray(44);
  const path = fileWith(samples, 'voice.pcm');
  const { out, exitCode } = await runCodexd(['transcribe', '--pcm', 's16le:16000:1', path], {
    env: { CODEXD_UPSTREAM_BASE_URL: simulator.upstream, CODEXD_AUTH_BEARER: simulator.login().access_token },
  });
  expect(exitCode).toBe(0);
  expect(out).toMatch(/^2\.80 seconds of sound [0-9a-f]{8}: 440 880\.\n$/);
});
