// Names and codes of languages (docs/wire/audio.md#languages).
import { describe, expect, test } from 'bun:test';
import { languageCode, languageName, parseLanguage } from '../../src/audio/languages.ts';

/** Whisper's table: code, then name. */
const whisper = `
  en english, zh chinese, de german, es spanish, ru russian, ko korean, fr french, ja japanese, 
  pt portuguese, tr turkish, pl polish, ca catalan, nl dutch, ar arabic, sv swedish, it italian, 
  id indonesian, hi hindi, fi finnish, vi vietnamese, he hebrew, uk ukrainian, el greek, ms malay, 
  cs czech, ro romanian, da danish, hu hungarian, ta tamil, no norwegian, th thai, ur urdu, 
  hr croatian, bg bulgarian, lt lithuanian, la latin, mi maori, ml malayalam, cy welsh, sk slovak, 
  te telugu, fa persian, lv latvian, bn bengali, sr serbian, az azerbaijani, sl slovenian, 
  kn kannada, et estonian, mk macedonian, br breton, eu basque, is icelandic, hy armenian, ne nepali, 
  mn mongolian, bs bosnian, kk kazakh, sq albanian, sw swahili, gl galician, mr marathi, pa punjabi, 
  si sinhala, km khmer, sn shona, yo yoruba, so somali, af afrikaans, oc occitan, ka georgian, 
  be belarusian, tg tajik, sd sindhi, gu gujarati, am amharic, yi yiddish, lo lao, uz uzbek, 
  fo faroese, ht haitian creole, ps pashto, tk turkmen, nn nynorsk, mt maltese, sa sanskrit, 
  lb luxembourgish, my myanmar, bo tibetan, tl tagalog, mg malagasy, as assamese, tt tatar, 
  haw hawaiian, ln lingala, ha hausa, ba bashkir, jw javanese, su sundanese, yue cantonese`;
const aliases = `
  burmese my, valencian ca, flemish nl, haitian ht, letzeburgesch lb, pushto ps, panjabi pa, 
  moldavian ro, moldovan ro, sinhalese si, castilian es, mandarin zh`;

/** `code name` or `name code`, one after the other. */
const entries = (table: string) => table.trim().split(/,\s*/);

describe("Whisper's table", () => {
  const rows = entries(whisper).map((entry) => [
    entry.slice(0, entry.indexOf(' ')),
    entry.replace(/^\S+ /, ''),
  ]);

  test('has a hundred languages', () => expect(rows).toHaveLength(100));

  test.each(rows)('%s is %s', (code, name) => {
    expect([languageName(code!), languageCode(name!), languageCode(code!)]).toEqual([name, code, code]);
  });

  test.each(entries(aliases).map((entry) => entry.split(' ')))('%s means %s', (alias, code) => {
    expect(languageCode(alias!)).toBe(code);
  });
});

describe('a language by any of its names', () => {
  test.each([
    ['en', 'en'],
    ['EN', 'en'],
    ['English', 'en'],
    ['zh-CN', 'zh'],
    ['zh-Hans', 'zh'],
    ['pt_BR', 'pt'],
    [' de ', 'de'],
    ['haitian creole', 'ht'],
    ['Haitian', 'ht'],
    ['castilian', 'es'],
    ['iw', 'he'],
    ['yue', 'yue'],
    ['cmn', 'zh'],
    ['cmn-Hans-CN', 'zh'],
    ['zho', 'zh'],
    ['chi', 'zh'],
    ['zh-yue', 'yue'],
    ['zh-TW', 'zh'],
    ['fil', 'tl'],
    ['fil-PH', 'tl'],
    ['tgl', 'tl'],
    ['Filipino', 'tl'],
    ['eng', 'en'],
    ['deu', 'de'],
    ['ger', 'de'],
    ['fra', 'fr'],
    ['fre', 'fr'],
    ['arz', 'ar'],
    ['swh', 'sw'],
    ['zsm', 'ms'],
    ['nob', 'no'],
    ['nno', 'nn'],
    ['jav', 'jw'],
    ['jv', 'jw'],
    ['pes', 'fa'],
    ['ekk', 'et'],
    ['in', 'id'],
    ['xyz', undefined],
    ['e', undefined],
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

describe('the language of a request', () => {
  test.each([
    [undefined, undefined],
    ['', undefined],
    [' ', undefined],
    ['auto', undefined],
    ['Auto', undefined],
    ['zh-CN', 'zh'],
    ['English', 'en'],
  ])('%p means %p', (language, code) => {
    expect(parseLanguage(language)).toBe(code);
  });

  test('an unknown one is refused', () => {
    expect(() => parseLanguage('Klingon')).toThrow(
      expect.objectContaining({ kind: 'invalid_request', param: 'language' }),
    );
  });
});
