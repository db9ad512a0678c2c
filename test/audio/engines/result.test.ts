// Results of engines: words from tokens, times within the recording, languages as codes (docs/wire/audio.md#common-shape).
import { describe, expect, test } from 'bun:test';
import { joinTokens, languageOf, normalizeResult, numberOf } from '../../../src/audio/engines/result.ts';
import { whisperJson } from '../../../src/audio/engines/whisper-json.ts';
import { engineWith, jobFor } from './support.ts';

const tokens = (texts: string[]) => texts.map((text, index) => ({ text, start: index, end: index + 1 }));

describe('sub-word tokens become words', () => {
  const rows: [name: string, texts: string[], words: [string, number, number][]][] = [
    [
      'leading spaces',
      [' And', ' so', ' my', ' fell', 'ow'],
      [
        ['And', 0, 1],
        ['so', 1, 2],
        ['my', 2, 3],
        ['fellow', 3, 5],
      ],
    ],
    [
      'SentencePiece',
      ['▁Hel', 'lo', '▁you', '.'],
      [
        ['Hello', 0, 2],
        ['you.', 2, 4],
      ],
    ],
    [
      'a space that stands alone',
      [' a', ' ', 'b'],
      [
        ['a', 0, 1],
        ['b', 2, 3],
      ],
    ],
    ['no space at all in front of the first', ['He', 'llo'], [['Hello', 0, 2]]],
    [
      'a script without spaces',
      ['你', '好', '吗'],
      [
        ['你', 0, 1],
        ['好', 1, 2],
        ['吗', 2, 3],
      ],
    ],
    [
      'both',
      [' ok', '你', '好'],
      [
        ['ok', 0, 1],
        ['你', 1, 2],
        ['好', 2, 3],
      ],
    ],
    ['nothing', ['', ' '], []],
  ];
  test.each(rows)('%s', (_, texts, words) => {
    expect(joinTokens(tokens(texts))).toEqual(words.map(([word, start, end]) => ({ word, start, end })));
  });

  test('a word is as sure as its least sure token', () => {
    const parts = [0.9, 0.2, 0.7].map((confidence, index) => ({
      text: index ? 'x' : ' a',
      start: 0,
      end: 1,
      confidence,
    }));
    expect(joinTokens(parts)[0]?.confidence).toBe(0.2);
  });
});

describe('times stay within the recording, in their order', () => {
  const engine = engineWith({ id: 'pocketsphinx', kind: 'pocketsphinx' });
  const segments = [
    { start: -1, end: 2, text: 'a' },
    { start: 1.5, end: 99, text: 'b' },
    { start: 50, end: 60, text: 'c' },
    { start: 3, end: 2, text: 'd' },
  ];

  test('with the duration that the container told', () => {
    const { segments: clamped } = normalizeResult(
      { segments, durationS: 70 },
      jobFor(engine, { durationS: 10 }),
    );
    expect(clamped?.map(({ start, end, text }) => [start, end, text])).toEqual([
      [0, 2, 'a'],
      [1.5, 10, 'b'],
      [10, 10, 'c'],
      [3, 3, 'd'],
    ]);
  });

  test('with none known they are only put right', () => {
    const { segments: clamped } = normalizeResult({ segments }, jobFor(engine));
    expect(clamped?.map(({ start, end }) => [start, end])).toEqual([
      [0, 2],
      [1.5, 99],
      [50, 60],
      [3, 3],
    ]);
  });

  test('words nobody asked for are left out; the language asked for stands in for one not told', () => {
    const result = { text: 'a', words: [{ start: 0, end: 1, word: 'a' }] };
    expect(normalizeResult(result, jobFor(engine, { language: 'de' }))).toEqual({
      text: 'a',
      language: 'de',
    });
    expect(
      normalizeResult({ ...result, language: 'fr' }, jobFor(engine, { language: 'de', words: true })),
    ).toEqual({
      ...result,
      language: 'fr',
    });
  });
});

describe("Whisper's JSON by shape", () => {
  const rows: [name: string, value: unknown, result: unknown][] = [
    ['a text alone', 'hello', { text: 'hello' }],
    ['an empty text is silence', { text: '' }, { text: '' }],
    [
      'segments nested once more',
      { text: 'a', segments: { segments: [{ start: 0, end: 1, text: 'a' }] } },
      { text: 'a', segments: [{ start: 0, end: 1, text: 'a' }] },
    ],
    [
      'no text but segments',
      { segments: [{ start: '0.5', end: '1', text: ' a' }] },
      { segments: [{ start: 0.5, end: 1, text: ' a' }] },
    ],
    ['no segments at all', { segments: [] }, { text: '' }],
    [
      'name and numeric text',
      { text: 'a', language: 'english', duration: '2.5' },
      { text: 'a', language: 'en', durationS: 2.5 },
    ],
    [
      'words nested in segments, as tokens',
      {
        text: 'a',
        segments: [
          {
            start: 0,
            end: 1,
            text: ' ab',
            words: [
              { word: ' a', start: 0, end: 0.5, probability: 0.5 },
              { word: 'b', start: 0.5, end: 1, probability: 0.4 },
            ],
          },
        ],
      },
      {
        text: 'a',
        segments: [{ start: 0, end: 1, text: ' ab' }],
        words: [{ word: 'ab', start: 0, end: 1, confidence: 0.4 }],
      },
    ],
    [
      "OpenAI's words, without spaces",
      {
        text: 'a b',
        words: [
          { word: 'a', start: 0, end: 1 },
          { word: 'b', start: 1, end: 2 },
        ],
      },
      {
        text: 'a b',
        words: [
          { word: 'a', start: 0, end: 1 },
          { word: 'b', start: 1, end: 2 },
        ],
      },
    ],
    [
      "LocalAI's words are called text",
      { text: 'a', words: [{ text: 'a', start: 0, end: 1 }] },
      { text: 'a', words: [{ word: 'a', start: 0, end: 1 }] },
    ],
    [
      'what Whisper says beside the text',
      {
        text: 'a',
        segments: [
          {
            start: 0,
            end: 1,
            text: 'a',
            tokens: [1, 2],
            temperature: 0,
            avg_logprob: null,
            no_speech_prob: 0.1,
            speaker: 'A',
          },
        ],
      },
      {
        text: 'a',
        segments: [
          {
            start: 0,
            end: 1,
            text: 'a',
            speaker: 'A',
            whisper: { tokens: [1, 2], temperature: 0, noSpeechProb: 0.1 },
          },
        ],
      },
    ],
    [
      'times left out',
      { segments: [{ text: 'a', end: 2 }, { text: 'b' }] },
      {
        segments: [
          { start: 0, end: 2, text: 'a' },
          { start: 2, end: 2, text: 'b' },
        ],
      },
    ],
    ['an error', { error: 'x' }, undefined],
    ['null', null, undefined],
    ['a list', [1], undefined],
  ];
  test.each(rows)('%s', (_, value, result) => {
    expect(whisperJson(value) as unknown).toEqual(result);
  });
});

test.each([
  ['<|en|>', 'en'],
  ['English', 'en'],
  ['xx-unheard', undefined],
  [3, undefined],
])('language %p is %p', (given, code) => {
  expect(languageOf(given)).toBe(code);
});

test.each([
  ['1.5', 1.5],
  ['', undefined],
  [' ', undefined],
  [null, undefined],
  [Number.NaN, undefined],
  [0, 0],
])('number %p is %p', (given, number) => {
  expect(numberOf(given)).toBe(number);
});
