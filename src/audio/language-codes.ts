// Other codes of the languages that Whisper knows: those of ISO 639-2 and 639-3, and the members of what ISO 639-3 calls
// macrolanguages, such as `cmn`, Mandarin, of `zho`, Chinese (https://iso639-3.sil.org/code_tables/macrolanguage_mappings).

/** What the runtime's own locale data does not map. */
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

/** Whisper's code, where the word is another code of the language; otherwise the word, or the two letters of ISO 639-1. */
export function usualCode(word: string): string {
  return known.get(word) ?? known.get(canonical(word)) ?? canonical(word);
}

function canonical(word: string): string {
  try {
    return new Intl.Locale(word).language;
  } catch {
    return word;
  }
}
