// Names of models the upstream no longer serves: clients, scripts and documents keep using them.
import { readSuffixes, type Suffixes } from './suffixes.ts';

/** Which model of the account answers. */
export type StandIn = 'default' | 'smallest';

export interface Retired extends Suffixes {
  standIn: StandIn;
}

const generation =
  /^(?:gpt-(?:3\.?5|4o|4(?:\.[15])?|5(?:\.[1-4])?)|chatgpt-4o|o[134]|codex|(?:text-|code-)?davinci|babbage)(?=[-:(]|$)/;

/** Words OpenAI put after a generation. `max` is one of them (`gpt-5.1-codex-max`) and then not an effort. */
const word =
  /^-(?:codex|max|mini|nano|spark|pro|turbo|instruct|chat|latest|preview|vision|audio|search|deep|research|\d+k|\d{3,4})(?=[-:(]|$)/;

/** Small models had these words in their names, and those of today have `luna`. */
const smallWord = /(?:^|-)(?:mini|nano|spark|luna)(?:-|$)/;

/** Still served when this was written, so that it has no relatives to guess at, only efforts. */
const lastOfItsLine = /^gpt-5\.5(?=[-:(]|$)/;

/** What a retired OpenAI name means; undefined for every other name. */
export function readRetired(name: string): Retired | undefined {
  const last = lastOfItsLine.exec(name);
  const first = last ?? generation.exec(name);
  if (!first) return undefined;
  let rest = name.slice(first[0].length);
  if (!last) {
    for (let match = word.exec(rest); match; match = word.exec(rest)) rest = rest.slice(match[0].length);
  }
  const suffixes = readSuffixes(rest);
  if (!suffixes) return undefined;
  const words = name.slice(0, name.length - rest.length);
  return { standIn: isSmall(words) ? 'smallest' : 'default', ...suffixes };
}

/** The catalogue lists neither sizes nor prices: small models are known by their names. */
export function isSmall(slug: string): boolean {
  return smallWord.test(slug);
}
