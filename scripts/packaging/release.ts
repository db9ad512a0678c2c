// The files of a release, made from the binaries in one folder: archives, their checksums, installers and the Homebrew formula.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { shells } from '../../src/cli/completions/shells.ts';
import { type ArchivedFile, tarGz, zip } from './archives.ts';
import { manPage } from './man-page.ts';
import { binaryName, isWindows, programName, type Target } from './targets.ts';

const root = join(import.meta.dir, '../..');
const templates = join(import.meta.dir, 'templates');

export interface Release {
  version: string;
  homepage: string;
  /** Where releases are published: the files of this one are at BASE_URL/vVERSION/FILE. */
  baseUrl: string;
  /** The folder with the binaries. */
  binaries: string;
  targets: readonly Target[];
  /** The folder to write to; emptied first. */
  output: string;
}

export const archiveName = (target: Target) => `codexd-${target}${isWindows(target) ? '.zip' : '.tar.gz'}`;

/** The names of the files. */
export async function writeRelease(release: Release): Promise<string[]> {
  const { targets, output } = release;
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output, { recursive: true });
  const shared = await sharedFiles();
  const sums = new Map<string, string>();
  for (const target of targets) {
    const archive = (isWindows(target) ? zip : tarGz)(archivedFiles(target, release, shared));
    writeFileSync(join(output, archiveName(target)), archive);
    sums.set(archiveName(target), createHash('sha256').update(archive).digest('hex'));
  }
  const lines = [...sums].map(([name, sum]) => `${sum}  ${name}\n`);
  writeFileSync(join(output, 'SHA256SUMS'), lines.join(''));
  for (const name of ['install.sh', 'install.ps1', 'codexd.rb']) {
    const template = readFileSync(join(templates, name), 'utf8');
    writeFileSync(join(output, name), fill(template, release, sums), {
      mode: name === 'install.sh' ? 0o755 : 0o644,
    });
  }
  return [...sums.keys(), 'SHA256SUMS', 'install.sh', 'install.ps1', 'codexd.rb'];
}

/** What every archive has besides the program. */
async function sharedFiles(): Promise<ArchivedFile[]> {
  const text = (path: string, content: string) => ({ path, content: Buffer.from(content) });
  const copy = (path: string) => ({ path, content: readFileSync(join(root, path)) });
  return [
    text('codexd.1', await manPage()),
    text('completions/codexd.bash', shells.bash.script),
    text('completions/_codexd', shells.zsh.script),
    text('completions/codexd.fish', shells.fish.script),
    text('completions/codexd.ps1', shells.powershell.script),
    ...['README.md', 'CHANGELOG.md', 'LICENSE', 'THIRD-PARTY.md'].map(copy),
    ...readdirSync(join(root, 'licenses'))
      .sort()
      .map((name) => copy(`licenses/${name}`)),
  ];
}

function archivedFiles(
  target: Target,
  { version, binaries }: Release,
  shared: readonly ArchivedFile[],
): ArchivedFile[] {
  const content = readFileSync(join(binaries, binaryName(target)));
  const program = { path: programName(target), content, isExecutable: true };
  return [program, ...shared].map((file) => ({ ...file, path: `codexd-${version}-${target}/${file.path}` }));
}

function fill(
  template: string,
  { version, homepage, baseUrl }: Release,
  sums: ReadonlyMap<string, string>,
): string {
  return template
    .replaceAll('@VERSION@', version)
    .replaceAll('@HOMEPAGE@', homepage)
    .replaceAll('@BASE_URL@', baseUrl)
    .replace(/@SHA256:(.*?)@/g, (_, name: string) => {
      const sum = sums.get(name);
      if (sum === undefined) throw new Error(`The formula needs ${name}, which was not built.`);
      return sum;
    });
}
