// The pages of docs/ are correct: generated tables are up to date, every code has its entry, and examples are those of examples/.
import { describe, expect, test } from 'bun:test';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pkg from '../../package.json' with { type: 'json' };
import { apiTables } from '../../scripts/api-tables.ts';
import { apis } from '../../src/apis/index.ts';
import { parseConfigFile } from '../../src/config/file.ts';
import { load } from '../../src/config/load.ts';
import { Failure, failureKinds } from '../../src/failure.ts';

const root = join(import.meta.dir, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const apiPages = readdirSync(join(root, 'docs/apis')).map((file) => `docs/apis/${file}`);
const pages = ['README.md', 'docs/library.md', 'docs/operating.md', 'docs/troubleshooting.md', ...apiPages];

describe('tables', () => {
  const tables = apiTables(apis);
  const placed = new Set<string>();

  test.each(['docs/troubleshooting.md', ...apiPages])('%s (UPDATE=1 rewrites it)', (page) => {
    const upToDate = read(page).replace(
      /(<!-- ([\w -]+) -->\n)[\s\S]*?(<!-- \/\2 -->)/g,
      (block, open: string, marker: string, close: string) => {
        placed.add(marker);
        return tables[marker] === undefined ? block : `${open}\n${tables[marker]}\n\n${close}`;
      },
    );
    if (process.env.UPDATE) writeFileSync(join(root, page), upToDate);
    else expect(read(page)).toBe(upToDate);
  });

  test('all of them have a place', () => {
    expect(Object.keys(tables).filter((marker) => !placed.has(marker))).toEqual([]);
  });

  test('every API has its page', () => {
    expect(apiPages.sort()).toEqual(apis.map(({ name }) => `docs/apis/${name}.md`).sort());
  });
});

describe('docs/troubleshooting.md', () => {
  const page = read('docs/troubleshooting.md');
  const sections = page.split(/^## /m).slice(1);
  const sources = [...new Bun.Glob('src/**/*.ts').scanSync({ cwd: root })]
    .filter((file) => !file.startsWith('src/simulator/'))
    .map((file) => [file, read(file)] as const);

  test('has a section for every kind of failure', () => {
    const titles = sections.map((section) => section.split('\n', 1)[0]!);
    for (const kind of failureKinds) expect(titles).toContain(`\`${kind}\``);
  });

  test('has an entry for every code in the source, and no other', () => {
    const rows = sections.flatMap((section) =>
      [...section.matchAll(/^\| ([^|]*`[^|]*) \|/gm)].map(([, cell]) => cell!),
    );
    const listed = new Set(
      rows.flatMap((cell) => [...cell.matchAll(/`([a-z_]+)`/g)].map(([, code]) => code!)),
    );
    const missing = sources.flatMap(([file, text]) =>
      codesIn(text)
        .filter((code) => !listed.has(code) && !notCodes.has(code))
        .map((code) => `${file}: ${code}`),
    );
    expect(missing).toEqual([]);
    const everything = sources.map(([, text]) => text).join('');
    const unknown = [...listed].filter((code) => !new RegExp(`\\b${code}\\b`).test(everything));
    expect(unknown).toEqual([]);
  });
});

/** Words beside `code` that are not codes of failures. */
const notCodes = new Set(['unknown', 'file', 'string', 'object', 'unavailable']);

/** Codes as the source writes them: beside `code`, in a union of codes, and as keys of the tables of the upstream's codes. */
function codesIn(text: string): string[] {
  const beside = [...text.matchAll(/\bcode\??(?::|\s*\?\?)\s*([^\n]*)/g)].map(([, rest]) => rest!);
  const quoted = beside.flatMap((rest) =>
    [...rest.matchAll(/'([a-z]+(?:_[a-z]+)*)'/g)].map(([, code]) => code!),
  );
  const union = [...text.matchAll(/type InvalidCode =((?:\s+\| '\w+')+)/g)].flatMap(([, list]) =>
    [...list!.matchAll(/'(\w+)'/g)].map(([, code]) => code!),
  );
  const keyed = [
    ...text.matchAll(/const (?:meanings|finalCodes): Record<string, \w+> = \{([\s\S]*?)\n\};/g),
  ].flatMap(([, body]) => [...body!.matchAll(/^ {2}([a-z_]+):/gm)].map(([, code]) => code!));
  return [...quoted, ...union, ...keyed];
}

describe('code blocks', () => {
  const examples = readdirSync(join(root, 'examples'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(?:mjs|py)$/.test(file))
    .map((file) => read(join('examples', file)));
  const blocks = pages.flatMap((page) =>
    [...read(page).matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].map(
      ([, language, code]) => [page, language!, code!] as const,
    ),
  );

  test.each(blocks.filter(([, language]) => ['js', 'py'].includes(language)))(
    '%s, %s: %s is part of an example',
    (_, __, code) => {
      // Blocks may leave out whole paragraphs, but nothing else.
      const known = examples.some((example) =>
        code
          .trim()
          .split('\n\n')
          .every((paragraph) => example.includes(paragraph)),
      );
      expect(known).toBe(true);
    },
  );

  test.each(blocks.filter(([, language]) => language === 'toml'))(
    '%s, %s: %s are valid settings',
    (_, __, code) => {
      const path = '/config.toml';
      parseConfigFile(path, code);
      const readFile = (file: string) => (file === path ? code : undefined);
      const options = {
        env: {},
        flags: {},
        platform: 'linux',
        homedir: '/home/a',
        readFile,
        configFile: path,
      };
      expect(() => load(options)).not.toThrow(Failure);
    },
  );

  test('are shell, JavaScript, Python, TOML, or plain text', () => {
    expect(blocks.filter(([, language]) => !['sh', 'js', 'py', 'toml', 'text'].includes(language))).toEqual(
      [],
    );
  });
});

/** What runs or checks the shell blocks of a page. */
const checkers: readonly [pages: RegExp, test: string, words: string][] = [
  [
    /^docs\/(?:operating|troubleshooting)\.md$|^docs\/apis\//,
    'test/binary/docs.test.ts',
    'machine.run(script',
  ],
  [/^docs\/library\.md$/, 'test/library/package.test.ts', "'npm', 'install'"],
  [/^docs\/record-replay\.md$/, 'test/binary/record-replay.test.ts', 'commandsOfPage('],
  [/^docs\/guides\//, 'test/house/guides.test.ts', 'docs/guides'],
  [/^docs\/clients\//, 'test/house/clients.test.ts', 'docs/clients'],
  [
    /^docs\/migrating\/codex-as-api\.md$/,
    'test/promises/codex-as-api.test.ts',
    'Claude Code with two variables',
  ],
  [
    /^docs\/migrating\/codex-proxy\.md$/,
    'test/promises/codex-proxy.test.ts',
    'CODEX_PROXY_API_KEY=codex-proxy codexd serve --host',
  ],
];

test('a test runs or checks the shell blocks of every page', () => {
  const all = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map(
    (file) => `docs/${file}`,
  );
  const withShell = all.filter(
    (file) => file.endsWith('.md') && /^```(?:sh|bash|console)$/m.test(read(file)),
  );
  const unchecked = withShell.filter((page) => {
    const [, test = '', words = ''] = checkers.find(([pages]) => pages.test(page)) ?? [];
    return test === '' || !existsSync(join(root, test)) || !read(test).includes(words);
  });
  expect(unchecked).toEqual([]);
});

test('docs/library.md names the package as scripts/pack does', () => {
  expect(read('docs/library.md')).toContain(`npm install ./dist/codexd-${pkg.version}.tgz`);
});

test.each(pages.filter((page) => page !== 'README.md'))(
  'the README or a page it links leads to %s',
  (page) => {
    expect(existsSync(join(root, page))).toBe(true);
    const linked = ['README.md', ...pages].some((from) => read(from).includes(page.replace('docs/', '')));
    expect(linked).toBe(true);
  },
);
