// A local engine through all of codexd: scripts that imitate `whisper-cli` or fail silently, and the real program if it
// is installed.
import { describe, expect, test } from 'bun:test';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import OpenAI, { toFile } from 'openai';
import { emptyHome, runCodexd } from '../cli/process.ts';
import { clientOf, startDaemon, thrownBy } from './daemon.ts';
import { fileWith, formOf, homeWithTmp, isEmpty, post, spoken, whisperStandIn } from './speech-support.ts';
import { installWhisperCpp, writeStubModel } from './whisper-cpp.ts';

const jsonOut = {
  systeminfo: 'none',
  model: { type: 'tiny' },
  result: { language: 'de' },
  transcription: [
    {
      offsets: { from: 0, to: 1200 },
      text: ' Guten Tag,',
      tokens: [
        { text: '[_BEG_]', offsets: { from: 0, to: 0 }, id: 50364, p: 0.9, t_dtw: -1 },
        { text: ' Gut', offsets: { from: 0, to: 300 }, id: 1, p: 0.9, t_dtw: -1 },
        { text: 'en', offsets: { from: 300, to: 500 }, id: 2, p: 0.7, t_dtw: -1 },
        { text: ' Tag', offsets: { from: 500, to: 1100 }, id: 3, p: 0.8, t_dtw: -1 },
        { text: ',', offsets: { from: 1100, to: 1200 }, id: 4, p: 0.8, t_dtw: -1 },
        { text: '[_TT_60]', offsets: { from: 1200, to: 1200 }, id: 50424, p: 0.4, t_dtw: -1 },
      ],
    },
    {
      offsets: { from: 1600, to: 2500 },
      text: ' <Welt> --> & Ende.',
      tokens: [{ text: ' Welt', offsets: { from: 1600, to: 2500 }, id: 5, p: 0.8, t_dtw: -1 }],
    },
  ],
};
const text = 'Guten Tag, <Welt> --> & Ende.';
const written = join(emptyHome(), 'out.json');
// A tab inside a string, as the program writes it.
writeFileSync(written, JSON.stringify(jsonOut, null, 1).replace('Guten Tag', 'Guten\tTag'));
const argsFile = join(emptyHome(), 'args');

describe('a whisper-cli that hears something', () => {
  const standIn = whisperStandIn(`cp ${written} "$OUT.json"`);
  const start = () => startDaemon({ args: ['--bearer', 'unused'], env: standIn.env });
  const model = 'whisper-cpp:tiny';
  const file = () => toFile(spoken, 'voice.wav');

  test('through the daemon: text, segments, words, srt, vtt, a translation', async () => {
    await using daemon = await start();
    const { audio } = clientOf(daemon);
    expect(await audio.transcriptions.create({ file: await file(), model: 'tiny' })).toMatchObject({ text });

    const verbose = await audio.transcriptions.create({
      file: await file(),
      model,
      response_format: 'verbose_json',
      timestamp_granularities: ['word', 'segment'],
    });
    expect(verbose).toMatchObject({ task: 'transcribe', language: 'german', duration: 2.5, text });
    expect(verbose.segments!.map(({ id, start, end, text }) => [id, start, end, text])).toEqual([
      [0, 0, 1.2, ' Guten Tag,'],
      [1, 1.6, 2.5, ' <Welt> --> & Ende.'],
    ]);
    expect(verbose.words).toEqual([
      { word: 'Guten', start: 0, end: 0.5 },
      { word: 'Tag,', start: 0.5, end: 1.2 },
      { word: 'Welt', start: 1.6, end: 2.5 },
    ]);

    const { data: srt, response } = await audio.transcriptions
      .create({ file: await file(), model, response_format: 'srt' })
      .withResponse();
    expect(String(srt)).toBe(
      '1\n00:00:00,000 --> 00:00:01,200\nGuten Tag,\n\n2\n00:00:01,600 --> 00:00:02,500\n<Welt> -> & Ende.\n\n',
    );
    expect(response.headers.get('x-codexd-approximate')).toBeNull();
    expect(
      String(await audio.transcriptions.create({ file: await file(), model, response_format: 'vtt' })),
    ).toBe(
      'WEBVTT\n\n00:00:00.000 --> 00:00:01.200\nGuten Tag,\n\n00:00:01.600 --> 00:00:02.500\n&lt;Welt> -> &amp; Ende.\n\n',
    );
    const translation = await audio.translations.create({
      file: await file(),
      model,
      response_format: 'verbose_json',
    });
    expect(translation).toMatchObject({ language: 'english', duration: 2.5, text });
  });

  test('through the command: all formats at once, and as the engine of the settings', async () => {
    const directory = emptyHome();
    const formats = ['text', 'verbose_json', 'srt', 'vtt'].flatMap((format) => ['-f', format]);
    const { err, exitCode } = await runCodexd(
      [
        'transcribe',
        '--engine',
        'whisper-cpp',
        '-m',
        'tiny',
        '-o',
        directory,
        '--words',
        ...formats,
        fileWith(spoken),
      ],
      { env: standIn.env },
    );
    expect({ err, exitCode }).toEqual({ err: '', exitCode: 0 });
    const read = (extension: string) => readFileSync(join(directory, `voice.${extension}`), 'utf8');
    expect(read('txt')).toBe(`${text}\n`);
    expect(JSON.parse(read('json'))).toMatchObject({ text, language: 'german', words: expect.any(Array) });
    expect(read('srt')).toStartWith('1\n00:00:00,000 --> 00:00:01,200\nGuten Tag,\n\n2\n');
    expect(read('vtt')).toStartWith('WEBVTT\n\n00:00:00.000 --> 00:00:01.200\n');
  });

  test('gets language, prompt and task as one argument each, and never the file’s name', async () => {
    const telling = whisperStandIn(`cp ${written} "$OUT.json"`);
    const script = readFileSync(join(telling.bin, 'whisper-cli'), 'utf8');
    writeFileSync(
      join(telling.bin, 'whisper-cli'),
      script.replace('while', `printf '%s\\n' "$@" > ${argsFile}\nwhile`),
    );
    await using daemon = await startDaemon({ args: ['--bearer', 'unused'], env: telling.env });
    const prompt = '--translate "$(id)"; Kant';
    const form = formOf(spoken, { model, prompt, language: 'German', temperature: '0.2' }, '-rf $(id).wav');
    expect((await post(daemon, form)).status).toBe(200);
    const args = readFileSync(argsFile, 'utf8').split('\n');
    expect(args).toContain(prompt);
    expect(args[args.indexOf('-l') + 1]).toBe('de');
    expect(args[args.indexOf('-tp') + 1]).toBe('0.2');
    expect(args.join(' ')).not.toContain('-rf');
    expect(args.join(' ')).not.toContain('-tr ');
  });

  test('a missing model is a 404, and a path is not a model', async () => {
    await using daemon = await start();
    for (const name of ['whisper-cpp:large-v3', 'whisper-cpp:../../etc/passwd', 'whisper-cpp:-tiny']) {
      const thrown = await thrownBy(
        clientOf(daemon).audio.transcriptions.create({ file: await file(), model: name }),
      );
      expect(thrown).toBeInstanceOf(OpenAI.NotFoundError);
      expect(thrown).toMatchObject({ status: 404, code: 'model_not_found', param: 'model' });
    }
  });
});

test("the daemon's first translation waits until a slow engine has said that it is there", async () => {
  const slow = whisperStandIn(`cp ${written} "$OUT.json"`);
  const program = join(slow.bin, 'whisper-cli');
  writeFileSync(program, readFileSync(program, 'utf8').replace('echo usage', 'sleep 1; echo usage'));
  await using daemon = await startDaemon({ args: ['--bearer', 'unused'], env: slow.env });
  const { audio } = clientOf(daemon);
  for (const model of ['whisper-1', 'tiny']) {
    const translation = await audio.translations.create({ file: await toFile(spoken, 'voice.wav'), model });
    expect(translation.text).toBe(text);
  }
}, 60_000);

describe('a whisper-cli that exits with 0 and has written nothing', () => {
  const standIn = whisperStandIn("echo 'error: failed to read audio file' >&2\nexit 0");

  test('is a 502 that tells what it said', async () => {
    const place = homeWithTmp();
    const env = { ...standIn.env, ...place.env };
    await using daemon = await startDaemon({ args: ['--bearer', 'unused'], env, home: place.home });
    const answer = await post(daemon, formOf(spoken, { model: 'tiny' }));
    const { error } = (await answer.json()) as { error: { code: string; message: string } };
    expect([answer.status, error.code]).toEqual([502, 'engine_failed']);
    expect(error.message).toContain('failed to read audio file');
    expect(error.message).not.toContain(place.tmp);
    expect(isEmpty(place.tmp)).toBe(true);
  });

  test('is status 5 of the command, and nothing is printed', async () => {
    const { out, err, exitCode } = await runCodexd(['transcribe', '-m', 'tiny', fileWith(spoken)], {
      env: standIn.env,
    });
    expect({ out, exitCode }).toEqual({ out: '', exitCode: 5 });
    expect(err).toContain('whisper-cpp returned no transcript: error: failed to read audio file');
  });

  test.each([
    ['no JSON', 'echo "<html>" > "$OUT.json"'],
    ['JSON of something else', 'echo "[1]" > "$OUT.json"'],
    ['half of it', `head -c 200 ${written} > "$OUT.json"`],
  ])('%s is no transcript either', async (_, script) => {
    const { out, exitCode } = await runCodexd(['transcribe', '-m', 'tiny', fileWith(spoken)], {
      env: whisperStandIn(script).env,
    });
    expect({ out, exitCode }).toEqual({ out: '', exitCode: 5 });
  });

  test('an empty transcription is one: silence, as its stub models hear it', async () => {
    const empty = '{"result":{"language":"en"},"transcription":[]}';
    const { out, err, exitCode } = await runCodexd(['transcribe', '-m', 'tiny', fileWith(spoken)], {
      env: whisperStandIn(`echo '${empty}' > "$OUT.json"`).env,
    });
    expect({ out, err, exitCode }).toEqual({ out: '\n', err: '', exitCode: 0 });
  });
});

test('a missing engine is reported, with how to install it', async () => {
  const { err, exitCode } = await runCodexd(
    ['transcribe', '--engine', 'whisper-cpp', '-m', 'tiny', fileWith(spoken)],
    {
      env: { PATH: emptyHome() },
    },
  );
  expect(exitCode).toBe(1);
  expect(err).toMatch(/whisper-cli is not on PATH/);
});

test('an engine of the settings: a template around any program', async () => {
  const home = emptyHome();
  const config = fileWith(
    [
      '[[transcription.engines]]',
      'id = "counter"',
      'kind = "command"',
      `argv = ["sh", "-c", "head -c 4 \\"$0\\"; od -An -tu4 -j24 -N4 \\"$0\\"", "{wav16}"]`,
      'output = { kind = "text", from = "stdout" }',
      'models = ["count-*"]',
    ].join('\n'),
    'config.toml',
    home,
  );
  const { out, err, exitCode } = await runCodexd(
    ['transcribe', '--config', config, '-m', 'count-bytes', fileWith(spoken)],
    { home },
  );
  expect({ out, err, exitCode }).toEqual({ out: 'RIFF      16000\n', err: '', exitCode: 0 });
});

const whisper = installWhisperCpp();
if ('why' in whisper) console.warn(`skipped: ${whisper.why}`);

describe.skipIf('why' in whisper)('the real whisper.cpp', () => {
  const transcribe = async (model: string, write: (path: string) => void) => {
    const models = emptyHome();
    write(join(models, `ggml-${model}.bin`));
    const directory = 'directory' in whisper ? whisper.directory : '';
    const env = { CODEXD_TRANSCRIPTION_MODEL_DIRS: models, PATH: `${directory}:${process.env.PATH}` };
    return runCodexd(['transcribe', '-m', model, '--format', 'verbose_json', fileWith(spoken)], { env });
  };

  test('hears nothing with a stub model, which is a transcript', async () => {
    const { out, err, exitCode } = await transcribe('tiny.en', writeStubModel);
    expect({ err, exitCode }).toEqual({ err: '', exitCode: 0 });
    expect(JSON.parse(out)).toMatchObject({ text: '', language: 'english', segments: [] });
  }, 60_000);

  test('refuses a file that is not a model', async () => {
    const { out, err, exitCode } = await transcribe('tiny', (path) =>
      writeFileSync(path, 'lmgg, and nothing behind it'),
    );
    expect({ out, exitCode }).toEqual({ out: '', exitCode: 5 });
    expect(err).toContain('The speech engine whisper-cpp returned no transcript');
  }, 60_000);
});
