// The README is correct: its tables are generated from the schema, and a test runs every command in it.
import { describe, expect, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pkg from '../../package.json' with { type: 'json' };
import { clientTable } from '../../scripts/client-pages.ts';
import { configTable, legacyTable } from '../../scripts/config-table.ts';
import { endpointTable } from '../../scripts/endpoint-table.ts';
import { apis } from '../../src/apis/index.ts';
import { commands } from '../../src/cli/commands.ts';

const root = join(import.meta.dir, '../..');
const path = join(root, 'README.md');
const readme = readFileSync(path, 'utf8');

function withTable(text: string, marker: string, table: string): string {
  const block = new RegExp(`(<!-- ${marker}[^>]*-->\n)[\\s\\S]*?(<!-- /${marker} -->)`);
  if (!block.test(text)) throw new Error(`README.md has no place for ${marker}`);
  return text.replace(block, (_, open: string, close: string) => `${open}\n${table}\n\n${close}`);
}

test('the tables match the settings, the APIs and the clients (UPDATE=1 rewrites them)', async () => {
  const settings = withTable(withTable(readme, 'settings', configTable()), 'legacy', legacyTable());
  const upToDate = withTable(withTable(settings, 'endpoints', endpointTable(apis)), 'clients', clientTable());
  if (process.env.UPDATE) await Bun.write(path, upToDate);
  else expect(readme).toBe(upToDate);
});

/** The test that runs each command of the README, and the words in the test that show it. */
const runBy: Record<string, [file: string, words: string]> = {
  './scripts/demo --once': ['test/binary/demo.test.ts', "'scripts/demo'), '--once'"],
  [`curl -fsSL ${pkg.homepage}/releases/latest/download/install.sh | sh`]: [
    'test/packaging/install-script.test.ts',
    'a pipe',
  ],
  './scripts/test': ['.ci/run', 'scripts/test'],
  'codexd login': ['test/cli/login.test.ts', 'login'],
  'codexd status': ['test/cli/status.test.ts', 'status'],
  'codexd transcribe voice.m4a': ['test/clients/speech-cli.test.ts', "'transcribe'"],
  'codexd ask "Why is the sky blue?"': ['test/binary/ask.test.ts', "'ask'"],
  'codexd serve': ['test/binary/serve.test.ts', 'codexd serve'],
  'export OPENAI_BASE_URL=http://127.0.0.1:8787/v1 OPENAI_API_KEY=anything': [
    'test/binary/serve.test.ts',
    'OPENAI_BASE_URL',
  ],
  'codexd run claude': ['test/clients/run.test.ts', "'claude', '-p', 'hello'"],
  'eval "$(codexd env claude)"': ['test/cli/env.test.ts', "startCodexd(['env', 'claude']"],
  'codexd env claude --write': ['test/cli/env/write.test.ts', "runCodexd(['env', 'claude', '--write']"],
  'curl http://127.0.0.1:8787/v1/models': ['test/binary/serve.test.ts', '/v1/models'],
};

describe('a test runs every command of the README', () => {
  const blocks = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)];
  const lines = blocks.flatMap(([, block]) => block!.split('\n').filter((line) => line.trim() !== ''));

  test.each(lines.map((line) => [line]))('%s', (line) => {
    const [file, words] = runBy[line] ?? ['', ''];
    expect({ line, tested: existsSync(join(root, file)) && file !== '' }).toEqual({ line, tested: true });
    expect(readFileSync(join(root, file), 'utf8')).toContain(words);
  });

  test('and the list above names no others', () => {
    expect(Object.keys(runBy).filter((line) => !lines.includes(line))).toEqual([]);
  });
});

test('the table of commands is complete', () => {
  for (const name of Object.keys(commands)) expect(readme).toContain(`| \`codexd ${name}`);
});

test('the repository is where package.json says', () => {
  const addresses = readme.match(/https:\/\/github\.com\/[\w-]+\/codexd\b/g);
  expect(new Set(addresses)).toEqual(new Set([pkg.homepage]));
  expect(pkg.repository.url).toBe(`git+${pkg.homepage}.git`);
});

test('links inside the repository resolve', () => {
  const targets = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, target]) => target!);
  expect(targets.filter((target) => !existsSync(join(root, target)))).toEqual([]);
});
