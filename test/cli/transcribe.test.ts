// `codexd transcribe`: what is printed, written, reported and returned.
import { describe, expect, test } from 'bun:test';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PartialTranscript, type TranscriptionRequest } from '../../src/audio/transcriber.ts';
import { Failure } from '../../src/failure.ts';
import { codexd, type SpeechOptions, temporaryDirectory, transcript } from './transcribe-support.ts';

const place = temporaryDirectory(['a.wav', 'b.wav', 'c.wav', 'voice', 'sub/a.m4a']);
const file = (name: string) => join(place, name);
const [a, b, c] = [file('a.wav'), file('b.wav'), file('c.wav')];

/** Names of the recordings above as paths, which tables shorten. */
function placed(words: readonly string[]): string[] {
  return words.map((word) => (existsSync(file(word)) && word !== '' ? file(word) : word));
}

function transcribe(words: readonly string[], options: SpeechOptions = {}) {
  return codexd(['transcribe', ...words], options);
}

const verbose = `${JSON.stringify({
  task: 'transcribe',
  language: 'unknown',
  duration: 1,
  text: 'hm',
  segments: [
    {
      ...{ id: 0, seek: 0, start: 0, end: 1, text: ' hm', tokens: [], temperature: 0 },
      ...{ avg_logprob: 0, compression_ratio: 1, no_speech_prob: 0 },
    },
  ],
})}\n`;

describe('one recording', () => {
  test('its text is on stdout and nothing else is', async () => {
    const { exitCode, out, err, calls, closed } = await transcribe([a]);
    expect({ exitCode, out, err, closed }).toEqual({
      exitCode: 0,
      out: 'It says a.wav.\n',
      err: '',
      closed: 1,
    });
    expect(calls.map(({ path }) => path)).toEqual([a]);
  });

  test('silence is an empty line and not a failure', async () => {
    const { exitCode, out } = await transcribe([a], { respond: () => '' });
    expect({ exitCode, out }).toEqual({ exitCode: 0, out: '\n' });
  });

  test.each([
    [['--json'], '{"text":"hm"}\n'],
    [['--format', 'json'], '{"text":"hm"}\n'],
    [['--format', 'verbose_json'], verbose],
    [['--format', 'verbose_json', '--json'], verbose],
    [['--format', 'srt'], '1\n00:00:00,000 --> 00:00:01,000\nhm\n\n'],
    [['--format', 'vtt'], 'WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nhm\n\n'],
  ])('%p', async (words, expected) => {
    const segments = [{ start: 0, end: 1, text: ' hm' }];
    const { out, exitCode } = await transcribe([a, ...words], {
      respond: () => transcript('hm', { segments }),
    });
    expect({ out, exitCode }).toEqual({ out: expected, exitCode: 0 });
  });

  test('what the user should know is on stderr', async () => {
    const respond = () => transcript('x', { warnings: ['The end may be missing.'] });
    const { out, err } = await transcribe([a], { respond });
    expect({ out, err }).toEqual({ out: 'x\n', err: `${a}: The end may be missing.\n` });
    const { err: json } = await transcribe([a, '--json'], { respond });
    expect(JSON.parse(json)).toEqual({ warning: { file: a, message: 'The end may be missing.' } });
  });

  test.each([
    ['srt', 1],
    ['vtt', 1],
    ['verbose_json', 1],
    ['text', 0],
    ['json', 0],
  ])('as %s, approximate times are called that (%p)', async (format, notes) => {
    const segments = [{ start: 0, end: 30, text: 'x' }];
    const respond = () => transcript('x', { segments, approximate: true });
    const { err } = await transcribe([a, '--chunk', '--format', format], { respond });
    expect(err.split('\n').length - 1).toBe(notes);
    if (notes > 0) expect(err).toContain(`${a}: The timestamps are approximate`);
    const exact = () => transcript('x', { segments });
    expect((await transcribe([a, '--chunk', '--format', format], { respond: exact })).err).toBe('');
  });

  test('its failure is the exit code, and the engines are closed', async () => {
    const respond = () => {
      throw new Failure('rate_limited', 'Too many.');
    };
    expect(await transcribe([a], { respond })).toMatchObject({ exitCode: 6, out: '', err: '', closed: 1 });
  });

  test('an engine without timestamps has no subtitles, and nothing is printed instead', async () => {
    const { out, exitCode, failure } = await transcribe([a, '--format', 'srt']);
    expect({ out, exitCode }).toEqual({ out: '', exitCode: 2 });
    expect(failure?.message).toContain('does not provide timestamps');
  });

  const wrong: [string, string, number, RegExp][] = [
    ['a missing file', file('none.wav'), 1, /No such file: .*none\.wav/],
    ['a path through a file', `${a}/x`, 1, /No such file:/],
    ['a directory', place, 1, /is a directory/],
    ['a name no file can have', file('x'.repeat(300)), 1, /Cannot read .*\(ENAMETOOLONG\)/],
    ['a device', '/dev/null', 1, /neither a file nor a pipe/],
  ];
  test.each(wrong)('%s', async (_, name, exitCode, says) => {
    const ended = await transcribe([name]);
    expect(ended).toMatchObject({ exitCode, out: '', calls: [] });
    expect(ended.failure?.message).toMatch(says);
  });
});

describe('flags', () => {
  const requests: [string[], Partial<TranscriptionRequest>][] = [
    [[], { task: 'transcribe', words: false, segments: false, approximate: false, keepSilk: false }],
    [['--translate'], { task: 'translate' }],
    [['--language', 'de'], { language: 'de' }],
    [['--language', 'German'], { language: 'German' }],
    [['--prompt=-5 degrees'], { prompt: '-5 degrees' }],
    [['--temperature', '0'], { temperature: 0 }],
    [['--temperature', '0.4'], { temperature: 0.4 }],
    [['--model', 'whisper-cpp:base.en'], { model: 'whisper-cpp:base.en' }],
    [['-m', 'base.en', '--engine', 'whisper-cpp'], { model: 'base.en', engine: 'whisper-cpp' }],
    [['--words', '--format', 'verbose_json'], { words: true, segments: false }],
    [['--chunk', '--format', 'verbose_json'], { approximate: true, segments: true }],
    [['--chunk', '--format', 'srt'], { approximate: true, segments: true }],
    [['--chunk'], { approximate: true, segments: false }],
    [['--format', 'vtt'], { approximate: false, segments: true }],
    [['--pcm', 's16le:16000:1'], { raw: { encoding: 's16le', rate: 16000, channels: 1 } }],
    [['--no-silk-decode'], { keepSilk: true }],
    [['--filename', 'x.ogg', '--content-type', 'audio/ogg'], { filename: 'x.ogg', contentType: 'audio/ogg' }],
  ];
  test.each(requests)('%p', async (words, request) => {
    const segments = [{ start: 0, end: 1, text: 'x' }];
    const spoken = [{ start: 0, end: 1, word: 'x' }];
    const { calls, failure } = await transcribe([a, ...words], {
      respond: () => transcript('x', { segments, words: spoken }),
    });
    expect(failure).toBeUndefined();
    expect(calls[0]!.request).toMatchObject(request);
  });

  test('options that are not set are not in the request: the settings decide', async () => {
    const { calls } = await transcribe([a], { env: { CODEXD_TRANSCRIPTION_ENGINE: 'whisper-cpp' } });
    for (const name of ['model', 'engine', 'language', 'prompt', 'temperature', 'raw', 'filename'])
      expect(calls[0]!.request).not.toHaveProperty(name);
  });

  test('the language of the settings is one', async () => {
    const { calls } = await transcribe([a], { env: { CODEXD_TRANSCRIPTION_LANGUAGE: 'fr' } });
    expect(calls[0]!.request.language).toBe('fr');
  });

  test('all flags of codex-asr are accepted', async () => {
    const flags = [
      ...['--bearer', 'x', '--account-id', 'y', '--auth-file', 'z', '--endpoint', 'https://example.com/t'],
      ...['--proxy', 'http://proxy:1', '--request-timeout-seconds', '9', '--connect-timeout-seconds', '8'],
      ...['--language', 'en', '--content-type', 'audio/wav', '--filename', 'x.wav', '--silk-decoder', 'd'],
      ...['--silk-sample-rate', '16000', '--no-silk-decode', '--json'],
    ];
    expect(await transcribe([a, ...flags])).toMatchObject({
      exitCode: 0,
      out: '{"text":"It says a.wav."}\n',
    });
  });

  const refused: [string[], RegExp][] = [
    [['a.wav', '--format', 'srt2'], /"srt2" is not a valid value for `--format`/],
    [['a.wav', '--format', 'srt', '--format', 'vtt'], /Only one format can be printed/],
    [['a.wav', 'b.wav', '--format', 'srt'], /of several recordings/],
    [['a.wav', '--json', '--format', 'srt'], /--json cannot print srt/],
    [['a.wav', '--json', '--format', 'text'], /--json cannot print text/],
    [['a.wav', '--words'], /Only verbose_json/],
    [['a.wav', '-o', '.', '--format', 'json', '--format', 'verbose_json'], /the same file/],
    [['a.wav', 'b.wav', '--filename', 'x.wav'], /`--filename` works with a single recording only/],
    [
      ['a.wav', 'b.wav', '--content-type', 'audio/wav'],
      /`--content-type` works with a single recording only/,
    ],
    [['a.wav', '--temperature', '1.1'], /"1.1" is not a valid value for `--temperature`/],
    [['a.wav', '--temperature', ''], /"" is not a valid value for `--temperature`/],
    [['a.wav', '--jobs', '0'], /"0" is not a valid value for `--jobs`/],
    [['a.wav', '--jobs', '17'], /"17" is not a valid value for `--jobs`/],
    [['a.wav', '--jobs', '1.5'], /"1.5" is not a valid value for `--jobs`/],
    [['a.wav', '--language', 'klingon'], /not supported by speech engines/],
    [['a.wav', '--pcm', 'mp3'], /Invalid format of raw samples/],
    [['-', '-'], /read only once/],
    [[], /`codexd transcribe` requires FILE/],
    [['a.wav', '--prot', '1'], /Unknown option `--prot`/],
  ];
  test.each(refused)('%p is refused with status 2 before anything is opened', async (words, says) => {
    const { failure, exitCode, calls, closed } = await transcribe(placed(words));
    expect({ exitCode, calls, closed }).toEqual({ exitCode: 2, calls: [], closed: 0 });
    expect(failure?.message).toMatch(says);
  });

  test('the help has all of them', async () => {
    const { out } = await transcribe(['--help']);
    expect(out).toContain('Usage: codexd transcribe FILE… [OPTIONS]');
    for (const flag of [
      ...['bearer', 'account-id', 'auth-file', 'endpoint', 'proxy', 'request-timeout-seconds'],
      ...['connect-timeout-seconds', 'language', 'content-type', 'filename', 'json', 'silk-decoder'],
      ...['silk-sample-rate', 'no-silk-decode', 'format', 'output-dir', 'jobs', 'prompt', 'temperature'],
      ...['model', 'engine', 'translate', 'chunk', 'words', 'pcm', 'log-level', 'profile'],
    ]) {
      expect(out).toMatch(new RegExp(`--${flag}\\b`));
    }
    expect(out).toContain('--format text|json|verbose_json|srt|vtt');
  });
});

describe('`codexd FILE` is `codexd transcribe FILE`', () => {
  const text = 'It says a.wav.\n';
  const json = '{"text":"It says a.wav."}\n';
  const same: [string[], string][] = [
    [['a.wav'], text],
    [['a.wav', '--json'], json],
    [['--json', 'a.wav'], json],
    [['--language', 'en', 'a.wav'], text],
    [['--language=en', '--no-silk-decode', '-m', 'x', 'a.wav', '--json'], json],
    [['--language', 'en', 'transcribe', 'a.wav'], text],
    [['--bearer', 'x', '--json', 'transcribe', '--prompt', 'y', 'a.wav'], json],
    [['--', 'a.wav'], text],
    [['voice'], 'It says voice.\n'],
  ];
  test.each(same)('%p', async (argv, out) => {
    expect(await codexd(placed(argv))).toMatchObject({ exitCode: 0, out });
  });

  test('a bare name is a file where there is one', async () => {
    expect((await codexd(['LICENSE'])).out).toBe('It says LICENSE.\n');
    expect((await codexd(['src'])).failure?.message).toBe('Unknown command "src" for `codexd`.');
  });

  test('flags before another command go to it, and it refuses what it does not have', async () => {
    expect((await codexd(['--bearer', 'x', 'config', 'path'])).failure?.message).toBe(
      'Unknown option `--bearer` for `codexd config`.',
    );
    expect((await codexd(['--language', 'en', 'models'])).failure?.message).toBe(
      'Unknown option `--language` for `codexd models`.',
    );
    expect((await codexd(['--log-level', 'debug', 'models', '--help'])).out).toContain('codexd models');
    expect(await codexd(['--langauge', 'en', a])).toMatchObject({
      exitCode: 2,
      failure: { message: 'Unknown option `--langauge` for `codexd`.', advice: 'Did you mean `--language`?' },
    });
  });

  test('without a file the help is printed, with status 2', async () => {
    const { exitCode, err } = await codexd(['--language', 'en']);
    expect(exitCode).toBe(2);
    expect(err).toContain('Usage: codexd COMMAND');
  });
});

describe('many recordings', () => {
  test('each has its header, as in head(1)', async () => {
    const { out, err, exitCode } = await transcribe([a, b]);
    expect({ out, err, exitCode }).toEqual({
      out: `==> ${a} <==\nIt says a.wav.\n\n==> ${b} <==\nIt says b.wav.\n`,
      err: '',
      exitCode: 0,
    });
  });

  test('--json is a line for each', async () => {
    const { out } = await transcribe([a, b, '--json']);
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { file: a, text: 'It says a.wav.' },
      { file: b, text: 'It says b.wav.' },
    ]);
  });

  test('verbose_json too', async () => {
    const { out } = await transcribe([a, b, '--format', 'verbose_json']);
    expect(JSON.parse(out.split('\n')[1]!)).toMatchObject({ file: b, task: 'transcribe' });
  });

  const failing = (names: string[]) => (call: { name: string }) => {
    if (names.includes(call.name)) throw new Failure('upstream_broke', 'It broke.', { code: 'odd' });
    return call.name;
  };

  test('one that fails does not stop the others: status 1, and it is named', async () => {
    const { out, err, exitCode, failure } = await transcribe([a, b, file('none.wav'), c], {
      respond: failing(['b.wav']),
    });
    expect({ exitCode, failure }).toEqual({ exitCode: 1, failure: undefined });
    expect(out).toBe(`==> ${a} <==\na.wav\n\n==> ${c} <==\nc.wav\n`);
    expect(err).toBe(
      [
        'codexd: 2 of 4 recordings failed.',
        `${b}: It broke.`,
        'Try again.',
        `codexd: No such file: ${file('none.wav')}.`,
        'Check the path.',
        '',
      ].join('\n'),
    );
  });

  test('with --json a failure is an object on stderr', async () => {
    const { err, exitCode } = await transcribe([a, b, c, '--json'], { respond: failing(['a.wav', 'c.wav']) });
    expect(exitCode).toBe(1);
    const error = { kind: 'upstream_broke', code: 'odd', message: 'It broke.', next: 'Try again.' };
    expect(
      err
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([{ error: { file: a, ...error } }, { error: { file: c, ...error } }]);
  });

  test('--jobs hears so many at once and prints in the order given', async () => {
    const gates = new Map([a, b, c].map((path) => [path, Promise.withResolvers<string>()]));
    const begun: string[] = [];
    const ended = transcribe([a, b, c, '--jobs', '2'], {
      respond: ({ path, name }) => {
        begun.push(name);
        if (begun.length === 2) gates.get(b)!.resolve('second');
        if (begun.length === 3) {
          gates.get(c)!.resolve('third');
          void gates.get(c)!.promise.then(() => gates.get(a)!.resolve('first'));
        }
        return gates.get(path)!.promise;
      },
    });
    const { out } = await ended;
    // The first two are read concurrently.
    expect([begun.slice(0, 2).sort(), begun[2]]).toEqual([['a.wav', 'b.wav'], 'c.wav']);
    expect(out.match(/first|second|third/g)).toEqual(['first', 'second', 'third']);
  });

  test('without --jobs one after the other', async () => {
    let running = 0;
    const seen: number[] = [];
    await transcribe([a, b, c], {
      respond: async ({ name }) => {
        seen.push(++running);
        await Promise.resolve();
        running--;
        return name;
      },
    });
    expect(seen).toEqual([1, 1, 1]);
  });
});

describe('a transcript with gaps', () => {
  const respond = () => {
    const gaps = [
      { startS: 300, endS: 600, message: 'It took too long.' },
      { startS: 3600, endS: 3725, message: 'It broke.' },
    ];
    const cause = new PartialTranscript(transcript('Before … after.', { warnings: ['Careful.'] }), gaps);
    throw new Failure('timeout', '2 of 13 pieces were not heard.', { cause });
  };

  test('what was heard is printed, each gap is marked, and the status is that of the failure', async () => {
    const { out, err, failure, exitCode, calls } = await transcribe([a], { respond });
    expect(calls[0]!.options.keepGoing).toBe(true);
    expect({ out, err, exitCode }).toEqual({
      out: 'Before … after.\n',
      err: [
        `${a}: Careful.`,
        `${a}: No transcript for 5:00–10:00: It took too long.`,
        `${a}: No transcript for 1:00:00–1:02:05: It broke.`,
        '',
      ].join('\n'),
      exitCode: 5,
    });
    expect(failure?.message).toBe('2 of 13 pieces were not heard.');
  });

  test('--json has them beside the text', async () => {
    const { out } = await transcribe([a, '--json'], { respond });
    expect(JSON.parse(out)).toEqual({
      text: 'Before … after.',
      gaps: [
        { start: 300, end: 600, message: 'It took too long.' },
        { start: 3600, end: 3725, message: 'It broke.' },
      ],
    });
  });
});

describe('--output-dir', () => {
  const results = (path: string) =>
    Object.fromEntries(readdirSync(path).map((name) => [name, readFileSync(join(path, name), 'utf8')]));

  test('is made, gets a file for each, and their paths are printed', async () => {
    const path = join(temporaryDirectory(), 'deep/er');
    const { out, exitCode } = await transcribe([a, file('sub/a.m4a'), b, '-o', path]);
    expect({ out, exitCode }).toEqual({
      out: ['a', 'a-2', 'b'].map((name) => `${join(path, name)}.txt\n`).join(''),
      exitCode: 0,
    });
    expect(results(path)).toEqual({
      'a.txt': 'It says a.wav.\n',
      'a-2.txt': 'It says a.m4a.\n',
      'b.txt': 'It says b.wav.\n',
    });
  });

  test('several formats at once, and the facts as JSON', async () => {
    const path = temporaryDirectory();
    const formats = ['text', 'verbose_json', 'srt', 'vtt'].flatMap((format) => ['--format', format]);
    const { out } = await transcribe([a, '-o', path, ...formats, '--json'], {
      respond: () => transcript('hm', { segments: [{ start: 0, end: 1, text: ' hm' }] }),
    });
    expect(JSON.parse(out)).toEqual({
      file: a,
      text: 'hm',
      outputs: ['a.txt', 'a.json', 'a.srt', 'a.vtt'].map((name) => join(path, name)),
    });
    expect(results(path)).toEqual({
      'a.txt': 'hm\n',
      'a.json': verbose,
      'a.srt': '1\n00:00:00,000 --> 00:00:01,000\nhm\n\n',
      'a.vtt': 'WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nhm\n\n',
    });
  });

  test('--json alone writes JSON', async () => {
    const path = temporaryDirectory();
    const { out } = await transcribe([a, '-o', path, '--json'], { respond: () => 'hm' });
    expect(results(path)).toEqual({ 'a.json': '{"text":"hm"}\n' });
    expect(JSON.parse(out)).toEqual({ file: a, text: 'hm', outputs: [join(path, 'a.json')] });
  });

  test('a later call replaces what an earlier one wrote', async () => {
    const path = temporaryDirectory();
    writeFileSync(join(path, 'a.txt'), 'old');
    await transcribe([a, '-o', path]);
    expect(results(path)).toEqual({ 'a.txt': 'It says a.wav.\n' });
  });

  test('a recording that is called like the result is left alone', async () => {
    const path = temporaryDirectory(['talk.txt']);
    const { out } = await transcribe([join(path, 'talk.txt'), '-o', path]);
    expect(out).toBe(`${join(path, 'talk-2.txt')}\n`);
    expect(results(path)).toEqual({ 'talk.txt': 'sound of talk.txt', 'talk-2.txt': 'It says talk.txt.\n' });
  });

  test('what cannot be written is printed, nothing half-written stays, and the others are written', async () => {
    const path = temporaryDirectory();
    mkdirSync(join(path, 'a.txt'));
    const { out, err, exitCode } = await transcribe([a, b, '-o', path]);
    expect(exitCode).toBe(1);
    expect(out).toBe(`==> ${a} <==\nIt says a.wav.\n${join(path, 'b.txt')}\n`);
    expect(err).toContain(`${a}: Cannot write ${join(path, 'a.txt')}: it is a directory.`);
    expect(readdirSync(path).sort()).toEqual(['a.txt', 'b.txt']);
    expect(readdirSync(join(path, 'a.txt'))).toEqual([]);
  });

  test('a directory that cannot be created', async () => {
    const { failure, calls } = await transcribe([b, '-o', a]);
    expect(failure?.message).toBe(`Cannot create the directory ${a}: it already exists.`);
    expect(calls).toEqual([]);
  });

  test('what failed leaves no file', async () => {
    const path = temporaryDirectory();
    await transcribe([a, '-o', path], {
      respond: () => {
        throw new Failure('timeout', 'Too slow.');
      },
    });
    expect(results(path)).toEqual({});
  });
});

describe('Ctrl-C', () => {
  test('a single recording: status 130, the engine is told, and it is closed', async () => {
    let press = () => {};
    const { exitCode, failure, closed, out } = await transcribe([a], {
      onStart: (surroundings) => {
        press = surroundings.interrupt;
      },
      respond: ({ options: { signal } }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('the engine was killed')));
          press();
        }),
    });
    expect({ exitCode, closed, out }).toEqual({ exitCode: 130, closed: 1, out: '' });
    expect(failure?.message).toBe('Interrupted.');
  });

  test('what is finished stays printed, also behind one that is not; nothing further is begun', async () => {
    let press = () => {};
    const first = Promise.withResolvers<void>();
    const { exitCode, failure, out, err, calls } = await transcribe([file('none.wav'), a, b, c, '-j', '2'], {
      onStart: (surroundings) => {
        press = surroundings.interrupt;
      },
      respond: async ({ name, options: { signal } }) => {
        if (name === 'b.wav') {
          await first.promise;
          queueMicrotask(press);
          return 'Finished.';
        }
        first.resolve();
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      },
    });
    expect(exitCode).toBe(130);
    expect(failure?.message).toBe('Interrupted: 3 of 4 recordings were not transcribed.');
    expect(out).toBe(`==> ${b} <==\nFinished.\n`);
    expect(err).toContain('codexd: 1 of 4 recordings failed.\n');
    expect(calls.map(({ name }) => name).sort()).toEqual(['a.wav', 'b.wav']);
  });
});
