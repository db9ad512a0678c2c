// Fetches the Bun executable of a target from the npm registry into .tools/, and rejects it unless its hash is the
// pinned one.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Build } from './compile.ts';
import { bunVersion, isWindows, runtimePackage, type Target } from './targets.ts';

const tools = join(import.meta.dir, '../../.tools');

export async function fetchRuntime(target: Target): Promise<NonNullable<Build['runtime']>> {
  const { package: name, integrity } = runtimePackage(target);
  // Contains the pin, so that an outdated executable is not used.
  const pin = integrity.slice('sha512-'.length, 20).replace(/\W/g, '_');
  const folder = join(tools, 'runtimes', `${target}-${bunVersion}-${pin}`);
  const executable = join(folder, 'package/bin', isWindows(target) ? 'bun.exe' : 'bun');
  if (!existsSync(executable)) {
    mkdirSync(join(tools, 'runtimes'), { recursive: true });
    const unfinished = mkdtempSync(`${folder}.`);
    try {
      await unpack(download(`${name}@${bunVersion}`, unfinished), integrity, unfinished);
      // Another build may have fetched it in the meantime.
      if (!existsSync(folder)) renameSync(unfinished, folder);
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
    }
  }
  const bunTarget = `bun-${target}-v${bunVersion}` as Bun.Build.CompileTarget;
  return { executable, bunTarget };
}

/** `npm pack` also fetches packages for other machines, which `npm install` refuses to do. */
function download(spec: string, folder: string): string {
  console.error(`fetching ${spec}`);
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const { success, stderr } = Bun.spawnSync([npm, 'pack', spec, '--silent', `--pack-destination=${folder}`], {
    cwd: folder,
    stdout: 'ignore',
    stderr: 'pipe',
  });
  const file = readdirSync(folder).find((each) => each.endsWith('.tgz'));
  if (!success || file === undefined)
    throw new Error(`Could not fetch ${spec} from npm. ${stderr.toString().trim()}`);
  return join(folder, file);
}

export async function unpack(tarball: string, integrity: string, folder: string): Promise<void> {
  const bytes = readFileSync(tarball);
  rmSync(tarball);
  const actual = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
  if (actual !== integrity) {
    throw new Error(`${tarball} has the integrity ${actual} and not ${integrity}, which runtimes.json pins.`);
  }
  await new Bun.Archive(bytes).extract(folder);
}
