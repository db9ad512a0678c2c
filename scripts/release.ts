// Makes a release in dist/release; `scripts/release` runs it and says how.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pkg from '../package.json' with { type: 'json' };
import { changelogSection } from './packaging/changelog.ts';
import { writeRelease } from './packaging/release.ts';
import { targets } from './packaging/targets.ts';

/** Until the repository has an address. */
const placeholder = '/OWNER/';
const root = join(import.meta.dir, '..');
const dist = join(root, 'dist');
const output = join(dist, 'release');

function fail(message: string, advice: string): never {
  console.error(`Error: ${message}\n${advice}`);
  process.exit(2);
}

function parse(): { version: string; baseUrl: string } {
  const usage = 'Usage: scripts/release VERSION [--base-url URL]';
  try {
    const { values, positionals } = parseArgs({
      options: { 'base-url': { type: 'string' } },
      allowPositionals: true,
    });
    const [version, ...more] = positionals;
    if (version === undefined || more.length > 0) fail('Exactly one version is required.', usage);
    return {
      version,
      baseUrl: (values['base-url'] ?? `${pkg.homepage}/releases/download`).replace(/\/+$/, ''),
    };
  } catch (thrown) {
    fail((thrown as Error).message, usage);
  }
}

const { version, baseUrl } = parse();
if (version !== pkg.version) {
  fail(
    `package.json has version ${pkg.version} and not ${version}.`,
    'Change "version" in package.json first.',
  );
}
const notes = changelogSection(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'), version);
if (notes === undefined) {
  fail(
    `CHANGELOG.md has no section "## ${version}".`,
    'Rename the section "Unreleased", and start a new one above it.',
  );
}
// It becomes part of scripts.
if (!/^https?:\/\/[\w.:/~%-]+$/.test(baseUrl)) {
  fail(
    `"${baseUrl}" is not an address that releases can be published at.`,
    'Use an http or https URL without a query.',
  );
}
if (baseUrl.includes(placeholder)) {
  fail(
    `The address ${baseUrl} has the placeholder OWNER.`,
    'Set "homepage" and "repository" in package.json to the real repository, or use --base-url URL.',
  );
}
// Not only in the program: archives contain the changelog and the licences.
if (Bun.spawnSync(['git', 'diff', '--quiet', 'HEAD'], { cwd: root }).exitCode === 1) {
  fail(
    'There are uncommitted changes.',
    'Commit them first, so that the release can be built again from its commit.',
  );
}

const build = Bun.spawnSync([process.execPath, join(import.meta.dir, 'build.ts'), '--all'], {
  stdio: ['ignore', 'inherit', 'inherit'],
});
if (!build.success) process.exit(1);

// While package.json has the placeholder, the homepage is derived from the URL of the releases.
const homepage = pkg.homepage.includes(placeholder)
  ? baseUrl.replace(/\/releases\/download$/, '')
  : pkg.homepage;
const release = { version, homepage, baseUrl, binaries: dist, targets, output };
const files = await writeRelease(release);
copyFileSync(join(dist, 'codexd.cdx.json'), join(output, 'codexd.cdx.json'));
writeFileSync(join(output, 'NOTES.md'), `${notes}\n`);
mkdirSync(join(root, 'Formula'), { recursive: true });
copyFileSync(join(output, 'codexd.rb'), join(root, 'Formula/codexd.rb'));
for (const name of [...files, 'codexd.cdx.json', 'NOTES.md']) console.log(`dist/release/${name}`);
console.log('Formula/codexd.rb');
