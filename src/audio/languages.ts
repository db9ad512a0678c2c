// The languages of speech: codes inside, names in `verbose_json` only
// (https://github.com/openai/whisper/blob/main/whisper/tokenizer.py).
import { Failure } from '../failure.ts';
import { usualCode } from './language-codes.ts';

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

/** Names of the Python tools. */
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

/** The code of what an engine or a client calls a language: `en`, `EN`, `zh-Hans`, `English`. Undefined when unknown. */
export function languageCode(language: string): string | undefined {
  const word = language.trim().toLowerCase();
  const bare = word.split(/[-_]/, 1)[0] ?? '';
  for (const one of [word, bare]) {
    if (Object.hasOwn(names, one)) return one;
    const code = codes.get(one) ?? (Object.hasOwn(aliases, one) ? aliases[one] : undefined);
    if (code !== undefined) return code;
  }
  for (const one of [word, bare]) {
    const code = usualCode(one);
    if (Object.hasOwn(names, code)) return code;
  }
  return undefined;
}

/** English, lower case. */
export function languageName(code: string): string | undefined {
  return Object.hasOwn(names, code) ? names[code] : undefined;
}

/** What a client asks for: `auto` and nothing mean that the engine is to find out. Throws for a language nobody knows. */
export function askedLanguage(language: string | undefined): string | undefined {
  const word = language?.trim() ?? '';
  if (word === '' || word.toLowerCase() === 'auto') return undefined;
  const code = languageCode(word);
  if (code !== undefined) return code;
  throw new Failure('invalid_request', 'The language is not one that speech engines know.', {
    param: 'language',
    code: 'unsupported_value',
    advice: 'Send an ISO 639-1 code such as "en", or leave it out.',
  });
}
