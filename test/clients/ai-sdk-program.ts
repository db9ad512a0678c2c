// Programs that use the AI SDK, run by Node: of several releases, installed from npm into .tools/ once; never part of the project.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installedFromNpm } from '../support/install.ts';

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
  const packages = [`ai@${version}`, `@ai-sdk/openai@${provider}`, 'zod@4'];
  const directory = installedFromNpm(`ai-sdk-${version}`, packages);
  return directory === undefined ? { why: `npm could not install ai ${version}` } : { version, directory };
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
