// The man page describes every command, option and setting, and formatters accept it.
import { expect, test } from 'bun:test';
import { manPage } from '../../scripts/packaging/man-page.ts';
import { isGroup } from '../../src/cli/arguments.ts';
import { commands } from '../../src/cli/commands.ts';
import { namedKeys } from '../../src/config/schema.ts';

const page = await manPage();
const plain = page.replaceAll('\\-', '-').replaceAll('\\e', '\\');

test('describes every command and setting', async () => {
  for (const [name, { summary, load }] of Object.entries(commands)) {
    expect(plain).toMatch(new RegExp(`^\\.SS "codexd ${name}\\b`, 'm'));
    if (!isGroup(await load())) expect(plain).toContain(summary);
  }
  for (const { path } of namedKeys) expect(plain).toContain(`.B "${path}"`);
  expect(plain).toContain('.SS "codexd config key add NAME"');
  expect(plain).toContain('.B "-p, --port PORT"');
});

test('lists the exit statuses of the README', () => {
  const statuses = plain.split('.SH "EXIT STATUS"')[1]!.split('.SH')[0]!;
  expect([...statuses.matchAll(/^\.B (\d+)$/gm)].map(([, status]) => status)).toEqual([
    '0',
    '1',
    '2',
    '3',
    '4',
    '5',
    '6',
    '130',
  ]);
});

test('has no line that roff would take for a request by mistake', () => {
  const requests = new Set([...page.matchAll(/^([.'][A-Za-z]*)/gm)].map(([, request]) => request));
  expect([...requests].sort()).toEqual([
    '.B',
    '.I',
    '.PP',
    '.RE',
    '.RI',
    '.RS',
    '.SH',
    '.SS',
    '.TH',
    '.TP',
    '.br',
    '.fi',
    '.nf',
  ]);
});

const mandoc = Bun.which('mandoc');
if (mandoc === null) console.warn('mandoc is not installed, so the man page is not linted.');
test.skipIf(mandoc === null)('mandoc finds nothing wrong', () => {
  const { stdout } = Bun.spawnSync([mandoc!, '-T', 'lint', '-W', 'warning'], { stdin: Buffer.from(page) });
  // It has no date on purpose: the same sources give the same page.
  const lines = stdout
    .toString()
    .trim()
    .split('\n')
    .filter((line) => !line.includes('missing date'));
  expect(lines.filter((line) => line !== '')).toEqual([]);
});
