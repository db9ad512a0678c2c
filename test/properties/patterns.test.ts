// Every regular expression in src takes time proportional to its input: with a pattern that backtracks over the same
// run again and again, a client could freeze the daemon. Texts are generated from the pattern itself, and the growth
// between two sizes is measured, so that a slow machine makes no difference.
import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type PatternLiteral, patternsOf } from './pattern-literals.ts';

const root = join(import.meta.dir, '../..');
const files = [...new Bun.Glob('src/**/*.ts').scanSync({ cwd: root })].sort();
/** The simulator reads only what our own tests send. */
const patterns = files
  .filter((file) => !file.startsWith('src/simulator/'))
  .flatMap((file) => patternsOf(file, readFileSync(join(root, file), 'utf8')))
  .filter(({ source }) => /[*+]|\{\d+,/.test(source));

const common = [
  'a',
  'Z',
  '1',
  ' ',
  '\n',
  '\t',
  '\\"',
  '-',
  '_',
  '.',
  '/',
  '"',
  '\\',
  '=',
  '<',
  '{',
  '\u00e9',
];
const short = 2_000;
/** A linear pattern takes a tenth of this for a text of length `short`; a worse one, a multiple. */
const suspiciousMs = 0.1;

/** Parts to repeat: the pattern's own words and characters, and common ones. */
function segmentsOf(source: string): { words: string[]; pumps: string[] } {
  const plain = source
    .replace(/\(\?(?:<?[=!]|:)/g, '(')
    .replace(/\\([nt])/g, (_, letter) => (letter === 'n' ? '\n' : '\t'))
    .replace(/\\[dwsbDWSBpPux](?:\{[^}]*\})?/g, '')
    .replace(/\{\d+,?\d*\}/g, '')
    .replace(/\\(.)/g, '$1');
  const words = [...new Set(plain.match(/[\w:/<.,;-]{2,24}/g) ?? [])].slice(0, 8);
  const characters = [...new Set(plain)].filter((each) => /[^\w()[\]|?*+^$]/.test(each)).slice(0, 8);
  const singles = [...new Set([...characters, ...common])];
  const pairs = characters.flatMap((one) => common.slice(0, 6).map((other) => one + other));
  return { words, pumps: [...singles, ...words, ...words.map((word) => `${word} `), ...pairs] };
}

/** Texts of about `length` that may be difficult for the pattern. */
function* texts(source: string, length: number): Generator<string> {
  const { words, pumps } = segmentsOf(source);
  for (const pump of pumps) {
    const pumped = pump.repeat(Math.ceil(length / pump.length));
    for (const prefix of ['', ...words, '"', '1']) yield `${prefix}${pumped}\u0000`;
  }
}

function millisecondsOf(pattern: RegExp, text: string): number {
  const startMs = performance.now();
  pattern.lastIndex = 0;
  if (pattern.global) text.replace(pattern, '');
  else pattern.exec(text);
  return performance.now() - startMs;
}

/** CPU time of this process, regardless of the machine's load. */
function fastestMs(pattern: RegExp, text: string): number {
  const times = Array.from({ length: 5 }, () => {
    const start = process.cpuUsage();
    millisecondsOf(pattern, text);
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  });
  return Math.min(...times);
}

/** The pump that makes the time grow faster than the text, if there is one. */
function worstOf({ source, flags }: Pick<PatternLiteral, 'source' | 'flags'>): string | undefined {
  const pattern = new RegExp(source, flags);
  const longTexts = texts(source, 8 * short);
  for (const text of texts(source, short)) {
    const long = longTexts.next().value as string;
    if (millisecondsOf(pattern, text) < suspiciousMs) continue;
    // Eight times the text takes eight times as long, or 64 times if the work is quadratic.
    if (fastestMs(pattern, long) > 24 * Math.max(suspiciousMs / 2, fastestMs(pattern, text))) {
      return JSON.stringify(text.slice(0, 40));
    }
  }
  return undefined;
}

describe('the audit', () => {
  test.each([
    ['a run before the end', '\\/+$', ''],
    ['a tag that never closes', '<[^>]*>', 'g'],
    ['e-mail addresses', '[\\w.+-]+@[\\w-]+', 'g'],
    ['two repeats of the same', '^\\d+\\.?\\d*x$', ''],
    ['a word that begins again', '_session_([\\w-]+)$', ''],
  ])('finds what is quadratic: %s', (_, source, flags) => {
    expect(worstOf({ source, flags })).toBeDefined();
  });

  test('reads patterns out of sources, and no division, comment or string', () => {
    const text = "a = b / c / d; // /x+/\nf(/[/\\]]+/g, '/y*/'); return /z+$/m.test(q)";
    expect(patternsOf('f', text).map(({ source, flags }) => source + flags)).toEqual(['[/\\]]+g', 'z+$m']);
    expect(patterns.length).toBeGreaterThan(100);
  });
});

describe('is linear', () => {
  const byFile = Map.groupBy(patterns, ({ file }) => file);
  test.each([...byFile])(
    '%s',
    (_, own) => {
      const bad = own.flatMap((pattern) => {
        const worst = worstOf(pattern);
        return worst === undefined ? [] : [`line ${pattern.line}: /${pattern.source}/ with ${worst}`];
      });
      expect(bad).toEqual([]);
    },
    60_000,
  );
});
