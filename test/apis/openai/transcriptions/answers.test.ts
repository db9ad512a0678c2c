// A transcript in each format, whole and streamed (docs/wire/audio.md#formats).
import { describe, expect, test } from 'bun:test';
import { transcriptionRequest } from '../../../../src/apis/openai/transcriptions/request.ts';
import {
  TranscriptionEncoder,
  type TranscriptionEvent,
} from '../../../../src/apis/openai/transcriptions/stream.ts';
import { formatTranscription } from '../../../../src/apis/openai/transcriptions/whole.ts';
import type { Transcript } from '../../../../src/audio/transcript.ts';
import { Failure } from '../../../../src/failure.ts';

type FieldList = [name: string, value: string][];

const transcript: Transcript = {
  text: 'Hello there. Bye.',
  language: 'en',
  durationS: 8.4700001,
  engine: 'fake',
  model: 'small',
  segments: [
    {
      start: 0,
      end: 2.0999999,
      text: ' Hello there.',
      whisper: {
        tokens: [1, 2],
        temperature: 0.2,
        avgLogprob: -0.3,
        compressionRatio: 1.1,
        noSpeechProb: 0.01,
      },
    },
    { start: 2.1, end: 8.4, text: ' Bye.', confidence: 0.5, speaker: 'A' },
  ],
  words: [{ start: 0, end: 0.1 + 0.2, word: 'Hello', confidence: 0.9 }],
  warnings: [],
};
const { segments: _, words: __, durationS: ___, language: ____, ...bare } = transcript;
const padding = { tokens: [], temperature: 0, avg_logprob: 0, compression_ratio: 1, no_speech_prob: 0 };

function answered(
  transcript: Transcript,
  fields: FieldList,
  task: 'transcribe' | 'translate' = 'transcribe',
) {
  const form = { fields, file: { bytes: 1 }, extraFiles: [] };
  return formatTranscription(transcript, transcriptionRequest(form, task));
}

function verbose(transcript: Transcript, ...times: string[]) {
  const fields: FieldList = times.map((one) => ['timestamp_granularities[]', one]);
  return JSON.parse(answered(transcript, [['response_format', 'verbose_json'], ...fields]).body);
}

function refusalOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (thrown) {
    return thrown;
  }
}

describe('the content type says what the body is', () => {
  const formats: [format: string, contentType: string, body: string][] = [
    ['json', 'application/json', '{"text":"Hello there. Bye.","usage":{"type":"duration","seconds":9}}'],
    ['text', 'text/plain; charset=utf-8', 'Hello there. Bye.'],
    [
      'srt',
      'text/plain; charset=utf-8',
      '1\n00:00:00,000 --> 00:00:02,100\nHello there.\n\n2\n00:00:02,100 --> 00:00:08,400\nBye.\n\n',
    ],
    [
      'vtt',
      'text/plain; charset=utf-8',
      'WEBVTT\n\n00:00:00.000 --> 00:00:02.100\nHello there.\n\n00:00:02.100 --> 00:00:08.400\nBye.\n\n',
    ],
  ];
  test.each(formats)('%s', (format, contentType, body) => {
    expect(answered(transcript, [['response_format', format]])).toEqual({ contentType, body });
  });
});

describe('verbose_json', () => {
  const segments = [
    {
      ...{ id: 0, seek: 0, start: 0, end: 2.1, text: ' Hello there.' },
      ...{
        tokens: [1, 2],
        temperature: 0.2,
        avg_logprob: -0.3,
        compression_ratio: 1.1,
        no_speech_prob: 0.01,
      },
    },
    { id: 1, seek: 0, start: 2.1, end: 8.4, text: ' Bye.', ...padding },
  ];
  const words = [{ word: 'Hello', start: 0, end: 0.3 }];
  const head = {
    task: 'transcribe',
    language: 'english',
    duration: 8.47,
    text: 'Hello there. Bye.',
    usage: { type: 'duration', seconds: 9 },
  };
  const shown: [times: string[], lists: object][] = [
    [[], { segments }],
    [['segment'], { segments }],
    [['word'], { words }],
    [['word', 'segment'], { segments, words }],
  ];
  test.each(shown)('granularities %j, both lists at the top', (times, lists) => {
    expect(verbose(transcript, ...times)).toEqual({ ...head, ...lists });
  });

  test('an unknown duration is the end of the last segment and no usage', () => {
    const { durationS, ...unknown } = transcript;
    const { duration, usage } = verbose(unknown);
    expect([durationS, duration, usage]).toEqual([8.4700001, 8.4, undefined]);
  });

  test('an engine without times or language gives what there is', () => {
    expect(verbose(bare)).toEqual({
      ...{ task: 'transcribe', language: 'unknown', duration: 0, text: transcript.text, segments: [] },
    });
  });

  test('names of languages here, English for translations', () => {
    const fields: FieldList = [['response_format', 'verbose_json']];
    const german: Transcript = { ...transcript, language: 'de' };
    expect(JSON.parse(answered(german, fields).body).language).toBe('german');
    expect(JSON.parse(answered(german, fields, 'translate').body)).toMatchObject({
      ...{ task: 'translate', language: 'english' },
    });
  });
});

describe('silence is a valid result', () => {
  const silence: Transcript = { ...bare, text: '' };
  const formats: [format: string, body: string][] = [
    ['json', '{"text":""}'],
    ['text', ''],
    ['srt', ''],
    ['vtt', 'WEBVTT\n\n'],
  ];
  test.each(formats)('%s', (format, body) => {
    expect(answered(silence, [['response_format', format]]).body).toBe(body);
  });
  test('verbose_json', () => {
    expect(verbose(silence, 'word', 'segment')).toMatchObject({ text: '', segments: [], words: [] });
  });
});

describe('times that the engine did not give', () => {
  test.each(['srt', 'vtt'])('%s is a 400', (format) => {
    const failure = refusalOf(() => answered(bare, [['response_format', format]]));
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({ status: 400, code: 'unsupported_value', param: 'response_format' });
    expect((failure as Failure).message).toContain('fake');
  });

  test('granularities are not', () => {
    expect(verbose(bare, 'word', 'segment')).toMatchObject({
      text: transcript.text,
      segments: [],
      words: [],
    });
  });
});

describe('a stream', () => {
  function events(...pushed: TranscriptionEvent[]): Record<string, unknown>[] {
    const encoder = new TranscriptionEncoder();
    const wire = pushed.map((event) => encoder.push(event)).join('');
    expect(encoder.finished).toBe(true);
    expect(encoder.fail(new Failure('bug', 'Late.'))).toBe('');
    const frames = wire.split('\n\n').slice(0, -1);
    expect(frames.filter((frame) => !/^data: .*$/.test(frame))).toEqual([]);
    return frames.map((frame) => JSON.parse(frame.slice(6)));
  }
  const delta = (text: string) => ({ type: 'transcript.text.delta', delta: text });
  const done = {
    type: 'transcript.text.done',
    text: transcript.text,
    usage: { type: 'duration', seconds: 9 },
  };

  const cases: [name: string, pushed: TranscriptionEvent[], expected: object[]][] = [
    ['all of it at the end', [{ transcript: transcript }], [delta(transcript.text), done]],
    [
      'a delta per piece',
      [{ segmentText: 'Hello there.' }, { segmentText: ' Bye.' }, { transcript: transcript }],
      [delta('Hello there.'), delta(' Bye.'), done],
    ],
    [
      'what pieces left out',
      [{ segmentText: 'Hello' }, { transcript: transcript }],
      [delta('Hello'), delta(' there. Bye.'), done],
    ],
    [
      'what was said counts',
      [{ segmentText: ' Hello' }, { transcript: transcript }],
      [delta(' Hello'), { ...done, text: ' Hello' }],
    ],
    ['silence', [{ transcript: { ...bare, text: '' } }], [{ type: 'transcript.text.done', text: '' }]],
    [
      'warnings',
      [{ transcript: { ...transcript, warnings: ['Cut short.'] } }],
      [delta(transcript.text), { ...done, warnings: ['Cut short.'] }],
    ],
  ];
  test.each(cases)('%s; `text` is the joined deltas', (_, pushed, expected) => {
    const sent = events(...pushed);
    expect(sent).toEqual(expected as typeof sent);
    expect(sent.map((event) => event.delta ?? '').join('')).toBe(sent.at(-1)?.text as string);
  });

  test('a failure on the way is an error without done', () => {
    const encoder = new TranscriptionEncoder();
    encoder.push({ segmentText: 'Hello' });
    const wire = encoder.fail(new Failure('upstream_broke', 'It broke.', { param: 'file' }));
    expect(wire).toBe(
      'data: {"type":"error","error":{"message":"It broke.","type":"server_error","param":"file","code":"upstream_error"}}\n\n',
    );
    expect(encoder.fail(new Failure('bug', 'Again.'))).toBe('');
  });
});
