// reference/asr.md 4.6 and trap 6.
import { describe, expect, test } from 'bun:test';
import { askedLanguage, languageCode, languageName } from '../../src/audio/languages.ts';

describe('a language by any of its names', () => {
  test.each([
    ['en', 'en'],
    ['EN', 'en'],
    ['English', 'en'],
    ['zh-CN', 'zh'],
    ['zh-Hans', 'zh'],
    ['pt_BR', 'pt'],
    ['haitian creole', 'ht'],
    ['Haitian', 'ht'],
    ['castilian', 'es'],
    ['iw', 'he'],
    ['yue', 'yue'],
    ['klingon', undefined],
    ['constructor', undefined],
    ['', undefined],
  ])('%p is %p', (language, code) => {
    expect(languageCode(language)).toBe(code);
  });

  test('names are in lower case', () => {
    expect([languageName('jw'), languageName('he'), languageName('xx')]).toEqual([
      'javanese',
      'hebrew',
      undefined,
    ]);
  });
});

describe('trap 6: what a client asks for', () => {
  test.each([
    [undefined, undefined],
    ['', undefined],
    [' ', undefined],
    ['auto', undefined],
    ['Auto', undefined],
    ['zh-CN', 'zh'],
    ['English', 'en'],
  ])('%p means %p', (language, code) => {
    expect(askedLanguage(language)).toBe(code);
  });

  test('an unknown one is refused', () => {
    expect(() => askedLanguage('Klingon')).toThrow(
      expect.objectContaining({ kind: 'invalid_request', param: 'language' }),
    );
  });
});
