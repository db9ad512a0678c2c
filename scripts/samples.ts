// Random samples of the project's wording: texts that users read, comments, and exported names. Run as ./scripts/samples.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

interface Sample {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

const PER_KIND = 20;
const root = join(import.meta.dir, '..');

const { values } = parseArgs({ options: { seed: { type: 'string' } } });
const seed = values.seed === undefined ? Math.trunc(Math.random() * 1e6) : Number(values.seed);
if (!Number.isInteger(seed)) {
  console.error('`--seed` must be an integer.');
  process.exit(2);
}

const random = randomNumbers(seed);
const code = filesOf('src', 'scripts', 'bench').filter((file) => /\.ts$|^scripts\/[^.]+$/.test(file));
const support = filesOf('test').filter((file) => file.endsWith('.ts'));
const pages = filesOf('README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', 'docs').filter(
  (file) => file.endsWith('.md') && !file.startsWith('docs/wire/'),
);

console.log(`seed ${seed}`);
print('Texts that users read', [...code.filter(isSource).flatMap(textsIn), ...pages.flatMap(sentencesIn)]);
print('Comments', [...code, ...support].flatMap(commentsIn));
print('Exported names', [...code, ...support].flatMap(exportsIn));

function filesOf(...paths: string[]): string[] {
  const listed = Bun.spawnSync(['git', 'ls-files', '-z', ...paths], { cwd: root }).stdout.toString();
  return listed.split('\0').filter((file) => file !== '');
}

function isSource(file: string): boolean {
  return file.startsWith('src/');
}

function linesOf(file: string): string[] {
  return readFileSync(join(root, file), 'utf8').split('\n');
}

/** String literals of at least three words, outside comments and types. */
function textsIn(file: string): Sample[] {
  return linesOf(file).flatMap((text, index) => {
    if (/^\s*(?:\/\/|\/?\*|import |export \* )/.test(text)) return [];
    const literals = text.match(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`/g) ?? [];
    const sentences = literals.filter((literal) => /[a-z]+\W? [a-z]+\W? [a-z]/i.test(literal));
    return sentences.map((literal) => ({ file, line: index + 1, text: literal }));
  });
}

/** Sentences of prose, list items and table rows, without code blocks. */
function sentencesIn(file: string): Sample[] {
  const found: Sample[] = [];
  let paragraph = '';
  let start = 0;
  let isFenced = false;
  for (const [index, text] of [...linesOf(file), ''].entries()) {
    if (text.startsWith('```')) isFenced = !isFenced;
    if (isFenced || text.trim() === '' || /^\s*(?:[-|#>]|```|<!--)/.test(text)) {
      for (const sentence of paragraph.split(/(?<=[.:;]) (?=\W?[A-Z`])/)) {
        if (/\w+ \w+ \w/.test(sentence) && !/^(?:#|<!--)|-->$/.test(sentence.trim()))
          found.push({ file, line: start, text: sentence.trim() });
      }
      paragraph = '';
      start = index + 1;
    }
    if (!isFenced && !text.startsWith('```')) paragraph += `${text.trim()} `;
  }
  return found;
}

/** Blocks of comment lines, and comments after code. */
function commentsIn(file: string): Sample[] {
  const found: Sample[] = [];
  let lastLine = 0;
  for (const [index, line] of linesOf(file).entries()) {
    const own = /^\s*(?:\/\/|\/\*\*?|\*\/?|# )\s?(.*?)\s*(?:\*\/)?$/.exec(line)?.[1];
    const text = own ?? /[;,{)\]] \/\/ (.+)$/.exec(line)?.[1];
    if (text === undefined || text.startsWith('biome-ignore')) continue;
    const before = found.at(-1);
    const isContinued = own !== undefined && before !== undefined && lastLine === index;
    if (isContinued) found[found.length - 1] = { ...before, text: `${before.text} ${text}`.trim() };
    else found.push({ file, line: index + 1, text });
    if (own !== undefined) lastLine = index + 1;
  }
  return found;
}

function exportsIn(file: string): Sample[] {
  return linesOf(file).flatMap((text, index) =>
    /^export (?:async |abstract )*(?:function|const|class|interface|type)\b/.test(text)
      ? [{ file, line: index + 1, text: text.replace(/^export /, '') }]
      : [],
  );
}

function print(title: string, samples: Sample[]): void {
  console.log(`\n## ${title} (${PER_KIND} of ${samples.length})\n`);
  for (const { file, line, text } of pick(samples)) console.log(`${file}:${line}\n    ${text}`);
}

function pick(samples: Sample[]): Sample[] {
  const remaining = [...samples];
  const count = Math.min(PER_KIND, remaining.length);
  return Array.from(
    { length: count },
    () => remaining.splice(Math.floor(random() * remaining.length), 1)[0]!,
  );
}

/** Mulberry32: small, and the same on every machine. */
function randomNumbers(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
