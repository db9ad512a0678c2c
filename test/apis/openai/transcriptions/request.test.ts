// Every field of OpenAI's audio forms: used, reported as ignored, or refused by name (docs/wire/audio.md#openai-audio).
import { describe, expect, test } from 'bun:test';
import { transcriptionRequest } from '../../../../src/apis/openai/transcriptions/request.ts';
import type {
  TranscriptionForm,
  TranscriptionTranslation,
} from '../../../../src/apis/openai/transcriptions/types.ts';
import type { TranscriptionRequest } from '../../../../src/audio/transcriber.ts';
import { Failure } from '../../../../src/failure.ts';

type FieldList = [name: string, value: string][];

function translate(
  fields: FieldList = [],
  more: Partial<TranscriptionForm> = {},
  task: TranscriptionRequest['task'] = 'transcribe',
) {
  return transcriptionRequest({ fields, file: { bytes: 100 }, extraFiles: [], ...more }, task);
}

function refusalOf(work: () => unknown): Failure {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
    throw thrown;
  }
  throw new Error('nothing was thrown');
}

const nothing: TranscriptionRequest = {
  task: 'transcribe',
  words: false,
  segments: false,
  approximate: false,
};
const plain: TranscriptionTranslation = {
  request: nothing,
  format: 'json',
  stream: false,
  shows: { segments: true, words: false },
  dropped: [],
};

test('a form with nothing but a file is whole', () => {
  expect(translate()).toEqual(plain);
});

describe('what is supported', () => {
  const verbose: FieldList[number] = ['response_format', 'verbose_json'];
  const supported: [
    name: string,
    fields: FieldList,
    request: Partial<TranscriptionRequest>,
    more?: object,
  ][] = [
    ['model', [['model', ' whisper-cpp:base.en ']], { model: 'whisper-cpp:base.en' }],
    ['no model', [['model', '']], {}],
    ['prompt', [['prompt', 'Names: Ada.']], { prompt: 'Names: Ada.' }],
    ['temperature', [['temperature', '0.2']], { temperature: 0.2 }],
    ['temperature 0', [['temperature', '0']], { temperature: 0 }],
    ['language', [['language', 'de']], { language: 'de' }],
    ['a region', [['language', 'zh-CN']], { language: 'zh' }],
    ['a name', [['language', 'English']], { language: 'en' }],
    ['auto, which is not the language of the settings', [['language', 'Auto']], { language: 'auto' }],
    ['nothing', [['language', ' ']], {}],
    ['one candidate', [['languages[]', 'fr']], { language: 'fr' }],
    [
      'the language before candidates',
      [
        ['language', 'de'],
        ['languages[]', 'fr'],
      ],
      { language: 'de' },
    ],
    [
      'the last of several',
      [
        ['language', 'de'],
        ['language', 'fr'],
      ],
      { language: 'fr' },
    ],
    ['text', [['response_format', 'text']], {}, { format: 'text' }],
    ['srt', [['response_format', 'srt']], { segments: true }, { format: 'srt' }],
    ['vtt', [['response_format', 'vtt']], { segments: true }, { format: 'vtt' }],
    ['verbose_json, whatever the engine has', [verbose], {}, { format: 'verbose_json' }],
    ['no format', [['response_format', '']], {}],
    ['stream', [['stream', 'true']], {}, { stream: true }],
    ['Stream of Python', [['stream', 'True']], {}, { stream: true }],
    ['no stream', [['stream', 'false']], {}],
    ['chunking auto', [['chunking_strategy', 'auto']], { approximate: true }],
    ['chunking null', [['chunking_strategy', 'null']], {}],
    ['chunking as JSON', [['chunking_strategy', '{"type":"server_vad"}']], { approximate: true }],
    [
      'chunking as the Node client sends it',
      [['chunking_strategy[type]', 'server_vad']],
      { approximate: true },
    ],
    [
      'approximate segments',
      [verbose, ['chunking_strategy', 'auto']],
      { approximate: true, segments: true },
      { format: 'verbose_json' },
    ],
  ];
  test.each(supported)('%s', (_, fields, request, more = {}) => {
    expect(translate(fields)).toEqual({ ...plain, request: { ...nothing, ...request }, ...more });
  });

  const times: [fields: FieldList, rough: boolean, words: boolean][] = [
    [[['timestamp_granularities[]', 'word']], false, true],
    [[['timestamp_granularities[]', 'segment']], true, false],
    [
      [
        ['timestamp_granularities[]', 'word'],
        ['timestamp_granularities[]', 'segment'],
      ],
      true,
      true,
    ],
    [[['timestamp_granularities', 'word']], false, true],
    [[['timestamp_granularities', 'word, segment']], true, true],
    [[['timestamp_granularities', '["word"]']], false, true],
    [[['timestamp_granularities[0]', 'segment']], true, false],
  ];
  test.each(times)('granularities %j', (fields, rough, words) => {
    const { request, shows } = translate([verbose, ...fields]);
    expect([request.segments, request.boundarySegments ?? false, request.words]).toEqual([
      false,
      rough,
      words,
    ]);
    expect(shows).toEqual({ segments: rough, words });
  });

  test.each(['json', 'text', 'srt', 'vtt'])(
    'granularities have no use in %s, whatever they are',
    (format) => {
      const { request, dropped } = translate([
        ['response_format', format],
        ['timestamp_granularities[]', 'word'],
        ['timestamp_granularities[]', 'char'],
      ]);
      expect([request.words, request.boundarySegments]).toEqual([false, undefined]);
      expect(dropped).toEqual([
        { field: 'timestamp_granularities', why: expect.stringContaining('verbose_json'), hint: true },
      ]);
    },
  );
});

describe('what is dropped is named', () => {
  const dropped: [field: string, value: string, name?: string][] = [
    ['include[]', 'logprobs', 'include'],
    ['keywords[]', 'Ada', 'keywords'],
    ['known_speaker_names[]', 'Ada', 'known_speaker_names'],
    ['known_speaker_references[]', 'data:audio/wav;base64,AA', 'known_speaker_references'],
    ['chunking_strategy[threshold]', '0.4'],
    ['chunking_strategy[prefix_padding_ms]', '300'],
    ['chunking_strategy[silence_duration_ms]', '200'],
    ['user', 'me'],
    ['__proto__', 'x'],
    ['constructor', 'x'],
  ];
  test.each(dropped)('%s', (field, value, name = field) => {
    const translation = translate([[field, value]]);
    expect(translation).toEqual({ ...plain, dropped: [{ field: name, why: expect.any(String) }] });
    expect(translation.dropped[0]?.why).toEndWith('.');
  });

  test('several languages, but not one', () => {
    expect(
      translate([
        ['languages[]', 'de'],
        ['languages[]', 'fr'],
      ]),
    ).toEqual({
      ...plain,
      dropped: [{ field: 'languages', why: expect.stringContaining('`language`') }],
    });
  });

  test('files under other names', () => {
    expect(translate([], { extraFiles: ['mask'] }).dropped).toEqual([
      { field: 'mask', why: expect.any(String) },
    ]);
  });

  test('nothing that is blank', () => {
    expect(
      translate([
        ['user', ' '],
        ['include[]', ''],
      ]),
    ).toEqual(plain);
  });
});

describe('what is refused names its field', () => {
  const verbose: FieldList[number] = ['response_format', 'verbose_json'];
  const refused: [name: string, fields: FieldList, param: string, code: string, says: RegExp][] = [
    [
      'an unknown format',
      [['response_format', 'xml']],
      'response_format',
      'unsupported_value',
      /`json`, `text`, `srt`, `verbose_json`, `vtt`/,
    ],
    [
      'speakers',
      [['response_format', 'diarized_json']],
      'response_format',
      'unsupported_value',
      /diarization/,
    ],
    [
      'a diarizing model',
      [['model', 'gpt-4o-transcribe-diarize']],
      'model',
      'unsupported_value',
      /diarization/,
    ],
    [
      'the same with its provider',
      [['model', 'openai/gpt-4o-transcribe-diarize']],
      'model',
      'unsupported_value',
      /diarization/,
    ],
    ['an unknown language', [['language', 'Klingon']], 'language', 'unsupported_value', /language/],
    ['an unknown candidate', [['languages[]', 'xx']], 'language', 'unsupported_value', /language/],
    ['a hot temperature', [['temperature', '1.5']], 'temperature', 'invalid_value', /0 to 1/],
    ['no temperature at all', [['temperature', 'warm']], 'temperature', 'invalid_value', /0 to 1/],
    ['NaN', [['temperature', 'NaN']], 'temperature', 'invalid_value', /0 to 1/],
    ['stream maybe', [['stream', 'maybe']], 'stream', 'invalid_value', /`true`/],
    [
      'a stream of subtitles',
      [
        ['stream', 'true'],
        ['response_format', 'srt'],
      ],
      'response_format',
      'unsupported_value',
      /stream/,
    ],
    [
      'an unknown granularity',
      [verbose, ['timestamp_granularities[]', 'char']],
      'timestamp_granularities[]',
      'invalid_value',
      /`word`/,
    ],
    ['an unknown strategy', [['chunking_strategy', 'often']], 'chunking_strategy', 'invalid_value', /`auto`/],
    [
      'another type',
      [['chunking_strategy', '{"type":"x"}']],
      'chunking_strategy',
      'invalid_value',
      /server_vad/,
    ],
    ['a prompt without end', [['prompt', 'a'.repeat(32_001)]], 'prompt', 'invalid_value', /32000/],
    ['a prompt no program takes', [['prompt', 'a\0b']], 'prompt', 'invalid_value', /text/],
    ['a model without end', [['model', 'm'.repeat(257)]], 'model', 'invalid_value', /256/],
  ];
  test.each(refused)('%s', (_, fields, param, code, says) => {
    const failure = refusalOf(() => translate(fields));
    expect(failure).toMatchObject({ kind: 'invalid_request', status: 400, param, code });
    expect(failure.message).toMatch(says);
  });

  const files: [
    name: string,
    form: Partial<TranscriptionForm>,
    fields: FieldList,
    code: string,
    says: RegExp,
  ][] = [
    ['none', { file: undefined }, [], 'missing_required_parameter', /required/],
    ['text', { file: undefined }, [['file', 'RIFF']], 'missing_required_parameter', /not text/],
    [
      'another name',
      { file: undefined, extraFiles: ['audio'] },
      [],
      'missing_required_parameter',
      /another name/,
    ],
    ['empty', { file: { bytes: 0 } }, [], 'invalid_value', /empty/],
  ];
  test.each(files)('a file that is %s', (_, { file, ...more }, fields, code, says) => {
    const form: TranscriptionForm = {
      fields,
      extraFiles: [],
      ...more,
      ...(file === undefined ? {} : { file }),
    };
    const failure = refusalOf(() => transcriptionRequest(form, 'transcribe'));
    expect(failure).toMatchObject({ status: 400, param: 'file', code });
    expect(failure.message).toMatch(says);
  });
});

describe('translations', () => {
  test('have fewer fields', () => {
    const fields: FieldList = [
      ['model', 'whisper-1'],
      ['prompt', 'Ada'],
      ['temperature', '0.5'],
      ['response_format', 'srt'],
      ['language', 'de'],
      ['stream', 'true'],
      ['chunking_strategy', 'auto'],
      ['timestamp_granularities[]', 'word'],
    ];
    const { dropped, ...rest } = translate(fields, {}, 'translate');
    expect(rest).toEqual({
      ...{ stream: false, format: 'srt', shows: { segments: true, words: false } },
      request: {
        ...nothing,
        task: 'translate',
        segments: true,
        model: 'whisper-1',
        prompt: 'Ada',
        temperature: 0.5,
      },
    });
    expect(dropped.map(({ field }) => field)).toEqual([
      ...['language', 'stream', 'chunking_strategy', 'timestamp_granularities'],
    ]);
    expect(dropped[0]?.why).toBe('Translations do not support this field.');
  });
});
