// Programs that use the AI SDK, run by Node: of several releases, installed from npm into .tools/ once; never part of the project.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Release {
  /** Of the package `ai`. */
  version: string;
  /** Where programs that import it are put. */
  directory: string;
}

/** Versions of `ai` and of the `@ai-sdk/openai` that belongs to it. */
const releases = { 6: ['6.0.326', '3.0.141'], 7: ['7.0.173', '4.0.118'] } as const;

/** Installed when need be; why it is not, otherwise. */
export function installedRelease(major: keyof typeof releases): Release | { why: string } {
  const [version, provider] = releases[major];
  const directory = join(import.meta.dir, '../../.tools', `ai-sdk-${version}`);
  if (!existsSync(join(directory, 'node_modules/@ai-sdk/openai/package.json'))) {
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'package.json'), '{"private":true}\n');
    const flags = ['--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error', '--ignore-scripts'];
    const packages = [`ai@${version}`, `@ai-sdk/openai@${provider}`, 'zod@4'];
    const npm = Bun.spawnSync(['npm', 'install', ...flags, ...packages], { cwd: directory });
    if (!npm.success) return { why: `npm could not install ai ${version}` };
  }
  return { version, directory };
}

/** Runs an ES module by Node with the SDK in reach, and returns the JSON it prints. */
export async function runWithAiSdk<T>(
  { directory }: Release,
  program: string,
  env: Record<string, string>,
): Promise<T> {
  const path = join(directory, `program-${crypto.randomUUID()}.mjs`);
  writeFileSync(path, program);
  try {
    const child = Bun.spawn(['node', path], {
      env: { PATH: process.env.PATH ?? '', ...env },
      stderr: 'pipe',
    });
    const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()]);
    if ((await child.exited) !== 0) throw new Error(err);
    return JSON.parse(out) as T;
  } finally {
    await Bun.file(path).delete();
  }
}
