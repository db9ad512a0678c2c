// The languages of speech engines. codexd uses codes; only `verbose_json` contains names
// (https://github.com/openai/whisper/blob/main/whisper/tokenizer.py).
import { Failure } from '../failure.ts';
import { whisperLanguageCode } from './language-codes.ts';

const names: Readonly<Record<string, string>> = {
  en: 'english',
  zh: 'chinese',
  de: 'german',
  es: 'spanish',
  ru: 'russian',
  ko: 'korean',
  fr: 'french',
  ja: 'japanese',
  pt: 'portuguese',
  tr: 'turkish',
  pl: 'polish',
  ca: 'catalan',
  nl: 'dutch',
  ar: 'arabic',
  sv: 'swedish',
  it: 'italian',
  id: 'indonesian',
  hi: 'hindi',
  fi: 'finnish',
  vi: 'vietnamese',
  he: 'hebrew',
  uk: 'ukrainian',
  el: 'greek',
  ms: 'malay',
  cs: 'czech',
  ro: 'romanian',
  da: 'danish',
  hu: 'hungarian',
  ta: 'tamil',
  no: 'norwegian',
  th: 'thai',
  ur: 'urdu',
  hr: 'croatian',
  bg: 'bulgarian',
  lt: 'lithuanian',
  la: 'latin',
  mi: 'maori',
  ml: 'malayalam',
  cy: 'welsh',
  sk: 'slovak',
  te: 'telugu',
  fa: 'persian',
  lv: 'latvian',
  bn: 'bengali',
  sr: 'serbian',
  az: 'azerbaijani',
  sl: 'slovenian',
  kn: 'kannada',
  et: 'estonian',
  mk: 'macedonian',
  br: 'breton',
  eu: 'basque',
  is: 'icelandic',
  hy: 'armenian',
  ne: 'nepali',
  mn: 'mongolian',
  bs: 'bosnian',
  kk: 'kazakh',
  sq: 'albanian',
  sw: 'swahili',
  gl: 'galician',
  mr: 'marathi',
  pa: 'punjabi',
  si: 'sinhala',
  km: 'khmer',
  sn: 'shona',
  yo: 'yoruba',
  so: 'somali',
  af: 'afrikaans',
  oc: 'occitan',
  ka: 'georgian',
  be: 'belarusian',
  tg: 'tajik',
  sd: 'sindhi',
  gu: 'gujarati',
  am: 'amharic',
  yi: 'yiddish',
  lo: 'lao',
  uz: 'uzbek',
  fo: 'faroese',
  ht: 'haitian creole',
  ps: 'pashto',
  tk: 'turkmen',
  nn: 'nynorsk',
  mt: 'maltese',
  sa: 'sanskrit',
  lb: 'luxembourgish',
  my: 'myanmar',
  bo: 'tibetan',
  tl: 'tagalog',
  mg: 'malagasy',
  as: 'assamese',
  tt: 'tatar',
  haw: 'hawaiian',
  ln: 'lingala',
  ha: 'hausa',
  ba: 'bashkir',
  jw: 'javanese',
  su: 'sundanese',
  yue: 'cantonese',
};

/** Other names that Whisper's Python tools accept. */
const aliases: Readonly<Record<string, string>> = {
  burmese: 'my',
  valencian: 'ca',
  flemish: 'nl',
  haitian: 'ht',
  letzeburgesch: 'lb',
  pushto: 'ps',
  panjabi: 'pa',
  moldavian: 'ro',
  moldovan: 'ro',
  sinhalese: 'si',
  castilian: 'es',
  mandarin: 'zh',
  filipino: 'tl',
  'zh-yue': 'yue',
};

const codes = new Map(Object.entries(names).map(([code, name]) => [name, code]));

/** The code for any name of a language: `en`, `EN`, `zh-Hans`, `English`. Undefined if unknown. */
export function languageCode(language: string): string | undefined {
  const word = language.trim().toLowerCase();
  const bare = word.split(/[-_]/, 1)[0] ?? '';
  for (const one of [word, bare]) {
    if (Object.hasOwn(names, one)) return one;
    const code = codes.get(one) ?? (Object.hasOwn(aliases, one) ? aliases[one] : undefined);
    if (code !== undefined) return code;
  }
  for (const one of [word, bare]) {
    const code = whisperLanguageCode(one);
    if (Object.hasOwn(names, code)) return code;
  }
  return undefined;
}

/** The English name in lower case. */
export function languageName(code: string): string | undefined {
  return Object.hasOwn(names, code) ? names[code] : undefined;
}

/** The code of a requested language; undefined for `auto` and an empty text, which let the engine detect it. Throws if unknown. */
export function parseLanguage(language: string | undefined): string | undefined {
  const word = language?.trim() ?? '';
  if (word === '' || word.toLowerCase() === 'auto') return undefined;
  const code = languageCode(word);
  if (code !== undefined) return code;
  throw new Failure('invalid_request', 'The language is not supported by speech engines.', {
    param: 'language',
    code: 'unsupported_value',
    advice: 'Send an ISO 639-1 code such as "en", or omit it to detect the language.',
  });
}
