// scripts/test ends with the plain line `N passed, N failed`, and reports success only if nothing failed.
import { expect, test } from 'bun:test';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const script = join(import.meta.dir, '../../scripts/summary.ts');
const folder = mkdtempSync(join(tmpdir(), 'codexd-summary-'));

function report(counts: string): string {
  return `<?xml version="1.0"?>\n<testsuites name="bun test" ${counts} time="1"><testsuite tests="99" failures="99"/></testsuites>`;
}

const rows: [string, string | undefined, string[], string, number][] = [
  ['all is well', report('tests="5" failures="0" skipped="0"'), [], '5 passed, 0 failed', 0],
  [
    'skipped tests have not passed',
    report('tests="5" failures="0" skipped="2"'),
    [],
    '3 passed, 0 failed',
    0,
  ],
  ['failed tests', report('tests="5" failures="2" skipped="0"'), ['tests'], '3 passed, 2 failed', 1],
  ['a failed step', report('tests="5" failures="0" skipped="0"'), ['types', 'lint'], '5 passed, 2 failed', 1],
  [
    'an error outside of any test',
    report('tests="5" failures="0" skipped="0"'),
    ['tests'],
    '5 passed, 1 failed',
    1,
  ],
  ['no report: a test ended the process', undefined, [], '0 passed, 1 failed', 1],
  ['a report of nothing', report('tests="0" failures="0" skipped="0"'), [], '0 passed, 1 failed', 1],
];

test.each(rows)('%s', (name, xml, failedSteps, line, exitCode) => {
  const file = join(folder, `${name.replace(/\W/g, '-')}.xml`);
  if (xml !== undefined) writeFileSync(file, xml);
  const child = Bun.spawnSync([process.execPath, script, file, ...failedSteps]);
  expect(child.stdout.toString().trim().split('\n').at(-1)).toBe(line);
  expect(child.exitCode).toBe(exitCode);
});
