// Names of OpenAI models that the upstream no longer serves, but clients and scripts still use.
import { parseSuffixes, type Suffixes } from './suffixes.ts';

/** The model of the account that replaces it. */
export type Substitute = 'default' | 'smallest';

export interface RetiredName extends Suffixes {
  substitute: Substitute;
}

const generation =
  /^(?:gpt-(?:3\.?5|4o|4(?:\.[15])?|5(?:\.[1-4])?)|chatgpt-4o|o[134]|codex|(?:text-|code-)?davinci|babbage)(?=[-:(]|$)/;

/** Words that OpenAI appended to a generation. Here `max` is not an effort: `gpt-5.1-codex-max`. */
const word =
  /^-(?:codex|max|mini|nano|spark|pro|turbo|instruct|chat|latest|preview|vision|audio|search|deep|research|\d+k|\d{3,4})(?=[-:(]|$)/;

/** Words in the names of small models, today's `luna` included. */
const smallWord = /(?:^|-)(?:mini|nano|spark|luna)(?:-|$)/;

/** Still served when this was written, so only effort suffixes may follow, not words such as `mini`. */
const lastOfItsLine = /^gpt-5\.5(?=[-:(]|$)/;

/** Parses a retired OpenAI name; undefined for any other name. */
export function parseRetiredName(name: string): RetiredName | undefined {
  const last = lastOfItsLine.exec(name);
  const first = last ?? generation.exec(name);
  if (!first) return undefined;
  let rest = name.slice(first[0].length);
  if (!last) {
    for (let match = word.exec(rest); match; match = word.exec(rest)) rest = rest.slice(match[0].length);
  }
  const suffixes = parseSuffixes(rest);
  if (!suffixes) return undefined;
  const words = name.slice(0, name.length - rest.length);
  return { substitute: isSmallModel(words) ? 'smallest' : 'default', ...suffixes };
}

/** Recognised by name: the catalogue contains neither sizes nor prices. */
export function isSmallModel(slug: string): boolean {
  return smallWord.test(slug);
}
