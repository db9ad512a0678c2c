// Every engine that is a program, imitated by a script: its arguments, and how its output is read
// (docs/wire/audio.md#engines).
import { describe, expect, test } from 'bun:test';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineResult, Job } from '../../../src/audio/engines/engine.ts';
import type { EngineKind, EngineSettings } from '../../../src/audio/engines/settings.ts';
import {
  engineWith,
  failureOf,
  jobFor,
  readArguments,
  shell,
  standIn,
  temporaryDirectory,
  writesArguments,
} from './support.ts';

interface Case {
  name: string;
  program: string;
  settings: EngineSettings;
  job?: Partial<Job> & { durationS?: number };
  /** Writes `output` under this name in the job's directory; to stdout by default. */
  file?: string;
  output: string | Uint8Array;
  /** `DIR` is the job's directory. */
  args: string[];
  result: EngineResult;
}

/** A directory of models with `ggml-base.en.bin` and a file that is not a model. */
function ggmlDir(): string {
  const dir = temporaryDirectory();
  writeFileSync(join(dir, 'ggml-base.en.bin'), 'lmgg....');
  writeFileSync(join(dir, 'ggml-small.bin'), 'lmgg....');
  writeFileSync(join(dir, 'ggml-broken.bin'), '<html>');
  return dir;
}
const models = ggmlDir();

const cliJson = Buffer.concat([
  Buffer.from(
    '{"result":{"language":"en"},"transcription":[{"offsets":{"from":0,"to":2500},"text":" And\tso 你","tokens":[',
  ),
  Buffer.from('{"text":"[_BEG_]","offsets":{"from":0,"to":0},"p":0.9,"t_dtw":-1},'),
  Buffer.from(
    '{"text":" An","offsets":{"from":0,"to":300},"p":0.9},{"text":"d","offsets":{"from":300,"to":500},"p":0.4},',
  ),
  Buffer.from('{"text":" so","offsets":{"from":500,"to":900},"p":NaN},'),
  Buffer.from('{"text":" '),
  Buffer.from([0xe4, 0xbd]),
  Buffer.from('","offsets":{"from":900,"to":1000},"p":0.8},{"text":"'),
  Buffer.from([0xa0]),
  Buffer.from(
    '","offsets":{"from":1000,"to":1200},"p":0.7},{"text":"[_TT_125]","offsets":{"from":2500,"to":2500}}]}]}',
  ),
]);

const pythonJson = `{"text": " Hi there", "segments": [{"id": 0, "seek": 0, "start": 0.0, "end": 9.5, "text": " Hi there", "tokens": [1],
  "temperature": 0.0, "avg_logprob": NaN, "compression_ratio": 1.5, "no_speech_prob": -Infinity,
  "words": [{"word": " Hi", "start": 0.0, "end": 0.5, "probability": 0.9}, {"word": " there", "start": 0.5, "end": 9.5, "probability": 0.8}]}],
  "language": "en"}`;
const pythonResult: EngineResult = {
  text: ' Hi there',
  language: 'en',
  segments: [
    { start: 0, end: 5, text: ' Hi there', whisper: { tokens: [1], temperature: 0, compressionRatio: 1.5 } },
  ],
};
const pythonWords = [
  { start: 0, end: 0.5, word: 'Hi', confidence: 0.9 },
  { start: 0.5, end: 5, word: 'there', confidence: 0.8 },
];

const cases: Case[] = [
  {
    name: 'whisper-cli without words or language detects the language',
    program: 'whisper-cli',
    settings: {
      id: 'whisper-cpp',
      kind: 'whisper-cpp',
      modelDirs: [models],
      model: 'small',
      threads: 3,
      args: ['-ng'],
    },
    file: 'out.json',
    output:
      '{"transcription":[{"offsets":{"from":0,"to":1000},"text":" a"},{"offsets":{"from":1000,"to":9000},"text":" b","speaker":"0"}]}',
    job: { durationS: 5 },
    args: [
      '-m',
      join(models, 'ggml-small.bin'),
      '-f',
      'DIR/in.wav',
      '-of',
      'DIR/out',
      '-np',
      '-l',
      'auto',
      '-oj',
      '-t',
      '3',
      '-ng',
    ],
    result: {
      segments: [
        { start: 0, end: 1, text: ' a' },
        { start: 1, end: 5, text: ' b', speaker: '0' },
      ],
    },
  },
  {
    name: 'whisper-cli with words: tabs, special tokens, NaN and characters cut in two',
    program: 'whisper-cli',
    settings: { id: 'whisper-cpp', kind: 'whisper-cpp', modelDirs: [models] },
    job: {
      model: 'base.en',
      words: true,
      language: 'fr',
      task: 'translate',
      prompt: '--help {x}',
      temperature: 0.2,
    },
    file: 'out.json',
    output: cliJson,
    args: [
      '-m',
      join(models, 'ggml-base.en.bin'),
      '-f',
      'DIR/in.wav',
      '-of',
      'DIR/out',
      '-np',
      '-l',
      'en',
      '-ojf',
      '-tr',
      '-tp',
      '0.2',
      '--prompt',
      '--help {x}',
    ],
    result: {
      language: 'en',
      segments: [{ start: 0, end: 2.5, text: ' And so 你' }],
      words: [
        { start: 0, end: 0.5, word: 'And', confidence: 0.4 },
        { start: 0.5, end: 0.9, word: 'so' },
        { start: 0.9, end: 1.2, word: '你', confidence: 0.7 },
      ],
    },
  },
  {
    name: 'whisper-ctranslate2, a model by its repository, a prompt that looks like a flag',
    program: 'whisper-ctranslate2',
    settings: { id: 'faster-whisper', kind: 'faster-whisper', args: ['--device', 'cpu'] },
    job: {
      model: 'openai/whisper-base.en',
      durationS: 5,
      words: true,
      language: 'en',
      prompt: '-x',
      task: 'translate',
      temperature: 0,
    },
    file: 'in.json',
    output: pythonJson,
    args: [
      ...['DIR/in.wav', '--model=base.en', '--output_format=json', '--output_dir=DIR', '--verbose=False'],
      ...['--local_files_only=True', '--word_timestamps=True', '--language=en', '--task=translate'],
      ...['--temperature=0', '--initial_prompt=-x', '--device', 'cpu'],
    ],
    result: { ...pythonResult, words: pythonWords },
  },
  {
    name: 'whisper',
    program: 'whisper',
    settings: { id: 'whisper', kind: 'whisper' },
    job: { durationS: 5 },
    file: 'in.json',
    output: pythonJson,
    args: [
      'DIR/in.wav',
      '--model=turbo',
      '--output_format=json',
      '--output_dir=DIR',
      '--verbose=False',
      '--fp16=False',
    ],
    result: pythonResult,
  },
  {
    name: 'mlx_whisper, a model by its short name',
    program: 'mlx_whisper',
    settings: { id: 'mlx-whisper', kind: 'mlx-whisper' },
    job: { durationS: 5, model: 'whisper-base', prompt: '-x' },
    file: 'in.json',
    output: pythonJson,
    args: [
      ...['DIR/in.wav', '--model=mlx-community/whisper-base-mlx', '--output-format=json', '--output-dir=DIR'],
      ...['--output-name=in', '--verbose=False', '--initial-prompt=-x'],
    ],
    result: pythonResult,
  },
  {
    name: 'parakeet-mlx: sub-word tokens',
    program: 'parakeet-mlx',
    settings: { id: 'parakeet-mlx', kind: 'parakeet-mlx' },
    job: { model: 'parakeet-tdt-0.6b-v2', words: true },
    file: 'out.json',
    output: JSON.stringify({
      text: 'Hello you',
      sentences: [
        {
          ...{ text: 'Hello you', start: 0.1, end: 0.9, duration: 0.8, confidence: 0.95 },
          tokens: [
            { text: ' Hel', start: 0.1, end: 0.2, duration: 0.1, confidence: 0.9 },
            { text: 'lo', start: 0.2, end: 0.4, duration: 0.2, confidence: 0.8 },
            { text: ' you', start: 0.5, end: 0.9, duration: 0.4, confidence: 1 },
          ],
        },
      ],
    }),
    args: [
      'DIR/in.wav',
      '--model=mlx-community/parakeet-tdt-0.6b-v2',
      '--output-format=json',
      '--output-dir=DIR',
      '--output-template=out',
    ],
    result: {
      text: 'Hello you',
      segments: [{ text: 'Hello you', start: 0.1, end: 0.9, confidence: 0.95 }],
      words: [
        { word: 'Hello', start: 0.1, end: 0.4, confidence: 0.8 },
        { word: 'you', start: 0.5, end: 0.9, confidence: 1 },
      ],
    },
  },
  {
    name: 'the old pocketsphinx: two utterances, noises and pronunciations',
    program: 'pocketsphinx_continuous',
    settings: { id: 'pocketsphinx', kind: 'pocketsphinx', args: ['-dict', '/d'] },
    job: { words: true },
    output: [
      ...[
        'go forward',
        '<s> 0.000 0.170 1.000500',
        'go 0.180 0.500 0.380522',
        '<sil> 0.5 0.6 1',
        'forward(2) 0.600 1.000 1.000200',
      ],
      ...[
        '[NOISE] 1.0 1.1 0.9',
        '++BREATH++ 1.0 1.1 0.9',
        '</s> 1.100 1.200 1.0',
        'stop',
        '<s> 2.0 2.1 1.0',
        'stop 2.100 2.500 0.5',
        '',
      ],
    ].join('\n'),
    args: ['-infile', 'DIR/in.wav', '-logfn', '/dev/null', '-time', 'yes', '-dict', '/d'],
    result: {
      text: 'go forward stop',
      language: 'en',
      segments: [
        { start: 0.18, end: 1, text: 'go forward' },
        { start: 2.1, end: 2.5, text: 'stop' },
      ],
      words: [
        { start: 0.18, end: 0.5, word: 'go', confidence: 0.380522 },
        { start: 0.6, end: 1, word: 'forward', confidence: 1 },
        { start: 2.1, end: 2.5, word: 'stop', confidence: 0.5 },
      ],
    },
  },
  {
    name: 'the old pocketsphinx on silence',
    program: 'pocketsphinx_continuous',
    settings: { id: 'pocketsphinx', kind: 'pocketsphinx' },
    output: '',
    args: ['-infile', 'DIR/in.wav', '-logfn', '/dev/null', '-time', 'yes'],
    result: { text: '', language: 'en', segments: [] },
  },
  {
    name: 'the new pocketsphinx',
    program: 'pocketsphinx',
    settings: { id: 'pocketsphinx', kind: 'pocketsphinx', args: ['-hmm', '/h'] },
    job: { words: true },
    output:
      '{"b":0,"d":1,"p":0.9,"t":"go on","w":[{"b":0,"d":0.1,"p":1,"t":"<s>"},{"b":0.25,"d":0.25,"p":0.75,"t":"go"},{"b":0.5,"d":0.5,"p":0.5,"t":"on(3)"}]}\n',
    args: ['-loglevel', 'ERROR', '-hmm', '/h', 'live', 'DIR/in.wav'],
    result: {
      text: 'go on',
      language: 'en',
      segments: [{ start: 0.25, end: 1, text: 'go on' }],
      words: [
        { start: 0.25, end: 0.5, word: 'go', confidence: 0.75 },
        { start: 0.5, end: 1, word: 'on', confidence: 0.5 },
      ],
    },
  },
  {
    name: 'sherpa-onnx-offline',
    program: 'sherpa-onnx-offline',
    settings: {
      id: 'sherpa-onnx',
      kind: 'sherpa-onnx',
      threads: 2,
      args: ['--tokens=/t', '--paraformer=/m'],
    },
    job: { words: true },
    output:
      'started\n{"lang": "<|en|>", "text": "Café you", "timestamps": [0.5, 1.0, 1.5], "tokens":["▁Ca", "fé", "▁you"], "durations": []}\n',
    args: ['--num-threads=2', '--tokens=/t', '--paraformer=/m', 'DIR/in.wav'],
    result: {
      text: 'Café you',
      language: 'en',
      words: [
        { start: 0.5, end: 1.5, word: 'Café' },
        { start: 1.5, end: 1.5, word: 'you' },
      ],
    },
  },
  {
    name: 'any program by a template: groups without a value are left out',
    program: 'my-asr',
    settings: {
      ...{ id: 'mine', kind: 'command', models: ['my-*'], threads: 2 },
      argv: [
        'my-asr',
        ['--lang', '{language}'],
        ['--prompt={prompt}'],
        '--in={wav16}',
        '-m',
        '{model}',
        '-t{threads}',
        '--out',
        '{outbase}',
      ],
      output: { kind: 'srt', from: '{outbase}.srt' },
    },
    job: { model: 'my-model', prompt: '{outbase} -x' },
    file: 'out.srt',
    output:
      '\ufeff1\r\n00:00:01,500 --> 00:00:02,000\r\n<i>Hello</i>\r\nyou\r\n\r\n2\r\n00:01:00,000 --> 01:00:00,250\r\nend\r\n',
    args: ['--prompt={outbase} -x', '--in=DIR/in.wav', '-m', 'my-model', '-t2', '--out', 'DIR/out'],
    result: {
      segments: [
        { start: 1.5, end: 2, text: 'Hello you' },
        { start: 60, end: 3600.25, text: 'end' },
      ],
    },
  },
  {
    name: 'a template with JSON of another shape on stdout',
    program: 'my-asr',
    settings: {
      ...{ id: 'mine', kind: 'command', reads: 'file', ok: [0, 7] },
      argv: ['my-asr', '{file}', ['-l', '{language}']],
      output: {
        ...{ kind: 'json', from: 'stdout' },
        map: {
          text: 'out.0.said',
          segments: 'out.0.parts',
          start: 't.a',
          end: 't.b',
          segmentText: 's',
          unit: 'cs',
        },
      },
    },
    job: { language: 'de' },
    output:
      '{"out": [{"said": "ja", "parts": [{"t": {"a": 50, "b": "150"}, "s": "ja"}]}], "language": "german"}',
    args: ['DIR/in.wav', '-l', 'de'],
    result: { text: 'ja', language: 'de', segments: [{ start: 0.5, end: 1.5, text: 'ja' }] },
  },
  {
    name: 'a template with VTT',
    program: 'my-asr',
    settings: {
      id: 'mine',
      kind: 'command',
      argv: ['my-asr', '{wav16}'],
      output: { kind: 'vtt', from: '{outdir}/x.vtt' },
    },
    file: 'x.vtt',
    output: 'WEBVTT\n\n00:01.500 --> 00:02.000 align:start\nHello\n',
    args: ['DIR/in.wav'],
    result: { segments: [{ start: 1.5, end: 2, text: 'Hello' }] },
  },
  {
    name: 'a template with a text',
    program: 'my-asr',
    settings: {
      id: 'mine',
      kind: 'command',
      argv: ['my-asr', '{wav16}'],
      output: { kind: 'text', from: 'stdout' },
    },
    output: '  hello\nyou \n',
    args: ['DIR/in.wav'],
    result: { text: 'hello\nyou' },
  },
];

/** Writes the output where the program would; responds to `--help` like mlx_whisper. */
const imitation = `
if (args.includes('--help')) { console.log(process.env.HELP ?? 'usage'); process.exit(0); }
${writesArguments}
const output = await Bun.file(process.env.OUTPUT!).bytes();
if (process.env.FILE) await Bun.write(process.env.FILE, output);
else process.stdout.write(output);
process.exit(Number(process.env.EXIT ?? 0));
`;

async function resultFrom(
  { program, settings, job, file, output }: Omit<Case, 'args' | 'result' | 'name'>,
  env: Record<string, string> = {},
) {
  const dir = temporaryDirectory();
  const bin = join(dir, 'bin');
  standIn(bin, program, imitation);
  shell(bin, 'ffmpeg', 'exit 1');
  const [ARGS, OUTPUT] = [join(dir, 'args'), join(dir, 'output')];
  writeFileSync(OUTPUT, output);
  const engine = engineWith(settings, { bin, env: { ARGS, OUTPUT, FILE: file ?? '', ...env } });
  const jobGiven = jobFor(engine, job);
  const result = await engine.transcribe(jobGiven);
  return { result, args: readArguments(ARGS).map((word) => word.replace(jobGiven.directory, 'DIR')) };
}

describe('arguments and answer', () => {
  test.each(cases.map((one): [string, Case] => [one.name, one]))('%s', async (_, one) => {
    const { result, args } = await resultFrom(one);
    expect(args).toEqual(one.args);
    expect(result).toEqual(one.result);
  });

  test.each([
    ['--word-timestamps WORD_TIMESTAMPS', '--word-timestamps=True'],
    ['[--word-timestamps]', '--word-timestamps'],
  ])('mlx_whisper whose help says %p gets %p: the word True may be a second file', async (HELP, flag) => {
    const one = cases.find(({ program }) => program === 'mlx_whisper')!;
    const { args, result } = await resultFrom({ ...one, job: { ...one.job, words: true } }, { HELP });
    expect(args.at(-1)).toBe(flag);
    expect(result.words).toEqual(pythonWords);
  });

  test('valid output counts despite the exit code, unless a template requires one', async () => {
    const cli = cases.find(({ program }) => program === 'whisper-ctranslate2')!;
    expect((await resultFrom(cli, { EXIT: '100' })).result.text).toBe(' Hi there');
    const template = cases.find(({ settings }) => settings.ok !== undefined)!;
    expect((await resultFrom(template, { EXIT: '7' })).result.text).toBe('ja');
    expect(await failureOf(resultFrom(template, { EXIT: '1' }))).toMatchObject({
      code: 'engine_failed',
      message: expect.stringContaining('exit code 1'),
    });
  });
});

describe('names of models', () => {
  const rows: [kind: EngineKind, asked: string, called: string][] = [
    ['faster-whisper', 'turbo', 'turbo'],
    ['faster-whisper', 'faster-whisper-medium', 'medium'],
    ['faster-whisper', 'Systran/faster-whisper-tiny', 'tiny'],
    ['faster-whisper', 'Systran/faster-distil-whisper-large-v3', 'distil-large-v3'],
    ['faster-whisper', 'distil-whisper/distil-small.en', 'distil-small.en'],
    ['faster-whisper', 'distil-whisper/large-v2', 'distil-large-v2'],
    ['faster-whisper', 'mobiuslabsgmbh/faster-whisper-large-v3-turbo', 'large-v3-turbo'],
    ['mlx-whisper', 'whisper-tiny', 'mlx-community/whisper-tiny'],
    ['mlx-whisper', 'whisper-large-v3', 'mlx-community/whisper-large-v3-mlx'],
    ['mlx-whisper', 'whisper-large-v3-turbo', 'mlx-community/whisper-large-v3-turbo'],
    ['mlx-whisper', 'mlx-community/whisper-small-mlx', 'mlx-community/whisper-small-mlx'],
  ];
  test.each(rows)('%s calls %s %s', async (kind, model, called) => {
    const program = kind === 'mlx-whisper' ? 'mlx_whisper' : 'whisper-ctranslate2';
    const job = { model, durationS: 5 };
    const { args } = await resultFrom({
      program,
      settings: { id: kind, kind },
      job,
      file: 'in.json',
      output: pythonJson,
    });
    expect(args[1]).toBe(`--model=${called}`);
  });
});

test.each([
  ['s', 1.5],
  ['ms', 0.0015],
  ['cs', 0.015],
  [undefined, 1.5],
] as const)('times in %p', async (unit, start) => {
  const map = { segments: 'parts', ...(unit === undefined ? {} : { unit }) };
  const output = { kind: 'json', from: 'stdout', map } as const;
  const settings: EngineSettings = { id: 'mine', kind: 'command', argv: ['my-asr', '{wav16}'], output };
  const parts = JSON.stringify({ parts: [{ start: 1.5, end: '3', text: 'a' }] });
  const { result } = await resultFrom({ program: 'my-asr', settings, output: parts });
  expect(result.segments).toEqual([{ start, end: 2 * start, text: 'a' }]);
});

test('older releases of sherpa-onnx print the result on stderr; the last JSON line counts', async () => {
  const bin = temporaryDirectory();
  shell(
    bin,
    'sherpa-onnx-offline',
    `echo '{"text":"old"}' >&2; echo log >&2; echo '{"text":"new"}' >&2; echo log >&2`,
  );
  const engine = engineWith({ id: 'sherpa-onnx', kind: 'sherpa-onnx', args: ['--tokens=/t'] }, { bin });
  expect(await engine.transcribe(jobFor(engine))).toEqual({ text: 'new' });
});

test('text breaks of old tools, and a byte order mark, are not part of a transcript', async () => {
  const one = cases.find(({ name }) => name === 'a template with a text')!;
  expect((await resultFrom({ ...one, output: '\ufeffhello\r\n' })).result).toEqual({ text: 'hello' });
});

describe('outputs that are none', () => {
  test.each(
    cases
      .filter(({ settings, output }) => output.length > 0 && settings.output?.kind !== 'text')
      .map((one): [string, Case] => [one.name, one]),
  )('%s', async (_, one) => {
    for (const output of ['', '{"half": ', '[]', '<html>']) {
      // Empty output from PocketSphinx means silence, unless it reports a failure.
      const failure = await failureOf(resultFrom({ ...one, output }, { EXIT: '255' }));
      expect({ output, ...failure }).toMatchObject({
        output,
        kind: 'upstream_broke',
        code: 'engine_failed',
        status: 502,
      });
    }
  });
});

describe('failures', () => {
  const whisper = (bin: string, more: Partial<EngineSettings> = {}, homedir?: string) =>
    engineWith(
      { id: 'whisper-cpp', kind: 'whisper-cpp', modelDirs: [models], model: 'small', ...more },
      { bin, ...(homedir && { homedir }) },
    );

  test('exit code 0 without output fails; the message has the end of stderr without our paths, colours or line breaks', async () => {
    const bin = temporaryDirectory();
    shell(
      bin,
      'whisper-cli',
      `printf 'x%.0s' $(seq 500) >&2; printf '\\033[31merror:\\033[0m failed to read\\n\\taudio file %s of %s\\n' "$4" "$2" >&2; exit 0`,
    );
    const engine = whisper(bin);
    const job = jobFor(engine);
    const failure = await failureOf(engine.transcribe(job));
    expect(failure).toMatchObject({
      kind: 'upstream_broke',
      code: 'engine_failed',
      status: 502,
      retry: false,
    });
    expect(failure?.message).toMatch(
      /returned no transcript: …x+error: failed to read audio file …\/in\.wav of …\/ggml-small\.bin$/,
    );
    expect([...failure!.message].length).toBeLessThan(400);
  });

  test('mlx_whisper reports a skipped file on stdout, and only such lines are shown', async () => {
    const bin = temporaryDirectory();
    shell(
      bin,
      'mlx_whisper',
      'echo "[00:00] the secret transcript"; echo "Skipping x due to RuntimeError: no ffmpeg"',
    );
    const engine = engineWith({ id: 'mlx-whisper', kind: 'mlx-whisper' }, { bin });
    expect((await failureOf(engine.transcribe(jobFor(engine))))?.message).toBe(
      'The speech engine mlx-whisper returned no transcript: Skipping x due to RuntimeError: no ffmpeg',
    );
  });

  test('a missing program, and a file that is not executable', async () => {
    const bin = temporaryDirectory();
    const engine = whisper(bin);
    expect(await failureOf(engine.transcribe(jobFor(engine)))).toMatchObject({
      ...{ kind: 'unavailable', code: 'engine_unavailable', status: 503, retry: false },
      message: 'The speech engine whisper-cpp is not available: whisper-cli is not on PATH.',
      advice: expect.stringContaining('brew install whisper-cpp'),
    });
    shell(bin, 'whisper-cli', '');
    writeFileSync(join(bin, 'whisper-cli'), '#!/nonexistent/interpreter\n');
    expect(await failureOf(engine.transcribe(jobFor(engine)))).toMatchObject({
      kind: 'unavailable',
      code: 'engine_unavailable',
    });
  });

  test('the time is up', async () => {
    const bin = temporaryDirectory();
    shell(bin, 'whisper-cli', 'sleep 1000');
    const engine = whisper(bin, { timeoutSeconds: 0.2 });
    expect(await failureOf(engine.transcribe(jobFor(engine)))).toMatchObject({
      kind: 'timeout',
      code: 'engine_timeout',
      status: 504,
    });
  });

  test.each(['nosuch', 'broken', '../models/small', '/etc/passwd', '-h', 'a/../b', 'a/b/c', 'x'.repeat(200)])(
    'the model %p is none of it, and no path',
    async (model) => {
      const bin = temporaryDirectory();
      shell(bin, 'whisper-cli', 'exit 1');
      const engine = whisper(bin);
      expect(await failureOf(engine.transcribe(jobFor(engine, { model })))).toMatchObject({
        kind: 'not_found',
        code: 'model_not_found',
        param: 'model',
      });
    },
  );

  test('but the settings may name a path, in the home directory too', async () => {
    const bin = temporaryDirectory();
    const home = temporaryDirectory();
    writeFileSync(join(home, 'm.bin'), 'lmgg');
    shell(bin, 'whisper-cli', `echo '{"transcription":[{"text":"'"$2"'"}]}' > "$6.json"`);
    const engine = whisper(bin, { model: '~/m.bin' }, home);
    expect((await engine.transcribe(jobFor(engine))).segments?.[0]?.text).toBe(join(home, 'm.bin'));
  });

  test.each<[EngineKind, string, string]>([
    ['faster-whisper', 'whisper-ctranslate2', 'enormous'],
    ['pocketsphinx', 'pocketsphinx', 'fr-fr'],
    ['lightning-whisper-mlx', 'python3', 'lightning-whisper-huge'],
  ])('%s does not take its default for %s %p', async (kind, program, model) => {
    const bin = temporaryDirectory();
    shell(bin, program, 'exit 1');
    const engine = engineWith({ id: kind, kind }, { bin, platform: 'darwin' });
    expect(await failureOf(engine.transcribe(jobFor(engine, { model })))).toMatchObject({
      code: 'model_not_found',
      param: 'model',
    });
  });

  test('a template whose placeholder has no value asks the client for it; a model it has no place for is unknown', async () => {
    const bin = temporaryDirectory();
    shell(bin, 'my-asr', 'echo hello');
    const output = { kind: 'text', from: 'stdout' } as const;
    const engine = engineWith(
      { id: 'mine', kind: 'command', argv: ['my-asr', '{wav16}', '-l', '{language}'], output },
      { bin },
    );
    expect(await failureOf(engine.transcribe(jobFor(engine)))).toMatchObject({
      kind: 'invalid_request',
      param: 'language',
    });
    expect(
      await failureOf(engine.transcribe(jobFor(engine, { model: 'other', language: 'de' }))),
    ).toMatchObject({ code: 'model_not_found' });
    expect(await engine.transcribe(jobFor(engine, { language: 'de' }))).toEqual({
      text: 'hello',
      language: 'de',
    });
  });
});

test('what programs get of the environment: no credentials, ours or others, and what is named for them', async () => {
  const dir = temporaryDirectory();
  const hub = join(dir, 'hub');
  mkdirSync(join(hub, 'models--a--b', 'snapshots', 'x'), { recursive: true });
  shell(dir, 'my-asr', 'env');
  const env = {
    CODEXD_BEARER: 'b',
    CODEX_ASR_BEARER: 'b',
    CHATGPT_ACCESS_TOKEN: 'b',
    OPENAI_CODEX_AUTH: 'b',
    OPEN_ASR_SERVER_API_KEY: 'b',
    OPENAI_API_KEY: 'b',
    AWS_SECRET_ACCESS_KEY: 'b',
    NVIDIA_API_KEY: 'b',
    HF_HUB_TOKEN: 'b',
    SOMETHING: 'b',
    CUDA_VISIBLE_DEVICES: '0',
    MY_OWN: 'kept',
  };
  const engine = engineWith(
    {
      id: 'mine',
      kind: 'command',
      argv: ['my-asr', '{wav16}'],
      output: { kind: 'text', from: 'stdout' },
      passEnv: ['MY_OWN'],
    },
    { bin: dir, env, options: { hfToken: 'hf_x', modelDirs: [hub] } },
  );
  const { text = '' } = await engine.transcribe(jobFor(engine));
  const names = text.split('\n').map((line) => line.split('=')[0]!);
  expect(names.filter((name) => name in env).sort()).toEqual(['CUDA_VISIBLE_DEVICES', 'MY_OWN']);
  expect(text).toContain('HF_TOKEN=hf_x');
  expect(text).toContain(`HF_HUB_CACHE=${hub}`);
});
