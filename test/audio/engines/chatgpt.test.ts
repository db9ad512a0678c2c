// ChatGPT as an engine: the upload, its name, and the result (docs/wire/audio.md#chatgpt).
import { describe, expect, test } from 'bun:test';
import { type ChatGptUpload, chatgptEngine } from '../../../src/audio/engines/chatgpt.ts';
import { uploadNameOf } from '../../../src/audio/engines/chatgpt-upload.ts';
import type { Job, Readiness } from '../../../src/audio/engines/engine.ts';
import { looksTruncated } from '../../../src/audio/engines/truncation.ts';
import type { Container, Recording } from '../../../src/audio/recording.ts';
import { Failure } from '../../../src/failure.ts';

const recording: Recording = { path: '/tmp/a/voice.amr', container: 'wav', bytes: 32_044, durationS: 1 };

function jobOf(more: Partial<Job> = {}): Job {
  return {
    recording,
    model: 'chatgpt',
    task: 'transcribe',
    words: false,
    directory: '/tmp/a',
    signal: new AbortController().signal,
    ...more,
  };
}

const ready: Readiness = { ready: true };

function engineOf(
  send: (upload: ChatGptUpload, signal: AbortSignal) => Promise<string>,
  login = () => ready,
) {
  return chatgptEngine({ send, login, segmentSeconds: 240 });
}

/** The upload for a job, and the engine's result. */
async function result(job: Job) {
  const sent: ChatGptUpload[] = [];
  const engine = engineOf(async (upload) => {
    sent.push(upload);
    return 'Text.';
  });
  return { ...(await engine.transcribe(job)), sent };
}

describe('what it is', () => {
  const engine = engineOf(async () => '');

  test('accepts what the service reads, in segments of the configured length', () => {
    expect(engine.accepts).toEqual({
      containers: new Set(['wav', 'mp3', 'mp4', 'flac', 'ogg', 'webm']),
      codecs: { mp4: ['aac'], ogg: ['opus'], webm: ['opus'] },
      segmentS: 240,
      longestS: 1380,
      largestBytes: 25_000_000,
    });
  });

  test('gives text and takes a language, nothing else', () => {
    const can = Object.entries(engine.capabilities).filter(([, value]) => value);
    expect(can).toEqual([['languages', true]]);
  });

  test('is there when a login is', async () => {
    expect([await engine.probe(), await engine.available()]).toEqual([ready, ['chatgpt']]);
    const none = { ready: false, why: 'There is no login.', fix: 'codexd login' } as const;
    const away = engineOf(
      async () => '',
      () => none,
    );
    expect([await away.probe(), await away.available()]).toEqual([none, []]);
  });
});

describe('a job', () => {
  test('becomes one upload, named by its bytes and never by its path', async () => {
    const { sent, text, warnings } = await result(jobOf({ language: 'de', prompt: 'x', temperature: 1 }));
    expect(sent).toEqual([
      { path: '/tmp/a/voice.amr', filename: 'audio.wav', type: 'audio/wav', language: 'de' },
    ]);
    expect([text, warnings]).toEqual(['Text.', []]);
  });

  test('takes the signal along, and its failures come through', async () => {
    const failure = new Failure('upstream_broke', 'x');
    const job = jobOf();
    const engine = engineOf(async (_, signal) => {
      expect(signal).toBe(job.signal);
      throw failure;
    });
    expect(await engine.transcribe(job).catch((thrown: unknown) => thrown)).toBe(failure);
  });

  const languages: [language: string | undefined, sent: string | undefined, warnings: number][] = [
    [undefined, undefined, 0],
    ['en', 'en', 0],
    ['jw', 'jv', 0],
    ['yue', undefined, 1],
    ['haw', undefined, 1],
  ];
  test.each(languages)('language %p is sent as %p', async (language, hint, warned) => {
    const { sent, warnings } = await result(jobOf(language === undefined ? {} : { language }));
    expect(sent[0]?.language).toBe(hint as string);
    expect('language' in sent[0]!).toBe(hint !== undefined);
    expect(warnings).toHaveLength(warned);
  });

  test('a clip under a second is sent with a warning', async () => {
    const said = async (durationS: number | undefined) => {
      const { warnings = [] } = await result(jobOf({ recording: { ...recording, durationS } as Recording }));
      return warnings.join();
    };
    expect(await said(0.99)).toContain('shorter than a second');
    expect(await said(1)).toBe('');
    expect(await said(undefined)).toBe('');
  });

  test('codex-asr’s flags rename it', async () => {
    const { sent } = await result(jobOf({ upload: { filename: 'note.mp3', contentType: 'audio/mpeg' } }));
    expect(sent[0]).toMatchObject({ filename: 'note.mp3', type: 'audio/mpeg' });
  });
});

describe('names', () => {
  const usual: [Container, string, string][] = [
    ['wav', 'audio.wav', 'audio/wav'],
    ['mp3', 'audio.mp3', 'audio/mpeg'],
    ['mp4', 'audio.m4a', 'audio/mp4'],
    ['flac', 'audio.flac', 'audio/flac'],
    ['ogg', 'audio.ogg', 'audio/ogg'],
    ['webm', 'audio.webm', 'audio/webm'],
    ['silk', 'audio.silk', 'application/octet-stream'],
  ];
  test.each(usual)('%s', (container, filename, type) => {
    expect(uploadNameOf({ ...recording, container }, {})).toEqual({ filename, type });
  });

  const overrides: [filename: string, contentType: string | undefined, named: string][] = [
    ['note.wav', undefined, 'note.wav'],
    ['note.MP3', undefined, 'note.mp3'],
    ['note.mp4', undefined, 'note.mp4'],
    ['note.wave', undefined, 'note.wav'],
    ['note.oga', undefined, 'note.ogg'],
    ['note.opus', undefined, 'note.ogg'],
    ['note.mpga', undefined, 'note.mp3'],
    ['note.mpeg', undefined, 'note.mp3'],
    ['note.m4b', undefined, 'note.m4a'],
    ['note.mov', undefined, 'note.m4a'],
    ['note', undefined, 'note.wav'],
    ['note.amr', undefined, 'note.wav'],
    ['note.amr', 'audio/webm; codecs=opus', 'note.webm'],
    ['', 'AUDIO/X-M4A', 'audio.m4a'],
    ['.wav', undefined, 'audio.wav'],
    ['', undefined, 'audio.wav'],
    ['../../etc/note.flac', undefined, 'note.flac'],
    ['C:\\sounds\\note.flac', undefined, 'note.flac'],
    ['a"b\r\n\'c.ogg', undefined, 'abc.ogg'],
    ['Ümläute 🎙️.ogg', undefined, '_ml_ute _.ogg'],
    [`${'x'.repeat(200)}.ogg`, undefined, `${'x'.repeat(96)}.ogg`],
    ['constructor', undefined, 'constructor.wav'],
    ['note.constructor', undefined, 'note.wav'],
    ['note.__proto__', undefined, 'note.wav'],
  ];
  test.each(overrides)('%j with type %p', (filename, contentType, named) => {
    expect(uploadNameOf(recording, { filename, ...(contentType ? { contentType } : {}) }).filename).toBe(
      named,
    );
  });

  // ChatGPT does not know `audio/silk`.
  const byType: [extension: string, types: string][] = [
    ['wav', 'audio/wav audio/x-wav audio/wave'],
    ['mp3', 'audio/mpeg audio/mp3'],
    ['m4a', 'audio/mp4 audio/m4a audio/x-m4a'],
    ['flac', 'audio/flac audio/x-flac'],
    ['ogg', 'audio/ogg'],
    ['webm', 'audio/webm'],
    ['amr', 'audio/silk application/octet-stream constructor/x'],
  ];
  test.each(
    byType.flatMap(([extension, types]) =>
      types.split(' ').map((type): [string, string] => [type, extension]),
    ),
  )('a name without an extension gets that of %s', (contentType, extension) => {
    // A container without an extension of its own.
    const amr = { ...recording, container: 'amr' } as const;
    expect(uploadNameOf(amr, { filename: 'note', contentType })).toEqual({
      filename: `note.${extension}`,
      type: contentType,
    });
  });

  test.each(['wav', 'mp3', 'm4a', 'mp4', 'flac', 'ogg', 'webm'])(
    'an extension ChatGPT knows stays: %s',
    (extension) => {
      const filename = `note.${extension}`;
      expect(uploadNameOf({ ...recording, container: 'amr' }, { filename }).filename).toBe(filename);
    },
  );

  const declared: [string, string][] = [
    ['audio/webm; codecs=opus', 'audio/webm'],
    ['Audio/X-M4A', 'audio/x-m4a'],
    ['', 'audio/wav'],
    ['no type', 'audio/wav'],
    ['audio/wav\r\nx: y', 'audio/wav'],
  ];
  test.each(declared)('declared as %j', (contentType, type) => {
    expect(uploadNameOf(recording, { contentType }).type).toBe(type);
  });
});

describe('looksTruncated', () => {
  const long = 'word '.repeat(60).trim();
  const rows: [text: string, language: string | undefined, cut: boolean][] = [
    [long, 'en', true],
    [long, undefined, true],
    [`${long},`, 'en', true],
    [`${long}.`, 'en', false],
    [`${long}!”  `, 'en', false],
    [`${long}…)`, 'en', false],
    ['word '.repeat(40).trim(), 'en', false],
    ['', 'en', false],
    [`${'字'.repeat(201)}`, 'zh', true],
    [`${'字'.repeat(201)}。`, 'zh', false],
    [`${'字'.repeat(201)}。」`, 'ja', false],
    [`${'शब्द '.repeat(60)}।`, 'hi', false],
    [`${'كلمة '.repeat(60)}؟`, 'ar', false],
    ['คำ'.repeat(150), 'th', false],
    ['คำ'.repeat(150), undefined, false],
    [long, 'lo', false],
    [long, 'km', false],
    [long, 'my', false],
    [long, 'bo', false],
    ['x'.repeat(200), 'en', false],
    ['x'.repeat(201), 'en', true],
    [long, 'th', false],
    ['🎙'.repeat(150), 'en', false],
  ];
  test.each(rows)('%# %.10s', (text, language, cut) => {
    expect(looksTruncated(text, 100, language)).toBe(cut);
  });

  test('much less than the neighbours in the same time', () => {
    const text = `${'word '.repeat(30)}end.`; // 154 characters
    expect(looksTruncated(text, 60, 'en', 12)).toBe(true);
    expect(looksTruncated(text, 30, 'en', 12)).toBe(false);
    expect(looksTruncated(text, 60, 'en', 8)).toBe(false);
    expect(looksTruncated(text, 60, 'en')).toBe(false);
    expect(looksTruncated(text, undefined, 'en', 12)).toBe(false);
  });
});

test('however long pieces are wanted, the longest has no more bytes than the service takes', () => {
  const accepts = (segmentSeconds: number) =>
    chatgptEngine({ send: async () => '', login: () => ({ ready: true }), segmentSeconds }).accepts;
  expect(accepts(300).segmentS).toBe(300);
  const { segmentS, largestBytes } = accepts(3000);
  expect(44 + segmentS! * 1.4 * 32_000).toBeLessThan(largestBytes!);
  expect(44 + (segmentS! + 1) * 1.4 * 32_000).toBeGreaterThan(largestBytes! - 1000);
});
