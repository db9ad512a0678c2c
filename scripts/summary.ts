// Prints the last line of scripts/test: `N passed, N failed`, from the JUnit report and the names of the failed steps.
// `bun scripts/summary.ts junit.xml [STEP…]`. Failures of the step `tests` are already in the report, unless there is
// none.

import { existsSync, readFileSync } from 'node:fs';

const [report = 'junit.xml', ...failedSteps] = process.argv.slice(2);
const root = existsSync(report) ? (/<testsuites[^>]*>/.exec(readFileSync(report, 'utf8'))?.[0] ?? '') : '';
const count = (name: string) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(root)?.[1] ?? 0);

const tests = count('tests');
const failedTests = count('failures') + count('errors');
const skipped = count('skipped');
const steps = new Set(tests === 0 ? [...failedSteps, 'tests'] : failedSteps);
const stepsToCount = [...steps].filter((step) => step !== 'tests' || failedTests === 0);
if (failedSteps.length > 0) console.log(`failed: ${failedSteps.join(', ')}`);
if (tests === 0) console.log('no tests were reported');
if (skipped > 0) console.log(`${skipped} skipped`);

const failed = failedTests + stepsToCount.length;
console.log(`${tests - failedTests - skipped} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
