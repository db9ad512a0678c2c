// Builds binaries into dist/; run by `scripts/build`, which describes the usage.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pkg from '../package.json' with { type: 'json' };
import { sourceCommit } from './packaging/commit.ts';
import { type Build, compile, main } from './packaging/compile.ts';
import { signAdHoc } from './packaging/macos-signature.ts';
import { fetchRuntime } from './packaging/runtime.ts';
import { billOfMaterials } from './packaging/sbom.ts';
import { binaryName, hostTarget, isTarget, programName, type Target, targets } from './packaging/targets.ts';

const dist = join(import.meta.dir, '../dist');

/** Exits with 2 for an unknown target. */
function parseTargets(words: readonly string[]): Target[] {
  if (words.length === 1 && words[0] === '--all') return targets;
  const unknown = words.find((word) => !isTarget(word));
  if (unknown === undefined) return [...new Set(words.filter(isTarget))];
  console.error(`Unknown target "${unknown}". Use --all or some of ${targets.join(', ')}.`);
  process.exit(2);
}

async function buildForHost(commit: string): Promise<void> {
  const target = hostTarget();
  const path = join(dist, programName(target));
  await build(target, path, commit);
  const says = Bun.spawnSync([path, '--version']).stdout.toString().trim();
  const expected = `codexd ${pkg.version} (${commit}, ${target})`;
  // A build that prints an error still exits with 0 (docs/bun.md#bytecode).
  if (says !== expected) throw new Error(`${path} prints "${says}" and not "${expected}".`);
  console.log(`dist/${programName(target)}: ${says}`);
}

async function buildFor(chosen: readonly Target[], commit: string): Promise<void> {
  const sums: string[] = [];
  for (const target of chosen) {
    const name = binaryName(target);
    await build(target, join(dist, name), commit, await fetchRuntime(target));
    const bytes = readFileSync(join(dist, name));
    sums.push(`${createHash('sha256').update(bytes).digest('hex')}  ${name}\n`);
    console.log(`dist/${name}: ${(bytes.length / 1e6).toFixed(1)} MB`);
  }
  writeFileSync(join(dist, 'SHA256SUMS'), sums.join(''));
  writeFileSync(
    join(dist, 'codexd.cdx.json'),
    `${JSON.stringify(billOfMaterials(commit, chosen), null, 2)}\n`,
  );
  console.log('dist/SHA256SUMS, dist/codexd.cdx.json');
}

/** Compiled under the program's own name, which the binary contains, so that all builds of a target are identical. */
async function build(
  target: Target,
  path: string,
  commit: string,
  runtime?: Build['runtime'],
): Promise<void> {
  const folder = join(dist, `.${target}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const outfile = join(folder, programName(target));
  await compile(main, { outfile, commit, target, ...(runtime === undefined ? {} : { runtime }) });
  if (target === 'darwin-x64') writeFileSync(outfile, signAdHoc(readFileSync(outfile)));
  renameSync(outfile, path);
  // The source maps are inside the binary too.
  rmSync(folder, { recursive: true });
}

const chosen = parseTargets(process.argv.slice(2));
const commit = sourceCommit();
if (chosen.length === 0) await buildForHost(commit);
else await buildFor(chosen, commit);
