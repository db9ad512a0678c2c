// The repository is self-contained: everything that code, tests and pages cite is in the repository.
import { describe, expect, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const root = join(import.meta.dir, '../..');
const self = relative(root, import.meta.path);

/** Patterns of references to pages outside the repository: their names, numbered entries, or bare section numbers. */
const outside = [
  /(?<![-\w])reference\/(?:[a-z]+-)*[a-z]+\.md/,
  /(?<![-\w])(?:bun-notes|field-notes?|product|style|words|asr|upstream-codex|upstream-observed|openai-api|anthropic-api|ollama-api)\.md\b/,
  /\b(?:bun|field)[ -]notes? ?\d|\bfield notes?\b|\bbun-notes\b/i,
  /\btraps? \d/i,
  /\bissue \d/,
  /(?:\/\/|^\s*\*|\/\*\*).*\((?:\d{1,2}|[A-L])\.\d{1,2}(?:, \d{1,2}\.\d{1,2})*\)/,
  /['"`](?:\d{1,2}|[A-L])\.\d{1,2}(?:, \d{1,2}\.\d{1,2})*[,:] /,
  /\b(?:test|describe)\b.*[a-z] \((?:\d{1,2}|[A-L])\.\d{1,2}(?:, \d{1,2}\.\d{1,2})*\)/,
];

const list = ['git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'];
const files = Bun.spawnSync(list, { cwd: root })
  .stdout.toString()
  .split('\0')
  .filter((file) => existsSync(join(root, file)));
const code = files
  .filter((file) => /^(?:src|test|scripts|bench)\/.*\.(?:ts|md|c|sh)$|^scripts\/[^.]+$/.test(file))
  .filter((file) => file !== self);
const pages = files.filter((file) => file.endsWith('.md'));

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

function explicitAnchors(text: string): string[] {
  return [...text.matchAll(/<a id="([^"]+)"/g)].map((match) => match[1]!);
}

/** As GitHub derives them. */
function headingAnchors(text: string): string[] {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map((match) => match[1]!.toLowerCase());
  return headings.map((heading) => heading.replaceAll(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-'));
}

const anchors = new Map(
  pages.map((page) => [page, [...explicitAnchors(read(page)), ...headingAnchors(read(page))]]),
);

function isBroken(page: string, anchor: string | undefined): boolean {
  if (!existsSync(join(root, page))) return true;
  return anchor !== undefined && anchors.get(page)?.includes(anchor) !== true;
}

/** `docs/wire/upstream.md`, `docs/wire/upstream.md#login`, or several anchors: `docs/wire/upstream.md#login to #refresh`. */
function citationsIn(text: string): [page: string, anchor: string | undefined][] {
  const cited = text.matchAll(/(?<![\w/.])(docs\/[\w/-]+\.md)((?:[\s/*]*(?:,|to\b|and\b)?[\s/*]*#[\w-]+)*)/g);
  return [...cited].flatMap(([, page, list]) => {
    const named = [...list!.matchAll(/#([\w-]+)/g)].map((match) => match[1]);
    return (named.length === 0 ? [undefined] : named).map((anchor): [string, string | undefined] => [
      page!,
      anchor,
    ]);
  });
}

function linksIn(text: string, file: string): [page: string, anchor: string | undefined][] {
  const links = text.matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)/g);
  return [...links].map(([, path, anchor]) => [path === '' ? file : join(dirname(file), path!), anchor]);
}

test('every page and anchor that code cites exists', () => {
  const cited = code.flatMap((file) => citationsIn(read(file)).map((target) => [file, ...target] as const));
  expect(cited.length).toBeGreaterThan(20);
  expect(cited.filter(([, page, anchor]) => isBroken(page, anchor))).toEqual([]);
});

test('several anchors of one page are all looked up', () => {
  expect(citationsIn('// docs/a.md#x, #y\n// to #z, and docs/b.md.')).toEqual([
    ['docs/a.md', 'x'],
    ['docs/a.md', 'y'],
    ['docs/a.md', 'z'],
    ['docs/b.md', undefined],
  ]);
});

test.each(pages)('every relative link of %s leads somewhere', (page) => {
  expect(linksIn(read(page), page).filter((target) => isBroken(...target))).toEqual([]);
});

test.each(pages)('%s has no anchor twice', (page) => {
  const explicit = explicitAnchors(read(page));
  expect(explicit.filter((id, at) => explicit.indexOf(id) !== at)).toEqual([]);
});

describe('nothing cites a page from outside', () => {
  const isOutside = (line: string) => outside.some((pattern) => pattern.test(line));
  const checked = [...new Set([...code, ...pages])];

  const cited = checked.flatMap((file) => {
    const lines = read(file).split('\n').filter(isOutside);
    return lines.length > 0 ? [{ file, lines }] : [];
  });

  test('anywhere', () => {
    expect(cited).toEqual([]);
  });

  const samples = [
    '// The wire (reference/openai-api.md B.10).',
    "test('trap 42: several items', () => {",
    '// field note 4: a challenge',
    '/** What is kept (product.md 5). */',
    "  test('9.1: an empty answer', () => {",
    "describe('the workspace (5.2)', () => {",
    '// Sizes of 0 mean up to the end (6.5).',
    '// The SDK against the daemon (issue 3).',
  ];
  test.each(samples)('and this would be one: %s', (line) => {
    expect(isOutside(line)).toBe(true);
  });

  const fine = [
    '// https://platform.openai.com/docs/api-reference/images',
    'expect(within(0.6, 1)).toBe(true); // openai/codex#38679',
    '// docs/wire/upstream.md#refresh',
  ];
  test.each(fine)('but not this: %s', (line) => {
    expect(isOutside(line)).toBe(false);
  });
});
