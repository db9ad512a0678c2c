// Other codes for the languages that Whisper supports: ISO 639-2 and 639-3, and the members of ISO 639-3 macrolanguages, such as
// `cmn` (Mandarin) of `zho` (Chinese) (https://iso639-3.sil.org/code_tables/macrolanguage_mappings).

/** Codes that the runtime's locale data does not map, by Whisper's code. */
const others: Readonly<Record<string, string>> = {
  ar: 'arb arz ary arq apc apd acm afb ajp aeb ayl acw ars',
  az: 'azj azb',
  bo: 'tib',
  cs: 'cze',
  cy: 'wel',
  de: 'ger gsw',
  el: 'gre',
  et: 'ekk',
  eu: 'baq',
  fa: 'per pes prs',
  fr: 'fre',
  he: 'iw',
  hr: 'sh hbs',
  hy: 'arm hyw',
  id: 'in',
  is: 'ice',
  jw: 'jv',
  ka: 'geo',
  lv: 'lvs',
  mg: 'plt',
  mi: 'mao',
  mk: 'mac',
  mn: 'khk',
  ms: 'may zsm zlm',
  my: 'bur',
  ne: 'npi',
  nl: 'dut vls',
  no: 'nb',
  pa: 'pnb',
  ps: 'pbt pbu pst',
  ro: 'rum mo mol',
  sk: 'slo',
  sq: 'alb als aln',
  sw: 'swh swc',
  tl: 'fil tgl',
  uz: 'uzn uzs',
  yi: 'ji ydd yih',
  zh: 'chi cmn wuu nan hak gan hsn cdo cjy cpx czh czo mnp',
};

const known = new Map(
  Object.entries(others).flatMap(([code, all]) => all.split(' ').map((other) => [other, code] as const)),
);

/** Maps any ISO 639 code to Whisper's code of the language, or else to its two-letter code, or returns it unchanged. */
export function whisperLanguageCode(word: string): string {
  return known.get(word) ?? known.get(canonical(word)) ?? canonical(word);
}

function canonical(word: string): string {
  try {
    return new Intl.Locale(word).language;
  } catch {
    return word;
  }
}
